"""Log of calls to prospects: the result of a call, and the agreed call-back or refusal."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models import Activity, ActivityType, Outcome, Prospect
from leadlight.sales.models.actions import current_action
from leadlight.sales.models.valid_values import valid_day, valid_text
from leadlight.sales.prospecting.editing import Editing, editing
from leadlight.sales.prospecting.states import STATE
from leadlight.sales.refusals import Refused


def log_result(
    prospect: Prospect,
    activity_type: ActivityType,
    *,
    by: User,
    outcome: Outcome | None = None,
    content: str = "",
    call_back_on: date | None = None,
    is_declined: bool = False,
) -> Activity:
    """Log an activity of `by` on a row, and its agreement: a day to call back, or no interest.

    This replaces an earlier agreement. Raises `Refused` for a row that became a lead.
    """
    if outcome is not None and outcome.activity_type_id != activity_type.pk:
        raise Refused(
            _("“%(outcome)s” is not an outcome of “%(activity)s”.")
            % {"outcome": outcome, "activity": activity_type}
        )
    with transaction.atomic(), editing(prospect.prospecting_list) as edit:
        row = _workable(edit, prospect)
        activity = Activity.objects.create(
            user=by,
            activity_type=activity_type,
            outcome=outcome,
            prospect=row,
            content=valid_text(content),
            action=current_action(),
        )
        _agree(edit, row, None if is_declined else call_back_on, is_declined=is_declined)
        edit.touch(row)
    return activity


def set_agreement(
    prospect: Prospect, *, call_back_on: date | None = None, is_declined: bool = False
) -> None:
    """Set the day to call back, or that there is no interest, without an activity."""
    with editing(prospect.prospecting_list) as edit:
        row = _workable(edit, prospect)
        _agree(edit, row, None if is_declined else call_back_on, is_declined=is_declined)


def _workable(edit: Editing, prospect: Prospect) -> Prospect:
    row = edit.rows([prospect.pk]).get(prospect.pk)
    if row is None:
        raise Refused(_("This row no longer exists."))
    if row.converted_at is not None:
        raise Refused(_("This row has become a lead. Log the activity on the lead."))
    return row


def _agree(edit: Editing, row: Prospect, day: date | None, *, is_declined: bool) -> None:
    valid = valid_day(day)
    if valid is not None and valid < timezone.localdate():
        raise Refused(_("This day is over. Choose today or a later day."))
    now = Prospect.objects.filter(pk=row.pk)
    now.update(call_back_on=valid, is_declined=is_declined)
    (state,) = now.values_list(STATE)[0]
    edit.set_row(row, "call_back_on", valid)
    edit.set_row(row, "is_declined", is_declined)
    edit.set_row(row, "state", state)
