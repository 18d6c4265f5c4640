"""Charts of a report, from its `Result`.

Over time: stacked counts, and an amount as a line. Other rows: bars. Steps: a funnel. Forecast
amounts: bars against a goal. The report's `chart` chooses the kind and the columns, so that a new
report needs no change here. Colours are variables of the stylesheet, so that charts follow the
light or dark theme.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import with_compared
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result, Row
from leadlight.analytics.stats.survival import Curves
from leadlight.presentation import formats, labels
from leadlight.presentation.charts import curves as curve_values
from leadlight.presentation.charts import specifications
from leadlight.presentation.charts.values import (
    Datum,
    Pairs,
    amounts,
    amounts_before,
    count_of,
    intervals,
    parts_of,
    size_of,
    stack,
    stages,
    steps,
)

MOST_BARS = 30
MOST_CURVES = len(curve_values.COLOURS)
ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}


@dataclass(frozen=True)
class Key:
    """An entry of the legend; `mark` is its CSS class."""

    mark: str
    text: str


@dataclass(frozen=True)
class Chart:
    """One chart: Vega specification with data, text alternative, and legend."""

    name: str
    title: str
    description: str
    keys: tuple[Key, ...]
    vega: Datum

    @property
    def element_id(self) -> str:
        return f"chart-{self.name}"

    @property
    def text(self) -> SafeString:
        """Vega specification as JSON with HTML characters escaped."""
        return mark_safe(json.dumps(self.vega, ensure_ascii=False).translate(ESCAPED))  # noqa: S308


@dataclass(frozen=True)
class Charts:
    """Charts of a report, with the number of rows drawn and of rows with figures."""

    charts: tuple[Chart, ...]
    drawn: int
    rows: int


def charts_of(result: Result) -> Charts:
    """Return the charts of a report.

    By default one chart over time; for other rows one of amounts and one of counts.
    """
    kind = result.report.chart.kind
    if kind in ("none", "heat"):  # a heat map is the table itself
        return Charts((), 0, 0)
    counts, amount = stacked(result), main_amount(result)
    if kind == "funnel":
        return Charts(_funnel(result, counts[0]), len(result.rows), len(result.rows))
    if kind == "shares" and result.grouping != "bucket":
        return _shares(result, counts[0])
    if kind == "stages":
        return Charts(_stages(result, counts), 0, 0)
    if kind == "intervals":
        return _intervals(result)
    if kind == "curves" and result.report.chart_column:
        return _curves(result, result.report.chart_column)
    result = replace(result, rows=tuple(row for row in result.rows if not row.further))
    if kind == "amounts":
        return _amounts(result)
    if result.grouping == "bucket":
        drawn = list(with_compared(result))
        if not any(any(_weight(row, counts, amount)) for row in result.rows):
            return Charts((), 0, 0)
        chart = _over_time(result, drawn, counts, amount)
        return Charts((chart,), len(drawn), len(result.rows))
    weighed = [(_weight(pair[0], counts, amount), pair) for pair in with_compared(result)]
    known = [one for one in weighed if any(one[0])]
    known.sort(key=lambda one: one[0], reverse=True)
    drawn = [pair for _size, pair in known[:MOST_BARS]]
    charts = tuple(_bars(result, drawn, counts, amount)) if drawn else ()
    return Charts(charts, len(drawn), len(known))


def stacked(result: Result) -> tuple[Column, ...]:
    """Return the stacked counts of a report's chart; by default its first count."""
    counts = [column for column in result.columns if column.kind == "count"]
    named = result.report.chart.stacked
    return tuple(column for column in counts if column.key in named) or tuple(counts[:1])


def main_amount(result: Result) -> Column | None:
    """Return the amount of a report's chart; by default its first amount."""
    amounts = [column for column in result.columns if column.kind == "money"]
    named = [column for column in amounts if column.key == result.report.chart.amount]
    return next(iter(named or amounts), None)


def _weight(row: Row, counts: tuple[Column, ...], amount: Column | None) -> tuple[float, int]:
    """Return the sort key of a row: the amount, then the sum of the counts."""
    return (
        size_of(row.cells[amount.key]) if amount else 0.0,
        sum(count_of(row, column) for column in counts),
    )


# Kinds of charts


def _over_time(
    result: Result, pairs: Pairs, counts: tuple[Column, ...], amount: Column | None
) -> Chart:
    values = {"bars": list(stack(result, pairs, counts)), "line": [], "before": []}
    title = _joined(counts)
    if amount:
        values["line"] = list(amounts(result, pairs, amount))
        values["before"] = list(amounts_before(result, pairs, amount))
        title = _("%(counts)s, and %(amount)s") % {
            "counts": title,
            "amount": _lowered(_(amount.title)),
        }
    specification = specifications.over_time(
        _of_what(counts), _(amount.title) if amount else None, result.currency
    )
    keys = (*_count_keys(result, counts), *_amount_keys(result, amount, "line"))
    return _chart("time", title, result, keys, specification, values)


