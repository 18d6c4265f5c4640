"""Preview, progress and result of an import: its state, numbers of rows, and example rows."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from leadlight.presentation import formats
from leadlight.sales.models import BulkItem, BulkJob, TableImport
from leadlight.table_import import jobs
from leadlight.table_import.targets import targets_of

EXAMPLES = 3
State = BulkItem.State
KINDS = ("csv", "xlsx", "csv-excel")


def refuse_unknown_kind(kind: str) -> None:
    if kind not in KINDS:
        raise Http404


def context(given: TableImport) -> dict[str, Any]:
    """Return the values of the page of an import that has a job."""
    job = given.job
    if job is None:
        raise ValueError("the file was not checked")
    counts = jobs.counts(given)
    left = counts.get(State.PENDING, 0) + counts.get(f"{State.PENDING}-new", 0)
    is_undoing = job.state == BulkJob.State.UNDOING
    done = sum(counts.get(f"{State.DONE}{new}", 0) for new in ("", "-new"))
    has_written = any(
        counts.get(f"{state}{new}", 0)
        for state in (State.DONE, State.KEPT, State.PENDING)
        for new in ("", "-new")
    )
    started = job.state not in (BulkJob.State.CHECKING, BulkJob.State.CHECKED)
    return {
        "state": state_title(given),
        "facts": _facts(counts),
        "started": started,
        "is_working": job.state
        in (BulkJob.State.CHECKING, BulkJob.State.RUNNING, BulkJob.State.UNDOING),
        "total": job.total,
        "done": job.total - (done if is_undoing else left),
        "can_start": job.state == BulkJob.State.CHECKED and left > 0,
        "can_undo": started and not is_undoing and job.action.is_undoable and has_written,
        "refused_number": counts.get(State.REFUSED, 0),
        "ignored": _ignored(given),
        "examples": [] if started else _examples(given),
        "mapped": _mapped(given),
    }


def state_title(given: TableImport) -> str:
    """Return the title of the state of an import."""
    if given.job is None:
        return _("Columns to choose")
    return {
        BulkJob.State.CHECKING: _("Being checked"),
        BulkJob.State.CHECKED: _("Checked, not imported yet"),
        BulkJob.State.RUNNING: _("In progress"),
        BulkJob.State.DONE: _("Imported"),
        BulkJob.State.UNDOING: pgettext("state of a bulk job", "Being undone"),
        BulkJob.State.UNDONE: pgettext("state of a bulk job", "Undone"),
    }[BulkJob.State(given.job.state)]


def _facts(counts: dict[str, int]) -> list[tuple[str, str]]:
    kept = counts.get(State.KEPT, 0) + counts.get(f"{State.KEPT}-new", 0)
    undone = counts.get(State.UNDONE, 0) + counts.get(f"{State.UNDONE}-new", 0)
    stopped = counts.get(State.STOPPED, 0) + counts.get(f"{State.STOPPED}-new", 0)
    found = [
        (_("Created"), counts.get(f"{State.DONE}-new", 0)),
        (_("Changed"), counts.get(State.DONE, 0)),
        (_("To create"), counts.get(f"{State.PENDING}-new", 0)),
        (_("To change"), counts.get(State.PENDING, 0)),
        (_("Unchanged"), counts.get(State.UNCHANGED, 0)),
        (_("Imported before, skipped"), counts.get(f"{State.SKIPPED}-new", 0)),
        (_("Refused"), counts.get(State.REFUSED, 0)),
        (_("Set back"), undone),
        (_("Changed since, left as they are"), kept),
        (_("Not processed, because the change was stopped"), stopped),
    ]
    return [(name, formats.number(number)) for name, number in found if number]


def reasons(job: BulkJob) -> QuerySet[Any, Any]:
    """Return each reason of refused or kept rows, the number of rows, and the first row's place."""
    items = job.items.filter(state__in=(State.REFUSED, State.KEPT)).order_by()
    return (
        items.values("reason")
        .annotate(number=Count("pk"), first=Min("place"))
        .order_by("-number", "first")
    )


def _mapped(given: TableImport) -> list[str]:
    return [given.columns[int(place)]["header"] for place in sorted(given.mapping, key=int)]


def _ignored(given: TableImport) -> list[str]:
    """Return the headers of the columns without a target."""
    known = targets_of(given)
    return [
        column["header"]
        for place, column in enumerate(given.columns)
        if given.mapping.get(str(place)) not in known
    ]


def _examples(given: TableImport) -> list[tuple[str, list[tuple[int, list[str]]]]]:
    """Return the first rows to create and to change: a title, and place and cells of each."""
    places = sorted(map(int, given.mapping))
    found = []
    if given.job is None:
        return []
    for title, is_new in ((_("To create"), True), (_("To change"), False)):
        items = given.job.items.filter(state=State.PENDING, is_new=is_new).order_by("pk")
        rows = [
            (item.place, [(item.cells or [])[place][:80] for place in places])
            for item in items[:EXAMPLES]
        ]
        if rows:
            found.append((title, rows))
    return found
