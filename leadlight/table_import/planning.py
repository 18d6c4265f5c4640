"""Plans of rows: the effect that a row of a file would have, computed without writing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from django.utils.translation import gettext as _

from leadlight.sales.models import BulkItem, Lead, TableImport
from leadlight.sales.refusals import Refused
from leadlight.table_import.targets import Target, targets_of
from leadlight.tables import Column

State = BulkItem.State
# Apostrophe that marks a cell as text and not a formula, in Leadlight's CSV files and spreadsheets.
AS_TEXT = re.compile(r"^'(?=[=+\-@\t\r])")


@dataclass(frozen=True)
class SourceRow:
    """Row of the file.

    `problem` is the sentence that explains why it cannot be read, "" for a readable row.
    """

    number: int
    cells: Sequence[str]
    problem: str = ""


@dataclass
class Plan:
    """Planned change of a row: `row` is the existing row to change, None to create one.

    `values` are the values to write; an existing row without values stays unchanged. `key` is the
    normal form of its key, "" without a key. `reason` is the sentence that explains why the row is
    refused, "" if it is not. `lead` is the lead of a row of steps. `made` is the unsaved lead of a
    row of leads.
    """

    number: int
    row: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    reason: str = ""
    lead: Lead | None = None
    made: Any = None

    @property
    def is_new(self) -> bool:
        return self.row is None and not self.reason

    @property
    def state(self) -> str:
        """State of the row before it is written."""
        if self.reason:
            return State.REFUSED
        return State.PENDING if self.row is None or self.values else State.UNCHANGED


class Planner(Protocol):
    """Planner and writer of one kind of rows."""

    def batches(self, rows: Iterable[SourceRow], size: int) -> Iterator[list[SourceRow]]: ...

    def writing(self) -> AbstractContextManager[object]: ...

    def plan(self, rows: Sequence[SourceRow]) -> list[Plan]: ...

    def create(self, rows: Sequence[tuple[Plan, BulkItem]]) -> None: ...

    def change(self, plan: Plan, item: BulkItem) -> None: ...


class RowByRow:
    """Base class of planners whose rows do not depend on each other."""

    def writing(self) -> AbstractContextManager[object]:
        """Return the context in which rows are planned and written."""
        return nullcontext()

    def batches(self, rows: Iterable[SourceRow], size: int) -> Iterator[list[SourceRow]]:
        """Yield rows in batches, in the order of the file."""
        iterator = iter(rows)
        while batch := list(islice(iterator, size)):
            yield batch


@dataclass(frozen=True)
class Cells:
    """Texts of the cells of a row by target, without empty cells; `read` parses one of them."""

    columns: Mapping[str, Column]
    texts: Mapping[str, str]

    def read(self, target: Target, parse: Callable[[str, Column], Any]) -> Any:
        """Parse the cell of a target. Raises `Refused` with the name of its column."""
        column = self.columns[target.key]
        try:
            return parse(self.texts[target.key], column)
        except Refused as refusal:
            raise Refused(
                _("%(column)s: %(reason)s") % {"column": column.header, "reason": refusal}
            ) from refusal


@dataclass(frozen=True)
class ColumnMapping:
    """Columns of a file by target."""

    given: TableImport
    targets: Mapping[str, Target]
    columns: Mapping[str, Column]

    @classmethod
    def of(cls, given: TableImport) -> ColumnMapping:
        targets = targets_of(given)
        columns = {
            target: Column(int(position), **given.columns[int(position)])
            for position, target in given.mapping.items()
            if target in targets and int(position) < len(given.columns)
        }
        return cls(given, targets, columns)

    def cells(self, row: SourceRow) -> Cells:
        texts = {
            target: AS_TEXT.sub("", row.cells[column.position]).strip()
            for target, column in self.columns.items()
            if column.position < len(row.cells)
        }
        return Cells(self.columns, {target: text for target, text in texts.items() if text})


@contextmanager
def refusing(plan: Plan) -> Iterator[None]:
    """Store the message of a `Refused` raised in the `with` block as the reason of a plan."""
    try:
        yield
    except Refused as refusal:
        plan.reason = str(refusal)


def empty_key(column: Column) -> Refused:
    return Refused(
        _("“%(column)s” is empty, so the row cannot be matched with existing ones.")
        % {"column": column.header}
    )


def without_repeated_keys(plans: Iterable[Plan], seen: dict[str, int]) -> None:
    """Refuse the rows whose key an earlier row of the file has; `seen` is key → row number."""
    for plan in plans:
        if not plan.key:
            continue
        first = seen.setdefault(plan.key, plan.number)
        if first != plan.number and not plan.reason:
            plan.reason = _("Row %(number)d of the file has the same key.") % {"number": first}
