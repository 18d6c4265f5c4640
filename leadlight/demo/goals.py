"""Goals of sellers and teams, raised every January."""

from dataclasses import dataclass
from datetime import date

from leadlight.demo import catalogue
from leadlight.demo.parameters import PEOPLE, TEAMS, Person
from leadlight.demo.people import hired_on
from leadlight.demo.world import World

_CALLS_RAISE_PER_YEAR = 0.03
_AMOUNT_RAISE_PER_YEAR = 0.08


@dataclass(frozen=True)
class Goal:
    user: str
    team: str
    measure: str
    activity_type: str
    period: str
    starts_on: date
    target: int
    """Calls or euros per period."""


def goals(world: World) -> list[Goal]:
    """Return monthly goals of calls and euros for current sellers, quarterly ones for teams."""
    sellers = [person for person in PEOPLE if person.calls_goal and person.left is None]
    quarter = world.first_day.replace(month=(world.first_day.month - 1) // 3 * 3 + 1)
    return [
        *(goal for person in sellers for goal in _calls(world, person)),
        *(goal for person in sellers if person.amount_goal for goal in _amounts(world, person)),
        *(
            Goal("", team.team, "won_amount", "", "quarter", day, _target(world, amount, 1000))
            for team in TEAMS
            for day, amount in _raised(world, quarter, team.won_amount_goal, _AMOUNT_RAISE_PER_YEAR)
        ),
    ]


def _amounts(world: World, person: Person) -> list[Goal]:
    raised = _raised(world, _first_month(world, person), person.amount_goal, _AMOUNT_RAISE_PER_YEAR)
    return [
        Goal(person.user, "", "won_amount", "", "month", day, _target(world, amount, 1000))
        for day, amount in raised
    ]


def _first_month(world: World, person: Person) -> date:
    return max(hired_on(person.user, world.today), world.first_day).replace(day=1)


def _calls(world: World, person: Person) -> list[Goal]:
    first = _first_month(world, person)
    raised = _raised(world, first, person.calls_goal, _CALLS_RAISE_PER_YEAR)
    targets = [(day, _target(world, calls, 5)) for day, calls in raised]
    before = [None, *(calls for _, calls in targets)]
    call = catalogue.CALL.activity_type
    return [
        Goal(person.user, "", "activities", call, "month", day, calls)
        for (day, calls), last in zip(targets, before, strict=False)
        if calls != last
    ]


def _raised(world: World, first: date, target: float, per_year: float) -> list[tuple[date, float]]:
    """Return the first day and target of each goal: from `first`, and from each later January."""
    januaries = [date(year, 1, 1) for year in range(first.year + 1, world.today.year + 1)]
    return [(day, target * (1 + per_year) ** n) for n, day in enumerate([first, *januaries])]


def _target(world: World, target: float, step: int) -> int:
    return max(step, round(target * world.size / step) * step)
