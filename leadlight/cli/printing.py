"""Reports, lists and explanations as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import GOAL_CELLS, with_compared
from leadlight.analytics.insight.drilldown import Drilldown
from leadlight.analytics.insight.explain import Explanation, is_goal
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.query.phrases import Phrase
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.cli import text_tables
from leadlight.cli.console import out
from leadlight.cli.text_tables import TableOptions, TextColumn
from leadlight.presentation import formats, labels, values
from leadlight.presentation.comparisons import ColumnComparison, basis_of
from leadlight.presentation.goals import goal_table
from leadlight.presentation.headings import title_of, unit_of
from leadlight.presentation.uncertainty import estimate_uncertainty, uncertainty_of

Pairs = Sequence[tuple[Row, Row | None]]
TEXT_KINDS = ("text", "status", "day", "instant")


def print_report(result: Result, options: TableOptions) -> None:
    """Print the table of a report; a comparison adds lines for the value before and the change."""
    if result.report.is_of_goals:
        _print_goals(result, options)
        return
    pairs = [pair for pair in with_compared(result) if not pair[0].further]
    further = [pair for pair in with_compared(result) if pair[0].further]
    lines = 3 if result.compared else 1
    rules = {lines * len(pairs), lines * (len(pairs) + 1)}
    names = TextColumn(
        "",
        labels.grouping_title(result.grouping),
        (
            *_names(result, pairs),
            *_named(labels.say(result.total_title), result),
            *_names(result, further),
        ),
        is_figure=False,
    )
    headlines = [column.key for column in result.columns if column.key in result.report.headlines]
    text_tables.show(
        _title(result),
        names,
        [_column(result, column, pairs, further) for column in result.columns],
        options,
        headlines=headlines,
        rules=rules,
    )
    _print_notes(result)


def _print_goals(result: Result, options: TableOptions) -> None:
    goals = goal_table(result)
    names = TextColumn("", goals.names, tuple(line.holder for line in goals.lines), is_figure=False)
    texts = [line.texts for line in goals.lines]
    columns = [
        TextColumn(
            key,
            heading,
            tuple(cells[place] for cells in texts),
            is_figure=kind not in TEXT_KINDS,
        )
        for place, ((key, kind), heading) in enumerate(zip(GOAL_CELLS, goals.headings, strict=True))
    ]
    headlines = ("goal", "target", "done", "achieved_rate", "pace")
    text_tables.show(_(result.report.title), names, columns, options, headlines=headlines)


def _title(result: Result) -> str:
    period, compared = result.period, result.compared
    title = f"{_(result.report.title)} · {formats.span(period.first, period.last)}"
    if not compared:
        return title
    days = formats.span(compared.period.first, compared.period.last)
    sentence = _("Compared with %(compared_period)s.") % {"compared_period": days}
    return f"{title}. {sentence}"


def _names(result: Result, pairs: Pairs) -> Iterable[str]:
    for row, _then in pairs:
        mark = " …" if result.is_future(row) else " *" if row.is_unfinished else ""
        yield from _named(labels.row_label(row, result.grouping) + mark, result)


def _named(name: str, result: Result) -> tuple[str, ...]:
    if not result.compared:
        return (name,)
    before, change = _("before"), _("change")
    return (name, f"  {before}", f"  {change}")


def _column(result: Result, column: Column, pairs: Pairs, further: Pairs) -> TextColumn:
    key, compared = column.key, result.compared
    totals = (result.totals[key], compared.totals.get(key) if compared else None)
    comparison = ColumnComparison(column)
    every = [row.cells[key] for pair in (*pairs, *further) for row in pair if row]
    write = _writer(column, [*every, *totals])

    def cells(now: Value, before: Value, row: Row | None, then: Row | None) -> tuple[str, ...]:
        if compared is None:
            return (write(now),)
        change = comparison.between(now, before, basis_of(result, key, row, then))
        text = f"{change.arrow} {change.text}".strip() if change else formats.NONE
        return write(now), write(before), text

    def rows(of: Pairs) -> Iterable[str]:
        for row, then in of:
            yield from cells(row.cells[key], then.cells[key] if then else None, row, then)

    unit = unit_of(column, result.currency)
    title = title_of(column)
    return TextColumn(
        key,
        f"{title} ({unit})" if unit else title,
        (*rows(pairs), *cells(*totals, None, None), *rows(further)),
    )


def _writer(column: Column, every: Iterable[Value]) -> values.Formatter:
    """Return the formatter of a column, with the fractions of rates and the bands of estimates."""
    present = [value for value in every if not values.has_no_value(value)]
    write = values.table_formatter(column.kind, present)

    def written(value: Value) -> str:
        if values.has_no_value(value):
            return formats.NONE
        is_of_amounts = isinstance(value, Rate) and not isinstance(value.denominator, int)
        parts = "" if is_of_amounts else values.parts(column, value)
        return f"{write(value)} ({parts})" if parts else write(value)

    return written


def _print_notes(result: Result) -> None:
    for note in result.notes:
        sentences = (labels.say(text) for text in (note.phrase, note.method) if text)
        out.print(*sentences, markup=False)
    if any(map(result.is_partial, result.rows)):
        out.print(_("*: not finished, or only partly in the period."), markup=False)
    if any(map(result.is_future, result.rows)):
        out.print(_("…: not started."), markup=False)
    if result.compared:
        out.print(
            _("≈: the change could be due to chance, or there are fewer than 10 cases."),
            markup=False,
        )


def print_figures(result: Result) -> None:
    """Print the figures of a report: the key of each, its heading and its meaning."""
    out.print(f"{_(result.report.title)}\n", markup=False)
    for column in result.columns:
        out.print(labels.titled(column.key, labels.say(column.title_phrase)), markup=False)
        out.print(f"    {labels.say(column.definition_phrase)}", markup=False)


def print_list(drilldown: Drilldown, currency: str, options: TableOptions) -> None:
    """Print the leads, activities or prospects behind a figure."""
    title = labels.titled(
        labels.say(drilldown.column.title_phrase),
        labels.counted(drilldown.subject, drilldown.count),
    )
    if drilldown.amount is not None:
        title += f", {formats.money(drilldown.amount)}"
    rows = list(drilldown.rows)
    names, *columns = (
        listed(
            field.key,
            _(field.title),
            field.kind,
            [row[field.key] for row in rows],
            currency,
        )
        for field in drilldown.spec.fields
    )
    text_tables.show(title, names, columns, options, headlines=("title", "amount", "status"))


def listed(key: str, title: str, kind: str, cells: Sequence[Any], currency: str) -> TextColumn:
    """Return a column of a list: amounts with cents, and the currency in the heading."""
    present = [value for value in cells if value is not None]
    write = values.table_formatter(kind, present, is_exact=True)
    symbol = formats.currency_symbol(currency).strip()
    return TextColumn(
        key,
        f"{title} ({symbol})" if kind == "money" else title,
        tuple(formats.NONE if value is None else write(value) for value in cells),
        is_figure=kind not in TEXT_KINDS,
    )


def print_explanation(explained: Explanation) -> None:
    """Print how a figure is computed: its meaning, its uncertainty and its SQL."""
    result, column, row = explained.result, explained.column, explained.row
    label = labels.row_label(row, result.grouping) if row else explained.row_key
    of = f" · {label}" if explained.row_key else ""
    figure = values.with_parts(column, explained.value)
    out.print(labels.titled(labels.say(column.title_phrase) + of, figure), markup=False)
    sentences: tuple[Phrase, ...] = (
        column.definition_phrase,
        result.scope.phrase,
        *([explained.row_definition] if explained.row_definition else []),
        *explained.drilldown.own_filters.describe(lambda _dimension, key: key),
        *explained.date_rules,
        *(one.phrase for one in explained.exclusions),
    )
    for sentence in sentences:
        out.print(labels.say(sentence), markup=False)
    interval = uncertainty_of(explained.drilldown.interval)
    if uncertainty := interval or estimate_uncertainty(explained.value):
        out.print(uncertainty.words, uncertainty.method, markup=False)
    if not is_goal(column):
        out.print(
            labels.counted(explained.drilldown.subject, explained.drilldown.count), markup=False
        )
    out.print(f"{formats.instant(result.as_of)} ({result.time_zone})", markup=False)
    for text in explained.sql:
        out.print(f"\n{text}", markup=False, highlight=False, soft_wrap=True)
