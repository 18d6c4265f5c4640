"""Uploaded and pasted tables, kept for a day to make prospecting lists from them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import User
from leadlight.sales.prospecting.pending_rows import read_table
from leadlight.sales.refusals import Refused
from leadlight.tables import Choices, TableFile

SALT = "leadlight.kept-table"
KEPT_FOR_S = 24 * 3600


@dataclass(frozen=True)
class KeptTable:
    """File or pasted text; `name` is the name of the file, "" for pasted text.

    `token` identifies it in forms; it is signed, and valid for its user only.
    """

    path: Path
    name: str
    token: str

    def read(self, choices: Choices) -> TableFile:
        """Read the table. Raises `Unreadable`."""
        return read_table(self.path, self.name, choices)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def keep(user: User, name: str, chunks: Iterable[bytes]) -> KeptTable:
    """Store the table that a user sent, and remove the tables stored more than a day ago."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove_old(folder)
    key = new_key()
    with (folder / key).open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
    token = signing.dumps({"file": key, "name": name, "user": user.pk}, salt=SALT)
    return KeptTable(folder / key, name, token)


def kept(user: User, token: str) -> KeptTable:
    """Return a stored table. Raises `Refused` if it was removed or belongs to another user."""
    gone = Refused(_("This table is no longer kept. Paste it or choose the file again."))
    try:
        payload = signing.loads(token, salt=SALT, max_age=KEPT_FOR_S)
    except signing.BadSignature as error:
        raise gone from error
    path = _folder() / payload["file"]
    if payload["user"] != user.pk or not path.is_file():
        raise gone
    return KeptTable(path, payload["name"], token)


def _folder() -> Path:
    return Path(settings.LEADLIGHT_DATA) / "uploads"


def _remove_old(folder: Path) -> None:
    limit = time.time() - KEPT_FOR_S
    for path in folder.iterdir():
        try:
            if path.stat().st_mtime < limit:
                path.unlink()
        except FileNotFoundError:
            continue  # removed by another process
