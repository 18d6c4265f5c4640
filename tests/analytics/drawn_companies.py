"""Random companies shared by many tests: drawn once, and loaded once into an engine each.

In a search, properties draw new companies each time instead (`tests.seeds`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.analytics.strategies import worlds
from tests.analytics.world import World
from tests.seeds import IS_SEARCH, PROFILE, examples, seeded

Companies = Callable[[ZoneInfo], st.SearchStrategy[World]]
EACH = 3  # companies in each zone


def small(zone: ZoneInfo) -> st.SearchStrategy[World]:
    """Companies of 12 to 18 leads."""
    return worlds(zones=st.just(zone), fewest=12, most=18, fewest_activities=6)


@cache
def companies_of(companies: Companies, zone: ZoneInfo) -> tuple[World, ...]:
    """Return the shared companies of this kind and zone."""
    return drawn_from(companies(zone), EACH, f"{companies.__name__} {zone.key}")


def drawn_from(worlds: st.SearchStrategy[World], number: int, place: str) -> tuple[World, ...]:
    """Return this number of random companies; `place` is the seed."""
    found: list[World] = []

    # Hypothesis draws the smallest examples first; these are left out.
    @seeded(place)
    @settings(PROFILE, max_examples=number + 2, phases=[Phase.generate])
    @given(worlds)
    def keep(world: World) -> None:
        found.append(world)

    keep()
    return tuple(found[-number:])


def put_to_each(law: Callable[[World], None], zone: ZoneInfo, companies: Companies = small) -> None:
    """Try a law on the shared companies of a zone; in a search, on new ones."""
    if IS_SEARCH:
        examples(12)(given(companies(zone))(law))()
        return
    for world in companies_of(companies, zone):
        law(world)
