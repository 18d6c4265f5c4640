"""Conversion of a row into a lead, with the values of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.contact_lines import LABEL_OF, LONGEST_LABEL, plain_label
from leadlight.sales.models import Client, CustomField, Lead, Prospect, ProspectColumn
from leadlight.sales.models.client_names import LONGEST_NAME, sort_name
from leadlight.sales.models.field_texts import canonical
from leadlight.sales.models.lead_row import LONGEST_TITLE
from leadlight.sales.models.valid_values import CONTROL
from leadlight.sales.prospecting.editing import editing
from leadlight.sales.refusals import Refused

Notion = ProspectColumn.Notion
PERSON = (Notion.NAME, Notion.FIRST_NAME, Notion.LAST_NAME)
IN_A_LINE = (*PERSON, Notion.EMAIL, Notion.PHONE, Notion.MOBILE, Notion.FAX, Notion.WEB)
CONTACT_LINES = (*IN_A_LINE, Notion.ADDRESS)


@dataclass
class Values:
    """Values of the lead that a row is converted into."""

    title: str = ""
    company: str = ""
    description: str = ""
    fields: list[tuple[CustomField, str]] = field(default_factory=list)


def convert(prospect: Prospect, *, by: User) -> Lead:
    """Convert a row into a lead; of a row that was converted before, return its lead.

    The owner of the row, or else `by`, owns the lead. Its client is an active client with the name
    of the company that `by` may see, or a new client.
    """
    with editing(prospect.prospecting_list) as edit:
        row = edit.rows([prospect.pk]).get(prospect.pk)
        if row is None:
            raise Refused(_("This row no longer exists."))
        made = Lead.objects.filter(prospect=row).first()
        if made is not None:
            return made
        columns = edit.list.columns.select_related("field")
        values = values_of(row, list(columns))
        owner = row.user if row.user is not None and row.user.is_active else by
        lead = Lead.create(
            title=values.title or row.key,
            by=by,
            owner=owner,
            description=values.description,
            client=_client(values.company, by),
            source=edit.list.source or edit.list.name,
            prospect=row,
        )
        for one, text in values.fields:
            lead.set_field(one, text, by=by)
        edit.set_row(row, "converted_at", timezone.now())
        edit.set_row(row, "state", Prospect.State.CONVERTED)
        if edit.list.tags.exists():
            lead.tag(*edit.list.tags.all(), by=by)
    return lead


def values_of(row: Prospect, columns: Sequence[ProspectColumn]) -> Values:
    """Return the values of the lead that a row is converted into.

    Columns with a meaning become the title, the company, contact lines of the description and
    custom fields. All others become labelled lines of the description, in the order of the columns.
    """
    values = Values()
    contacts: list[tuple[int, str]] = []
    lines: list[str] = []
    own = {
        (one.name, one.kind): one
        for one in CustomField.objects.filter(subject=CustomField.Subject.LEAD, is_archived=False)
    }
    for column in columns:
        text = row.cells.get(column.cell_key, "")
        if not text:
            continue
        if column.notion == Notion.COMPANY and not values.company:
            values.company = text
        elif column.notion == Notion.TITLE and not values.title:
            values.title = text
        elif column.notion in CONTACT_LINES:
            place = 0 if column.notion in PERSON else 1
            one_line = " ".join(text.split())
            contacts.append((place, f"{label_of(column)}: {one_line}"))
        elif not _add_field_value(column, text, own, values):
            lines.append(f"{column.header}: {text}")
    contacts.sort(key=lambda each: each[0])
    person = " ".join(
        row.cells.get(column.cell_key, "") for column in columns if column.notion in PERSON
    )
    first = next(iter(row.ordered_texts), "")
    title = values.title or values.company or person.strip() or first
    values.title = " ".join(CONTROL.sub(" ", title).split())[:LONGEST_TITLE]
    blocks = ["\n".join(line for _place, line in contacts), "\n".join(lines)]
    values.description = "\n\n".join(filter(None, blocks))
    return values


def label_of(column: ProspectColumn) -> str:
    """Return the header if `contact_lines` reads it as a label of the notion, else the notion."""
    plain = plain_label(column.header)
    if len(column.header) <= LONGEST_LABEL and LABEL_OF.get(plain) == column.notion:
        return column.header.strip(" .:")
    return str(Notion(column.notion).label)


def _add_field_value(
    column: ProspectColumn,
    text: str,
    own: dict[tuple[str, str], CustomField],
    values: Values,
) -> bool:
    """Add a text as the value of a custom field of leads; return False if no field accepts it."""
    if column.field is None:
        return False
    target = own.get((column.field.name, column.field.kind))
    if target is None or target in (one for one, _text in values.fields):
        return False
    try:
        values.fields.append((target, canonical(target, text)))
    except Refused:
        return False
    return True


def _client(company: str, by: User) -> Client | None:
    name = " ".join(CONTROL.sub(" ", company).split())[:LONGEST_NAME]
    if not name:
        return None
    same = access.visible_clients(by).filter(is_active=True, sort_name=sort_name(name))
    return same.order_by("pk").first() or Client.create(name=name, by=by)
