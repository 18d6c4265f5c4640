"""Progress of the goals in force, one line for each, on the overview, in Today and in mails.

The figures of users and teams come from the goals view of the activities report. That view has no
row for the whole company: figures of company goals are totals of the reports on the company and on
activities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.periods import Bucket, Unit, bucket_of
from leadlight.analytics.query.phrases import Phrase
from leadlight.analytics.reports import activities, company, goals
from leadlight.analytics.reports.contract import Report, Result, Value
from leadlight.presentation import formats, labels, values
from leadlight.presentation.links import ListAddresses, report_address
from leadlight.reporting.reader import ReportReader
from leadlight.sales import goals as rules
from leadlight.sales.models import Goal

Params = dict[str, list[str]]

MOST_LINES = 6
FEWEST_DAYS = 7  # of a pace: a full week, so that Sundays and holidays do not dominate
VIEW = {"view": [str(goals.VIEW.view)], "period": ["this_month"]}


@dataclass(frozen=True)
class GoalLine:
    """Progress of one goal.

    `ahead` is the pace (the value extrapolated to the whole period) divided by the target: below 1,
    the goal will be missed at this pace. `pace` is empty in the first days. `percent` is the length
    of the bar, and `elapsed_percent` the place of the mark of the elapsed time, from 0 to 100.
    """

    holder: str
    what: str
    period: str
    done: str
    target: str
    pace: str
    share: str
    percent: int
    elapsed_percent: int
    ahead: float
    is_mine: bool
    address: str

    @property
    def is_on_pace(self) -> bool:
        return self.ahead >= 1


@dataclass(frozen=True)
class Progress:
    """Goals: the reader's own, then those furthest behind; `others` is the number not shown."""

    lines: tuple[GoalLine, ...]
    others: int
    address: str


def progress(reader: ReportReader, user: User, narrowing: Params) -> Progress:
    """Return the goals in force today, of the users and teams that `narrowing` selects.

    `narrowing` are parameters of reports: without any, the goals of the whole company are there
    too; with users, those of teams are not.
    """
    lines = [] if narrowing else list(_of_company(reader, user))
    narrowing = VIEW | narrowing
    for grouping in goals.GROUPINGS[:1] if "user" in narrowing else goals.GROUPINGS:
        result = reader.run(activities.REPORT, narrowing | {"group_by": [grouping]})
        lines += _of_rows(result, user)
    lines.sort(key=lambda line: (not line.is_mine, line.ahead, line.holder.casefold()))
    address = report_address(*reader.read(activities.REPORT, narrowing))
    return Progress(tuple(lines[:MOST_LINES]), max(0, len(lines) - MOST_LINES), address)


def _of_rows(result: Result, user: User) -> Iterator[GoalLine]:
    addresses = ListAddresses(result.report, result.filters)
    for one in goals.progress_of(result):
        achieved = one.value("achieved_rate")
        if not isinstance(achieved, Rate) or not achieved.denominator:
            continue
        target = one.columns["target"]
        what = target.names["what"]
        yield _line(
            labels.row_label(one.row, result.grouping),
            labels.say(what) if isinstance(what, Phrase) else str(what),
            one.window,
            target.kind,
            (achieved, one.value("pace"), one.elapsed),
            addresses.address(one.columns["done"].key, one.row),
            is_mine=result.grouping == "user" and one.row.key == user.key,
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
        elapsed = Rate(_days(window.first, today), _days(window.first, window.last))
        pace = Decimal(done) * elapsed.denominator / elapsed.numerator
        is_money = column.kind == "money"
        target = goal.target if is_money else round(goal.target)
        yield _line(
            _("The whole company"),
            labels.say(column.title_phrase),
            window,
            column.kind,
            (Rate(done, target), pace if is_money else round(pace), elapsed),
            ListAddresses(result.report, result.filters).address(key),
        )


def _line(
    holder: str,
    what: str,
    window: Bucket,
    kind: str,
    progress: tuple[Rate, Value, Rate],
    address: str,
    *,
    is_mine: bool = False,
) -> GoalLine:
    """Return a line; `progress` is the achieved rate, the pace, and the elapsed rate."""
    achieved, pace, elapsed = progress
    share = achieved.value or 0
    return GoalLine(
        holder=holder,
        what=what,
        period=formats.bucket(window, is_short=True),
        done=values.glance(kind, achieved.numerator),
        target=values.glance(kind, achieved.denominator),
        pace="" if elapsed.numerator < FEWEST_DAYS else values.glance(kind, pace),
        share=formats.percent(share, 0),
        percent=min(100, round(100 * share)),
        elapsed_percent=round(100 * (elapsed.value or 0)),
        ahead=float(cast(Decimal, pace) / achieved.denominator),
        is_mine=is_mine,
        address=address,
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
