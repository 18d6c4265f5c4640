"""Program that runs jobs in a process that is killed after each statement in turn.

After each kill, the jobs are run to their end a lease later. It prints a line for each kill: the
jobs that ran in both processes, and the states of all jobs at the end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connections

from tests.killing import kill_after


def main(ran: Path) -> None:
    django.setup()
    call_command("migrate", verbosity=0)

    from django.utils import timezone

    from leadlight.job_queue import queue
    from leadlight.job_queue.models import QueuedJob
    from leadlight.jobs.handlers import Handler
    from leadlight.jobs.worker import run_due

    def work(arguments: dict[str, Any]) -> None:
        with ran.open("a") as file:
            file.write(f"{arguments['n']}\n")

    handlers = {"test": Handler(work)}

    def killed_after(statements: int) -> bool:
        connections.close_all()
        child = os.fork()
        if child == 0:
            kill_after(lambda _sql: True, statements)
            run_due(handlers)
            os._exit(0)
        return os.waitpid(child, 0)[1] == signal.SIGKILL

    statements, is_killed = 0, True
    while is_killed:
        statements += 1
        ran.write_text("")
        QueuedJob.objects.all().delete()
        for n in range(2):
            queue.add("test", {"n": n}, sequence="lead 1")
        is_killed = killed_after(statements)
        now = timezone.now
        timezone.now = lambda: now() + queue.LEASE  # noqa: B023 - used within the round
        try:
            run_due(handlers)
        finally:
            timezone.now = now
        states = list(QueuedJob.objects.order_by("pk").values_list("state", flat=True))
        print(json.dumps({"ran": ran.read_text().split(), "states": states, "killed": is_killed}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
