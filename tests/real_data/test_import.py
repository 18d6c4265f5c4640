"""An import and an export of the two real companies lose nothing."""

from __future__ import annotations

import os
import time
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum

from leadlight.importing import export_folder, import_folder
from leadlight.sales.models import Lead
from tests.importing.small import contents, empty_instance

pytestmark = pytest.mark.django_db

REAL_DATA = Path(os.environ["LEADLIGHT_REAL_DATA"])


def import_timed(folder: Path) -> None:
    start = time.perf_counter()
    summary = import_folder(folder)
    print(f"{folder.name}: {time.perf_counter() - start:.1f} s")
    assert summary.warning_count == 0


# Separate transactions: SQLite is slow if one transaction deletes and inserts so many rows.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["bpi2012", "opportunity_tracking"])
def test_exporting_an_imported_company_returns_the_same_files(name: str, tmp_path: Path) -> None:
    import_folder(REAL_DATA / name)
    start = time.perf_counter()
    export_folder(tmp_path / "one")
    print(f"{name}, export: {time.perf_counter() - start:.1f} s")
    empty_instance()
    import_folder(tmp_path / "one")
    export_folder(tmp_path / "two")
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert [name for name in one if one[name] != two.get(name)] == []
    assert one.keys() == two.keys()


def test_the_imported_sample_has_the_published_amounts() -> None:
    import_timed(REAL_DATA / "opportunity_tracking")
    assert Lead.objects.count() == 487
    assert Lead.objects.aggregate(amount=Sum("amount")) == {"amount": Decimal(2_110_905_127)}
    weighted = sum(
        lead.amount * lead.probability / 100
        for lead in Lead.objects.all()
        if lead.amount is not None and lead.probability is not None
    )
    assert weighted == Decimal("461120880.80")
