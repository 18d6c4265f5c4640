"""Panel of a row: its texts, notes and duplicates, and its actions, such as a logged call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadlight.accounts.keys import new_key
from leadlight.sales import access
from leadlight.sales.models import (
    ActivityType,
    Lead,
    Outcome,
    Prospect,
    ProspectColumn,
)
from leadlight.sales.models.actions import AlreadyDone, acting
from leadlight.sales.models.valid_values import day_of
from leadlight.sales.prospecting import rows
from leadlight.sales.prospecting.conversion import convert
from leadlight.sales.prospecting.duplicate_marks import marks
from leadlight.sales.prospecting.work import log_result, set_agreement
from leadlight.sales.refusals import Refused
from leadlight.web.sheet.query import NOBODY, may_edit_row, visible_prospect
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import ACTION, KEY, act
from leadlight.web.shell.days import today
from leadlight.web.shell.errors import refused

DECLINED, CALL_BACK = "declined", "call_back"
NOTES = 50


@dataclass(frozen=True)
class Result:
    """Button that logs an activity with or without an outcome.

    `value` is the value of `result` in the form; `key` is the keyboard shortcut, "" for none.
    """

    outcome: Outcome | None
    value: str
    key: str


@signed_in
@require_safe
def prospect(request: ReaderRequest, key: str) -> HttpResponse:
    """Show all texts of a row: as a page, or as a panel of the sheet for an htmx request."""
    return _shown(request, visible_prospect(request.user, key))


@signed_in
@require_POST
def change_prospect(request: ReaderRequest, what: str, key: str) -> HttpResponse:
    """Log a result, set the agreement with the prospect, assign the row or convert it to a lead."""
    row = visible_prospect(request.user, key)
    if what not in CHANGES:
        raise Http404
    if not may_edit_row(request.user, row):
        return refused(request, _("You cannot change this row."), status=403)
    try:
        if what == "convert":
            return _converted(request, row)
        if request.htmx:
            return _changed_in_sheet(request, what, row)
        act(request, lambda: CHANGES[what](row, request))
    except Refused as refusal:
        return _shown(request, row, problem=str(refusal))
    following = _next(row) if what == "log" else row
    return redirect("prospect", (following or row).key)


def _changed_in_sheet(request: ReaderRequest, what: str, row: Prospect) -> HttpResponse:
    """Change a row for the script of the sheet; the header X-Action has the key for its undo."""
    sent = request.POST.get(ACTION, "")
    try:
        with acting(sent if KEY.fullmatch(sent) else new_key(), request.user) as action:
            CHANGES[what](row, request)
    except AlreadyDone as done:
        action = done.action
    return HttpResponse(status=204, headers={"X-Action": action.key})


def _shown(request: ReaderRequest, row: Prospect, problem: str = "") -> HttpResponse:
    columns = list(row.prospecting_list.columns.select_related("field"))
    texts = [(column, row.cells[column.cell_key]) for column in columns if _has(row, column)]
    lead = Lead.objects.filter(prospect=row).first()
    sees_lead = lead and access.visible_leads(request.user).filter(pk=lead.pk).exists()
    activities = row.activities.select_related("user", "activity_type", "outcome")
    context: dict[str, Any] = {
        "row": row,
        "list": row.prospecting_list,
        "texts": texts,
        "activities": activities.order_by("-occurred_at", "-pk")[:NOTES],
        "results": _results(),
        "is_editable": may_edit_row(request.user, row),
        "has_lead": lead is not None,
        "lead": lead if sees_lead else None,
        "marks": marks([row], columns, request.user).get(row.pk, ()),
        "users": access.assignable_users(request.user),
        "today": today(),
        "problem": problem,
        "following": None if request.htmx else _next(row),
    }
    template = "sheet/row.html" if request.htmx else "sheet/row_page.html"
    return render(request, template, context, status=400 if problem else 200)


def _has(row: Prospect, column: ProspectColumn) -> bool:
    return column.cell_key in row.cells


def _results() -> list[tuple[ActivityType, list[Result]]]:
    """Return the buttons by activity type; the first nine in all have a digit as shortcut."""
    digits = iter("123456789")
    found = []
    for each in ActivityType.objects.prefetch_related("outcomes"):
        outcomes = each.outcomes.all()
        buttons = [Result(one, f"outcome:{one.key}", next(digits, "")) for one in outcomes]
        key = "" if outcomes else next(digits, "")
        found.append((each, [*buttons, Result(None, f"type:{each.key}", key)]))
    return found


def _next(row: Prospect) -> Prospect | None:
    """Return the next row of the list that is to be called: not called yet, or called back."""
    rows_to_call = row.prospecting_list.prospects.filter(pk__gt=row.pk)
    states = (Prospect.State.TO_QUALIFY, Prospect.State.CALL_BACK)
    return rows_to_call.filter(state__in=states).order_by("pk").first()


def _log(row: Prospect, request: ReaderRequest) -> str:
    kind, _colon, key = request.POST.get("result", "").partition(":")
    outcome = Outcome.objects.filter(key=key).first() if kind == "outcome" else None
    types = ActivityType.objects.filter(key=key) if kind == "type" else ActivityType.objects.none()
    activity_type = outcome.activity_type if outcome else types.first()
    if activity_type is None:
        raise Refused(_("Choose a result."))
    log_result(
        row,
        activity_type,
        by=request.user,
        outcome=outcome,
        content=request.POST.get("content", ""),
        call_back_on=_day(request),
        is_declined=request.POST.get("then") == DECLINED,
    )
    name = f"{activity_type} · {outcome}" if outcome else activity_type
    return _("Logged: %(activity)s.") % {"activity": name}


def _agree(row: Prospect, request: ReaderRequest) -> str:
    is_declined = request.POST.get("then") == DECLINED
    set_agreement(row, call_back_on=_day(request), is_declined=is_declined)
    return _("Saved.")


def _day(request: ReaderRequest) -> date | None:
    if request.POST.get("then") != CALL_BACK:
        return None
    return day_of(request.POST.get("day", ""))


def _assign(row: Prospect, request: ReaderRequest) -> str:
    key = request.POST.get("user", "")
    user = access.assignable_users(request.user).filter(key=key).first()
    if user is None and key != NOBODY:
        raise Refused(_("Choose a person."))
    rows.assign_rows(row.prospecting_list, [row.pk], user)
    return _("Saved.")


def _converted(request: ReaderRequest, row: Prospect) -> HttpResponse:
    """Redirect to the lead of a row; convert the row if it has none yet."""
    made = Lead.objects.filter(prospect=row).first()
    if made is None:
        act(request, lambda: _convert(row, request))
        made = Lead.objects.get(prospect=row)
    if not access.visible_leads(request.user).filter(pk=made.pk).exists():
        raise Refused(_("This row has become a lead that you cannot see."))
    return redirect("lead", made.key)


def _convert(row: Prospect, request: ReaderRequest) -> str:
    lead = convert(row, by=request.user)
    return _("“%(lead)s” is a lead now.") % {"lead": lead}


CHANGES: dict[str, Callable[[Prospect, ReaderRequest], str]] = {
    "log": _log,
    "agree": _agree,
    "assign": _assign,
    "convert": _convert,
}
