"""Files attached to leads of the demo company: quotes as text, and plans as pictures.

They have a separate random generator, so that they do not change the rest of the data.
"""

import io
from bisect import bisect_right
from collections.abc import Callable
from datetime import timedelta
from random import Random

from PIL import Image, ImageDraw

from leadlight.demo import parameters
from leadlight.demo.working_days import A_DAY, at_second
from leadlight.demo.world import AttachedFile, Event, Lead, World

_SHARE_WITH_FILES = {True: 0.12, False: 0.01}
"""Whether a lead is open → share of the leads with a file."""
_SECOND_FILE_CHANCE = 0.4
_FRAMES = ("#37424d", "#7a4a2b", "#efefef", "#2f5d50")


def add(world: World, seed: int) -> None:
    rng = Random(f"files {seed}")
    for lead in world.leads:
        if rng.random() < _SHARE_WITH_FILES[lead.is_open]:
            made = [_quote, _plan] if rng.random() < _SECOND_FILE_CHANCE else [rng.choice(_KINDS)]
            for make in made:
                _attach(world, lead, make, rng)


def _attach(world: World, lead: Lead, make: "Make", rng: Random) -> None:
    """Attach a file some minutes after a change of the lead, by the user who made the change."""
    change = rng.choice([event for event in lead.events if event.actor] or [None])
    if change is None:
        return
    at = change.recorded_at + timedelta(seconds=rng.randint(900, 3600))
    if at > min(world.ends_at, at_second(change.recorded_at.date() + A_DAY, 0)):
        return
    place = bisect_right(lead.events, at, key=lambda event: event.occurred_at)
    recorded_at = max(at, lead.events[place - 1].recorded_at)
    name, content = make(lead, rng)
    file = AttachedFile(f"F{len(world.files) + 1:05}", lead.key, name, content, at, change.actor)
    world.files.append(file)
    lead.events.insert(place, Event(at, recorded_at, change.actor, "file", name, file.key))


def _quote(lead: Lead, rng: Random) -> tuple[str, bytes]:
    amount = lead.state.get("amount") or lead.initial_amount or "à préciser"
    lines = (
        parameters.COMPANY_NAME,
        f"Devis pour {lead.company}",
        "",
        f"{lead.product.name} : {amount} {parameters.CURRENCY}",
        f"Délai : {rng.randint(4, 10)} semaines",
        "Devis valable 30 jours.",
        "",
    )
    return f"Devis {lead.key}.txt", "\n".join(lines).encode()


def _plan(lead: Lead, rng: Random) -> tuple[str, bytes]:
    """Draw a window with some panes."""
    columns, rows = rng.randint(1, 4), rng.randint(1, 3)
    picture = Image.new("RGB", (80 * columns + 40, 80 * rows + 40), "#f7f3ea")
    draw = ImageDraw.Draw(picture)
    for column in range(columns):
        for row in range(rows):
            corner = (20 + 80 * column, 20 + 80 * row)
            end = (corner[0] + 80, corner[1] + 80)
            draw.rectangle((*corner, *end), fill="#cfe6f2", outline=rng.choice(_FRAMES), width=6)
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True)
    return f"Plan {lead.key}.png", made.getvalue()


Make = Callable[[Lead, Random], tuple[str, bytes]]
_KINDS: tuple[Make, ...] = (_quote, _plan)
