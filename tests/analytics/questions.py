"""Questions to ask of random companies: dealt, so that few of them cover much.

Every grouping meets every credit and both win rates; the rest is shuffled, the same at every run.
A question is fixed beforehand, its company is hypothesis's: the text of a question is compiled once
and asked of many companies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from leadlight.analytics.filters import SWITCHES, Filters
from leadlight.analytics.parameters import Clock
from leadlight.analytics.periods import UNITS, Calendar
from leadlight.analytics.report import Report
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.analytics.scope import EVERYTHING, Scope
from tests.analytics.strategies import CATEGORIES, DAYS, HOURS, LAGS, SOURCES, USERS
from tests.seeds import drawn

SCOPES = (
    Scope(sees_all=False, user_id=11, team_ids=frozenset({21})),
    Scope(sees_all=False, user_id=12),
    Scope(sees_all=False, user_id=13, team_ids=frozenset({21, 22})),
    Scope(sees_all=False, team_ids=frozenset({22})),
)
CHOICES = {
    "user": ("none", *(user.key for user in USERS)),
    "team": ("none", "north", "south"),
    "pipeline": ("loans", "cars"),
    "tag": ("none", "a", "b", "c"),
    "source": ("none", *SOURCES),
    "prospecting_list": ("none", "fair", "web"),
    "client": ("none", "acme"),
}
# Every table there is, by its report's key, a further one by its own name too: leads.work.
TABLES: dict[str, Report] = {
    ".".join(part for part in (table.key, table.view) if part): table for table in EVERY_TABLE
}
CREDITS = ("event", "owner", "creator")

Query = dict[str, list[str]]


@dataclass(frozen=True)
class Question:
    report: str
    zone: ZoneInfo
    query: Query
    filters: Filters
    scope: Scope


@cache
def questions(report: str) -> tuple[Question, ...]:
    """Enough of them for every combination of grouping, credit and win rate."""
    return tuple(deal(report, number) for number in range(max(36, 6 * len(groupings(report)))))


def deal(report: str, number: int) -> Question:
    """The question of this number."""
    random = drawn(f"{report} {number}")
    zone = ZoneInfo(random.choice(sorted(DAYS)))
    names = groupings(report)
    round_number = number // len(names)
    clock = Clock(_now(random, zone), zone, _calendar(random), DAYS[zone.key][0])
    query = _period(report, random, zone) | {
        "group_by": [names[number % len(names)]],
        "credit": [CREDITS[round_number % 3]],
        "leave_cancelled_out": [("no", "yes")[round_number // 3 % 2]],
        "bucket": [random.choice(("", *UNITS))],
        "compare": [random.choice(("", "previous", "last_year"))],
        "tags": [random.choice(("any", "all"))],
    }
    for name in random.sample([*sorted(CHOICES), "tag", "tag"], random.choice((0, 0, 1, 1, 2))):
        query[name] = random.sample(CHOICES[name], random.choice((1, 2)))
    if random.random() < 0.4 and (instant := _instant(random, zone)) <= clock.now:
        query["as_of"] = [instant.isoformat()]
    query = completed(report, query) | _switched(report, number)
    filters = TABLES[report].read(query, clock)
    scope = random.choice(SCOPES) if random.random() < 0.3 else EVERYTHING
    return Question(report, zone, query, filters, scope)


def completed(report: str, query: Query) -> Query:
    """The question with what the table needs: its one pipeline, its one length of buckets."""
    table = TABLES[report]
    if "pipeline" in table.needs:
        query = {**query, "pipeline": [*query.get("pipeline", ()), "loans"][:1]}
    return {**query, "bucket": [table.unit]} if table.unit else query


def _switched(report: str, number: int) -> Query:
    """The switches that only this table has, each one way or the other.

    Durations in working days have tests of their own.
    """
    random = drawn(f"{report} {number} switches")
    own = [
        name
        for name in TABLES[report].switches
        if name not in ("credit", "leave_cancelled_out", "days")
    ]
    return {name: [random.choice(SWITCHES[name])] for name in own}


def groupings(report: str) -> list[str]:
    """Every grouping of a table; each category for itself."""
    names = list(TABLES[report].groupings)
    if "category" in names:
        names.remove("category")
        names += [f"category:{category.key}" for category in CATEGORIES]
    return names


def _calendar(random: Random) -> Calendar:
    return Calendar(random.choice((1, 1, 7, 6)), random.choice((1, 1, 4, 10)))


def _period(report: str, random: Random, zone: ZoneInfo) -> Query:
    """All the days there are, a part of them, or a preset."""
    days = DAYS[zone.key]
    if random.random() < 0.25:
        return {"period": [random.choice(TABLES[report].presets)]}
    first, last = (
        sorted(random.choices(days, k=2)) if random.random() < 0.5 else (days[0], days[-1])
    )
    return {"from": [first.isoformat()], "to": [last.isoformat()]}


def _now(random: Random, zone: ZoneInfo) -> datetime:
    """After everything that is recorded, or some time in between."""
    if random.random() < 0.3:
        return _instant(random, zone)
    last = datetime.combine(DAYS[zone.key][-1], time.max, zone).astimezone(UTC)
    return last + 2 * max(LAGS) + timedelta(hours=1)


def _instant(random: Random, zone: ZoneInfo) -> datetime:
    """One at which things are recorded, or just beside it; mostly a late one."""
    days = DAYS[zone.key]
    day = random.choice(days[len(days) // 2 :] if random.random() < 0.8 else days)
    hour = random.choice(HOURS).replace(fold=random.randrange(2))
    instant = datetime.combine(day, hour, zone).astimezone(UTC)
    return instant + random.choice(LAGS) + random.choice((-1, 0, 0, 0, 1)) * min(LAGS[1:])
