"""Marks of rows that are probably leads, clients or rows of other lists already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales import access
from leadlight.sales.contact_lines import EMAIL, PHONE
from leadlight.sales.models import ContactPoint, Prospect, ProspectColumn
from leadlight.sales.models.client_names import sort_name
from leadlight.sales.search import finding
from leadlight.tables.values import phone_number

Notion = ProspectColumn.Notion
KINDS = {
    Notion.EMAIL: EMAIL,
    Notion.PHONE: PHONE,
    Notion.MOBILE: PHONE,
    Notion.FAX: PHONE,
}
MOST_SHARED = 20  # a value that more leads share, such as that of a switchboard, is no mark
MOST_SOUGHT = 4  # values of one row that are sought in other lists


@dataclass(frozen=True)
class Mark:
    """Lead, client or row that a row probably is; `kind` is "lead", "client" or "prospect"."""

    kind: str
    key: str
    name: str


def marks(
    rows: Sequence[Prospect], columns: Iterable[ProspectColumn], user: User
) -> dict[int, list[Mark]]:
    """Return the leads and clients that the user may see by id of the rows that they match.

    A lead matches by email address or phone number, a client by the name of the company.
    """
    listed = list(columns)
    found: dict[int, list[Mark]] = defaultdict(list)
    by_value: dict[tuple[str, str], list[int]] = defaultdict(list)
    by_name: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        for pair in _values(row, listed):
            by_value[pair].append(row.pk)
        for column in listed:
            company = row.cells.get(column.cell_key, "") if column.notion == Notion.COMPANY else ""
            if company:
                by_name[sort_name(company)].append(row.pk)
    own = {row.pk: row.key for row in rows}
    for key, title, prospect, pair in _leads(by_value, user):
        for pk in by_value[pair]:
            mark = Mark("lead", key, title)
            if prospect != own[pk] and mark not in found[pk]:
                found[pk].append(mark)
    clients = access.visible_clients(user).filter(sort_name__in=list(by_name))
    for key, name, sorted_name in clients.order_by("pk").values_list("key", "name", "sort_name"):
        for pk in by_name[sorted_name]:
            found[pk].append(Mark("client", key, name))
    return found


def in_other_lists(row: Prospect, columns: Iterable[ProspectColumn], user: User) -> list[Prospect]:
    """Return rows of other lists with the same email address or phone number, for a user."""
    others: dict[int, Prospect] = {}
    for _kind, value in list(_values(row, columns))[:MOST_SOUGHT]:
        for other in finding.prospects(user, finding.Search.of(value)).rows:
            if other.prospecting_list_id != row.prospecting_list_id:
                others[other.pk] = other
    return list(others.values())


def _values(row: Prospect, columns: Iterable[ProspectColumn]) -> list[tuple[str, str]]:
    """Return kind and value of the email addresses and phone numbers of a row."""
    country = organization().phone_country
    found = []
    for column in columns:
        text = row.cells.get(column.cell_key, "").strip()
        kind = KINDS.get(Notion(column.notion)) if column.notion else None
        if kind == EMAIL and "@" in text:
            found.append((EMAIL, text.lower()))
        elif kind == PHONE and text:
            number = phone_number(text, country)
            found += [(PHONE, number)] if number else []
    return found


def _leads(
    by_value: dict[tuple[str, str], list[int]], user: User
) -> list[tuple[str, str, str | None, tuple[str, str]]]:
    """Return key, title and key of the prospect of the visible leads, with the value they share."""
    values = [value for _kind, value in by_value]
    points = ContactPoint.objects.filter(value__in=values, lead__in=access.visible_leads(user))
    rows = points.order_by("-lead").values_list(
        "lead__key", "lead__title", "lead__prospect__key", "kind", "value"
    )
    shared: dict[tuple[str, str], int] = defaultdict(int)
    found = [
        (key, title, prospect, (kind, value))
        for key, title, prospect, kind, value in rows[: MOST_SHARED * max(len(values), 1)]
    ]
    for _key, _title, _prospect, pair in found:
        shared[pair] += 1
    return [one for one in found if one[3] in by_value and shared[one[3]] <= MOST_SHARED]
