"""Marks of rows that are probably duplicates of leads, clients or rows of other lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales import access
from leadlight.sales.contact_lines import ADDRESS_OF_MAIL, EMAIL, PHONE
from leadlight.sales.models import ContactPoint, Prospect, ProspectColumn
from leadlight.sales.models.client_names import sort_name
from leadlight.sales.search import finding
from leadlight.sales.search.words import phone_words, words_of
from leadlight.tables.values import phone_number

Notion = ProspectColumn.Notion
KINDS = {
    Notion.EMAIL: EMAIL,
    Notion.PHONE: PHONE,
    Notion.MOBILE: PHONE,
    Notion.FAX: PHONE,
}
# A value of more leads, or of more rows of other lists, makes no mark. It is no value of one
# person, but for example the number of a switchboard.
MOST_SHARED = 20
MOST_FOUND = 2_000  # rows of other lists that are compared

Pair = tuple[str, str]  # kind and value of an email address or phone number


@dataclass(frozen=True)
class Mark:
    """Lead, client or row of another list that a row is probably a duplicate of.

    `kind` is "lead", "client" or "prospect"; `where` is the list of a prospect, "" for the others.
    """

    kind: str
    key: str
    name: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.where})" if self.where else self.name


def marks(
    rows: Sequence[Prospect], columns: Iterable[ProspectColumn], user: User
) -> dict[int, list[Mark]]:
    """Return id → marks for the rows of one list that probably are duplicates.

    Only leads, clients and rows that the user may see make marks.

    A lead and a row of another list match by email address or phone number, a client by the name of
    the company.
    """
    listed = list(columns)
    found: dict[int, list[Mark]] = defaultdict(list)
    by_value: dict[Pair, list[int]] = defaultdict(list)
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
    for other, pair in _in_other_lists(by_value, rows, user):
        mark = Mark("prospect", other.key, str(other), str(other.prospecting_list))
        for pk in by_value[pair]:
            if mark not in found[pk]:
                found[pk].append(mark)
    return found


def _values(row: Prospect, columns: Iterable[ProspectColumn]) -> list[Pair]:
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


def _leads(by_value: dict[Pair, list[int]], user: User) -> list[tuple[str, str, str | None, Pair]]:
    """Return the visible leads with a value: key, title, key of the prospect, and the value."""
    values = [value for _kind, value in by_value]
    points = ContactPoint.objects.filter(value__in=values, lead__in=access.visible_leads(user))
    rows = points.order_by("-lead").values_list(
        "lead__key", "lead__title", "lead__prospect__key", "kind", "value"
    )
    shared: dict[Pair, int] = defaultdict(int)
    found = [
        (key, title, prospect, (kind, value))
        for key, title, prospect, kind, value in rows[: MOST_SHARED * max(len(values), 1)]
    ]
    for _key, _title, _prospect, pair in found:
        shared[pair] += 1
    return [one for one in found if one[3] in by_value and shared[one[3]] <= MOST_SHARED]


def _in_other_lists(
    by_value: Collection[Pair], rows: Sequence[Prospect], user: User
) -> Iterator[tuple[Prospect, Pair]]:
    """Yield the visible rows of other lists, newest first, with each value that they share."""
    sought = {pair: words for pair in by_value if (words := _words(pair))}
    if not sought:
        return
    outside = rows[0].prospecting_list_id
    found = finding.prospects_with(user, list(sought.values()), outside=outside, most=MOST_FOUND)
    by_longest: dict[str, list[Pair]] = defaultdict(list)
    for pair, words in sought.items():
        by_longest[max(words, key=len)].append(pair)
    sharing: dict[Pair, list[Prospect]] = defaultdict(list)
    for other, own in found:
        for pair in (pair for word in own & by_longest.keys() for pair in by_longest[word]):
            if own.issuperset(sought[pair]) and _has(other, pair):
                sharing[pair].append(other)
    for pair, others in sharing.items():
        for other in others if len(others) <= MOST_SHARED else ():
            yield other, pair


def _words(pair: Pair) -> list[str]:
    kind, value = pair
    return [next(iter(phone_words(value)))] if kind == PHONE else words_of(value)


def _has(row: Prospect, pair: Pair) -> bool:
    """Return whether a row with the words of a value has the value itself."""
    kind, value = pair
    texts = (text.lower() for text in row.cells.values())
    return kind == PHONE or any(value in ADDRESS_OF_MAIL.findall(text) for text in texts)
