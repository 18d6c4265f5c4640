"""Program that acts on leads, undoes it, returns a due lead, merges leads and undoes it.

It does the same with a merge of clients, with a batch of a bulk job, and with a batch of its undo.

Each work is killed after every statement that may write: a kill after a query that follows would
find the same rows. Each attempt is a forked process. For each one, a line tells
the work, whether the process was killed, and whether the database has changed; the last line has
the differences of the check.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django
from django.core.management import call_command
from django.db import connections

from tests.killing import kill_after


def main() -> None:
    django.setup()
    call_command("migrate", verbosity=0)

    from django.utils import timezone

    from leadlight.replication.checks import check
    from leadlight.sales import bulk, bulk_undo, client_checks, client_merging, merging
    from leadlight.sales.due_reminders import return_due_leads
    from leadlight.sales.follow_ups import start
    from leadlight.sales.lead_links import follow
    from leadlight.sales.models import (
        Action,
        ActivityType,
        Client,
        FollowUpTemplate,
        Lead,
        Reminder,
        Tag,
        TemplateStep,
    )
    from leadlight.sales.models.actions import acting
    from leadlight.sales.task_checks import differences
    from leadlight.sales.undo import undo
    from tests.sales.conftest import found

    company = found()
    call = ActivityType.objects.create(name="Call")
    leads = [Lead.create(title=title, by=company.ana, amount=10) for title in ("One", "Two")]
    template = FollowUpTemplate.define("Onboarding")
    for title in ("Call", "Visit"):
        TemplateStep(template=template).put(title)
    yesterday = Reminder(timezone.now() - timedelta(days=1))

    def act() -> None:
        with acting("key", company.ana):
            for lead in leads:
                lead.log_activity(call, by=company.ana)
                lead.stand_by(by=company.ana, until=yesterday)
                lead.comment("Busy", by=company.ana)
            follow_up = start(leads[0], template, by=company.ana)
            follow_up.tasks.get(title="Call").finish(by=company.ana)
            follow(leads[1], leads[0], "upsell", by=company.ana)

    def take_back() -> None:
        undo(Action.objects.get(key="key"), by=company.ana)

    attempt("act", act)
    attempt("undo", take_back)
    leads[0].stand_by(by=company.ana, until=yesterday)
    attempt("return", return_due_leads)

    bulk.AT_ONCE = bulk_undo.AT_ONCE = 0
    bulk.BATCH = bulk_undo.BATCH = 1
    given = {"tags": [Tag.objects.create(name="Urgent").pk], "comment": "Too dear"}
    with acting("bulk", company.ana) as action:
        job = bulk.start(action, "lost", given, Lead.objects.all())
    attempt("batch", lambda: bulk.run_batch(job.pk))
    bulk.run_unfinished()
    attempt("begin undo", lambda: bulk_undo.begin_undo(action, by=company.ana))
    attempt("undo of a batch", lambda: bulk.run_batch(job.pk))
    bulk.run_unfinished()
    assert not Lead.objects.filter(status="lost").exists()
    leads[1].log_activity(call, by=company.ana)

    def merge() -> None:
        with acting("merge", company.ana):
            merging.merge(*leads, taken=["title"], by=company.ana)

    def unmerge() -> None:
        undo(Action.objects.get(key="merge"), by=company.ana)

    attempt("merge", merge)
    attempt("unmerge", unmerge)

    clients = [Client.create(name=name, by=company.ana) for name in ("Lake", "Lake Ltd")]
    for lead in leads:
        lead.set_client(clients[1], by=company.ana)

    def merge_clients() -> None:
        with acting("clients", company.ana):
            client_merging.merge(*clients, taken=["name"], by=company.ana)

    attempt("merge clients", merge_clients)
    attempt("unmerge clients", lambda: undo(Action.objects.get(key="clients"), by=company.ana))
    found_differences = [*differences(), *client_checks.differences()]
    print(json.dumps([*map(str, check()), *found_differences]), flush=True)


def attempt(name: str, work: Callable[[], object]) -> None:
    """Kill the work after its first write, then after its second, …, until it is whole."""
    is_killed, times, before = True, 0, state()
    while is_killed:
        times += 1
        connections.close_all()
        child = os.fork()
        if not child:
            kill_after(lambda sql: not sql.startswith("SELECT"), times)
            work()
            os._exit(0)
        _pid, ended = os.waitpid(child, 0)
        is_killed = os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL
        after = state()
        line = {"work": name, "is_killed": is_killed, "has_changed": after != before}
        before = after
        print(json.dumps(line | {"code": ended}), flush=True)


def state() -> dict[str, list[Any]]:
    """Return all rows that the work changes."""
    from leadlight.sales.models import (
        Action,
        Activity,
        BulkItem,
        BulkJob,
        Client,
        ClientMerge,
        FollowUp,
        Lead,
        LeadEvent,
        Merge,
        Task,
    )

    models: list[Any] = [
        *(Action, Activity, BulkItem, BulkJob, FollowUp),
        *(Client, ClientMerge, Lead, LeadEvent, Merge, Task),
    ]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


if __name__ == "__main__":
    main()
