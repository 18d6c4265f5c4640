"""Program that checks the replica, then sells, catches up and rebuilds until it is killed.

It prints every difference and the number of leads, then works with the given seed until the given
statement kills it: `busy SEED PART TIMES`, see `tests.killing`.
"""

from __future__ import annotations

import random
import sys

import django
from django.core.management import call_command

from tests.killing import kill_after


def main() -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    check()
    seed, *end = sys.argv[1:]
    if end:
        part, times = end
        kill_after(lambda sql: part in sql, int(times))
        work(random.Random(seed))


def check() -> None:
    from leadlight.replication import checks
    from leadlight.sales.models import Lead

    for difference in checks.check():
        print(difference, flush=True)
    print(Lead.objects.count(), flush=True)


def work(chance: random.Random) -> None:
    from leadlight.accounts.models import Organization
    from leadlight.replication import replica
    from leadlight.sales.models import Lead, Pipeline, Step

    if not Organization.objects.exists():
        pipeline = Pipeline.objects.create(name="Sales")
        for position in (1, 2, 3):
            Step.objects.create(pipeline=pipeline, name=str(position), position=position)
        Organization(time_zone="Europe/Paris").save()
    steps = list(Step.objects.all())
    while True:
        for number in range(4):
            Lead.create(title=str(number), by=None, amount=chance.randrange(1000))
        lead = chance.choice(Lead.objects.all())
        lead.move_to(chance.choice(steps), by=None)
        (lead.reopen if lead.is_closed else lead.win)(by=None)
        replica.current().catch_up()
        if chance.random() < 0.5:
            replica.current().rebuild()


if __name__ == "__main__":
    main()
