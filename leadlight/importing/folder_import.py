"""Import a company folder into the database, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from leadlight.accounts.models import Organization
from leadlight.importing.attached_files import check_contents, check_logo, import_contents
from leadlight.importing.checking import check
from leadlight.importing.company_folder import COMPANY, FILES
from leadlight.importing.company_toml import read_company
from leadlight.importing.custom_fields import renamed_headers
from leadlight.importing.defaults import complete
from leadlight.importing.event_values import settle_values
from leadlight.importing.histories import Histories
from leadlight.importing.key_map import KeyMap
from leadlight.importing.planning import Counts, Plan, Summary, company_counts, counts, planned
from leadlight.importing.problems import Ledger, Problem, Problems, Progress, silent
from leadlight.importing.reading import Table, read_files
from leadlight.importing.writing import PlanWriter
from leadlight.replication import changes
from leadlight.replication.changes import Position
from leadlight.replication.extract import snapshot
from leadlight.sales.models import (
    CustomField,
    FollowUpTemplate,
    ProspectColumn,
    ProspectingList,
    TemplateStep,
)
from leadlight.sales.search import writing as search

# Number of attempts to check the folder before the lock is taken. An attempt fails if the data
# changes before the lock is held.
ATTEMPTS = 3


def import_folder(folder: Path, *, dry_run: bool = False, progress: Progress = silent) -> Summary:
    """Import a company folder, or raise `Problems` and leave the database unchanged.

    Rows whose key is in the database are updated if they differ, other rows are created. Rows that
    are not in the folder are kept; see `Counts` for the events that are removed. A dry run writes
    nothing and returns the summary of the import.
    """
    if not folder.is_dir():
        raise Problems([Problem(str(folder), 0, "", "", _("This folder does not exist."))])
    if dry_run:
        with snapshot(connection):
            return _Import(folder, progress).summary
    for _attempt in range(ATTEMPTS):
        with snapshot(connection):
            seen = changes.position(connection)
            found = _Import(folder, progress)
        if not found.summary.has_changes:
            return found.summary
        with found.prepared(), _locked():
            if _is_unchanged(seen) and found.definitions == _definitions():
                found.write()
                return found.summary
    with _locked():  # other writers changed the data at each attempt, so make them wait
        found = _Import(folder, progress)
        with found.prepared():
            found.write()
        return found.summary


def _is_unchanged(seen: Position) -> bool:
    status = changes.feed_status(connection, seen)
    return status.is_reachable and status.is_newest


def _definitions() -> list[tuple[Any, ...]]:
    """Return the rows that the change feed does not cover: definitions, and versions of lists."""
    models: list[Any] = [CustomField, FollowUpTemplate, TemplateStep, ProspectColumn]
    rows = [row for model in models for row in model.objects.order_by("pk").values_list()]
    return [*rows, *ProspectingList.objects.order_by("pk").values_list("pk", "version")]


class _Import:
    """A checked folder and the plan of its changes; raises `Problems` if the folder is invalid."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder
        self.progress = progress
        self.has_new_country = False
        self.definitions = _definitions()
        ledger = Ledger()
        tables = read_files(folder, ledger, progress)
        self.organization = read_company(folder, ledger)
        self.company = company_counts(self.organization)
        self.plan, self.key_map = self._plan(tables, ledger)
        self.summary = Summary(
            counts(self.plan, self.company), ledger.warnings, ledger.warning_count
        )

    def _plan(self, tables: dict[str, Table], ledger: Ledger) -> tuple[Plan, KeyMap]:
        steps = 4
        self._report(0, steps)
        key_map = KeyMap(tables, renamed_headers(tables["fields"].rows))
        complete(tables, key_map)
        self._report(1, steps)
        is_company_known = ledger.has_no_problem(COMPANY)
        month = self.organization.fiscal_year_start_month if is_company_known else None
        check(tables, key_map, month, ledger)
        check_contents(self.folder, tables["attachments"], ledger, self.progress)
        check_logo(self.folder, self.organization.logo, ledger)
        self._report(2, steps)
        settle_values(tables, key_map, ledger)
        events = Histories(tables, key_map, ledger).merge()
        self._report(3, steps)
        ledger.refuse_if_any()
        plan = planned(tables, events, key_map)
        self._report(steps, steps)
        return plan, key_map

    def _report(self, done: int, total: int) -> None:
        self.progress(_("Checking"), done, total)

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Stage the rows for the `with` block, and drop the staged rows at its end."""
        country = self.organization.phone_country
        self.writer = PlanWriter(self.plan, self.key_map, country, self.progress)
        try:
            self.writer.prepare()
            import_contents(self.folder, self._new_contents())
            yield
        finally:
            self.writer.drop_staged()

    def _new_contents(self) -> set[str]:
        """Return the digests of the files that the import creates or changes."""
        changes = self.plan["attachments"]
        rows = [*changes.created, *(row for _number, row, _old in changes.updated)]
        digests = {row.digest for row in rows}
        return digests | ({self.organization.logo} - {""})

    def write(self) -> None:
        if self.company != Counts(unchanged=1):
            self._save_company()
        self.writer.write()
        if self.has_new_country:  # the phone numbers of all other rows are parsed again
            search.fill(self.progress)

    def _save_company(self) -> None:
        """Save the settings, and note whether the country of phone numbers changes."""
        before = Organization.current().phone_country
        self.organization.save()
        self.has_new_country = before != self.organization.phone_country


@contextmanager
def _locked() -> Iterator[None]:
    """Run a transaction that locks out other writers; on SQLite every transaction does."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            models: list[Any] = [Organization, *(file.model for file in FILES)]
            models += [file.values for file in FILES if file.values]
            names = ", ".join(connection.ops.quote_name(one._meta.db_table) for one in models)
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        yield
