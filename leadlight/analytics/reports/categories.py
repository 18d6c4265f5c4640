"""By category

Which kinds of leads perform best?

This report has the figures of Company performance, with one row per tag of a category: product
line, region, reason for cancelling or any other category your company uses. Leads without a tag of
the category have their own row. The rows can also be the values of a choice field.

Figures use the same dates and attribution as in Company performance. A lead with two tags of the
category counts in both rows and once in the total.
"""

from __future__ import annotations

from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.reports import company, ranking
from leadlight.analytics.reports.contract import Report

REPORT = Report(
    key="categories",
    title=gettext_noop("By category"),
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
