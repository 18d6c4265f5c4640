"""Random companies that many tests share: drawn once, and written once to an engine of their own.

In a search, properties draw ever new ones instead (`tests.seeds`).
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
EACH = 3  # so many in each zone


def small(zone: ZoneInfo) -> st.SearchStrategy[World]:
    """Companies of 12 to 18 leads."""
    return worlds(zones=st.just(zone), fewest=12, most=18, fewest_activities=6)


@cache
def companies_of(companies: Companies, zone: ZoneInfo) -> tuple[World, ...]:
    """The companies of this kind that tests share in a zone."""
    return drawn_from(companies(zone), EACH, f"{companies.__name__} {zone.key}")


def drawn_from(worlds: st.SearchStrategy[World], number: int, place: str) -> tuple[World, ...]:
    """So many random companies, always the same ones at one place."""
    found: list[World] = []

    # The first that are drawn are the smallest.
    @seeded(place)
    @settings(PROFILE, max_examples=number + 2, phases=[Phase.generate])
    @given(worlds)
    def keep(world: World) -> None:
        found.append(world)

    keep()
    return tuple(found[-number:])


def put_to_each(law: Callable[[World], None], zone: ZoneInfo, companies: Companies = small) -> None:
    """Try a law on the companies of a zone; in a search, on ever new ones."""
    if IS_SEARCH:
        examples(12)(given(companies(zone))(law))()
        return
    for world in companies_of(companies, zone):
        law(world)
