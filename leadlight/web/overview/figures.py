"""Overview of all reports: headline figures of the current month, and leads that need attention.

All figures come from the reports themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Report, Result
from leadlight.analytics.reports.leads import outcomes as leads
from leadlight.analytics.reports.leads import quality as leads_quality
from leadlight.presentation import labels, values
from leadlight.presentation.cards import Card, card
from leadlight.presentation.links import ListAddresses, report_address
from leadlight.reporting.reader import ReportReader

THIS_MONTH = "this_month"
# Reports that follow the cohort of the period until today. They are not compared with the previous
# period, whose cohort had more time.
FOLLOWED = ("leads", "pipeline", "prospecting")


@dataclass(frozen=True)
class Section:
    """Headline figures of one report that no earlier section has, or the error of the report.

    A report without new figures has no section.
    """

    title: str
    summary: str
    address: str
    cards: tuple[Card, ...] = ()
    refusal: str = ""
    is_compared: bool = True


@dataclass(frozen=True)
class Waiting:
    """A count of leads that need attention."""

    title: str
    value: str
    definition: str
    address: str


@dataclass(frozen=True)
class Reports:
    """Sections of all reports, and the counts of leads that need attention."""

    sections: tuple[Section, ...]
    waiting: tuple[Waiting, ...]


def reports(reader: ReportReader) -> Reports:
    sections: list[Section] = []
    waiting: list[Waiting] = []
    shown: set[Column] = set()
    for report in CATALOGUE.values():
        try:
            result = reader.headlines(report, _query(report))
        except BadFilter as bad:
            sections.append(_section(report, {}, refusal=labels.say(bad.phrase)))
            continue
        new = [column for column in result.columns if column not in shown]
        shown.update(new)
        if new:
            address = {"address": report_address(report, result.filters)}
            told = tuple(card(result, column) for column in new)
            sections.append(_section(report, address, cards=told))
        waiting += _further(result)
    return Reports(tuple(sections), (*_unowned(reader), *waiting))


def _query(report: Report) -> QueryParams:
    """Return the parameters for this month, compared with the previous one where that is possible.

    Reports without this preset, such as the forecast, keep their default period.
    """
    if THIS_MONTH not in report.presets:
        return {}
    compared = () if report.key in FOLLOWED else ("previous",)
    return {"period": [THIS_MONTH], "compare": compared}


def _section(
    report: Report,
    said: Mapping[str, str],
    *,
    cards: tuple[Card, ...] = (),
    refusal: str = "",
) -> Section:
    address = said.get("address", reverse("report", args=[report.key]))
    is_compared = report.key not in FOLLOWED
    return Section(_(report.title), _(report.summary), address, cards, refusal, is_compared)


def _further(result: Result) -> Iterator[Waiting]:
    """Yield the first count that is not 0 of each further row to mend, such as overdue leads."""
    counts = [column for column in result.columns if column.kind == "count"]
    for row in result.rows:
        column = next((column for column in counts if row.cells[column.key]), None)
        if row.further and row.further.is_to_mend and column:
            yield Waiting(
                _(row.further.title),
                values.text(column.kind, row.cells[column.key]),
                labels.say(column.definition_phrase),
                ListAddresses(result.report, result.filters).address(column.key, row),
            )


def _unowned(reader: ReportReader) -> Iterator[Waiting]:
    """Yield the count of open leads without an owner, unless it is 0."""
    result = reader.headlines(leads.REPORT, {"view": [str(leads_quality.REPORT.view)]})
    [column] = [column for column in result.columns if column.key == "unowned_leads"]
    if result.totals[column.key]:
        yield Waiting(
            _("Open leads without an owner"),
            values.text(column.kind, result.totals[column.key]),
            labels.say(column.definition_phrase),
            ListAddresses(result.report, result.filters).address(column.key),
        )
