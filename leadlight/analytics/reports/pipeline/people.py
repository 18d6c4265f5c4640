"""Steps by person

Who qualifies best, and who closes best?

Each row is a person or a team. For each step of the pipeline, the table shows how many leads
entered the step in the period, and what share of them moved on to a later step or were won in the
step itself. A high share in the first steps means that leads are qualified well; a high share in
the last step means that deals are closed well.

Entries count as in the first table of this report, with the same rule for skipped steps. They are
credited to the lead's current owner. The option “Attribution” can credit them to the creator
instead. Totals are the sums of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.facts.step_entries import entries, is_carried_on, prefetch_steps
from leadlight.analytics.metrics.columns import Column, Predicate, count, rate
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup


def facts(query: ReportQuery) -> Facts:
    """Return the entries into each step."""
    return {"entered": Flow(entries(query))}


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return for each step the number of entries and the share that advanced or was won."""
    return tuple(column for step in query.prefetched_rows("steps") for column in _of_step(*step))


def _of_step(step_id: int, key: str, name: str) -> Iterator[Column]:
    names = {"step": name}
    entered = count(
        f"entered:{key}",
        "entered",
        _in(step_id),
        gettext_noop("%(step)s: entered"),
        gettext_noop("Leads that first entered “%(step)s” in this period."),
        higher_is_better=None,
        names=names,
    )
    carried_on = count(f"carried_on:{key}", "entered", _carried_on_from(step_id), "", "")
    yield entered
    yield rate(
        f"rate:{key}",
        carried_on,
        entered,
        gettext_noop("%(step)s: conversion rate"),
        gettext_noop(
            "Leads that moved on from “%(step)s” or were won in it ÷ leads that entered it."
        ),
        names=names,
    )


def _in(step_id: int) -> Predicate:
    def condition(facts: Table) -> BooleanValue:
        return facts.step_id == step_id

    return condition


def _carried_on_from(step_id: int) -> Predicate:
    def condition(facts: Table) -> BooleanValue:
        return (facts.step_id == step_id) & is_carried_on(facts)

    return condition


VIEW = Report(
    key="pipeline",
    title=gettext_noop("Steps by person"),
    text=__doc__,
    facts=facts,
    columns=columns,
    tests_changes=lambda filters: False,
    groupings=("user", "team"),
    switches=("skipping", "credit"),
    prefetch=prefetch_steps,
    needs=("pipeline",),
    is_of_one_pipeline=True,
    layout=(ColumnGroup(gettext_noop("Conversion rate by step"), (("rate:*", "entered:*"),)),),
    chart=ChartSpec(kind="none"),
    view="people",
)
