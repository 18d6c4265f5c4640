"""Columns about leads that several reports share, each defined once."""

from __future__ import annotations

from leadlight.analytics.metrics import outcomes
from leadlight.analytics.metrics.columns import (
    count,
    mean_days,
    mean_money,
    money,
    quartile_days,
    share,
)
from leadlight.analytics.metrics.outcomes import leads_with, win_rate
from leadlight.analytics.metrics.predicates import (
    is_any,
    is_closed_before_creation,
    is_lost,
    is_won,
    is_won_without_amount,
)
from leadlight.analytics.query.phrases import gettext_noop

CREATED_LEADS = count(
    "created_leads",
    "created",
    is_any,
    gettext_noop("Created"),
    gettext_noop("Leads created in this period."),
    higher_is_better=None,
)
WON_LEADS = leads_with(
    outcomes.WON,
    "closed",
    gettext_noop("Leads won in this period and not reopened since."),
)
LOST_LEADS = leads_with(
    outcomes.LOST,
    "closed",
    gettext_noop("Leads lost in this period and not reopened since."),
)
CANCELLED_LEADS = leads_with(
    outcomes.CANCELLED,
    "closed",
    gettext_noop("Leads cancelled in this period and not reopened since."),
    note=outcomes.LEFT_OUT,
)
CLOSED_LEADS = leads_with(
    outcomes.CLOSED,
    "closed",
    gettext_noop("Leads won, lost or cancelled in this period."),
)
DECIDED_LEADS = leads_with(
    outcomes.DECIDED,
    "closed",
    gettext_noop("Leads won or lost in this period."),
)
WON_AMOUNT = money(
    "won_amount",
    "closed",
    is_won,
    gettext_noop("Won amount"),
    gettext_noop("Total amount of the leads won. A lead without an amount counts as 0."),
)
LOST_AMOUNT = money(
    "lost_amount",
    "closed",
    is_lost,
    gettext_noop("Lost amount"),
    gettext_noop("Total amount of the leads lost. A lead without an amount counts as 0."),
    higher_is_better=False,
)
WIN_RATE = win_rate(WON_LEADS, CLOSED_LEADS, DECIDED_LEADS, exclusions=(CANCELLED_LEADS,))
MEAN_DEAL = mean_money(
    "mean_deal",
    WON_AMOUNT,
    WON_LEADS,
    gettext_noop("Average deal size"),
    gettext_noop("Won amount ÷ won leads. A lead without an amount counts as 0."),
)
MEDIAN_DAYS_TO_WIN = quartile_days(
    "median_days_to_win",
    0.5,
    WON_LEADS,
    gettext_noop("Median sales cycle"),
    gettext_noop("Median time from creation to closing, for won leads."),
)
P25_DAYS_TO_WIN = quartile_days(
    "p25_days_to_win",
    0.25,
    WON_LEADS,
    gettext_noop("Fastest 25%"),
    gettext_noop("One in four won leads closed faster than this."),
)
P75_DAYS_TO_WIN = quartile_days(
    "p75_days_to_win",
    0.75,
    WON_LEADS,
    gettext_noop("Slowest 25%"),
    gettext_noop("One in four won leads took longer than this."),
)
MEAN_DAYS_TO_WIN = mean_days(
    "mean_days_to_win",
    WON_LEADS,
    gettext_noop("Average sales cycle"),
    gettext_noop("Average time from creation to closing, for won leads."),
)
OPEN_LEADS = count(
    "open_leads",
    "open",
    is_any,
    gettext_noop("Open at period end"),
    gettext_noop("Leads still open at the end of the period, credited to their owner."),
    higher_is_better=None,
    evidence=None,
)
OPEN_AMOUNT = money(
    "open_amount",
    "open",
    is_any,
    gettext_noop("Open amount"),
    gettext_noop("Total amount of the leads open at the end of the period."),
    higher_is_better=None,
    evidence=None,
)
WON_AMOUNT_SHARE = share(
    "won_amount_share",
    WON_AMOUNT,
    gettext_noop("Share of won amount"),
    gettext_noop("The row's share of the total won amount."),
)
WON_WITHOUT_AMOUNT = count(
    "won_without_amount",
    "closed",
    is_won_without_amount,
    gettext_noop("Won without amount"),
    gettext_noop("Won leads without an amount. Their amount counts as 0."),
    note=gettext_noop("Won leads without an amount, counted as 0: %(count)s."),
)
CLOSED_BEFORE_CREATION = count(
    "closed_before_creation",
    "closed",
    is_closed_before_creation,
    gettext_noop("Closed before creation"),
    gettext_noop(
        "Leads whose close date is before their creation date. Their sales cycle counts as 0 days."
    ),
    note=gettext_noop("Leads closed before their creation date, counted as 0 days: %(count)s."),
)
