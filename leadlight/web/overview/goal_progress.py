"""Progress of goals on the overview page, one line for each goal.

The figures of users and teams come from the view of goals of the report on activities. It has no
row for the whole company: figures of company goals are totals of the reports on the company and on
activities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.periods import Unit, bucket_of
from leadlight.analytics.reports import activities, company, goals
from leadlight.analytics.reports.contract import Report, Result
from leadlight.presentation import formats, labels, values
from leadlight.presentation.links import ListAddresses, report_address
from leadlight.reporting.reader import ReportReader
from leadlight.sales import goals as rules
from leadlight.sales.models import Goal

MOST_LINES = 10
ACHIEVED = "achieved_rate:"
VIEW = {"view": [str(goals.VIEW.view)], "period": ["this_month"]}


@dataclass(frozen=True)
class GoalLine:
    """Progress of one goal.

    `ahead` is the pace (the value extrapolated to the whole period) divided by the target: below 1,
    the goal will be missed at this pace. `percent` is the progress bar, from 0 to 100.
    """

    holder: str
    counted: str
    done: str
    target: str
    pace: str
    share: str
    percent: int
    ahead: float
    address: str

    @property
    def is_on_pace(self) -> bool:
        return self.ahead >= 1


@dataclass(frozen=True)
class Progress:
    """Goals, those furthest behind first; `others` is the number of goals that are not shown."""

    lines: tuple[GoalLine, ...]
    others: int
    address: str


def progress(reader: ReportReader, user: User) -> Progress:
    """Return the goals in force today and visible to the user."""
    lines = list(_of_company(reader, user))
    for grouping in goals.GROUPINGS:
        lines += _of_rows(reader.run(activities.REPORT, VIEW | {"group_by": [grouping]}))
    lines.sort(key=lambda line: (line.ahead, line.holder.casefold()))
    address = report_address(*reader.read(activities.REPORT, VIEW))
    return Progress(tuple(lines[:MOST_LINES]), max(0, len(lines) - MOST_LINES), address)


def _of_rows(result: Result) -> Iterator[GoalLine]:
    addresses = ListAddresses(result.report, result.filters)
    columns = {column.key: column for column in result.columns}
    kinds = [key.removeprefix(ACHIEVED) for key in columns if key.startswith(ACHIEVED)]
    for row in result.rows:
        for kind in kinds:
            achieved = row.cells[ACHIEVED + kind]
            if not isinstance(achieved, Rate) or not achieved.denominator:
                continue
            done, target, pace = (columns[f"{key}:{kind}"] for key in ("done", "target", "pace"))
            yield GoalLine(
                holder=labels.row_label(row, result.grouping),
                counted=labels.say(target.title_phrase),
                done=values.text(done.kind, row.cells[done.key]),
                target=values.text(target.kind, row.cells[target.key]),
                pace=values.text(pace.kind, row.cells[pace.key]),
                address=addresses.address(done.key, row),
                **_shares(achieved, cast(Decimal, row.cells[pace.key])),
            )


def _of_company(reader: ReportReader, user: User) -> Iterator[GoalLine]:
    today = reader.clock.day_of(reader.clock.now)
    found = rules.visible(user).filter(user=None, team=None).select_related("activity_type")
    for goal in rules.in_force(found, today):
        window = bucket_of(today, cast(Unit, goal.period), reader.clock.calendar)
        report, key = _counting(goal)
        result = reader.run(report, {"from": [window.first.isoformat()], "to": [today.isoformat()]})
        [column] = [column for column in result.columns if column.key == key]
        done = cast(Decimal, result.totals[key])
        pace = Decimal(done) * _days(window.first, window.last) / _days(window.first, today)
        pace = pace if column.kind == "money" else round(pace)  # type: ignore[assignment]
        target = goal.target if column.kind == "money" else round(goal.target)
        yield GoalLine(
            holder=_("The whole company"),
            counted=labels.say(column.title_phrase),
            done=values.text(column.kind, done),
            target=values.text(column.kind, target),
            pace=values.text(column.kind, pace),
            address=ListAddresses(result.report, result.filters).address(key),
            **_shares(Rate(done, target), pace),
        )


def _counting(goal: Goal) -> tuple[Report, str]:
    """Return the report and the column key of the figure that a goal measures."""
    if goal.measure != Goal.Measure.ACTIVITIES:
        return company.REPORT, goal.measure
    if goal.activity_type is None:
        return activities.REPORT, "activities"
    return activities.REPORT, f"activities:{goal.activity_type.key}"


def _days(first: date, last: date) -> int:
    return (last - first).days + 1


def _shares(achieved: Rate, pace: Decimal | int) -> dict[str, Any]:
    share = achieved.value or 0
    return {
        "share": formats.percent(share, 0),
        "percent": min(100, round(100 * share)),
        "ahead": float(pace / achieved.denominator),
    }
