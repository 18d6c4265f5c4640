"""Charts of the stages of a process: the bar of each stage lies within that of the stage before.

The compared period is a pale bar behind the first stage over time, a tick at the first stage of
other rows, or a tick at each stage of the totals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, cast

from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import with_compared
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result, Row
from leadlight.presentation import formats, labels, values
from leadlight.presentation.charts import vega
from leadlight.presentation.charts.bars import MOST_BARS
from leadlight.presentation.charts.chart import (
    Chart,
    Charts,
    Key,
    chart_of,
    joined,
    key_of_before,
    key_of_unfinished,
)
from leadlight.presentation.charts.data import DIGITS, Datum, Marks, Pairs, count_of
from leadlight.presentation.charts.palette import BEFORE, Ink
from leadlight.presentation.links import ListAddresses

STEP = 24
PALEST, DARKEST = 15, 100  # per cent of the colour of the first and of the last stage
LONGEST_LABEL = 170  # in pixels
TEXT_OF_RATE = 56  # width in pixels


def stages(result: Result, counts: Sequence[Column]) -> Charts:
    """Return the chart of the stages by row, or of the totals if fewer than two rows have counts.

    Buckets are in their order; other rows are in descending order of their first stage.
    """
    if not any(result.totals[column.key] for column in counts):
        return Charts()
    pairs = [pair for pair in with_compared(result) if not pair[0].further]
    known = [pair for pair in pairs if any(count_of(pair[0], one) for one in counts)]
    rate = next((column for column in result.columns if column.kind == "rate"), None)
    if len(known) < 2:
        return Charts((_of_totals(result, counts, rate),), len(known), len(known))
    if result.grouping == "bucket":
        shown = known = pairs
    else:
        known.sort(key=lambda pair: count_of(pair[0], counts[0]), reverse=True)
        shown = known[:MOST_BARS]
    return Charts((_by_row(result, shown, counts, rate),), len(shown), len(known))


def _of_totals(result: Result, counts: Sequence[Column], rate: Column | None) -> Chart:
    """Return one bar for each stage of all rows together."""
    layers = [vega.bars("bars", "y", vega.count_axis())]
    data = {"bars": list(_totals(result, counts, inks_of(len(counts))))}
    if result.compared:
        layers.append(vega.ticks("before", "y", BEFORE.line))
        data["before"] = list(_totals(result.compared, counts, ()))
    specification = vega.chart(*layers, height={"step": STEP})
    keys = key_of_before(result, "tick")
    finding = f"{_titled_rate(result.totals, rate)}." if rate else ""
    return chart_of("stages", joined(counts), result, keys, specification, data, finding=finding)


def _by_row(result: Result, pairs: Pairs, counts: Sequence[Column], rate: Column | None) -> Chart:
    marks, rows, inks = Marks(result, pairs), [row for row, _then in pairs], inks_of(len(counts))
    keys = [
        Key("box", ink, labels.say(column.title_phrase))
        for ink, column in zip(inks, counts, strict=True)
    ]
    data = {"bars": list(_nested(marks, counts, inks))}
    data["before"] = list(marks.sums_before(counts[:1]))
    if result.grouping == "bucket":
        keys += [*key_of_before(result, "behind"), *key_of_unfinished(data["bars"])]
        axis = vega.count_axis()
        behind = [vega.bars_behind("before", axis)] if result.compared else []
        specification = vega.chart(*behind, _unstacked("x", axis))
    else:
        keys += key_of_before(result, "tick") if data["before"] else []
        data["rates"] = list(_rates(marks, counts[0], rate)) if rate else []
        specification = _with_rates(is_compared=bool(result.compared))
    finding = _best(result, rows, rate) if rate else ""
    return chart_of("stages", joined(counts), result, keys, specification, data, finding=finding)


def inks_of(number: int) -> list[Ink]:
    """Return `number` shades of one colour, from pale to dark."""
    steps = (DARKEST - PALEST) / max(1, number - 1)
    return [Ink("series", True, round(PALEST + place * steps)) for place in range(number)]


def _nested(marks: Marks, counts: Sequence[Column], inks: Sequence[Ink]) -> Iterator[Datum]:
    """Yield the stages of each row, the largest first, so that none hides another."""
    for number, (row, then) in enumerate(marks.pairs):
        sizes = [(count_of(row, column), place) for place, column in enumerate(counts)]
        whole = count_of(row, counts[0])
        for size, place in sorted(sizes, key=lambda one: (-one[0], one[1])):
            column = counts[place]
            if size or place == 0:
                mark = marks.mark(number, row, column, then)
                is_hatched = place == 0 and marks.is_unfinished(row, column)
                yield {
                    **mark,
                    "tip": _with_share(mark["tip"], size, whole) if place else mark["tip"],
                    "size": size,
                    "fill": inks[place].hatched if is_hatched else inks[place].fill,
                    "stroke": "var(--surface)",
                }


def _with_share(tip: str, size: int, whole: int) -> str:
    """Return a tooltip with the share of the first stage; without it if over 100 %."""
    if size > whole:
        return tip
    label, figure, *more = tip.split("\n")
    share = _("(%(share)s of %(total)s)") % {
        "share": formats.percent(size / whole),
        "total": formats.number(whole),
    }
    return "\n".join([label, f"{figure} {share}", *more])


def _rates(marks: Marks, count: Column, rate: Column) -> Iterator[Datum]:
    """Yield the text of the rate of each row that has one, at the end of its longest bar."""
    for number, (row, then) in enumerate(marks.pairs):
        if values.has_no_value(row.cells[rate.key]):
            continue
        yield {
            **marks.mark(number, row, rate),
            "size": max(count_of(one, count) for one in (row, then) if one),
            "said": values.text(rate.kind, row.cells[rate.key]),
        }


def _totals(result: Result, counts: Sequence[Column], inks: Sequence[Ink]) -> Iterator[Datum]:
    """Yield the stages of the totals; without inks, those of the compared period."""
    lists = ListAddresses(result.report, result.filters)
    whole = cast(int, result.totals[counts[0].key])
    for number, (column, ink) in enumerate(zip_longest(counts, inks)):
        title = labels.say(column.title_phrase)
        count = cast(int, result.totals[column.key])
        days = formats.span(result.period.first, result.period.last)
        tip = f"{title}\n{labels.titled(title, formats.number(count))}\n{days}"
        colours = {"fill": ink.fill, "stroke": ink.line} if ink else {}
        yield {
            "row": f"{number:0{DIGITS}}{title}",
            "size": count,
            **colours,
            "href": lists.address(column.key),
            "tip": _with_share(tip, count, whole) if number else tip,
        }


def _best(result: Result, rows: list[Row], rate: Column) -> str:
    """Return the row with the highest numerator of a rate, and the rate of the totals."""
    parts = {row.key: cast(Any, row.cells[rate.key]).numerator for row in rows}
    best = max(rows, key=lambda row: parts[row.key])
    if not parts[best.key]:
        return ""
    cases = rate.parts[0] if rate.parts else rate
    return _("%(title)s – highest: %(row)s, %(value)s; overall: %(total)s.") % {
        "title": labels.say(cases.title_phrase),
        "row": labels.row_label(best, result.grouping),
        "value": _share_of(rate, best),
        "total": values.text(rate.kind, result.totals[rate.key]),
    }


def _share_of(rate: Column, row: Row) -> str:
    """Return a rate as text: its fraction, then its percentage."""
    value = row.cells[rate.key]
    return f"{values.parts(rate, value)} ({values.text(rate.kind, value)})"


def _titled_rate(cells: Any, rate: Column) -> str:
    return labels.titled(labels.say(rate.title_phrase), values.with_parts(rate, cells[rate.key]))


def _unstacked(rows: str, axis: dict[str, Any]) -> dict[str, Any]:
    """Return a layer of overlapping bars, drawn in the order of the data."""
    bars = vega.bars("bars", rows, axis)
    bars["encoding"]["x" if rows == "y" else "y"] |= {"stack": None}
    del bars["encoding"]["order"]
    return bars


def _with_rates(*, is_compared: bool) -> dict[str, Any]:
    """Return a specification of horizontal bars with the text of a rate next to each."""
    scale = {"range": [0, {"expr": f"width - {TEXT_OF_RATE}"}], "domainMin": 0, "nice": False}
    counts = {"field": "size", "type": "quantitative", "axis": None, "scale": scale}
    bars, rows = _unstacked("y", {}), vega.row_axis("y")
    rows["axis"]["labelLimit"] = LONGEST_LABEL
    bars["encoding"] |= {"x": counts | {"stack": None}, "y": rows}
    text = {
        "data": {"name": "rates"},
        "mark": {"type": "text", "align": "left", "dx": 6, "color": "var(--muted)"},
        "encoding": {"y": rows, "x": counts, "text": {"field": "said"}},
    }
    ticks = vega.ticks("before", "y", BEFORE.line)
    ticks["encoding"] |= {"x": counts, "y": rows}
    layers = (bars, ticks, text) if is_compared else (bars, text)
    return vega.chart(*layers, height={"step": STEP})
