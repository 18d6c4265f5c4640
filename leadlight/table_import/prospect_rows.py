"""Import of prospects into a list: the plan of each row, and its writing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales import access
from leadlight.sales.contact_lines import EMAIL, PHONE
from leadlight.sales.models import BulkItem, Prospect
from leadlight.sales.models.client_names import sort_name
from leadlight.sales.models.valid_values import valid_past_instant, valid_text
from leadlight.sales.prospecting import imported_rows
from leadlight.sales.prospecting.contact_search import contact_value, rows_with
from leadlight.sales.prospecting.editing import Editing, editing
from leadlight.sales.prospecting.lists import LONGEST_CELL, MOST_ROWS, too_many_rows
from leadlight.sales.refusals import Refused
from leadlight.table_import import cell_values
from leadlight.table_import.keys import valid_key
from leadlight.table_import.lookups import LANGUAGES, Names
from leadlight.table_import.planning import (
    Cells,
    ColumnMapping,
    Plan,
    RowByRow,
    SourceRow,
    empty_key,
    refusing,
)
from leadlight.table_import.targets import NEW_COLUMN
from leadlight.tables import Column, matching

AGREED = ("call_back_on", "is_declined")
CONTACT_KINDS = {matching.EMAIL: EMAIL, matching.PHONE: PHONE}


class ProspectRows(RowByRow):
    """Planner of the rows of one prospecting list, which the user must be able to change."""

    def __init__(self, mapping: ColumnMapping, user: User, *, locks: bool = False) -> None:
        self.mapping, self.user, self.locks = mapping, user, locks
        self.list = mapping.given.prospecting_list
        self.problem = _problem(mapping, user)
        self.key_target = mapping.given.key_target
        columns = self.list.columns.all() if self.list else ()
        self.columns = {column.cell_key: column for column in columns}
        self.zone, self.now = organization().zone, timezone.now()
        self.country = organization().phone_country
        people = list(access.visible_users(user))
        self.people = Names((name, one) for one in people for name in (one.email, str(one)))
        self.former = {one.pk for one in people if not one.is_active}
        self.states = _states()
        self._edit: Editing | None = None
        self._rows: int | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Lock the list while rows are planned and written, and save the changes at the end."""
        if self.problem or self.list is None:
            yield
            return
        with editing(self.list) as self._edit:
            yield

    def plan(self, rows: Sequence[SourceRow]) -> list[Plan]:
        """Return the plans of rows, in their order."""
        cells = [self.mapping.cells(row) for row in rows]
        plans = [Plan(row.number, reason=self.problem) for row in rows]
        for plan, each in zip(plans, cells, strict=True):
            if not plan.reason:
                with refusing(plan):
                    self._set_key(plan, each)
        existing = self._existing(plans, cells)
        by_key = self._by_key({each.texts["key"] for each in cells if "key" in each.texts})
        for plan, each in zip(plans, cells, strict=True):
            if not plan.reason:
                with refusing(plan):
                    self._fill(plan, each, existing.get(plan.key, []), by_key)
        if self._edit is not None:  # all rows to change in one query
            self._edit.rows(plan.row.pk for plan in plans if plan.row and not plan.reason)
        return plans

    def create(self, rows: Sequence[tuple[Plan, BulkItem]]) -> None:
        """Add the rows of plans to the list in few statements, and store them in their items."""
        if self._edit is None:
            return
        made = imported_rows.create_all(self._edit, (plan.values for plan, _item in rows))
        for (_plan, item), prospect in zip(rows, made, strict=True):
            item.prospect = prospect

    def change(self, plan: Plan, item: BulkItem) -> None:
        """Change the row of a plan, and store it in the item."""
        if self._edit is None:
            raise RuntimeError("rows of lists are changed within `writing`")
        row = self._edit.rows([plan.row.pk])[plan.row.pk]
        values = dict(plan.values)
        texts = {self.columns[key]: text for key, text in values.pop("cells", {}).items()}
        imported_rows.change(self._edit, row, texts, values)
        item.prospect = row

    # Keys and existing rows

    def _set_key(self, plan: Plan, cells: Cells) -> None:
        if not self.key_target:
            return
        if self.key_target not in cells.texts:
            raise empty_key(self.mapping.columns[self.key_target])
        target = self.mapping.targets[self.key_target]
        plan.key = cells.read(
            target,
            lambda text, _column: (
                valid_key(text)
                if target.key == "key"
                else contact_value(text, CONTACT_KINDS[target.kind], self.country)
            ),
        )

    def _existing(
        self, plans: Sequence[Plan], cells: Sequence[Cells]
    ) -> Mapping[str, list[Prospect]]:
        """Return the rows with the keys of these plans, by key."""
        texts = {
            plan.key: each.texts[self.key_target]
            for plan, each in zip(plans, cells, strict=True)
            if plan.key
        }
        if not texts or self.list is None:
            return {}
        if self.key_target == "key":
            return self._by_key(texts)
        kind = CONTACT_KINDS[self.mapping.targets[self.key_target].kind]
        return rows_with(self.list, self.columns[self.key_target], kind, texts)

    def _by_key(self, keys: Collection[str]) -> dict[str, list[Prospect]]:
        found: dict[str, list[Prospect]] = defaultdict(list)
        for row in Prospect.objects.filter(key__in=list(keys)) if keys else ():
            found[row.key].append(row)
        return found

    # Values

    def _fill(
        self,
        plan: Plan,
        cells: Cells,
        found: Sequence[Prospect],
        by_key: Mapping[str, list[Prospect]],
    ) -> None:
        given = self._values(cells)
        if len(found) > 1:
            raise Refused(_("%(number)d rows have this key.") % {"number": len(found)})
        if found:
            plan.row = found[0]
            if self.list is None or plan.row.prospecting_list_id != self.list.pk:
                raise Refused(_("A row of another list has this key."))
            plan.values = _differing(given, plan.row)
            if plan.row.converted_at is not None and "call_back_on" in plan.values:
                raise Refused(_("This row has become a lead. Log the activity on the lead."))
            user_id = plan.values.get("user_id")
        else:
            if "key" in given and by_key.get(given["key"]):
                raise Refused(_("Another row has the key “%(key)s”.") % {"key": given["key"]})
            if not given["cells"] and "key" not in given:
                raise Refused(_("The row has no text for the list."))
            self._take_place()
            plan.values = given
            user_id = given.get("user_id")
        if user_id in self.former:
            raise Refused(_("%(user)s is no longer active.") % {"user": cells.texts["user"]})

    def _values(self, cells: Cells) -> dict[str, Any]:
        self._refuse_other_lists(cells)
        given: dict[str, Any] = {"cells": {}}
        for key in cells.texts:
            if key in self.columns or key.startswith(NEW_COLUMN):
                given["cells"][key] = self._read(cells, key, _cell)
        if "key" in cells.texts:
            given["key"] = self._read(cells, "key", lambda text, _column: valid_key(text))
        if "user" in cells.texts:
            person = self._read(cells, "user", lambda text, _column: self.people.one(text))
            given["user_id"] = person.pk
        if "created_at" in cells.texts:
            given["created_at"] = self._read(
                cells,
                "created_at",
                lambda text, column: valid_past_instant(
                    cell_values.moment(text, column, self.zone).at, self.now
                ),
            )
        return given | self._agreement(cells)

    def _agreement(self, cells: Cells) -> dict[str, Any]:
        """Return the columns of an agreement, a day to call back or no interest; {} for none."""
        state, day = "", None
        if "state" in cells.texts:
            state = self._read(cells, "state", self._state)
        if "call_back_on" in cells.texts:
            day = self._read(cells, "call_back_on", cell_values.day)
        is_declined = state == Prospect.State.DECLINED
        if not is_declined and day is None:
            return {}
        return {"call_back_on": None if is_declined else day, "is_declined": is_declined}

    def _read(self, cells: Cells, key: str, parse: Any) -> Any:
        return cells.read(self.mapping.targets[key], parse)

    def _state(self, text: str, _column: Column) -> str:
        if sort_name(text) not in self.states:
            raise Refused(_("“%(name)s” is not a state.") % {"name": text[:100]})
        return self.states[sort_name(text)]

    def _refuse_other_lists(self, cells: Cells) -> None:
        name = cells.texts.get("prospecting_list", "")
        if name and self.list is not None and sort_name(name) != sort_name(self.list.name):
            raise Refused(_("This row belongs to the list “%(name)s”.") % {"name": name[:100]})

    def _take_place(self) -> None:
        """Count a new row. Raises `Refused` if the list is full."""
        if self._rows is None:
            self._rows = self.list.prospects.count() if self.list else 0
        if self._rows >= MOST_ROWS:
            raise too_many_rows()
        self._rows += 1


