"""Program that checks, writes and undoes an import, killed after every statement that may write.

Each attempt is a forked process, which goes on where the killed one was. The last line has the
titles of the leads after the import, those after its undo, and the differences of the checks.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable

import django
from django.core.management import call_command
from django.db import connections

from tests.killing import kill_after

ROWS = 5
TEXT = "Id;Name;Client;State;Mail\n" + "".join(
    f"K{number};Lead {number};Client {number % 2};won;p{number}@lake.example\n"
    for number in range(ROWS)
)


def main() -> None:
    django.setup()
    call_command("migrate", verbosity=0)

    from leadlight.accounts.models import User
    from leadlight.replication.checks import check
    from leadlight.sales import bulk, bulk_undo, client_checks
    from leadlight.sales.models import Client, Lead
    from leadlight.table_import import jobs
    from leadlight.table_import.files import upload
    from tests.sales.conftest import found

    jobs.AT_ONCE = bulk_undo.AT_ONCE = 0
    jobs.BATCH = jobs.CHECKED_AT_ONCE = bulk.BATCH = bulk_undo.BATCH = 2
    found()
    ada = User.objects.create_user("ada@example.com", first_name="Ada", role="admin")
    given = upload(ada, "leads", "table.csv", [TEXT.encode()])
    given.mapping = dict(enumerate_targets())
    given.key_target = ""
    jobs.begin_check(given)
    assert given.job is not None
    killed = {"check": repeated(jobs.run_unfinished)}
    jobs.start(given)
    killed["write"] = repeated(jobs.run_unfinished)
    titles = sorted(Lead.objects.values_list("title", flat=True))
    clients = Client.objects.count()
    differences = [*map(str, check()), *client_checks.differences()]
    bulk_undo.begin_undo(given.job.action, by=ada)
    killed["undo"] = repeated(bulk.run_unfinished)
    left = list(Lead.objects.filter(is_deleted=False).values_list("title", flat=True))
    differences += [*map(str, check()), *client_checks.differences()]
    line = {"killed": killed, "titles": titles, "clients": clients, "left": left}
    print(json.dumps(line | {"differences": differences}), flush=True)


def enumerate_targets() -> list[tuple[str, str]]:
    targets = ("key", "title", "client", "status", "email")
    return [(str(place), target) for place, target in enumerate(targets)]


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
