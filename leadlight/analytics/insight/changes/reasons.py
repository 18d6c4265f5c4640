"""Reasons for a lead's changed contribution, from its state as recorded then and now."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis.expr.types import BooleanValue, Table, Value

from leadlight.analytics.query.bound_values import as_then
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import Subject
from leadlight.analytics.star.schema import TABLES, is_recorded, leads_at

# Reasons in order of precedence.
REASONS: Mapping[str, str] = {
    "recorded": gettext_noop("New"),
    "deleted": gettext_noop("Deleted since"),
    "reopened": gettext_noop("Reopened"),
    "closed": gettext_noop("Closed since"),
    "reclosed": gettext_noop("Closing corrected"),
    "amount": gettext_noop("Amount changed"),
    "dated": gettext_noop("Dates changed"),
    "assigned": gettext_noop("Reassigned"),
    "moved": gettext_noop("Moved to another step"),
    "edited": gettext_noop("Other changes"),
    "around": gettext_noop("Other causes"),
}
REASON_DEFINITIONS: Mapping[str, str] = {
    "recorded": gettext_noop("It was not recorded yet, or was in the bin."),
    "deleted": gettext_noop("It was recorded, and is now in the bin."),
    "reopened": gettext_noop("It was closed and is open again."),
    "closed": gettext_noop("It was open, and is now won, lost or cancelled."),
    "reclosed": gettext_noop("Its close date or outcome was different."),
    "amount": gettext_noop("Its amount was different, or missing."),
    "dated": gettext_noop("Its expected close date or creation date was different."),
    "assigned": gettext_noop("Its owner or team was different."),
    "moved": gettext_noop("It was in another step or pipeline."),
    "edited": gettext_noop("Its probability was different."),
    "around": gettext_noop(
        "The lead itself did not change. Time passed, or its activities, its "
        "history or the leads it is compared with changed."
    ),
}
# Reason → columns of a lead; the reason applies if one of them differs. Source, client, list and
# creator are missing, because versions of leads do not store their earlier values.
EDITS: Mapping[str, tuple[str, ...]] = {
    "reclosed": ("status", "closed_at"),
    "amount": ("amount",),
    "dated": ("estimated_closing_on", "created_at"),
    "assigned": (
        "owner_id",
        "team_id",
        "owner_at_creation_id",
        "team_at_creation_id",
        "owner_at_closing_id",
        "team_at_closing_id",
    ),
    "moved": ("pipeline_id", "step_id"),
    "edited": ("probability",),
}
COMPARED = tuple(name for names in EDITS.values() for name in names)


# Subject → its table, and the column with the instant at which a row was recorded.
RECORDED: Mapping[Subject, tuple[str, str]] = {
    "activity": ("activities", "recorded_at"),
    "prospect": ("prospects", "created_at"),
    "cost": ("costs", "created_at"),
}


def with_reason(rows: Table, subject: Subject, then: ReportQuery, now: ReportQuery) -> Table:
    """Return the rows with the first `reason` that applies to the subject in `subject_id`.

    Earlier states of activities, prospects and costs are not stored; their reason is "recorded" or
    "around".
    """
    if subject != "lead":
        return _with_recorded(rows, subject, then)
    then_states, now_states = as_then(_states(then, "then")), _states(now, "now")
    rows = rows.left_join(then_states, rows.subject_id == then_states.then_id)
    rows = rows.left_join(now_states, rows.subject_id == now_states.now_id)
    return rows.mutate(reason=_reason(rows))


def _with_recorded(rows: Table, subject: Subject, then: ReportQuery) -> Table:
    name, instant = RECORDED[subject]
    recorded = TABLES[name].select(recorded_id=f"{subject}_id", recorded=instant)
    rows = rows.left_join(recorded, rows.subject_id == recorded.recorded_id)
    instant = as_then(then.instant)
    return rows.mutate(reason=is_recorded(rows.recorded, instant).ifelse("around", "recorded"))


def _states(query: ReportQuery, when: str) -> Table:
    """Return the leads at the instant of the query, with the columns of the reasons."""
    leads = leads_at(query.instant)
    return leads.select(
        **{f"{when}_id": leads.lead_id},
        **{f"{when}_{name}": leads[name] for name in COMPARED},
    )


def _reason(rows: Table) -> Value:
    """Return the first reason that applies."""
    was_open, is_open = rows.then_closed_at.isnull(), rows.now_closed_at.isnull()
    edits = [
        (ibis.or_(*(_differs(rows, name) for name in names)), reason)
        for reason, names in EDITS.items()
    ]
    return ibis.cases(
        (rows.then_id.isnull(), "recorded"),
        (rows.now_id.isnull(), "deleted"),
        (~was_open & is_open, "reopened"),
        (was_open & ~is_open, "closed"),
        *edits,
        else_="around",
    )


def _differs(rows: Table, name: str) -> BooleanValue:
    return ~rows[f"then_{name}"].identical_to(rows[f"now_{name}"])
