"""Rows of the list of leads: the cells of each lead, with links to edit them in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.lead_order import Position
from leadlight.sales.models import CustomField, Lead
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.web.leads.columns import COLUMNS, reminder_text
from leadlight.web.leads.list_query import COMPACT, EXTENDED, ListQuery
from leadlight.web.shell.field_columns import cells_of
from leadlight.web.templatetags.own_fields import field_cell, is_measured

RELATED = ("client", "owner", "step", "team")
KEY = "key"  # placeholder for the key of a lead in an address
STATUS_CHANGES = ("status", "todo", "won", "lost", "cancelled", "reopen")
# Change → columns whose cells can show its form, in order of preference. All other changes have the
# name of their column.
CELLS = {
    "expected-day": ("expected",),
    "standby": ("reminder", "status"),
    **dict.fromkeys(STATUS_CHANGES, ("status",)),
}


@dataclass(frozen=True)
class OpenCell:
    """Content of a cell that shows a form; `change` is the change of the form."""

    change: str
    html: str


@dataclass(frozen=True)
class Row:
    """Row of the list.

    `number` is the number of the lead in the list, None if it is not known. `cells` are those after
    the title in the compact view; in the extended view, `edits` are the links to edit values.
    `form` is a form that is shown below the title, because no column belongs to it.
    """

    lead: Lead
    number: int | None
    address: str
    is_editable: bool
    cells: SafeString
    title_edit: SafeString
    star_address: SafeString
    edits: Mapping[str, SafeString] = field(default_factory=dict)
    form: str = ""
    is_due: bool = False
    details: Any = None

    @property
    def reminder(self) -> str:
        return reminder_text(self.lead)

    @property
    def own_values(self) -> dict[str, int]:
        """Values that each request from the row sends."""
        return {} if self.number is None else {"n": self.number}


def address_of(lead: Lead, source: str, position: Position, number: int | None) -> str:
    """Return the address of the page of a lead, with its place in the list it is opened from."""
    pairs = [("from", source), ("at", position.text)]
    pairs += [("n", str(number))] if number is not None else []
    return f"{reverse('lead', args=[lead.key])}?{urlencode(pairs)}"


class Rows:
    """Factory of the rows of a list; reads the data of all rows at once."""

    def __init__(
        self,
        user: User,
        query: ListQuery,
        leads: Sequence[Lead],
        source: str,
        now: datetime,
        *,
        done: str = "",
    ) -> None:
        """Read the data of the rows; the cell of the change `done` gets the focus."""
        ids = [lead.pk for lead in leads]
        self._query, self._source, self._now = query, source, now
        editable = access.editable_leads(user).filter(pk__in=ids)
        self._editable = set(editable.values_list("pk", flat=True))
        self._texts = cells_of(ids, query.columns)
        self._columns = [COLUMNS[key] for key in query.built_in]
        self._change = _("Change: %(field)s")
        self._links: dict[str, list[SafeString]] = {}
        self._keys = _keys_in_addresses(leads)
        self._star_addresses = {
            is_starred: _around_key(reverse("change_lead", args=[change, KEY]))
            for is_starred, change in ((False, "star"), (True, "unstar"))
        }
        self._done = "status" if done in STATUS_CHANGES else done

    def of(
        self, lead: Lead, position: Position, number: int | None, opened: OpenCell | None = None
    ) -> Row:
        place = self._place_of(opened) if opened else ""
        is_compact = self._query.view != EXTENDED
        cells = [*self._built_in(lead, opened, place), *self._own(lead, opened, place)] * is_compact
        return Row(
            lead,
            number,
            address_of(lead, self._source, position, number),
            self._is_editable(lead),
            mark_safe("".join(cells if is_compact else ())),  # noqa: S308  # by `format_html`
            self._edit(lead, "title", _("Title")),
            self._star_address(lead),
            {} if is_compact else self._edits(lead),
            opened.html if opened and place == "title" else "",
            lead.is_open and lead.reminder_at is not None and lead.reminder_at <= self._now,
        )

    def _star_address(self, lead: Lead) -> SafeString:
        """Return the HTML-escaped address that sets or removes the star of a lead."""
        before, after = self._star_addresses[lead.is_starred]
        return mark_safe(f"{before}{self._keys[lead.pk]}{after}")  # noqa: S308

    def _edits(self, lead: Lead) -> dict[str, SafeString]:
        return {
            column.key: self._edit(lead, column.change, column.title)
            for column in COLUMNS.values()
            if column.change
        }

    def _is_editable(self, lead: Lead) -> bool:
        return lead.pk in self._editable

    def _place_of(self, opened: OpenCell) -> str:
        """Return the key of the column in which a form is shown, "title" if it has none."""
        own = (CUSTOM_FIELD_PREFIX + one.key for one in self._query.columns)
        shown = {*self._query.built_in, *own} if self._query.view == COMPACT else set()
        keys = CELLS.get(opened.change, (opened.change,))
        return next((key for key in keys if key in shown), "title")

    def _built_in(self, lead: Lead, opened: OpenCell | None, place: str) -> Iterable[str]:
        for column in self._columns:
            if opened and place == column.key:
                yield format_html('<td class="open">{}</td>', opened.html)
                continue
            text = column.cell(lead, self._now)
            edit = self._edit(lead, column.change, column.title) if column.change else ""
            label = column.title if column.has_label else ""
            yield _cell(text, edit, label, is_number=column.is_number)

    def _own(self, lead: Lead, opened: OpenCell | None, place: str) -> Iterable[str]:
        for own, text in self._texts[lead.pk]:
            if opened and place == CUSTOM_FIELD_PREFIX + own.key:
                yield format_html('<td class="open">{}</td>', opened.html)
                continue
            edit = self._edit(lead, "field", own.name, own)
            shown = field_cell(own, text)
            yield _cell(shown, edit, own.name, is_number=is_measured(own), is_none=not text)

    def _edit(
        self, lead: Lead, change: str, title: object, own: CustomField | None = None
    ) -> SafeString:
        """Return the link that opens the form of a cell; "" if the user may not change the lead."""
        if not self._is_editable(lead):
            return mark_safe("")
        name = CUSTOM_FIELD_PREFIX + own.key if own else change
        if name not in self._links:
            self._links[name] = self._link(name, change, title, own)
        start, *rest = self._links[name]
        return mark_safe(f"{start}{lead.pk}{self._keys[lead.pk].join(rest)}")  # noqa: S308

    def _link(
        self, name: str, change: str, title: object, own: CustomField | None
    ) -> list[SafeString]:
        """Return the parts of a link before the id of a lead, and before and after its key.

        There are up to a thousand links on a page, and `reverse` is slow.
        """
        query = f"?{urlencode({'field': own.key})}" if own else ""
        page = fragment = _around_key(reverse("change_lead", args=[change, KEY]), query)
        if change == "status":
            page = _around_key(reverse("lead", args=[KEY]))
            fragment = _around_key(reverse("lead_row", args=[KEY]), "?edit=status")
        label = self._change % {"field": title}
        focus = mark_safe(" autofocus") if name == self._done else ""
        return [
            format_html('<a class="edit" id="edit-{}-', name),
            format_html('" href="{}', page[0]),
            format_html('{}" hx-get="{}', page[1], fragment[0]),
            format_html('{}" aria-label="{}"{}></a>', fragment[1], label, focus),
        ]


def _keys_in_addresses(leads: Iterable[Lead]) -> dict[int, str]:
    """Return the keys of leads by id, quoted for addresses and escaped for HTML."""
    before, after = _around_key(reverse("lead", args=[KEY]))
    addresses = {lead.pk: reverse("lead", args=[lead.key]) for lead in leads}
    return {
        pk: escape(address.removeprefix(before).removesuffix(after))
        for pk, address in addresses.items()
    }


def _around_key(address: str, query: str = "") -> tuple[str, str]:
    """Return the parts of an address before and after the `KEY` at its end."""
    before, after = address.rsplit(KEY, 1)
    return before, after + query


def _cell(
    text: str, edit: str, label: object, *, is_number: bool, is_none: bool | None = None
) -> str:
    names = ["number"] if is_number else []
    names += ["none"] if (text == formats.NONE if is_none is None else is_none) else []
    classes = f' class="{" ".join(names)}"' if names else ""
    labelled = f' data-label="{escape(label)}"' if label else ""
    return f"<td{classes}{labelled}>{conditional_escape(text)}{conditional_escape(edit)}</td>"
