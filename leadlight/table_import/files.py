"""Upload and reading of the files of imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales import access, file_store
from leadlight.sales.models import BulkJob, ProspectingList, TableImport
from leadlight.sales.models.attachments import LONGEST_FILE_NAME
from leadlight.sales.refusals import Refused
from leadlight.table_import import mappings
from leadlight.tables import Choices, TableFile, Unreadable, open_table


def upload(
    user: User,
    kind: str,
    name: str,
    chunks: Iterable[bytes],
    *,
    prospecting_list: ProspectingList | None = None,
) -> TableImport:
    """Store a file to import, and match its columns.

    Prospects are imported into `prospecting_list`. Raises `Refused` if the file cannot be
    read, or if the user may not import such rows.
    """
    refuse_import(user, kind, prospecting_list)
    digest, size = file_store.store(chunks)
    given = TableImport(
        kind=kind,
        prospecting_list=prospecting_list,
        user=user,
        name=one_line(name),
        digest=digest,
        size=size,
        options={"create_clients": True},
    )
    table = table_of(given)
    note_columns(given, table)
    mappings.match(given, table)
    given.save()
    return given


def refuse_import(user: User, kind: str, prospecting_list: ProspectingList | None) -> None:
    """Refuse an import for which a user has no right.

    Everybody may import prospects into the lists that they may change.
    """
    if kind != TableImport.Kind.PROSPECTS:
        if not access.may_import(user):
            raise Refused(_("Only admins and managers of a team can import."))
    elif prospecting_list is None:
        raise Refused(_("Choose the prospecting list."))
    elif not access.editable_prospecting_lists(user).filter(pk=prospecting_list.pk).exists():
        raise Refused(_("You cannot change this list."))


def table_of(given: TableImport) -> TableFile:
    """Open the file of an import. Raises `Refused` if it cannot be read."""
    choices = Choices(**given.reading)
    try:
        return open_table(file_store.path_of(given.digest), given.name, choices=choices)
    except Unreadable as error:
        raise Refused(str(error)) from error


def note_columns(given: TableImport, table: TableFile) -> None:
    """Set the columns of an import: the headers and formats of the columns of its table."""
    columns: list[dict[str, Any]] = [asdict(column) for column in table.columns]
    for column in columns:
        del column["position"]
    given.columns = columns


def earlier_imports(given: TableImport) -> list[TableImport]:
    """Return the imports that wrote rows of the same file, newest first."""
    written = (BulkJob.State.RUNNING, BulkJob.State.DONE, BulkJob.State.UNDOING)
    same = TableImport.objects.filter(
        digest=given.digest,
        kind=given.kind,
        prospecting_list=given.prospecting_list_id,
        job__state__in=written,
    )
    return list(same.exclude(pk=given.pk).select_related("user").order_by("-created_at"))


def one_line(name: str) -> str:
    """Return the name of a file without folders and control characters, cut at the start."""
    plain = "".join(sign if sign.isprintable() else " " for sign in name.replace("\\", "/"))
    return plain.rsplit("/", 1)[-1].strip()[-LONGEST_FILE_NAME:] or _("table")
