"""Messages for users about exceptions caused by a full disk or an unusable database."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from leadlight.analytics.engine.duckdb import DiskFull

DISK_FULL = gettext_noop(
    "The disk is full, and nothing was written. Free some space and try again."
)

NO_TABLES = gettext_noop(
    "The database %(database)s has no company yet, or is from an older "
    "version. Run “leadlight serve” to create its tables, then “leadlight "
    "import” or “leadlight demo” to fill them."
)

# Part of the error message of SQLite or PostgreSQL → message for the user.
MESSAGES = {
    "disk is full": DISK_FULL,
    "No space left on device": DISK_FULL,
    "no such table": NO_TABLES,
    'relation "': NO_TABLES,
    "readonly database": gettext_noop(
        "The database %(database)s is read-only. Give this user write access to "
        "the file and its folder."
    ),
    "unable to open database file": gettext_noop(
        "Cannot open the database %(database)s. Give this user read and write "
        "access to the file and its folder."
    ),
    "not a database": gettext_noop(
        "The file %(database)s is not an SQLite database, or is damaged. Replace it with a backup."
    ),
    "malformed": gettext_noop("The database %(database)s is damaged. Replace it with a backup."),
    "is locked": gettext_noop(
        "Another program is writing to the database %(database)s. Try again when it has finished."
    ),
}


def is_disk_full(error: BaseException) -> bool:
    return any(_message(one) == DISK_FULL for one in _chain(error))


def message_of(error: BaseException) -> str | None:
    """Return the message for a fault of the disk or the database; None for other errors."""
    for one in _chain(error):
        if found := _message(one):
            return _(found) % {"database": settings.DATABASES["default"]["NAME"]}
    return None


def _message(error: BaseException) -> str | None:
    if isinstance(error, DiskFull):
        return DISK_FULL
    if isinstance(error, OSError):
        return DISK_FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else None
    if isinstance(error, DatabaseError):
        text = str(error)
        return next((message for sign, message in MESSAGES.items() if sign in text), None)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and its causes or contexts, outermost first."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__
