"""Search for the rows of a prospecting list by email addresses or phone numbers of a column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice

from django.db import connection

from leadlight.accounts.organization import organization
from leadlight.sales.contact_lines import EMAIL, PHONE, contacts_in
from leadlight.sales.models import Prospect, ProspectColumn, ProspectingList, ProspectWords
from leadlight.sales.refusals import Refused
from leadlight.sales.search import tables
from leadlight.sales.search.words import list_mark, phone_words, words_of
from leadlight.sales.search.writing import batches
from leadlight.tables import values

AT_ONCE = 200  # values per query of the index


def contact_value(text: str, kind: str, country: str) -> str:
    """Return an email address or phone number in the form that is compared. Raises `Refused`."""
    return values.email(text).lower() if kind == EMAIL else values.phone(text, country)


def rows_with(
    prospecting_list: ProspectingList, column: ProspectColumn, kind: str, texts: Mapping[str, str]
) -> dict[str, list[Prospect]]:
    """Return the rows that have these values in a column, by value.

    `texts` maps each value to its original text; `kind` is `EMAIL` or `PHONE`.
    """
    country = organization().phone_country
    found: dict[str, list[Prospect]] = defaultdict(list)
    ids = _candidates(prospecting_list, kind, texts, country)
    for some in batches(ids):
        for row in prospecting_list.prospects.filter(pk__in=some).order_by("pk"):
            try:
                value = contact_value(row.cells.get(column.cell_key, ""), kind, country)
            except Refused:
                continue
            if value in texts:
                found[value].append(row)
    return found


def _candidates(
    prospecting_list: ProspectingList, kind: str, texts: Mapping[str, str], country: str
) -> list[int]:
    """Return the ids of the rows that the index finds for one of the values."""
    table, column = tables.source(ProspectWords, connection.vendor)
    mark = list_mark(prospecting_list.pk)
    alternatives = (
        words
        for value, text in texts.items()
        for words in (_words_of_phone(value, text, country) if kind == PHONE else [words_of(value)])
    )
    ids: set[int] = set()
    while some := list(islice(alternatives, AT_ONCE)):
        condition, query = tables.any_condition(ProspectWords, connection.vendor, some, mark)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {table} WHERE {condition}", [query])
            ids.update(pk for (pk,) in cursor.fetchall())
    return sorted(ids)


def _words_of_phone(value: str, text: str, country: str) -> Iterator[list[str]]:
    """Yield lists of words. The index finds a row with the number by all words of one list."""
    for word in {*phone_words(value)} - {""}:
        yield [word]
    if not any(one.kind == PHONE and one.value == value for one in contacts_in(text, country)):
        yield words_of(text)