def _bars(
    result: Result, pairs: Pairs, counts: tuple[Column, ...], amount: Column | None
) -> Iterator[Chart]:
    if amount:
        values = {
            "line": list(amounts(result, pairs, amount)),
            "before": list(amounts_before(result, pairs, amount)),
        }
        specification = specifications.bars_of_amounts(_(amount.title), result.currency)
        keys = _amount_keys(result, amount, "bar") if result.compared else ()
        yield _chart("amounts", _(amount.title), result, keys, specification, values)
    values = {"bars": list(stack(result, pairs, counts))}
    specification = specifications.bars_of_counts(_of_what(counts))
    title = _joined(counts)
    yield _chart("counts", title, result, _count_keys(result, counts), specification, values)


def _amounts(result: Result) -> Charts:
    """Return the chart of won, weighted open and remaining open amounts, with goals, by row."""
    by_key = {column.key: column for column in result.columns}
    parts = tuple(by_key[key] for key in result.report.chart.stacked)
    goal = by_key.get(result.report.chart.amount or "")
    first, _weighted, last = parts
    rows = [row for row in result.rows if row.cells[first.key] or row.cells[last.key]]
    if not rows:
        return Charts((), 0, 0)
    if result.grouping == "bucket":
        drawn, known = list(result.rows), len(result.rows)
        specification = specifications.amounts_over_time
    else:
        rows.sort(key=lambda row: size_of(row.cells[first.key]) + size_of(row.cells[last.key]))
        drawn, known = rows[: -MOST_BARS - 1 : -1], len(rows)
        specification = specifications.bars_of_parts
    pairs = [(row, None) for row in drawn]
    values = {
        "bars": list(parts_of(result, drawn, parts)),
        "line": list(amounts(result, pairs, goal)) if goal else [],
    }
    title = _joined((*parts, goal) if goal else parts)
    keys = [
        Key(f"part-{place}", labels.say(column.title_phrase))
        for place, column in enumerate(parts[:-1], start=1)
    ]
    keys.append(Key("part-3", _("The rest of the open amount")))
    keys += [Key("amount-line", labels.say(goal.title_phrase))] if goal else []
    chart = _chart(
        "amounts", title, result, tuple(keys), specification(_("Amount"), result.currency), values
    )
    return Charts((chart,), len(drawn), known)


def _funnel(result: Result, count: Column) -> tuple[Chart, ...]:
    """Return the funnel of a count, labelled with the report's first rate and first duration."""
    if not any(count_of(row, count) for row in result.rows):
        return ()
    named = {column.kind: column for column in reversed(result.columns)}
    beside = tuple(named[kind] for kind in ("rate", "days") if kind in named)
    specification = specifications.funnel(labels.say(count.title_phrase))
    values = {"bars": list(steps(result, count, beside))}
    title = _joined((count, *beside))
    return (_chart("funnel", title, result, _rule_of_skipping(result), specification, values),)


def _shares(result: Result, count: Column) -> Charts:
    """Return the bars of a count with the report's first rate, the highest first.

    Limited to `MOST_BARS` rows.
    """
    known = [row for row in result.rows if count_of(row, count)]
    if not known:
        return Charts((), 0, 0)
    known.sort(key=lambda row: count_of(row, count), reverse=True)
    rows = tuple(known[:MOST_BARS])
    beside = tuple(column for column in result.columns if column.kind == "rate")[:1]
    specification = specifications.funnel(labels.say(count.title_phrase))
    values = {"bars": list(steps(replace(result, rows=rows), count, beside))}
    chart = _chart("shares", _joined((count, *beside)), result, (), specification, values)
    return Charts((chart,), len(rows), len(known))


def _rule_of_skipping(result: Result) -> tuple[Key, ...]:
    if "skipping" not in result.report.switches:
        return ()
    title, words = labels.SWITCHES["skipping"]
    rule = str(words[result.filters.switch("skipping")])
    return (Key("part-1", f"{title} {_lowered(rule)}"),)


def _intervals(result: Result) -> Charts:
    """Return the chart of rates with confidence intervals, in the order of the table.

    Limited to the `MOST_BARS` rows with the most cases.
    """
    named = {column.kind: column for column in reversed(result.columns)}
    rate, span = named["rate"], named["interval"]
    cases = {row.key: row.cells[rate.key].denominator for row in result.rows if row.cells[span.key]}  # type: ignore[union-attr]
    most = sorted(cases, key=cases.__getitem__, reverse=True)[:MOST_BARS]
    drawn = [row for row in result.rows if row.key in most]
    if not drawn:
        return Charts((), 0, 0)
    values = {"bars": list(intervals(result, drawn, rate, span))}
    title = labels.say(rate.title_phrase)
    keys = (Key("point-1", title), Key("span-1", labels.say(span.title_phrase)))
    chart = _chart("intervals", title, result, keys, specifications.intervals(title), values)
    return Charts((chart,), len(drawn), len(cases))


