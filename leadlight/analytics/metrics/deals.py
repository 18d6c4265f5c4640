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
    gettext_noop("Leads created in these days."),
    higher_is_better=None,
)
WON_LEADS = leads_with(
    outcomes.WON,
    "closed",
    gettext_noop("Leads won in these days and not re-opened since."),
)
LOST_LEADS = leads_with(
    outcomes.LOST,
    "closed",
    gettext_noop("Leads lost in these days and not re-opened since."),
)
CANCELLED_LEADS = leads_with(
    outcomes.CANCELLED,
    "closed",
    gettext_noop("Leads cancelled in these days and not re-opened since."),
    note=outcomes.LEFT_OUT,
)
CLOSED_LEADS = leads_with(
    outcomes.CLOSED,
    "closed",
    gettext_noop("Leads won, lost or cancelled in these days."),
)
DECIDED_LEADS = leads_with(
    outcomes.DECIDED,
    "closed",
    gettext_noop("Leads won or lost in these days."),
)
WON_AMOUNT = money(
    "won_amount",
    "closed",
    is_won,
    gettext_noop("Won amount"),
    gettext_noop("The amounts of the leads won, as last recorded; no amount counts as 0."),
)
LOST_AMOUNT = money(
    "lost_amount",
    "closed",
    is_lost,
    gettext_noop("Lost amount"),
    gettext_noop("The amounts of the leads lost, as last recorded; no amount counts as 0."),
    higher_is_better=False,
)
WIN_RATE = win_rate(WON_LEADS, CLOSED_LEADS, DECIDED_LEADS, exclusions=(CANCELLED_LEADS,))
MEAN_DEAL = mean_money(
    "mean_deal",
    WON_AMOUNT,
    WON_LEADS,
    gettext_noop("Mean deal"),
    gettext_noop("Won amount divided by won leads; those without amount count as 0."),
)
MEDIAN_DAYS_TO_WIN = quartile_days(
    "median_days_to_win",
    0.5,
    WON_LEADS,
    gettext_noop("Median days to win"),
    gettext_noop("Half of the won leads took fewer days from creation to closing."),
)
P25_DAYS_TO_WIN = quartile_days(
    "p25_days_to_win",
    0.25,
    WON_LEADS,
    gettext_noop("Fastest quarter"),
    gettext_noop("A quarter of the won leads took fewer days from creation to closing."),
)
P75_DAYS_TO_WIN = quartile_days(
    "p75_days_to_win",
    0.75,
    WON_LEADS,
    gettext_noop("Slowest quarter"),
    gettext_noop("A quarter of the won leads took more days from creation to closing."),
)
MEAN_DAYS_TO_WIN = mean_days(
    "mean_days_to_win",
    WON_LEADS,
    gettext_noop("Mean days to win"),
    gettext_noop("The mean of the days from creation to closing of the won leads."),
)
OPEN_LEADS = count(
    "open_leads",
    "open",
    is_any,
    gettext_noop("Open at the end"),
    gettext_noop("Leads created by the last day and not closed by then, credited to their owner."),
    higher_is_better=None,
    evidence=None,
)
OPEN_AMOUNT = money(
    "open_amount",
    "open",
    is_any,
    gettext_noop("Open amount"),
    gettext_noop("The amounts of the leads open at the end, as last recorded."),
    higher_is_better=None,
    evidence=None,
)
WON_AMOUNT_SHARE = share(
    "won_amount_share",
    WON_AMOUNT,
    gettext_noop("Share of won amount"),
    gettext_noop("The row's part of the total won amount."),
)
WON_WITHOUT_AMOUNT = count(
    "won_without_amount",
    "closed",
    is_won_without_amount,
    gettext_noop("Won without amount"),
    gettext_noop("Won leads that have no amount and count as 0."),
    note=gettext_noop("Won leads without an amount, counted as 0: %(count)s."),
)
CLOSED_BEFORE_CREATION = count(
    "closed_before_creation",
    "closed",
    is_closed_before_creation,
    gettext_noop("Closed before creation"),
    gettext_noop("Leads whose closing is dated before their creation; they took 0 days."),
    note=gettext_noop("Leads closed before they were created, counted as 0 days: %(count)s."),
)
