"""Columns about lost leads, and the same columns about lost and cancelled leads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.metrics import deals, outcomes
from leadlight.analytics.metrics.columns import (
    Column,
    count,
    money,
    quartile_days,
    rate,
    share,
)
from leadlight.analytics.metrics.outcomes import leads_with
from leadlight.analytics.metrics.predicates import is_unsuccessful
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.phrases import gettext_noop

CLOSED_SHARE = gettext_noop("Share of closed leads")


@dataclass(frozen=True)
class Losses:
    """Columns about lost leads.

    `of_all_closed` and `of_own_closed` are two definitions of the share of closed leads. The first
    divides by all closed leads, for rows that contain only lost leads, such as reasons. The second
    divides by the closed leads of the row.
    """

    leads: Column
    amount: Column
    share: Column
    amount_share: Column
    of_all_closed: Column
    of_own_closed: Column
    median_days: Column


def _losses(leads: Column, amount: Column) -> Losses:
    closed = deals.CLOSED_LEADS
    return Losses(
        leads,
        amount,
        share(
            "loss_share",
            leads,
            gettext_noop("Share of losses"),
            gettext_noop("The row's share of all leads lost in this period."),
        ),
        share(
            "lost_amount_share",
            amount,
            gettext_noop("Share of lost amount"),
            gettext_noop("The row's share of the total amount lost in this period."),
        ),
        share(
            "closed_share",
            leads,
            CLOSED_SHARE,
            gettext_noop("Lost leads of the row ÷ all leads closed in this period."),
            whole=closed,
        ),
        rate(
            "closed_share",
            leads,
            closed,
            CLOSED_SHARE,
            gettext_noop("Lost leads ÷ closed leads of the row, in this period."),
            higher_is_better=False,
        ),
        quartile_days(
            "median_days_to_lose",
            0.5,
            leads,
            gettext_noop("Median time to loss"),
            gettext_noop("Median time from creation to closing of the lost leads."),
            higher_is_better=None,
        ),
    )


LOST = _losses(deals.LOST_LEADS, deals.LOST_AMOUNT)
LOST_OR_CANCELLED = _losses(
    leads_with(
        outcomes.UNSUCCESSFUL,
        "closed",
        gettext_noop("Leads lost or cancelled in this period and not reopened since."),
    ),
    money(
        "lost_amount",
        "closed",
        is_unsuccessful,
        gettext_noop("Lost or cancelled amount"),
        gettext_noop(
            "Total amount of the leads lost or cancelled. A lead without an amount counts as 0."
        ),
        higher_is_better=False,
    ),
)


def losses_of(filters: Filters) -> Losses:
    """Return the columns that the switch `include_cancelled` selects."""
    return LOST if filters.switch("include_cancelled") == "no" else LOST_OR_CANCELLED


def losses_by_reason(
    filters: Filters, reasons: Iterable[tuple[int, str, str]]
) -> tuple[Column, ...]:
    """Return columns that count lost leads: all, by reason (id, key, name), without a reason.

    The facts have the `reason_ids` of each lead.
    """
    lost = losses_of(filters).leads
    return (lost, *(_of_reason(lost, *reason) for reason in reasons), _without_reason(lost))


def _of_reason(lost: Column, tag_id: int, key: str, name: str) -> Column:
    def where(closed: Table) -> BooleanValue:
        return lost.where(closed) & closed.reason_ids.contains(tag_id).fill_null(False)

    return count(
        f"reason:{key}",
        "closed",
        where,
        gettext_noop("%(reason)s"),
        gettext_noop("Leads lost in this period for the reason “%(reason)s”."),
        higher_is_better=False,
        names={"reason": name},
    )


def _without_reason(lost: Column) -> Column:
    def where(closed: Table) -> BooleanValue:
        return lost.where(closed) & closed.reason_ids.isnull()

    return count(
        "no_reason",
        "closed",
        where,
        gettext_noop("No reason"),
        gettext_noop("Leads without a reason that were lost in this period."),
        higher_is_better=False,
    )
