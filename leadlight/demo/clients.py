"""Clients: some exist before the simulation, others are created with a first order."""

from leadlight.demo import names, parameters
from leadlight.demo.world import Client, Lead, World

_INACTIVE_SHARE = 0.06
_OPENED_WITH_ORDER_CHANCE = 0.5
"""Share of first orders that create a client; others are billed through an architect or group."""


def create_initial(world: World) -> None:
    """Create the clients that exist before the simulation."""
    for _ in range(_scaled(world, parameters.CLIENTS_AT_START)):
        _create(world, names.company_name(world.rng))


def _scaled(world: World, count: int) -> int:
    return max(3, round(count * world.size))


def _create(world: World, name: str) -> Client:
    key = f"C{len(world.clients) + 1:03}"
    description = f"{names.town(world.rng)} – {names.person_name(world.rng)}"
    client = Client(key, name, description, world.rng.random() >= _INACTIVE_SHARE)
    world.clients.append(client)
    return client


def pick(world: World) -> Client:
    """Return a random client; older clients are more likely."""
    place = min(world.rng.random(), world.rng.random())
    return world.clients[int(place * len(world.clients))]


def create_for_order(world: World, lead: Lead) -> None:
    """By chance, create a client for the company of a won lead, up to the limit of clients."""
    room = len(world.clients) < _scaled(world, parameters.CLIENTS_AT_MOST)
    chance = _OPENED_WITH_ORDER_CHANCE
    if lead.client is None and room and world.rng.random() < chance:
        lead.client = _create(world, lead.company)
