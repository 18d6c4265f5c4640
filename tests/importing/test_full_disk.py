"""An import on a full disk writes nothing, and succeeds once there is space."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from leadlight.importing import import_folder
from leadlight.replication.storage_faults import is_disk_full
from leadlight.sales.models import Client
from tests.importing.small import ROWS, row_counts, write_folder

CLIENTS = "client,name\n" + "".join(f"c{number},{'x' * 200}\n" for number in range(2_000))


@contextmanager
def full_disk() -> Iterator[None]:
    """Prevent the database file from growing."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            yield
        finally:
            cursor.execute("PRAGMA max_page_count = 4294967294")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="a file of SQLite's is kept small")
def test_an_import_on_a_full_disk_writes_nothing_and_succeeds_later(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "before", ROWS))
    before, folder = row_counts(), write_folder(tmp_path / "f", {"clients": CLIENTS})
    with full_disk():
        with pytest.raises(OperationalError) as error:
            import_folder(folder)
        assert is_disk_full(error.value)
        assert row_counts() == before
    import_folder(folder)
    assert Client.objects.count() == before["Client"] + 2_000
