"""Who sells, and how fast?

The figures of the company, one row per seller or per team: what each created, won, lost and
cancelled, the money, and the time to win. Leads that nobody owned at the event are the row
"Unassigned". A seller who did nothing in the period is listed with zeros while he is active.

Each figure is credited as in the company report. The share is the row's part of the won amount of
all rows together. The trend is the number of leads won, bucket by bucket.
"""

from __future__ import annotations

from dataclasses import replace

from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports import company, ranking
from leadlight.analytics.reports.contract import Report
from leadlight.analytics.reports.team import months


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the company's columns and the share of the total."""
    return (*company.columns(query), deals.WON_AMOUNT_SHARE)


REPORT = Report(
    key="team",
    title=gettext_noop("Team performance"),
    text=__doc__,
    facts=company.facts,
    columns=columns,
    warnings=company.REPORT.warnings,
    groupings=("user", "team", "bucket"),
    switches=company.REPORT.switches,
    trend=deals.WON_LEADS,
    layout=(
        replace(
            company.RESULT,
            cells=("won_leads", ("won_amount", "won_amount_share"), "win_rate", "mean_deal"),
        ),
        *company.OTHER_GROUPS,
    ),
    compares_at_first=True,
    headlines=company.REPORT.headlines,
    chart=company.REPORT.chart,
    views=(months.VIEW, ranking.view("team", company.facts, groupings=("user", "team"))),
)
