"""Import of leads: the plan of each row, and its writing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales import access, client_batches, client_values, lead_batches, lead_values
from leadlight.sales.lead_values import Contacts, FieldText
from leadlight.sales.models import (
    BulkItem,
    Client,
    Lead,
    Reminder,
)
from leadlight.sales.models.client_names import LONGEST_NAME, sort_name
from leadlight.sales.models.contact_points import LABELS
from leadlight.sales.models.event_log import CLOSED, CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import canonical
from leadlight.sales.models.tags import closing_categories
from leadlight.sales.models.valid_values import valid_line
from leadlight.sales.refusals import Refused
from leadlight.table_import import cell_values, lead_keys
from leadlight.table_import.keys import valid_key
from leadlight.table_import.lookups import Lookups, NewClient, clients_named
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
from leadlight.tables import Column

RELATED = ("step", "owner", "team", "client")
PREFETCHED = ("tags", "field_values__field", "contact_points")
PERSON = ("name", "first_name", "last_name")
NEW_TAGS = "new_tags"  # names of tags that a row creates, besides its values
CONTACTS = ("email", "phone", "mobile", "web", "address")


class LeadRows(RowByRow):
    """Planner of leads. What the cells of many rows name, such as clients, is read at once."""

    def __init__(self, mapping: ColumnMapping, user: User, *, locks: bool = False) -> None:
        self.mapping, self.user, self.locks = mapping, user, locks
        self.options: Mapping[str, Any] = mapping.given.options
        self.key_target = mapping.given.key_target
        self.names = Lookups(user)
        self.now = timezone.now()
        company = organization()
        self.zone, self.country = company.zone, company.phone_country
        fields = fields_of(mapping.given.kind)
        if locks:
            fields = fields.select_for_update()
        self.fields = {CUSTOM_FIELD_PREFIX + one.key: one for one in fields}
        self.required = {
            status: [one for one in closing_categories(status) if one.is_required]
            for status in CLOSED
        }
        self.clients = clients_named(user, ())
        self.noted: set[int] = set()
        self.unknown_tags: list[str] = []  # of the row that is being read

    def plan(self, rows: Sequence[SourceRow]) -> list[Plan]:
        """Return the plans of rows, in their order."""
        cells = [self.mapping.cells(row) for row in rows]
        named = (each.texts["client"] for each in cells if "client" in each.texts)
        self.clients = clients_named(self.user, named)
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
        """Create the leads of plans in few statements, and store them in their items."""
        names = {
            sort_name(plan.values["client"].name): plan.values["client"].name
            for plan, _item in rows
            if isinstance(plan.values.get("client"), NewClient)
        }
        clients = client_batches.create_all(
            ({"name": name} for name in names.values()), by=self.user
        )
        # They have no values of fields yet; without this, each client would cause a query.
        prefetch_related_objects(clients, "field_values__field")
        created = dict(zip(names, clients, strict=True))
        new = []
        for plan, item in rows:
            named = plan.values.get("client")
            if isinstance(named, NewClient):
                named = created[sort_name(named.name)]
                self._note_client(named, item)
            elif named is not None:
                self._reactivate(named, item)
            if named is not None:
                plan.made.lead.client_id = named.pk
            key = plan.values.get("key", plan.key if self.key_target == "key" else "")
            if key:
                plan.made.lead.key = key
            plan.made.tags |= self._new_tag_ids(plan.values)
            new.append(plan.made)
        lead_batches.save_all(new, by=self.user, now=self.now)
        for (_plan, item), one in zip(rows, new, strict=True):
            item.lead = one.lead

    def change(self, plan: Plan, item: BulkItem) -> None:
        """Change the lead of a plan by its verbs. Raises `Refused`."""
        given = dict(plan.values)
        named = given.get("client")
        if isinstance(named, NewClient):
            given["client"] = Client.create(name=named.name, by=self.user)
            self._note_client(given["client"], item)
        elif named is not None:
            self._reactivate(named, item)
        new_tags = self._new_tag_ids(given)
        if new_tags:
            given["tags"] = given.get("tags", frozenset()) | new_tags
        given.pop(NEW_TAGS, None)
        item.lead = plan.row
        lead_values.change(plan.row, given, by=self.user)

    # Keys and existing leads

    def _set_key(self, plan: Plan, cells: Cells) -> None:
        if not self.key_target:
            return
        column = self.mapping.columns[self.key_target]
        if self.key_target not in cells.texts:
            raise empty_key(column)
        plan.key = cells.read(self.mapping.targets[self.key_target], self._key)

    def _key(self, text: str, column: Column) -> str:
        return lead_keys.normal_form(self.key_target, text, column, self.fields, self.country)

    def _existing(self, keys: Iterable[str]) -> dict[str, list[Lead]]:
        """Return the leads with these keys, by key, with the related rows that are compared."""
        wanted = list(keys)
        if not wanted:
            return {}
        found = lead_keys.ids_by_value(self.key_target, wanted, self.fields)
        ids = {pk for each in found.values() for pk in each}
        leads = Lead.objects.filter(pk__in=ids)
        if self.key_target != "key":
            leads = leads.filter(pk__in=access.visible_leads(self.user))
        if self.locks:
            list(leads.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
        read = leads.select_related(*RELATED).prefetch_related(*PREFETCHED).in_bulk()
        editable = access.editable_leads(self.user).filter(pk__in=ids)
        self.editable = set(editable.values_list("pk", flat=True))
        undone = BulkItem.objects.filter(lead__in=ids, is_new=True, state=BulkItem.State.UNDONE)
        self.undone = set(undone.values_list("lead_id", flat=True))
        return {key: [read[pk] for pk in sorted(each) if pk in read] for key, each in found.items()}

    def _lead(self, plan: Plan, existing: Mapping[str, list[Lead]]) -> Lead | None:
        """Return the one lead with the key of a row. Raises `Refused` if it cannot be changed."""
        leads = existing.get(plan.key, [])
        if len(leads) > 1:
            raise Refused(_("%(number)d leads have this key.") % {"number": len(leads)})
        if not leads:
            return None
        lead = leads[0]
        if lead.is_deleted and not (lead.pk in self.undone and self.user.is_admin):
            raise Refused(_("The lead with this key is in the bin. Restore it first."))
        if not lead.is_deleted and lead.pk not in self.editable:
            raise Refused(_("You cannot change the lead with this key."))
        return lead

    # Values

    def _fill(self, plan: Plan, cells: Cells, existing: Mapping[str, list[Lead]]) -> None:
        lead = self._lead(plan, existing)
        given = self._values(cells, lead)
        if lead is None:
            self._add_defaults(given, cells)
        plan.row = lead
        lead_values.refuse_impossible(given, lead, self.now, self.zone)
        if lead is None:
            checked = {name: value for name, value in given.items() if name != "client"}
            plan.made = lead_batches.new_lead(checked, by=self.user, now=self.now)
        else:
            is_restored = lead.is_deleted
            new_tags = {NEW_TAGS: given.pop(NEW_TAGS)} if NEW_TAGS in given else {}
            given = lead_values.differences(lead, given, self.zone) | new_tags
            if is_restored:
                given["is_deleted"] = False
        self._refuse_without_reason(given, lead)
        plan.values = given

    def _values(self, cells: Cells, lead: Lead | None) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for target, text in cells.texts.items():
            if target in (*PERSON, *CONTACTS, "pipeline"):
                continue
            if target == "key":
                if lead is None and self.key_target != "key":
                    given["key"] = self._unused_key(text)
                continue
            parse = self._parser(target, cells, lead)
            given[target] = cells.read(self.mapping.targets[target], parse)
        contacts = self._contacts(cells)
        if contacts is not None:
            given["contacts"] = contacts
        if self.unknown_tags:
            given[NEW_TAGS], self.unknown_tags = tuple(self.unknown_tags), []
        return given

    def _parser(self, target: str, cells: Cells, lead: Lead | None) -> Callable[[str, Column], Any]:
        simple: dict[str, Callable[[str], Any]] = {
            "title": str,
            "description": str,
            "source": str,
            "status": self.names.status,
            "owner": self.names.people.one,
            "team": self.names.teams.one,
            "tags": self._tag_ids,
            "client": lambda text: self._named_client(text, lead),
            "step": lambda text: self._step(text, cells, lead),
        }
        if target in simple:
            return lambda text, _column: simple[target](text)
        if target in self.fields:
            return lambda text, column: self._field_text(target, text, column)
        return {
            "amount": cell_values.amount,
            "probability": cell_values.percent,
            "expected": cell_values.day,
            "created": self._moment,
            "closed": self._moment,
            "reminder": self._reminder,
        }[target]

    def _moment(self, text: str, column: Column) -> lead_values.Moment:
        return cell_values.moment(text, column, self.zone)

    def _reminder(self, text: str, column: Column) -> Reminder:
        moment = self._moment(text, column)
        return Reminder(moment.at, is_all_day=moment.is_day)

    def _field_text(self, target: str, text: str, column: Column) -> FieldText:
        field = self.fields[target]
        return FieldText(field, canonical(field, cell_values.field_text(field, text, column)))

    def _step(self, text: str, cells: Cells, lead: Lead | None) -> Any:
        if "pipeline" in cells.texts:
            named = self.names.pipelines.one(cells.texts["pipeline"])
            found = [one for one in self.names.steps.all(text) if one.pipeline_id == named.pk]
            if len(found) != 1:
                raise Refused(
                    _("“%(pipeline)s” has no step “%(step)s”.")
                    % {"pipeline": named, "step": text[:100]}
                )
            return found[0]
        of_lead = lead.pipeline_id if lead else None
        return self.names.step(text, (of_lead, self.options.get("pipeline")))

    def _tag_ids(self, text: str) -> frozenset[int]:
        creates = self.options.get("create_tags", False) and self.user.is_admin
        self.unknown_tags = []
        return self.names.tag_ids(text, self.unknown_tags if creates else None)

    def _new_tag_ids(self, values: Mapping[str, Any]) -> frozenset[int]:
        """Create the tags of a row that do not exist yet, and return their ids."""
        return frozenset(self.names.create_tag(name).pk for name in values.get(NEW_TAGS, ()))

    def _named_client(self, text: str, lead: Lead | None) -> Client | NewClient:
        name = valid_line(text, LONGEST_NAME)
        if lead is not None and lead.client and lead.client.sort_name == sort_name(name):
            return lead.client
        if self.clients.all(name):
            return self.clients.one(name)
        if not self.options.get("create_clients", True):
            raise Refused(_("“%(name)s” does not exist.") % {"name": name})
        return NewClient(name)

    def _unused_key(self, text: str) -> str:
        key = valid_key(text)
        if Lead.objects.filter(key=key).exists():
            raise Refused(_("Another lead has the key “%(key)s”.") % {"key": key})
        return key

    def _contacts(self, cells: Cells) -> Contacts | None:
        texts = cells.texts
        names = [texts[part] for part in ("first_name", "last_name") if part in texts]
        name = " ".join(" ".join(names or [texts.get("name", "")]).split())
        lines = []
        for target in CONTACTS:
            if target in texts:
                text = ", ".join(texts[target].split("\n"))
                lines.append(_line(LABELS[target], text))
        if not (name or lines):
            return None
        name_line = _line(_("Contact"), name) if name else ""
        return Contacts(name_line, tuple(lines), self.country)

    def _add_defaults(self, given: dict[str, Any], cells: Cells) -> None:
        """Add defaults for the values of a new lead that the row does not have."""
        if not given.get("title"):
            named = given.get("client")
            contacts = given.get("contacts")
            title = getattr(named, "name", "") or (
                " ".join(cells.texts[part] for part in PERSON if part in cells.texts)
            )
            if not title and contacts:
                title = next((cells.texts[one] for one in CONTACTS if one in cells.texts), "")
            given["title"] = title
        if "step" not in given:
            given["step"] = self._first_step(cells)
        if "owner" not in given and self.options.get("owner"):
            given["owner"] = self.names.person(self.options["owner"])
        if "team" not in given and given.get("owner"):
            given["team"] = self.names.first_team(given["owner"])

    def _first_step(self, cells: Cells) -> Any:
        if "pipeline" in cells.texts:
            return self.names.first_step(self.names.pipelines.one(cells.texts["pipeline"]).pk)
        return self.names.first_step(self.options.get("pipeline"))

    def _refuse_without_reason(self, given: Mapping[str, Any], lead: Lead | None) -> None:
        """Refuse to close a lead without a tag in each category that its status requires."""
        if given.get("status") not in CLOSED:
            return
        has = set(given.get("tags", ())) | (lead.tag_ids if lead else set())
        for category in self.required[given["status"]]:
            if not has & {tag.pk for tag in category.tags.all()}:
                raise Refused(_("A tag in “%(category)s” is missing.") % {"category": category})

    # Clients of rows

    def _note_client(self, client: Client, item: BulkItem) -> None:
        """Store a created client in the first item whose row names it."""
        if client.pk not in self.noted:
            self.noted.add(client.pk)
            item.client, item.client_after = client, client_values.values_of(client)

    def _reactivate(self, client: Client, item: BulkItem) -> None:
        """Make an inactive client that a row names active again."""
        if not client.is_active:
            item.client, item.client_before = client, client_values.values_of(client)
            client.reactivate()
            item.client_after = client_values.values_of(client)


def _line(title: object, value: str) -> str:
    """Return a labelled line of a description, in which `contact_lines` finds the contact."""
    return _("%(filter)s: %(value)s") % {"filter": title, "value": value}
