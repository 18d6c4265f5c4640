"""Import of a table with a saved mapping, on the command line."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from leadlight.cli.console import Stop, aside, line, out
from leadlight.sales import file_store
from leadlight.sales.models import BulkItem, ImportMapping, TableImport
from leadlight.sales.refusals import Refused
from leadlight.table_import import files, jobs, mappings

MOST_REASONS = 100
State = BulkItem.State
COUNTED = (
    (f"{State.PENDING}-new", gettext_noop("To create")),
    (State.PENDING, gettext_noop("To change")),
    (f"{State.DONE}-new", gettext_noop("Created")),
    (State.DONE, gettext_noop("Changed")),
    (State.UNCHANGED, gettext_noop("Unchanged")),
    (f"{State.SKIPPED}-new", gettext_noop("Imported before, skipped")),
    (State.REFUSED, gettext_noop("Refused")),
)


def import_table(path: Path, name: str, *, dry_run: bool) -> None:
    """Import a file with the saved mapping of this name, or only check it with `dry_run`.

    Raises Stop without such a file or mapping, and if the import is refused.
    """
    mapping = _mapping_named(name)
    if not path.is_file():
        raise Stop(_("There is no file “%(path)s”.") % {"path": path})
    try:
        given = files.upload(
            mapping.user,
            mapping.kind,
            path.name,
            file_store.chunks_of(path),
            prospecting_list=mapping.prospecting_list,
        )
        _apply(given, mapping)
        jobs.begin_check(given)
        if given.job is not None:
            jobs.check(given.job.pk)
        given.refresh_from_db()
        if given.failure:
            raise Refused(given.failure)
        if not dry_run and jobs.has_pending(given):
            jobs.start(given)
            while jobs.run_batch(given.job_id or 0):
                pass
    except Refused as refusal:
        raise Stop(str(refusal), code=1) from refusal
    _report(given)
    if dry_run:
        jobs.discard(given)
        out.print(_("Nothing was written."))


def _mapping_named(name: str) -> ImportMapping:
    found = list(
        ImportMapping.objects.filter(name__iexact=name).select_related("user", "prospecting_list")
    )
    if len(found) == 1:
        return found[0]
    names = ", ".join(ImportMapping.objects.values_list("name", flat=True)) or "–"
    if not found:
        raise Stop(
            _("No mapping has the name “%(name)s”. There are: %(names)s.")
            % {"name": name, "names": names}
        )
    raise Stop(_("Several mappings have the name “%(name)s”. Rename all but one.") % {"name": name})


def _apply(given: TableImport, mapping: ImportMapping) -> None:
    """Apply a saved mapping to a file. Raises Refused if the file lacks a mapped column."""
    given.reading = mapping.reading
    files.note_columns(given, files.table_of(given))
    headers = {column["header"] for column in given.columns}
    missing = [header for header in mapping.mapping if header not in headers]
    if missing:
        raise Refused(_("The file has no column “%(header)s”.") % {"header": missing[0]})
    mappings.apply(given, mapping)
    given.save()


def _report(given: TableImport) -> None:
    counts = jobs.counts(given)
    for state, title in COUNTED:
        if counts.get(state):
            line(_(title), counts[state])
    if given.job is None:
        return
    refused = given.job.items.filter(state=State.REFUSED).order_by("place")
    for place, reason in refused.values_list("place", "reason")[:MOST_REASONS]:
        aside.print(
            _("Row %(number)d: %(reason)s") % {"number": place, "reason": reason}, markup=False
        )
