"""Comparison of contact points, search words and the index with the rows they are derived from."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from typing import Any

from django.db import DatabaseError, connection, transaction

from leadlight.sales.models.contact_points import ContactPoint
from leadlight.sales.models.search_words import (
    ClientWords,
    LeadWords,
    ProspectWords,
    SearchWords,
)
from leadlight.sales.search import tables, writing

WANTED: dict[Any, Callable[[list[int]], dict[int, str]]] = {
    LeadWords: writing.lead_words,
    ClientWords: writing.client_words,
    ProspectWords: writing.prospect_words,
}


def differences(progress: writing.Progress = lambda *_: None) -> Iterator[str]:
    """Yield a sentence for each row whose contact points or words differ from computed ones."""
    for number, (words, wanted) in enumerate(WANTED.items()):
        rows: Any = words._meta.get_field("row").related_model
        for batch in writing.batches(rows._default_manager.values_list("pk", flat=True).iterator()):
            if words is LeadWords:
                yield from _contact_differences(batch)
            present = dict(
                words._default_manager.filter(row__in=batch).values_list("row_id", "words")
            )
            for row_id, right in _differing(present, wanted(batch)):
                yield f"{words.__name__} {row_id}: {present.get(row_id)} instead of {right}."
        yield from _index_differences(words)
        progress("search", number + 1, len(WANTED))


def _contact_differences(leads: Collection[int]) -> Iterator[str]:
    present: dict[int, tuple[Any, ...]] = {}
    rows = ContactPoint.objects.filter(lead__in=leads).order_by("lead", "position")
    for lead_id, *point in rows.values_list("lead_id", *writing.CONTACT_COLUMNS):
        present[lead_id] = (*present.get(lead_id, ()), tuple(point))
    for lead_id, right in _differing(present, writing.contacts_of(leads)):
        if right or present.get(lead_id):
            here = present.get(lead_id, ())
            yield f"Contacts of lead {lead_id}: {here} instead of {right or ()}."


def _differing(present: dict[int, Any], wanted: dict[int, Any]) -> Iterator[tuple[int, Any]]:
    """Yield the id and the wanted value of each row whose present and wanted values differ."""
    for row_id in sorted(present.keys() | wanted.keys()):
        if present.get(row_id) != wanted.get(row_id):
            yield row_id, wanted.get(row_id)


def _index_differences(words: type[SearchWords]) -> Iterator[str]:
    """Yield a sentence if SQLite finds that the full-text index does not fit the words.

    On PostgreSQL, the index belongs to the table.
    """
    if connection.vendor != "sqlite":
        return
    fts = tables.fts_table(words)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {fts} ({fts}, rank) VALUES ('integrity-check', 1)")
    except (DatabaseError, sqlite3.DatabaseError) as error:
        yield f"The index {fts} does not fit its table: {error}."
