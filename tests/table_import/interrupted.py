"""Program that checks, writes and undoes an import, killed after every statement that may write.

Its argument is the kind of the rows. Each attempt is a forked process, which goes on where the
killed one was. The last line has what the rows became after the import, what is left after its
undo, and the differences of the checks.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import django
from django.core.management import call_command
from django.db import connections

from tests.killing import kill_after

ROWS = 5
# Kind of rows → targets of the columns, and the rows.
FILES = {
    "leads": (
        ("key", "title", "client", "status", "email"),
        [f"K{row};Lead {row};Client {row % 2};won;p{row}@lake.example" for row in range(ROWS)],
    ),
    "activities": (
        ("lead", "occurred_at", "activity_type", "content"),
        [f"A;2026-01-{row + 10};Call;Note {row}" for row in range(ROWS)],
    ),
    "steps": (
        ("lead", "step", "occurred_at"),
        [
            *("A;Contact;2026-01-05", "B;Contact;2026-01-05", "A;Offer;2026-02-01"),
            *("A;Deal;2026-03-01", "B;Deal;2026-03-02"),
        ],
    ),
    "prospects": (
        ("Email", "Company", "new:2"),
        [f"p{row}@lake.example;Company {row};Red" for row in range(ROWS)],
    ),
}


def main() -> None:
    django.setup()
    call_command("migrate", verbosity=0)

    from leadlight.accounts.models import User
    from leadlight.replication.checks import check
    from leadlight.sales import bulk, bulk_undo, client_checks
    from leadlight.sales.models import (
        Activity,
        ActivityType,
        Client,
        Lead,
        LeadEvent,
        Prospect,
        Step,
    )
    from leadlight.sales.prospecting import checks
    from leadlight.sales.prospecting.lists import make_list
    from leadlight.table_import import jobs
    from leadlight.table_import.files import upload
    from tests.sales.conftest import found

    jobs.AT_ONCE = bulk_undo.AT_ONCE = 0
    jobs.BATCH = jobs.CHECKED_AT_ONCE = bulk.BATCH = bulk_undo.BATCH = 2
    company, kind = found(), sys.argv[1]
    ada = User.objects.create_user("ada@example.com", first_name="Ada", role="admin")
    listed = None
    if kind == "prospects":
        listed = make_list(ada, "Fair", ["Email", "Company"], [["p3@lake.example", "Old"]])
    elif kind != "leads":
        ActivityType.objects.create(name="Call")
        for key in "AB":
            at = datetime(2026, 1, 5, 9, tzinfo=UTC)
            Lead.create(
                title=key, key=key, by=None, step=company.deal, at=at, has_history=kind != "steps"
            )
    targets, rows = FILES[kind]
    text = "\n".join([";".join(targets), *rows])
    given = upload(ada, kind, "table.csv", [text.encode()], prospecting_list=listed)
    columns = {one.header: one.cell_key for one in listed.columns.all()} if listed else {}
    given.mapping = {
        str(place): columns.get(target, target) for place, target in enumerate(targets)
    }
    given.key_target = columns.get("Email", "")
    jobs.begin_check(given)
    assert given.job is not None

    def became() -> list[str]:
        if kind == "prospects":
            return [" ".join(row.texts.values()) for row in Prospect.objects.order_by("pk")]
        if kind == "activities":
            return sorted(Activity.objects.values_list("content", flat=True))
        if kind == "steps":
            steps = LeadEvent.objects.filter(kind="step").order_by("lead", "occurred_at", "pk")
            names = dict(Step.objects.values_list("pk", "name"))
            return [names[int(value)] for value in steps.values_list("value", flat=True)]
        leads = Lead.objects.filter(is_deleted=False)
        return sorted(leads.values_list("title", flat=True))

    killed = {"check": repeated(jobs.run_unfinished)}
    jobs.start(given)
    killed["write"] = repeated(jobs.run_unfinished)
    written, clients = became(), Client.objects.count()
    differences = [*map(str, check()), *client_checks.differences(), *checks.differences()]
    bulk_undo.begin_undo(given.job.action, by=ada)
    killed["undo"] = repeated(bulk.run_unfinished)
    differences += [*map(str, check()), *client_checks.differences(), *checks.differences()]
    line = {"killed": killed, "written": written, "clients": clients, "left": became()}
    print(json.dumps(line | {"differences": differences}), flush=True)


def repeated(work: Callable[[], object]) -> int:
    """Do the work in processes that are killed after 1, 2, 3, … writes, until one ends by itself.

    Returns the number of killed processes.
    """
    killed = 0
    while True:
        connections.close_all()
        child = os.fork()
        if not child:
            kill_after(lambda sql: not sql.startswith("SELECT"), killed + 1)
            work()
            os._exit(0)
        _pid, ended = os.waitpid(child, 0)
        if not os.WIFSIGNALED(ended):
            assert ended == 0
            return killed
        assert os.WTERMSIG(ended) == signal.SIGKILL
        killed += 1


if __name__ == "__main__":
    main()
