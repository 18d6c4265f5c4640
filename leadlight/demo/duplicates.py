"""Duplicates among the open leads and the clients of the demo company.

The other leads have distinct contacts. Duplicates change no figures of reports, except those of one
client. They have a separate random generator, so that they do not change the rest of the data.
"""

import re
import unicodedata
from itertools import combinations
from random import Random

from leadlight.demo.world import Client, Lead, World

_MOST_PAIRS = 8
_PAIR_CHANCE = 0.3
_MAIL = re.compile(r"(\S+)@example\.com$")
_PHONE = re.compile(r"\b(0\d)((?: \d\d){3}) (\d\d)\b")
_LEGAL_FORM = "SARL"


def add(world: World, seed: int) -> None:
    """Give each lead contacts of its own, and some pairs of open leads the same contacts."""
    _separate(world)
    rng = Random(f"duplicates {seed}")
    twins: set[str] = set()
    pairs = 0
    for first, second in combinations(_candidates(world), 2):
        is_pair = first.owner != second.owner and not {first.key, second.key} & twins
        if not is_pair or rng.random() >= _PAIR_CHANCE:
            continue
        _make_twin(first, second, pairs)
        twins |= {first.key, second.key}
        pairs += 1
        if pairs == _MOST_PAIRS:
            return


def add_client(world: World) -> None:
    """Add a duplicate of a client, and move the last open lead of that client to it."""
    linked = {id(lead.follows) for lead in world.leads}
    for lead in reversed(world.leads):
        is_linked = lead.follows is not None or id(lead) in linked
        if lead.client and lead.client.is_active and lead.is_open and not is_linked:
            name = f"{lead.client.name.upper()} {_LEGAL_FORM}"
            twin = Client(f"C{len(world.clients) + 1:03}", name, lead.client.description, True)
            world.clients.append(twin)
            lead.client = twin
            return


def _candidates(world: World) -> list[Lead]:
    """Return the open leads with an owner, a person to reach and no client, newest first."""
    leads = (
        lead
        for lead in world.leads
        if lead.is_open and lead.owner and not lead.client and not lead.prospect
    )
    return [lead for lead in leads if "@" in lead.description][::-1]


def _make_twin(lead: Lead, twin: Lead, number: int) -> None:
    """Give a lead the contact of another one: all of it, its phone, or its address and name."""
    person, phone, mail = lead.description.split(", ")
    match number % 3:
        case 0:
            twin.company = f"{lead.company} {_LEGAL_FORM}"
            twin.description = f"{person}\nTél : {_international(phone)}\nE-mail : {mail}"
        case 1:
            twin.description = f"Portable : {_international(phone)}, demande une visite."
        case _:
            twin.company = lead.company.upper()
            twin.description = f"{mail.upper()} – formulaire du site"


def _international(phone: str) -> str:
    return f"+33 {phone[1:]}"


def _separate(world: World) -> None:
    """Give each lead an address at its company, and a number that no other lead has."""
    taken: set[str] = set()
    for lead in sorted(world.leads, key=lambda lead: lead.prospect is None):
        if lead.prospect is None:
            host = f"@{_host(lead.company)}.example.com"
            lead.description = _MAIL.sub(rf"\1{host}", lead.description)
        found = _PHONE.search(lead.description)
        if not found:
            continue
        number, last = found[0], int(found[3])
        while number in taken and lead.prospect is None:
            last = (last + 1) % 100
            number = f"{found[1]}{found[2]} {last:02}"
            if last == int(found[3]):
                break
        taken.add(number)
        lead.description = lead.description.replace(found[0], number)


def _host(company: str) -> str:
    plain = unicodedata.normalize("NFKD", company).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))