def _curves(result: Result, drawn: Column) -> Charts:
    """Return the chart of curves of some rows, and the chart of outcomes of all leads together.

    At most `MOST_CURVES` rows: the last buckets, or the other rows with the most leads.
    """
    told = [row for row in result.rows if curve_values.curves_of(row, drawn).last > 0]
    is_time = result.grouping == "bucket"
    if is_time:
        rows = told[-MOST_CURVES:]
    else:
        rows = sorted(told, key=lambda row: -curve_values.curves_of(row, drawn).leads)
        rows = rows[:MOST_CURVES]
    whole = cast(Curves, cast(Any, result.totals)[drawn.key])
    charts = [_lines(result, rows, drawn, is_cut=is_time and len(rows) < len(told))] if rows else []
    if whole.last > 0:
        charts.append(_areas(result, whole))
    return Charts(tuple(charts), len(rows), len(rows) if is_time else len(told))


def _lines(result: Result, rows: list[Row], drawn: Column, *, is_cut: bool) -> Chart:
    outcome = result.filters.switch("share_of")
    until = curve_values.horizon(curve_values.curves_of(row, drawn) for row in rows)
    values = {
        "lines": list(curve_values.lines(rows, drawn, outcome, until)),
        "points": list(curve_values.points(result, rows, drawn, outcome, until)),
    }
    title = str(labels.SHARES_BY_AGE[outcome])
    if is_cut:
        title = _("%(title)s, the last %(count)s cohorts") % {"title": title, "count": len(rows)}
    keys = (
        *(Key(f"curve-{place}", _label(row, result)) for place, row in enumerate(rows, start=1)),
        Key("band", _("What the true share may be")),
    )
    specification = specifications.lines_by_age(_("Days since creation"), until)
    return _chart("curves", title, result, keys, specification, values)


def _label(row: Row, result: Result) -> str:
    short = formats.bucket(row.bucket, is_short=True) if row.bucket else ""
    return short or labels.row_label(row, result.grouping)


def _areas(result: Result, whole: Curves) -> Chart:
    until = curve_values.horizon([whole])
    values = {
        "areas": list(curve_values.areas(whole, until)),
        "points": list(curve_values.area_points(result, whole, until)),
    }
    marks = ("part-1", "part-2", "part-3", "rest")
    keys = map(Key, marks, curve_values.titles_of_outcomes().values())
    title = _("What became of all these leads, by age")
    specification = specifications.areas_by_age(_("Days since creation"), until)
    return _chart("areas", title, result, tuple(keys), specification, values)


def _stages(result: Result, counts: tuple[Column, ...]) -> tuple[Chart, ...]:
    """Return the chart of the totals of the counts, one bar for each."""
    if not any(result.totals[column.key] for column in counts):
        return ()
    values = {"bars": list(stages(result, counts))}
    specification = specifications.bars_of_counts("")
    return (_chart("stages", _joined(counts), result, (), specification, values),)


def _chart(
    name: str,
    title: str,
    result: Result,
    keys: tuple[Key, ...],
    specification: Datum,
    values: dict[str, list[Datum]],
) -> Chart:
    period = formats.span(result.period.first, result.period.last)
    description = _("%(title)s, %(period)s. The table below has the same figures.") % {
        "title": title,
        "period": period,
    }
    vega = specifications.compiled(specification, values)
    return Chart(name, title, description, keys, vega)


def _of_what(counts: Iterable[Column]) -> str:
    """Return the title of the axis of counts; empty if the counts have different units."""
    titles = {"activities": _("Activities"), "prospects": _("Prospects")}
    units = {column.unit for column in counts}
    return titles.get(units.pop(), _("Leads")) if len(units) == 1 else ""


def _joined(columns: Iterable[Column]) -> str:
    first, *others = [labels.say(column.title_phrase) for column in columns]
    return formats.listed([first, *map(_lowered, others)])


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _count_keys(result: Result, counts: tuple[Column, ...]) -> tuple[Key, ...]:
    keys = [
        Key(f"part-{place}", labels.say(column.title_phrase))
        for place, column in enumerate(counts, start=1)
    ]
    if any(map(result.is_partial, result.rows)):
        keys.append(Key("hatched", _("Unfinished")))
    return tuple(keys)


def _amount_keys(result: Result, amount: Column | None, mark: str) -> tuple[Key, ...]:
    if amount is None:
        return ()
    keys = [Key(f"amount-{mark}", _(amount.title))]
    if result.compared:
        period = result.compared.period
        keys.append(Key(f"before-{mark}", formats.span(period.first, period.last)))
    return tuple(keys)
