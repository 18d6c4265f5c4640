"""By month

How did each seller do, month by month?

Each row is a seller or a team, each column a month of the period. The option “Figure” selects the
won amount, the won leads, the win rate or the created leads. A cell shows the figure for that month
alone, as in the first table of this report. The first column covers the whole period. A stronger
colour means a higher figure among all rows and months.

Figures use the same attribution as in Company performance. A month that is not finished, or only
partly in the period, is hatched. Only the last 24 months of the period have a column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.columns import Column, Predicate, count, money, rate
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.buckets import bucket_number
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.periods import Bucket, Period, bucket_of
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports import company
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Note,
    Report,
    Result,
)
from leadlight.analytics.reports.matrix import Matrix
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup

MOST_MONTHS = 24
TITLE = gettext_noop("%(month)s")
DEFINITION = gettext_noop("%(figure)s in %(month)s. Days outside the period do not count.")
CUT = gettext_noop(
    "The period has %(months)s months. Only the last %(shown)s have a "
    "column; the first column covers the whole period."
)


def facts(query: ReportQuery) -> Facts:
    """Return the leads created and closed in the period, each with the `place` of its month."""
    calendar, flows = query.filters.calendar, company.facts(query)

    def placed(facts: Table) -> Table:
        number = bucket_number(facts.day, "month", calendar)
        return facts.mutate(place=number - FIRST_MONTH + 1)

    return {name: Flow(placed(flows[name].rows)) for name in ("created", "closed")}


def months_of(filters: Filters) -> list[Bucket]:
    """Return the months that have a column: the last ones of the period."""
    first, last = _numbers(filters)
    shown = range(max(first, last - MOST_MONTHS + 1), last + 1)
    return [Bucket("month", number, filters.calendar) for number in shown]


def _numbers(filters: Filters) -> tuple[int, int]:
    """Return the numbers of the first and the last month of the period."""
    period, calendar = filters.period, filters.calendar
    first, last = (bucket_of(day, "month", calendar).number for day in (period.first, period.last))
    return first, last


FIRST_MONTH = bound("first_month", "int64", lambda query: months_of(query.filters)[0].number)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the chosen figure of the period and of each month."""
    filters = query.filters
    figure = _figure(filters)
    months = enumerate(months_of(filters), start=1)
    return (figure, *(_of_month(figure, place, month, filters) for place, month in months))


def _figure(filters: Filters) -> Column:
    figures = (
        deals.WON_AMOUNT,
        deals.WON_LEADS,
        deals.WIN_RATE.chosen(filters),
        deals.CREATED_LEADS,
    )
    return next(one for one in figures if one.key == filters.switch("monthly"))


def _of_month(figure: Column, place: int, month: Bucket, filters: Filters) -> Column:
    """Return the column of a month. `place` is its number among the columns, from 1.

    Key and SQL contain the place instead of the month, so that different periods share their SQL.
    """
    period = filters.period
    shared: dict[str, Any] = {
        "title": TITLE,
        "definition": DEFINITION,
        "names": {"month": month, "figure": figure.title_phrase},
        "higher_is_better": figure.higher_is_better,
        "period": Period(max(month.first, period.first), min(month.last, period.last)),
        "evidence": None,
    }
    key = f"month:{place}"
    if figure.parts is None:
        return _part(key, figure, place, **shared)
    top, bottom = (
        _part(f"{part.key}:{place}", part, place, title="", definition="", evidence=None)
        for part in figure.parts
    )
    return rate(key, top, bottom, **shared)


def _part(key: str, of: Column, place: int, **shared: Any) -> Column:
    build = money if of.kind == "money" else count
    return build(key, of.facts, _in_month(of.where, place), **shared)


def _in_month(where: Predicate, place: int) -> Predicate:
    def condition(facts: Table) -> BooleanValue:
        return where(facts) & (facts.place == place)

    return condition


def notes(query: ReportQuery) -> Iterator[Note]:
    """Yield a note if the period has more months than columns."""
    first, last = _numbers(query.filters)
    months = last - first + 1
    if months > MOST_MONTHS:
        yield Note("months_cut", Phrase(CUT, {"months": months, "shown": MOST_MONTHS}))


def postprocess(result: Result) -> Result:
    """Return the result with the months marked that are not over, or only partly in the period."""
    months = enumerate(months_of(result.filters), start=1)
    keys = {f"month:{place}" for place, month in months if result.filters.is_unfinished(month)}
    rows = (replace(row, unfinished=row.unfinished | keys) for row in result.rows)
    return replace(result, rows=tuple(rows))


VIEW = Report(
    key="team",
    view="months",
    title=gettext_noop("By month"),
    text=__doc__,
    facts=facts,
    columns=columns,
    notes=notes,
    postprocess=postprocess,
    warnings=(deals.WON_WITHOUT_AMOUNT,),
    groupings=("user", "team"),
    switches=("monthly", "credit", "leave_cancelled_out"),
    has_comparison=False,
    layout=(
        ColumnGroup(
            gettext_noop("Whole period"), ("won_amount", "won_leads", "win_rate", "created_leads")
        ),
        ColumnGroup(gettext_noop("By month"), ("month:*",)),
    ),
    headlines=("won_amount", "won_leads", "win_rate", "created_leads"),
    chart=ChartSpec(kind="heat"),
    matrix=Matrix(("month:*",), "table"),
)
