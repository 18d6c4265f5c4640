"""Import of clients: the plan of each row, and its writing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales import access, client_batches, client_values
from leadlight.sales.models import BulkItem, Client, ClientFieldValue
from leadlight.sales.models.client_names import LONGEST_NAME, sort_name
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import canonical, sort_text
from leadlight.sales.models.valid_values import valid_line, valid_text
from leadlight.sales.refusals import Refused
from leadlight.table_import import cell_values
from leadlight.table_import.keys import valid_key
from leadlight.table_import.planning import (
    Cells,
    ColumnMapping,
    Plan,
    RowByRow,
    SourceRow,
    empty_key,
    refusing,
)
from leadlight.table_import.targets import fields_of
from leadlight.tables import Column, values


class ClientRows(RowByRow):
    """Planner of clients; the existing clients are read for many rows at once."""

    def __init__(self, mapping: ColumnMapping, user: User, *, locks: bool = False) -> None:
        self.mapping, self.user, self.locks = mapping, user, locks
        self.key_target = mapping.given.key_target
        fields = fields_of(mapping.given.kind)
        if locks:
            fields = fields.select_for_update()
        self.fields = {CUSTOM_FIELD_PREFIX + one.key: one for one in fields}

    def plan(self, rows: Sequence[SourceRow]) -> list[Plan]:
        """Return the plans of rows, in their order."""
        cells = [self.mapping.cells(row) for row in rows]
        plans = [Plan(row.number) for row in rows]
        for plan, each in zip(plans, cells, strict=True):
            with refusing(plan):
                self._set_key(plan, each)
        existing = self._existing({plan.key for plan in plans if plan.key})
        for plan, each in zip(plans, cells, strict=True):
            if not plan.reason:
                with refusing(plan):
                    self._fill(plan, each, existing)
        return plans

    def create(self, rows: Sequence[tuple[Plan, BulkItem]]) -> None:
        """Create the clients of plans in few statements, and store them in their items."""
        clients = client_batches.create_all((plan.values for plan, _item in rows), by=self.user)
        for (_plan, item), client in zip(rows, clients, strict=True):
            item.client, item.client_after = client, client_values.values_of(client)

    def change(self, plan: Plan, item: BulkItem) -> None:
        """Change the client of a plan, and store its values before and after in the item."""
        item.client_before = client_values.values_of(plan.row)
        client_values.change(plan.row, plan.values)
        item.client = Client.objects.get(pk=plan.row.pk)
        item.client_after = client_values.values_of(item.client)

    # Keys and existing clients

    def _set_key(self, plan: Plan, cells: Cells) -> None:
        if not self.key_target:
            return
        if self.key_target not in cells.texts:
            raise empty_key(self.mapping.columns[self.key_target])
        plan.key = cells.read(self.mapping.targets[self.key_target], self._key)

    def _key(self, text: str, column: Column) -> str:
        if self.key_target == "key":
            return valid_key(text)
        if self.key_target == "name":
            return sort_name(valid_line(text, LONGEST_NAME))
        field = self.fields[self.key_target]
        return sort_text(field, canonical(field, cell_values.field_text(field, text, column)))

    def _existing(self, keys: Iterable[str]) -> dict[str, list[Client]]:
        """Return the clients with these keys, by key."""
        wanted = list(keys)
        if not wanted:
            return {}
        found: dict[str, list[int]] = defaultdict(list)
        rows: Iterable[tuple[str, int]]
        if self.key_target == "key":
            rows = Client.objects.filter(key__in=wanted).values_list("key", "pk")
        elif self.key_target == "name":
            clients = access.visible_clients(self.user).filter(sort_name__in=wanted)
            rows = clients.values_list("sort_name", "pk")
        else:
            field = self.fields[self.key_target]
            texts = ClientFieldValue.objects.filter(field=field, sort_text__in=wanted)
            texts = texts.filter(owner__in=access.visible_clients(self.user))
            rows = texts.values_list("sort_text", "owner_id")
        for key, pk in rows:
            found[key].append(pk)
        clients = Client.objects.filter(pk__in=[pk for each in found.values() for pk in each])
        if self.locks:
            list(clients.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
        read = clients.prefetch_related("field_values__field").in_bulk()
        return {key: [read[pk] for pk in each] for key, each in found.items()}

    # Values

    def _fill(self, plan: Plan, cells: Cells, existing: Mapping[str, list[Client]]) -> None:
        given = self._values(cells)
        clients = existing.get(plan.key, [])
        if len(clients) > 1:
            raise Refused(_("%(number)d clients have this key.") % {"number": len(clients)})
        if clients:
            plan.row = clients[0]
            if not access.may_edit_client(self.user, plan.row):
                raise Refused(_("You cannot change the client with this key."))
            given.pop("key", None)
            plan.values = _differing(given, plan.row)
            return
        valid_line(given.get("name", ""), LONGEST_NAME)
        if "key" in given and Client.objects.filter(key=given["key"]).exists():
            raise Refused(_("Another client has the key “%(key)s”.") % {"key": given["key"]})
        plan.values = given

    def _values(self, cells: Cells) -> dict[str, Any]:
        given: dict[str, Any] = {}
        texts: dict[str, str] = {}
        simple: dict[str, Callable[[str], Any]] = {
            "key": valid_key,
            "name": lambda text: valid_line(text, LONGEST_NAME),
            "description": valid_text,
            "is_active": values.yes_no,
        }
        for target in cells.texts:
            known = self.mapping.targets[target]
            if target in self.fields:
                texts[self.fields[target].key] = cells.read(known, self._parser(target))
            else:
                given[target] = cells.read(known, _of_text(simple[target]))
        return given | ({"fields": texts} if texts else {})

    def _parser(self, target: str) -> Any:
        field = self.fields[target]
        return lambda text, column: canonical(field, cell_values.field_text(field, text, column))


def _of_text(parse: Callable[[str], Any]) -> Callable[[str, Column], Any]:
    return lambda text, _column: parse(text)


def _differing(given: Mapping[str, Any], client: Client) -> dict[str, Any]:
    now = client_values.values_of(client)
    texts = {
        key: text
        for key, text in given.get("fields", {}).items()
        if now["fields"].get(key, "") != text
    }
    plain = {name: value for name, value in given.items() if name != "fields"}
    found = {name: value for name, value in plain.items() if now[name] != value}
    return found | ({"fields": texts} if texts else {})
