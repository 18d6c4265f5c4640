"""Background compilation of the SQL that report pages and the overview run when they open."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

from django.db import connections

from leadlight.accounts.models import User
from leadlight.analytics.engine.queries import report_queries
from leadlight.analytics.engine.run import build_query
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.analytics.reports.contract import Report
from leadlight.reporting.reader import ReportReader, report_reader, scope_of

logger = logging.getLogger(__name__)

ROLES = (User.Role.ADMIN, User.Role.MANAGER, User.Role.USER)
Page = Callable[[User], object]  # runs the reports of a page that a user opens

_stopped = threading.Event()
_thread: threading.Thread | None = None


def start(*pages: Page) -> None:
    """Start compiling in a background thread: first the reports, then `pages`."""
    global _thread
    _stopped.clear()
    _thread = threading.Thread(target=_run, args=pages, name="precompiler", daemon=True)
    _thread.start()


def stop() -> None:
    """Stop the thread after the report that it is compiling."""
    _stopped.set()
    if _thread is not None:
        _thread.join()


def _run(*pages: Page) -> None:
    """Compile all reports and pages.

    An error is logged and ends the thread; the page that caused it raises it again when opened.
    """
    try:
        precompile(_stopped)
        open_pages(_stopped, *pages)
    except Exception:
        logger.exception("The reports could not be compiled in advance.")
    finally:
        connections.close_all()


def precompile(stop: threading.Event) -> int:
    """Compile every report with its default filters for each kind of scope, until `stop` is set.

    Return the number of compiled pairs of report and scope.
    """
    done = 0
    for reader in _readers():
        reports = report_reader(reader)
        for table in EVERY_TABLE:
            if stop.is_set():
                return done
            _compile(reports, table)
            done += 1
    return done


def open_pages(stop: threading.Event, *pages: Page) -> None:
    """Run the reports of these pages for one user of each role, until `stop` is set."""
    for user in _users():
        for page in pages:
            if stop.is_set():
                return
            page(user)


def _users() -> Iterator[User]:
    """Yield one active user of each role, the one with the widest scope first."""
    for role in ROLES:
        user = User.objects.filter(is_active=True, role=role).order_by("pk").first()
        if user is not None:
            yield user


def _readers() -> Iterator[User]:
    """Yield one user for each distinct shape of scope, the widest scope first."""
    kinds: set[Scope] = set()
    for user in _users():
        if scope_of(user).shape not in kinds:
            kinds.add(scope_of(user).shape)
            yield user


def _compile(reports: ReportReader, table: Report) -> None:
    params = {"view": [table.view]} if table.view else {}
    try:
        report, filters = reports.read(table, params)
    except BadFilter as refused:  # for example, the company has no category yet
        logger.debug("%s is not compiled in advance: %s", table.key, refused)
        return
    query = build_query(report, filters, reports.scope, reports.engine)
    headlines = report.headline_columns(query)
    # Also with samples: the queries of a comparison return them if the report tests changes.
    for with_samples in {False, report.tests_changes(filters)}:
        for totals_of in (None, headlines):
            report_queries(
                report,
                query,
                reports.engine.dialect,
                totals_of=totals_of,
                with_samples=with_samples,
            )
