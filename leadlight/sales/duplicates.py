"""Probable duplicates of a lead: same e-mail, phone or key field, same or very similar company.

Each index returns a bounded number of candidates, whose names are then compared. Open leads come
before closed ones. Two leads of one client are no duplicates if one of them is closed: they are its
history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales import access
from leadlight.sales.contact_lines import EMAIL, PHONE, contacts_in, shown_number
from leadlight.sales.models import CustomField, Lead, LeadEvent, LeadFieldValue
from leadlight.sales.models.client_names import sort_name
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.field_texts import sort_text
from leadlight.sales.models.relations import relations_of
from leadlight.sales.search.finding import name_candidates
from leadlight.sales.similar_names import SIMILAR, name_similarity

# A value that more leads share, such as the number of a switchboard, makes no duplicates.
MOST_SHARED = 20
MOST_VALUES = 12  # contact points and key fields that are looked up
SHOWN = 5
# A closed lead with a similar name is a duplicate if it was closed within this time.
RECENT = timedelta(days=180)


class Reason(models.TextChoices):
    """Reasons for a duplicate, the strongest first."""

    EMAIL = EMAIL, _("same email address")
    PHONE = PHONE, _("same phone number")
    FIELD = "field", _("same value of a key field")
    CLIENT = "client", _("open lead of the same client")
    NAME = "name", _("very similar name")


# Reasons that are shown even for leads that the user may not see. A similar name is not shown, so
# that users cannot find out the names of such leads by guessing.
EXACT = (Reason.EMAIL, Reason.PHONE, Reason.FIELD)
RANK = {reason: place for place, reason in enumerate(Reason)}


@dataclass(frozen=True)
class Match:
    """Reason why two leads are probably duplicates; `value` is the shared value or the name."""

    reason: Reason
    value: str
    field_name: str = ""

    @property
    def title(self) -> str:
        if self.field_name:
            return str(_("same “%(field)s”") % {"field": self.field_name})
        return str(self.reason.label)

    @property
    def shown(self) -> str:
        """Value for people: a phone number as it is written in the country of the company."""
        if self.reason == Reason.PHONE:
            return shown_number(self.value, organization().phone_country)
        return self.value


@dataclass(frozen=True)
class Duplicate:
    """Lead that is probably a duplicate, with the reasons, the strongest first."""

    lead: Lead
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class Duplicates:
    """Probable duplicates, best first; `has_more` if there are others.

    `hidden` are the reasons for leads that the user may not see. `shared` are values of more than
    `MOST_SHARED` leads, which are no sign of a duplicate.
    """

    found: tuple[Duplicate, ...] = ()
    has_more: bool = False
    hidden: tuple[Match, ...] = ()
    shared: tuple[Match, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.found or self.hidden)


@dataclass(frozen=True)
class Wanted:
    """Lead, or typed text, of which duplicates are sought.

    `contacts` are kinds and values of contact points, `fields` key fields with their texts. `lead`
    is None for a lead that is not created yet.
    """

    title: str
    client_name: str = ""
    client_id: int | None = None
    contacts: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[CustomField, str], ...] = ()
    lead: Lead | None = None

    @property
    def company(self) -> str:
        return self.client_name or self.title


def of_lead(lead: Lead, user: User) -> Duplicates:
    """Return the probable duplicates of a lead for a user."""
    points = lead.contact_points.filter(kind__in=(EMAIL, PHONE)).values_list("kind", "value")
    keys = LeadFieldValue.objects.filter(
        owner=lead, field__is_key=True, field__is_archived=False
    ).select_related("field")
    wanted = Wanted(
        title=lead.title,
        client_name=lead.client.name if lead.client else "",
        client_id=lead.client_id,
        contacts=tuple(points),
        fields=tuple((value.field, value.text) for value in keys),
        lead=lead,
    )
    return find(wanted, user)


def of_text(user: User, title: str, client: str, description: str) -> Duplicates:
    """Return the probable duplicates of a lead that is being typed."""
    contacts = contacts_in(description, organization().phone_country)
    points = ((one.kind, one.value) for one in contacts if one.kind in (EMAIL, PHONE))
    clients = access.visible_clients(user).filter(sort_name=sort_name(client))
    existing = clients.order_by("pk").first() if client.strip() else None
    wanted = Wanted(
        title=title.strip(),
        client_name=client.strip(),
        client_id=existing.pk if existing else None,
        contacts=tuple(points),
    )
    return find(wanted, user)


def find(wanted: Wanted, user: User) -> Duplicates:
    """Return the probable duplicates of a lead or of typed text, for a user."""
    matches, shared = _same_values(wanted)
    for pk, match in _same_names(wanted):
        matches[pk].append(match)
    leads = _leads(matches, wanted)
    related = _related(wanted, leads)
    probable = [
        Duplicate(lead, tuple(sorted(matches[pk], key=lambda match: RANK[match.reason])))
        for pk, lead in leads.items()
        if matches.get(pk) and lead.key not in related and not _is_history(wanted, lead)
    ]
    return _for_reader(probable, shared, user)


def _for_reader(probable: Sequence[Duplicate], shared: Sequence[Match], user: User) -> Duplicates:
    ids = [one.lead.pk for one in probable]
    visible = access.visible_leads(user).filter(pk__in=ids) if ids else Lead.objects.none()
    seen = set(visible.values_list("pk", flat=True))
    ordered = sorted((one for one in probable if one.lead.pk in seen), key=_rank)
    hidden = {
        match: None
        for one in probable
        if one.lead.pk not in seen
        for match in one.matches
        if match.reason in EXACT
    }
    return Duplicates(tuple(ordered[:SHOWN]), len(ordered) > SHOWN, tuple(hidden), tuple(shared))


def _rank(one: Duplicate) -> tuple[Any, ...]:
    """Order of duplicates: open ones first, then the strongest reason, then the newest."""
    return one.lead.is_closed, RANK[one.matches[0].reason], -len(one.matches), -one.lead.pk


def _leads(ids: Iterable[int], wanted: Wanted) -> dict[int, Lead]:
    rows = Lead.objects.filter(is_deleted=False).select_related("client", "owner", "step")
    own = {wanted.lead.pk} if wanted.lead else set()
    return rows.in_bulk(sorted({*ids} - own))


def _is_history(wanted: Wanted, lead: Lead) -> bool:
    """Return whether both leads have the same client and one of them is closed."""
    if wanted.client_id is None or wanted.client_id != lead.client_id:
        return False
    return lead.is_closed or (wanted.lead is not None and wanted.lead.is_closed)


def _related(wanted: Wanted, leads: dict[int, Lead]) -> set[str]:
    """Return the keys of the leads with a relation to the wanted one, from either side.

    A relation shows that somebody compared the two, or made one from the other.
    """
    if wanted.lead is None or not leads:
        return set()
    own = {key for key, relation in relations_of(wanted.lead).items() if relation}
    events = LeadEvent.objects.filter(lead__in=leads, kind=Kind.RELATED, about=wanted.lead.key)
    last = dict(events.order_by("occurred_at", "pk").values_list("lead__key", "value"))
    return own | {key for key, value in last.items() if value}


# Names


def _same_names(wanted: Wanted) -> Iterator[tuple[int, Match]]:
    """Yield the leads with very similar names, by id."""
    named = name_candidates(wanted.company) if wanted.company else []
    ids = {*named, *_open_of_client(wanted)}
    rows = (
        Lead.objects.filter(pk__in=ids, is_deleted=False).order_by() if ids else Lead.objects.none()
    )
    names = rows.values_list("pk", "title", "client_id", "client__name", "closed_at")
    for pk, title, client_id, client, closed_at in names:
        match = _name_match(wanted, title, client_id, client, closed_at)
        if match is not None:
            yield pk, match


def _name_match(
    wanted: Wanted, title: str, client_id: int | None, client: str | None, closed_at: Any
) -> Match | None:
    """Compare the names of the companies; for leads of one client, their titles."""
    if wanted.client_id is not None and wanted.client_id == client_id:
        if wanted.lead is None and closed_at is None:
            return Match(Reason.CLIENT, client or "")
        pair = (wanted.title, title)
    else:
        pair = (wanted.company, client or title)
    is_old = closed_at is not None and closed_at < timezone.now() - RECENT
    if not is_old and name_similarity(*pair) >= SIMILAR:
        return Match(Reason.NAME, pair[1])
    return None


def _open_of_client(wanted: Wanted) -> list[int]:
    """Return the open leads of the client of a new lead; none for a lead that exists."""
    if wanted.client_id is None or wanted.lead is not None:
        return []
    leads = Lead.objects.filter(client=wanted.client_id, closed_at=None, is_deleted=False)
    return list(leads.order_by().values_list("pk", flat=True)[:MOST_SHARED])


# Values


@dataclass(frozen=True)
class _Lookup:
    """Query of the leads with a value, and the match that it makes."""

    match: Match
    sql: str
    params: tuple[Any, ...] = field(default=())


def _same_values(wanted: Wanted) -> tuple[dict[int, list[Match]], list[Match]]:
    """Return the leads with the same values by id, and the values that too many leads share."""
    found: dict[int, list[Match]] = defaultdict(list)
    shared: list[Match] = []
    lookups = [*_lookups(wanted)][:MOST_VALUES]
    if not lookups:
        return found, shared
    own = wanted.lead.pk if wanted.lead else 0
    parts, params = [], []
    for number, lookup in enumerate(lookups):
        parts.append(
            f"SELECT * FROM (SELECT DISTINCT {number:d}, lead.id FROM {lookup.sql} "
            "AND NOT lead.is_deleted AND lead.id <> %s "
            f"LIMIT {MOST_SHARED + 1:d}) AS part_{number:d}"
        )
        params += [*lookup.params, own]
    rows: dict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        for number, lead_id in cursor.fetchall():
            rows[number].append(lead_id)
    for number, ids in rows.items():
        match = lookups[number].match
        if len(ids) > MOST_SHARED:
            shared.append(match)
            continue
        for lead_id in ids:
            found[lead_id].append(match)
    return found, shared


def _lookups(wanted: Wanted) -> Iterable[_Lookup]:
    points = (
        "sales_contactpoint point JOIN sales_lead lead ON lead.id = point.lead_id "
        "WHERE point.value = %s AND point.kind = %s"
    )
    values = (
        "sales_leadfieldvalue value JOIN sales_lead lead ON lead.id = value.owner_id "
        "WHERE value.field_id = %s AND value.sort_text = %s"
    )
    for one, text in wanted.fields:
        match = Match(Reason.FIELD, text, one.name)
        yield _Lookup(match, values, (one.pk, sort_text(one, text)))
    for kind, value in wanted.contacts:
        yield _Lookup(Match(Reason(kind), value), points, (value, kind))
