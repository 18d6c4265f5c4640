"""Which kinds of business work?

The figures of the company, one row per tag of a category: product line, region, reason for
cancelling, whatever the company sorts its leads by. Leads without a tag of the category are a row
of their own.

Each figure counts and is credited as in the company report. A lead with two tags of the category
counts in both of their rows and once in the total.
"""

from __future__ import annotations

from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.reports import company, ranking
from leadlight.analytics.reports.contract import Report

REPORT = Report(
    key="categories",
    title=gettext_noop("Performance by category"),
    text=__doc__,
    facts=company.facts,
    columns=company.columns,
    warnings=company.REPORT.warnings,
    groupings=("category",),
    needs=("category",),
    switches=company.REPORT.switches,
    layout=company.LAYOUT,
    compares_at_first=True,
    headlines=company.REPORT.headlines,
    chart=company.REPORT.chart,
    views=(
        ranking.view("categories", company.facts, groupings=("category",), needs=("category",)),
    ),
)
