"""Program that dispatches changes in a process that is killed after each statement in turn.

After each kill, another process dispatches the rest. It prints a line for each kill: the events of
all deliveries of the lead, in the order of their jobs, and the number of pending changes.
"""

from __future__ import annotations

import json
import os
import signal

import django
from django.core.management import call_command
from django.db import connections

from tests.killing import kill_after


def main() -> None:
    django.setup()
    call_command("migrate", verbosity=0)

    from leadlight.accounts.readers import SYSTEM
    from leadlight.automation import webhooks
    from leadlight.automation.dispatch import dispatch
    from leadlight.automation.events import EVENTS
    from leadlight.automation.models import Delivery, PendingChange, Webhook
    from leadlight.job_queue.models import QueuedJob
    from leadlight.sales.models import Lead
    from tests.sales.conftest import found

    company = found()
    webhooks.save(
        Webhook(),
        by=SYSTEM,
        name="Accounting",
        url="https://example.com/",
        events=list(EVENTS),
        includes_imports=False,
    )

    def killed_after(statements: int) -> bool:
        connections.close_all()
        child = os.fork()
        if child == 0:
            kill_after(lambda _sql: True, statements)
            dispatch()
            os._exit(0)
        return os.waitpid(child, 0)[1] == signal.SIGKILL

    statements, is_killed = 0, True
    while is_killed:
        statements += 1
        Delivery.objects.all().delete()
        QueuedJob.objects.all().delete()
        lead = Lead.create(title="Windows", by=company.ana)
        lead.win(by=company.ana)
        is_killed = killed_after(statements)
        dispatch()
        jobs = QueuedJob.objects.order_by("pk").values_list("arguments", flat=True)
        bodies = Delivery.objects.in_bulk([job["delivery"] for job in jobs])
        events = [bodies[job["delivery"]].body["events"][0] for job in jobs]
        pending = PendingChange.objects.count()
        print(json.dumps({"events": events, "pending": pending, "killed": is_killed}))


if __name__ == "__main__":
    main()
