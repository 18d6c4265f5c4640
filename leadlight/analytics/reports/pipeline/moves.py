"""Moves between steps

How did leads move between steps, forward and back?

Every move really made in the period counts on the day it was made, including moves back. A lead
that made the same move twice counts twice and appears twice in the list. Rows are the steps left,
columns the steps entered. Skipped steps do not count. Moves to another pipeline have their own
column. Moves from another pipeline are not shown, because they leave no step of this pipeline.

Moves are credited to the lead's current owner. The option “Attribution” can credit them to the
creator instead.
"""

from __future__ import annotations

from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.facts.step_entries import chosen_steps, prefetch_steps, with_leads
from leadlight.analytics.facts.step_intervals import stays_at
from leadlight.analytics.metrics.columns import Column, Predicate, count, money
from leadlight.analytics.metrics.predicates import is_any
from leadlight.analytics.query.filters import FIRST, LAST
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.matrix import Matrix
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup


def facts(query: ReportQuery) -> Facts:
    """Return one row per move out of a step of the pipeline."""
    steps = chosen_steps(query.filters)
    stays = stays_at(query.instant)
    moves = stays.filter(stays.step_id.isin(steps.step_id), stays.left_on.between(FIRST, LAST))
    moves = moves.select(
        "lead_id",
        "step_id",
        "next_step_id",
        day="left_on",
        is_away=moves.next_pipeline_id != moves.pipeline_id,
    )
    return {"moves": Flow(with_leads(moves, query))}


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns: all moves, moves to each step, and moves to another pipeline."""
    steps = query.prefetched_rows("steps")
    return (MOVES, MOVED_AMOUNT, *(_to(*step) for step in steps), TO_OTHER_PIPELINE)


def _to(step_id: int, key: str, name: str) -> Column:
    return count(
        f"to:{key}",
        "moves",
        _is_to(step_id),
        gettext_noop("To %(step)s"),
        gettext_noop("Moves from the row's step to “%(step)s” in this period."),
        higher_is_better=None,
        names={"step": name},
        unit_override="moves",
    )


def _is_to(step_id: int) -> Predicate:
    def condition(moves: Table) -> BooleanValue:
        return moves.next_step_id == step_id

    return condition


def _is_away(moves: Table) -> BooleanValue:
    return moves.is_away


MOVES = count(
    "moves",
    "moves",
    is_any,
    gettext_noop("Moves"),
    gettext_noop("Moves out of the row's step in this period. Each move counts and is listed."),
    higher_is_better=None,
    unit_override="moves",
)
MOVED_AMOUNT = money(
    "moved_amount",
    "moves",
    is_any,
    gettext_noop("Moves: amount"),
    gettext_noop(
        "Total amount of the leads moved, counted once for each move. A lead "
        "without an amount counts as 0."
    ),
    higher_is_better=None,
)
TO_OTHER_PIPELINE = count(
    "to_other_pipeline",
    "moves",
    _is_away,
    gettext_noop("To another pipeline"),
    gettext_noop("Moves from the row's step to another pipeline in this period."),
    higher_is_better=None,
    unit_override="moves",
)

VIEW = Report(
    key="pipeline",
    title=gettext_noop("Moves between steps"),
    text=__doc__,
    facts=facts,
    columns=columns,
    groupings=("step",),
    switches=("credit",),
    prefetch=prefetch_steps,
    needs=("pipeline",),
    is_of_one_pipeline=True,
    layout=(
        ColumnGroup(gettext_noop("From the step"), (("moves", "moved_amount"),)),
        ColumnGroup(gettext_noop("To"), ("to:*", "to_other_pipeline")),
    ),
    headlines=("moves", "moved_amount", "to_other_pipeline"),
    chart=ChartSpec(kind="none"),
    matrix=Matrix(("to:*", "to_other_pipeline"), "row", has_diagonal=True),
    view="moves",
)
