"""Keys by which rows of a file find leads: external key, contacts, custom fields, title."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales import access
from leadlight.sales.contact_lines import EMAIL, PHONE
from leadlight.sales.models import ContactPoint, CustomField, Lead, LeadFieldValue
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import canonical, sort_text
from leadlight.sales.refusals import Refused
from leadlight.table_import import cell_values
from leadlight.table_import.keys import valid_key
from leadlight.table_import.planning import Cells, ColumnMapping
from leadlight.tables import Column, values

KEY, TITLE = "key", "title"
# Targets by which a row of another kind names its lead, the most certain one first; custom fields
# come after the key. Target → key of leads.
NAMING = {"lead": KEY, EMAIL: EMAIL, PHONE: PHONE, "lead_title": TITLE}
Name = tuple[str, str]  # key of leads, normal form of its value
Fields = Mapping[str, CustomField]  # by target


def normal_form(key: str, text: str, column: Column, fields: Fields, country: str) -> str:
    """Return the form in which values of a key of leads are compared. Raises `Refused`."""
    if key == KEY:
        return valid_key(text)
    if key == TITLE:
        return text
    if key == EMAIL:
        return values.email(text).lower()
    if key == PHONE:
        return values.phone(text, country)
    field = fields[key]
    return sort_text(field, canonical(field, cell_values.field_text(field, text, column)))


def ids_by_value(key: str, wanted: Sequence[str], fields: Fields) -> dict[str, set[int]]:
    """Return the ids of the leads with these values of a key, by value."""
    found: dict[str, set[int]] = defaultdict(set)
    rows: Iterable[tuple[str, int]]
    if not wanted:
        return found
    if key in (KEY, TITLE):
        rows = Lead.objects.filter(**{f"{key}__in": wanted}).values_list(key, "pk")
    elif key in (EMAIL, PHONE):
        points = ContactPoint.objects.filter(kind=key, value__in=wanted)
        rows = points.values_list("value", "lead_id")
    else:
        texts = LeadFieldValue.objects.filter(field=fields[key], sort_text__in=wanted)
        rows = texts.values_list("sort_text", "owner_id")
    for value, pk in rows:
        found[value].add(pk)
    return found


class NamedLeads:
    """Leads that rows of a file name; `read` reads those of a batch at once.

    A text in the column of the key that is the key of no lead is looked up as a title.
    """

    def __init__(self, mapping: ColumnMapping, user: User, *, locks: bool = False) -> None:
        self.mapping, self.user, self.locks = mapping, user, locks
        self.country = organization().phone_country
        fields = CustomField.objects.filter(
            subject=CustomField.Subject.LEAD, is_key=True, is_archived=False
        )
        self.fields = {CUSTOM_FIELD_PREFIX + one.key: one for one in fields}
        self._leads: dict[Name, list[Lead]] = {}
        self._editable: set[int] = set()

    def name(self, cells: Cells) -> Name | None:
        """Return the name of the lead of a row: its first cell that names one, None without any.

        Raises `Refused` if the value of the cell is invalid.
        """
        for target in ("lead", *self.fields, *NAMING):
            if target in cells.texts:
                key = NAMING.get(target, target)

                def parse(text: str, column: Column, key: str = key) -> str:
                    return normal_form(key, text, column, self.fields, self.country)

                return key, cells.read(self.mapping.targets[target], parse)
        return None

    def read(self, names: Iterable[Name]) -> None:
        """Read the leads with these names, and lock them if they will be written."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for key, value in names:
            wanted[key].add(value)
        ids = {
            (key, value): found
            for key, texts in wanted.items()
            for value, found in ids_by_value(key, sorted(texts), self.fields).items()
        }
        by_key = {value for key, value in ids if key == KEY}
        titles = ids_by_value(TITLE, sorted(wanted[KEY] - by_key), self.fields)
        every = {pk for found in (*ids.values(), *titles.values()) for pk in found}
        leads = Lead.objects.filter(pk__in=every)
        if self.locks:
            list(leads.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
        read = leads.in_bulk()
        visible = set(
            access.visible_leads(self.user).filter(pk__in=every).values_list("pk", flat=True)
        )
        self._leads = {
            name: [read[pk] for pk in sorted(found) if name[0] == KEY or pk in visible]
            for name, found in ids.items()
        } | {
            (KEY, title): [read[pk] for pk in sorted(found) if pk in visible]
            for title, found in titles.items()
        }
        editable = access.editable_leads(self.user).filter(pk__in=every)
        self._editable = set(editable.values_list("pk", flat=True))

    def one(self, name: Name) -> Lead:
        """Return the lead with a name.

        Raises `Refused` if there is none or more than one, if it is in the bin, or if the user may
        not change it.
        """
        found = self._leads.get(name, [])
        if len(found) > 1:
            raise Refused(
                _("%(number)d leads have “%(name)s”.")
                % {"number": len(found), "name": name[1][:100]}
            )
        if not found:
            raise Refused(_("No lead has “%(name)s”.") % {"name": name[1][:100]})
        lead = found[0]
        if lead.is_deleted:
            raise Refused(_("“%(lead)s” is in the bin. Restore it first.") % {"lead": lead})
        if lead.pk not in self._editable:
            raise Refused(_("You cannot change the lead “%(name)s”.") % {"name": name[1][:100]})
        return lead
