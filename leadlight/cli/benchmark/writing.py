"""Writer of the `readers` benchmark: a process that creates leads at a steady rate, and moves some.

Its arguments are the leads a second and the seconds. Prints how many leads it created.
"""

from __future__ import annotations

import random
import sys
from time import perf_counter, sleep

from leadlight.cli.talking import set_up


def main(rate: float, seconds: float) -> int:
    """Create leads of everybody, every third moved or closed at once."""
    from leadlight.accounts.models import User
    from leadlight.sales.models import Lead, Pipeline

    chance = random.Random(1)  # noqa: S311
    owners = list(User.objects.filter(is_active=True).order_by("pk"))
    steps = list(Pipeline.default().steps.order_by("position"))
    start = perf_counter()
    written = 0
    while (now := perf_counter() - start) < seconds:
        if written > now * rate:
            sleep(written / rate - now)
            continue
        owner = chance.choice(owners)
        lead = Lead.create(
            title=f"Bench {written}", by=owner, owner=owner, amount=chance.randrange(100, 10_000)
        )
        if written % 3 == 0:
            lead.move_to(chance.choice(steps), by=owner)
        written += 1
    return written


if __name__ == "__main__":
    set_up()
    print(main(float(sys.argv[1]), float(sys.argv[2])))  # noqa: T201