def _problem(mapping: ColumnMapping, user: User) -> str:
    """Return the reason why no row can be imported, "" if there is none."""
    given = mapping.given
    if given.prospecting_list is None:
        return _("This list no longer exists.")
    lists = access.editable_prospecting_lists(user)
    if not lists.filter(pk=given.prospecting_list.pk).exists():
        return _("You cannot change this list.")
    if not mapping.targets.keys() >= set(given.mapping.values()):
        return _("A column is mapped to a field that does not exist any more.")
    return ""


def _cell(text: str, _column: Column) -> str:
    return valid_text(text.replace("\r\n", "\n"), LONGEST_CELL)


def _differing(given: Mapping[str, Any], row: Prospect) -> dict[str, Any]:
    cells = {key: text for key, text in given["cells"].items() if row.cells.get(key, "") != text}
    values: dict[str, Any] = {"cells": cells} if cells else {}
    if given.get("user_id", row.user_id) != row.user_id:
        values["user_id"] = given["user_id"]
    if any(name in given and given[name] != getattr(row, name) for name in AGREED):
        values |= {name: given[name] for name in AGREED}
    return values


def _states() -> dict[str, str]:
    found = {}
    for state in Prospect.State:
        found[sort_name(state.value)] = state.value
        for language in LANGUAGES:
            with override(language):
                found[sort_name(str(state.label))] = state.value
    return found
