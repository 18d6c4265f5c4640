"""Custom fields of the demo company, with values for some of its leads.

Each lead has a separate random generator, so that the fields do not change the rest of the data.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from leadlight.demo.world import Lead, World

_BUILDINGS = ("Maison", "Immeuble", "Bureaux", "Commerce", "Bâtiment public")
_BUILDING_WEIGHTS = (40, 25, 15, 12, 8)


@dataclass(frozen=True)
class OwnField:
    """A custom field of leads; `share` is the share of leads with a value."""

    key: str
    name: str
    kind: str
    share: float
    draw: Callable[[World, Lead, Random], str]
    choices: tuple[str, ...] = ()


def _building(_world: World, _lead: Lead, rng: Random) -> str:
    return rng.choices(_BUILDINGS, _BUILDING_WEIGHTS)[0]


def _surface(_world: World, _lead: Lead, rng: Random) -> str:
    """Return square metres of glass, rounded to 0.5."""
    return f"{round(rng.lognormvariate(2.8, 0.8) * 2) / 2:g}"


def _visit(world: World, lead: Lead, rng: Random) -> str:
    """Return a day 2 to 20 days after the creation; "" if it is after today."""
    day = lead.created_at.date() + timedelta(days=rng.randint(2, 20))
    return day.isoformat() if day <= world.today else ""


def _plans(_world: World, lead: Lead, rng: Random) -> str:
    return f"https://plans.example.com/{lead.key.lower()}-{rng.randrange(10**6):06}"


FIELDS = (
    OwnField("batiment", "Type de bâtiment", "choice", 0.7, _building, _BUILDINGS),
    OwnField("surface", "Surface vitrée (m²)", "number", 0.5, _surface),
    OwnField("visite", "Visite du chantier", "day", 0.4, _visit),
    OwnField("plans", "Plans", "link", 0.2, _plans),
)


def definitions() -> Iterable[tuple[object, ...]]:
    """Yield the rows of fields.csv."""
    for position, field in enumerate(FIELDS, start=1):
        choices = ";".join(field.choices)
        yield field.key, "lead", field.name, field.kind, choices, "false", position, "false"


def values(world: World, lead: Lead) -> tuple[str, ...]:
    """Return the values of a lead in the order of the fields; "" for none."""
    rng = Random(f"own fields {lead.key} {lead.created_at.isoformat()}")
    return tuple(
        field.draw(world, lead, rng) if rng.random() < field.share else "" for field in FIELDS
    )
