"""Kill the current process at a given statement, so that a crash can be reproduced exactly."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from django.db import connection

from leadlight.analytics.engine.duckdb import Writer


def kill_after(is_counted: Callable[[str], bool], times: int) -> None:
    """Kill this process after `times` statements that count.

    Statements to the operational database and those that change the replica both count.
    """
    left = times

    def ran(sql: str) -> None:
        nonlocal left
        left -= is_counted(sql)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def to_database(execute: Callable[..., Any], sql: Any, *more: Any) -> Any:
        result = execute(sql, *more)
        ran(str(sql))
        return result

    run = Writer.run

    def to_replica(writer: Writer, sql: str, *more: Any) -> list[tuple[Any, ...]]:
        rows = run(writer, sql, *more)
        ran(sql)
        return rows

    connection.execute_wrappers.append(to_database)
    Writer.run = to_replica  # type: ignore[method-assign]
