"""Costs of the demo company: two trade shows, a campaign, and a bought list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from leadlight.demo.sources import REFERRAL
from leadlight.demo.world import World


@dataclass(frozen=True)
class Cost:
    name: str
    amount: int
    """Euros."""
    first_on: date
    last_on: date
    recorded_at: datetime
    prospecting_list: str = ""
    source: str = ""
    tag: str = ""


# Name of a trade show, the list of its visitors, the tag of its leads, and euros.
_SHOWS = (
    ("Salon de l'habitat : stand", "salon-habitat-2", "secteur-habitat", 14_500),
    ("Salon des bureaux : stand", "salon-bureaux-2", "secteur-bureaux", 11_800),
)
_SHOW_DAYS = timedelta(3)
_CAMPAIGN_DAYS = timedelta(180)


def costs(world: World) -> Iterator[Cost]:
    """Yield the costs: a show ends on the day before its list is imported."""
    for name, its_list, tag, amount in _SHOWS:
        at = world.list_created_at[its_list]
        last = at.date() - timedelta(1)
        yield Cost(name, amount, last - _SHOW_DAYS + timedelta(1), last, at, tag=tag)
    first = world.today - _CAMPAIGN_DAYS
    started = world.ends_at - _CAMPAIGN_DAYS
    yield Cost("Programme de parrainage", 3_000, first, world.today, started, source=REFERRAL)
    at = world.list_created_at["startups-sud"]
    yield Cost("Achat du fichier", 780, at.date(), at.date(), at, prospecting_list="startups-sud")
