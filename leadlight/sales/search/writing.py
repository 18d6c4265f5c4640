"""Writes of contact points and search words, in the transaction of the change of their row.

Each function reads the rows of the given ids again, and writes only what differs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any, TypeVar

from django.apps import apps
from django.db import connections, models, transaction

from leadlight.accounts.organization import organization
from leadlight.sales.contact_lines import EMAIL, MOST_CONTACTS, PHONE, contacts_in
from leadlight.sales.many_rows import insert_all
from leadlight.sales.models.contact_points import FIELD_LABEL, ContactPoint
from leadlight.sales.models.event_log import OPEN as OPEN_STATUSES
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.field_texts import FieldKind
from leadlight.sales.models.prospecting import column_id
from leadlight.sales.models.search_words import ClientWords, LeadWords, ProspectWords, SearchWords
from leadlight.sales.search import tables
from leadlight.sales.search.words import (
    CLOSED,
    OPEN,
    first_word,
    joined,
    list_mark,
    owner_mark,
    phone_words,
    team_mark,
)
from leadlight.tables.values import phone_number

BATCH = 900  # below the limit of variables per statement of every supported database
WITH_CONTACTS = frozenset({Kind.DESCRIPTION, Kind.FIELD})
SEARCHED = WITH_CONTACTS | {
    Kind.TITLE,
    Kind.CLIENT,
    Kind.SOURCE,
    Kind.TAGS,
    Kind.STATUS,
    Kind.OWNER,
    Kind.TEAM,
    Kind.DELETED,
}
CONTACT_COLUMNS = ("position", "kind", "value", "label", "name", "block")
FIELD_KINDS = {FieldKind.EMAIL: EMAIL, FieldKind.PHONE: PHONE}

# Kinds of events of the leads that change within `indexing_together`.
_together: ContextVar[dict[int, set[str]] | None] = ContextVar("together", default=None)

Progress = Callable[[str, int, int], None]
Row = TypeVar("Row")
Points = tuple[tuple[Any, ...], ...]  # rows of `CONTACT_COLUMNS`


def index_lead(lead_id: int, kinds: Collection[str]) -> None:
    """Update contact points and words of a lead after events of these kinds."""
    together = _together.get()
    if together is not None:
        together[lead_id] |= set(kinds)
        return
    if not WITH_CONTACTS.isdisjoint(kinds):
        write_contacts([lead_id])
    if not SEARCHED.isdisjoint(kinds):
        write_lead_words([lead_id])


@contextmanager
def indexing_together() -> Iterator[None]:
    """Update the leads that change in the `with` block at its end, with one query for all.

    The block runs in a transaction; leads whose change is rolled back are only read again.
    """
    changed: dict[int, set[str]] = defaultdict(set)
    token = _together.set(changed)
    try:
        yield
    finally:
        _together.reset(token)
    write_contacts([one for one, kinds in changed.items() if kinds & WITH_CONTACTS])
    write_lead_words([one for one, kinds in changed.items() if kinds & SEARCHED])


def index_leads(ids: Iterable[int]) -> None:
    for batch in batches(ids):
        write_contacts(batch)
        write_lead_words(batch)


def index_clients(ids: Iterable[int], *, with_leads: bool = True) -> None:
    """Update the words of clients, and of their leads, which contain the name of the client."""
    for batch in batches(ids):
        _write(ClientWords, batch, client_words(batch))
        if with_leads:
            _index_words_of(_model("Lead").objects.filter(client__in=batch))


def index_prospects(ids: Iterable[int]) -> None:
    for batch in batches(ids):
        _write(ProspectWords, batch, prospect_words(batch))


def index_tags(ids: Iterable[int]) -> None:
    """Update the words of the leads that have these tags, whose names changed."""
    for batch in batches(ids):
        _index_words_of(_model("Lead").objects.filter(tags__in=batch).distinct())


def _index_words_of(leads: models.QuerySet[Any]) -> None:
    """Update the words of leads; each batch of leads is locked until its words are written."""
    for batch in batches(leads.order_by("pk").values_list("pk", flat=True).iterator()):
        with transaction.atomic():
            locked = _model("Lead").objects.select_for_update().filter(pk__in=batch).order_by("pk")
            write_lead_words(list(locked.values_list("pk", flat=True)))


def fill(progress: Progress = lambda *_: None) -> None:
    """Write the contact points and words of all rows."""
    with transaction.atomic():
        for name, index in (
            ("Lead", index_leads),
            ("Client", _index_without_leads),
            ("Prospect", index_prospects),
        ):
            rows = _model(name).objects.order_by("pk")
            done, total = 0, rows.count()
            for batch in batches(rows.values_list("pk", flat=True).iterator()):
                index(batch)
                done += len(batch)
                progress(f"search {name.lower()}s", done, total)


def _index_without_leads(ids: Iterable[int]) -> None:
    index_clients(ids, with_leads=False)


def after_migrate(using: str, **_: Any) -> None:
    """Create the index; write the words of all rows if a table has rows but no words."""
    tables.install(connections[using])
    for words in (LeadWords, ClientWords, ProspectWords):
        rows: Any = words._meta.get_field("row").related_model
        if rows._default_manager.exists() and not words._default_manager.exists():
            fill()
            return


# Contact points


def write_contacts(ids: Collection[int]) -> None:
    """Update the contact points of leads."""
    present: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = ContactPoint.objects.filter(lead__in=ids).order_by("position")
    for lead_id, *point in rows.values_list("lead_id", *CONTACT_COLUMNS):
        present[lead_id].append(tuple(point))
    wanted = contacts_of(ids)
    changed = [one for one in ids if tuple(present.get(one, ())) != wanted.get(one, ())]
    ContactPoint.objects.filter(lead__in=[one for one in changed if one in present]).delete()
    insert_all(
        ContactPoint,
        (
            {"lead_id": one} | dict(zip(CONTACT_COLUMNS, point, strict=True))
            for one in changed
            for point in wanted.get(one, ())
        ),
    )


def contacts_of(ids: Collection[int]) -> dict[int, Points]:
    """Return the contact points of leads, from their descriptions and custom fields."""
    descriptions = _model("Lead").objects.filter(pk__in=ids).exclude(description="")
    values: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    rows = _model("LeadFieldValue").objects.filter(owner__in=ids, field__kind__in=FIELD_KINDS)
    for lead_id, *value in rows.order_by("field__key").values_list(
        "owner_id", "field__key", "field__kind", "text"
    ):
        values[lead_id].append(tuple(value))
    texts = dict(descriptions.values_list("pk", "description"))
    country = organization().phone_country
    return {
        one: points(texts.get(one, ""), values.get(one, ()), country) for one in {*texts, *values}
    }


def points(description: str, values: Iterable[tuple[str, str, str]], country: str) -> Points:
    """Return the contact points in a description and in custom fields, given as key, kind, text."""
    contacts = contacts_in(description, country)
    found = {(one.kind, one.value): (one.label, one.name, one.block) for one in contacts}
    block = 1 + max((one.block for one in contacts), default=-1)
    for key, kind, text in values:
        value = text.lower() if kind == FieldKind.EMAIL else phone_number(text, country)
        if value:
            found.setdefault((FIELD_KINDS[FieldKind(kind)], value), (FIELD_LABEL + key, "", block))
    listed = list(found.items())[:MOST_CONTACTS]
    return tuple((place, *which, *more) for place, (which, more) in enumerate(listed))


# Words


def write_lead_words(ids: Collection[int]) -> None:
    _write(LeadWords, ids, lead_words(ids))


def lead_words(ids: Collection[int]) -> dict[int, str]:
    """Return the words of leads, by id; leads in the bin have none."""
    texts: dict[int, list[str]] = defaultdict(list)
    for lead_id, value in ContactPoint.objects.filter(lead__in=ids, kind=PHONE).values_list(
        "lead_id", "value"
    ):
        texts[lead_id] += phone_words(value)
    for rows, owner, text in (
        (_model("Lead").tags.through, "lead_id", "tag__name"),
        (_model("LeadFieldValue"), "owner_id", "text"),
    ):
        for lead_id, value in rows.objects.filter(**{f"{owner}__in": ids}).values_list(owner, text):
            texts[lead_id].append(value)
    leads = _model("Lead").objects.filter(pk__in=ids, is_deleted=False)
    columns = ("title", "status", "owner_id", "team_id", "key", "client__name", "source")
    found = {}
    for lead_id, title, status, owner, team, *rest, description in leads.values_list(
        "pk", *columns, "description"
    ):
        marks = [first_word(title), OPEN if status in OPEN_STATUSES else CLOSED]
        marks += [owner_mark(owner)] if owner else []
        marks += [team_mark(team)] if team else []
        listed = [title, *(one or "" for one in rest), *texts.get(lead_id, ()), description]
        found[lead_id] = joined(marks, listed)
    return found


def client_words(ids: Collection[int]) -> dict[int, str]:
    """Return the words of clients, by id; deactivated clients count as closed.

    Clients that were merged into another one have none.
    """
    texts: dict[int, list[str]] = defaultdict(list)
    values = _model("ClientFieldValue").objects.filter(owner__in=ids)
    country = organization().phone_country
    for client_id, kind, value in values.values_list("owner_id", "field__kind", "text"):
        number = phone_number(value, country) if kind == FieldKind.PHONE else ""
        texts[client_id] += [value, *(phone_words(number) if number else ())]
    clients = _model("Client").unmerged().filter(pk__in=ids)
    return {
        client_id: joined(
            [first_word(name), OPEN if is_active else CLOSED],
            [name, key, *texts.get(client_id, ()), description],
        )
        for client_id, name, is_active, key, description in clients.values_list(
            "pk", "name", "is_active", "key", "description"
        )
    }


def prospect_words(ids: Collection[int]) -> dict[int, str]:
    """Return the words of prospects, by id; converted prospects count as closed."""
    rows = list(_model("Prospect").objects.filter(pk__in=ids))
    return {row.pk: words for row, words in zip(rows, _words_of_prospects(rows), strict=True)}


def words_of_new_prospects(rows: Sequence[Any]) -> list[str]:
    """Return the words of prospects that are not in the database yet, in their order."""
    return list(_words_of_prospects(rows))


def _words_of_prospects(rows: Iterable[Any]) -> Iterator[str]:
    country = organization().phone_country
    for row in rows:
        texts = [row.cells[key] for key in sorted(row.cells, key=column_id)]
        marks = [OPEN if row.converted_at is None else CLOSED, list_mark(row.prospecting_list_id)]
        marks += [owner_mark(row.user_id)] if row.user_id else []
        marks += [first_word(texts[0])] if texts else []
        contacts = contacts_in("\n".join(texts), country)
        numbers = (word for one in contacts if one.kind == PHONE for word in phone_words(one.value))
        yield joined(marks, [*texts, row.key, *numbers])


def _write(model: type[SearchWords], ids: Collection[int], wanted: dict[int, str]) -> None:
    """Store the words of these rows; delete the stored words of rows that have none now."""
    rows: models.Manager[Any] = model._default_manager
    present = dict(rows.filter(row__in=ids).values_list("row_id", "words"))
    gone = present.keys() - wanted.keys()
    if gone:
        rows.filter(row__in=gone).delete()
    changed = {one: words for one, words in wanted.items() if present.get(one) != words}
    rows.bulk_create(
        [model(row_id=one, words=words) for one, words in changed.items()],  # type: ignore[misc]
        update_conflicts=True,
        unique_fields=["row"],
        update_fields=["words"],
    )


def _model(name: str) -> Any:
    """Return a model of sales; leads import this module before they are defined."""
    return apps.get_model("sales", name)


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch
