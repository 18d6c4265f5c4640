"""Table of goals: a row for each goal, with its period, its progress and its pace."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import GOAL_CELLS, GOALS
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.phrases import Phrase
from leadlight.analytics.reports.contract import Result
from leadlight.analytics.reports.goals import GoalProgress, progress_of
from leadlight.presentation import formats, labels, values
from leadlight.presentation.links import ListAddresses, report_address
from leadlight.presentation.tables import MOST_ROWS


@dataclass(frozen=True)
class GoalLine:
    """Texts of a goal, with a progress bar.

    `percent` is the length of the bar, and `elapsed_percent` the place of the mark of the elapsed
    time, from 0 to 100. `address` is the drill-down of the figure `done`. `is_on_pace` is None
    without a pace, and for a target of 0.
    """

    holder: str
    what: str
    period: str
    elapsed: str
    target: str
    done: str
    share: str
    pace: str
    needed: str
    percent: int
    elapsed_percent: int
    is_on_pace: bool | None
    address: str

    @property
    def texts(self) -> tuple[str, ...]:
        """Texts of the cells after the holder, in the order of the headings."""
        return (
            self.what,
            self.period,
            self.elapsed,
            self.target,
            self.done,
            self.share,
            self.pace,
            self.needed,
        )


@dataclass(frozen=True)
class GoalTable:
    """Goals of a result; `names` is the heading of the holders, `headings` those of other cells.

    `goals` is the number of goals; `omitted` of them are left out, and `full_address` is the
    address with all. `reached` and `on_pace` are numbers of goals; a reached goal is also on pace.
    """

    names: str
    headings: tuple[str, ...]
    lines: tuple[GoalLine, ...]
    goals: int
    reached: int
    on_pace: int
    omitted: int
    full_address: str


def goal_table(result: Result, *, is_whole: bool = True) -> GoalTable:
    """Return the table of the goals of a result, or of the first ones."""
    addresses, every = ListAddresses(result.report, result.filters), progress_of(result)
    shown = every if is_whole else every[:MOST_ROWS]
    return GoalTable(
        names=labels.grouping_title(result.grouping),
        headings=tuple(_(GOALS[key]) for key, _kind in GOAL_CELLS),
        lines=tuple(_line(one, result, addresses) for one in shown),
        goals=len(every),
        reached=sum(_percent(one.value("achieved_rate")) >= 100 for one in every),
        on_pace=sum(bool(_is_on_pace(one)) for one in every),
        omitted=len(every) - len(shown),
        full_address=report_address(result.report, result.filters, rows="all"),
    )


def _line(one: GoalProgress, result: Result, addresses: ListAddresses) -> GoalLine:
    def text(name: str) -> str:
        if name not in one.columns:
            return formats.NONE
        kind, value = one.columns[name].kind, one.value(name)
        if kind == "money":
            return formats.money(value, formats.cents_at_a_glance(value))  # type: ignore[arg-type]
        return values.text(kind, value)

    what, done = one.columns["target"].names["what"], one.columns["done"].key
    return GoalLine(
        holder=labels.row_label(one.row, result.grouping),
        what=labels.say(what) if isinstance(what, Phrase) else str(what),
        period=formats.bucket(one.window),
        elapsed=formats.percent(one.elapsed.value, 0),
        target=text("target"),
        done=text("done"),
        share=text("achieved_rate"),
        pace=text("pace"),
        needed=text("needed"),
        percent=_percent(one.value("achieved_rate")),
        elapsed_percent=_percent(one.elapsed),
        is_on_pace=_is_on_pace(one),
        address=addresses.address(done, one.row),
    )


def _percent(rate: object) -> int:
    share = rate.value if isinstance(rate, Rate) else None
    return min(100, int(100 * (share or 0)))


def _is_on_pace(one: GoalProgress) -> bool | None:
    """Return whether the pace reaches the target.

    None without a pace, and for a target of 0, which ends a goal.
    """
    target, pace = one.value("target"), one.value("pace")
    if not target or pace is None:
        return None
    return pace >= target  # type: ignore[operator]  # both are counts, or both are amounts
