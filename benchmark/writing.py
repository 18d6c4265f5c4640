"""Writer of the `readers` benchmark: a process that creates leads at a steady rate until killed.

Its argument is the number of leads per second. Every third lead is moved to a step of its pipeline.
"""

from __future__ import annotations

import random
import sys
from time import perf_counter, sleep

from leadlight.cli.console import set_up


def main(rate: float) -> None:
    from leadlight.accounts.models import User
    from leadlight.sales.models import Lead, Pipeline

    chance = random.Random(1)  # noqa: S311
    owners = list(User.objects.filter(is_active=True).order_by("pk"))
    steps = list(Pipeline.default().steps.order_by("position"))
    start, written = perf_counter(), 0
    while True:
        owner = chance.choice(owners)
        amount = chance.randrange(100, 10_000)
        lead = Lead.create(title=f"Lead {written}", by=owner, owner=owner, amount=amount)
        if written % 3 == 0:
            lead.move_to(chance.choice(steps), by=owner)
        written += 1
        sleep(max(0.0, start + written / rate - perf_counter()))


if __name__ == "__main__":
    set_up()
    main(float(sys.argv[1]))
