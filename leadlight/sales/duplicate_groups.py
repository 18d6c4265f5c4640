"""Groups of leads that share an e-mail address, a phone number or a value of a key field.

The leads are compared in windows, newest first: a page reads at most `MOST_WINDOWS` windows of
`WINDOW` leads, and finds the older leads of each value by its index. Similar names are compared on
the page of a lead only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from django.db import connection

from leadlight.sales.contact_lines import EMAIL, PHONE
from leadlight.sales.duplicates import MOST_SHARED, RANK, Match, Reason
from leadlight.sales.models import CustomField, Lead, LeadEvent
from leadlight.sales.models.event_log import Kind

WINDOW = 2_000
MOST_WINDOWS = 10
GROUPS_ON_A_PAGE = 25
BATCH = 300  # values of one query

# The values of a window that 2 to MOST_SHARED leads have. A group belongs to the window of its
# newest lead: `_groups` leaves out the groups with a lead newer than the window.
CONTACTS = f"""
SELECT DISTINCT point.kind, point.value, point.value FROM sales_contactpoint point
WHERE point.lead_id > %s AND point.lead_id <= %s AND point.kind IN ('{EMAIL}', '{PHONE}') AND (
  SELECT COUNT(*) FROM (
    SELECT 1 FROM sales_contactpoint other
    WHERE other.value = point.value AND other.kind = point.kind LIMIT {MOST_SHARED + 1}
  ) AS counted
) BETWEEN 2 AND {MOST_SHARED}
"""
FIELD_VALUES = f"""
SELECT DISTINCT one.field_id, one.sort_text, one.text FROM sales_leadfieldvalue one
JOIN sales_customfield field ON field.id = one.field_id AND field.is_key AND NOT field.is_archived
WHERE one.owner_id > %s AND one.owner_id <= %s AND (
  SELECT COUNT(*) FROM (
    SELECT 1 FROM sales_leadfieldvalue other
    WHERE other.field_id = one.field_id AND other.sort_text = one.sort_text LIMIT {MOST_SHARED + 1}
  ) AS counted
) BETWEEN 2 AND {MOST_SHARED}
"""
CONTACT_LEADS = """
SELECT kind, value, lead_id FROM sales_contactpoint
WHERE value IN ({marks}) AND kind IN ('email', 'phone')
"""
FIELD_LEADS = """
SELECT field_id, sort_text, owner_id FROM sales_leadfieldvalue
WHERE sort_text IN ({marks}) AND field_id IN (
  SELECT id FROM sales_customfield WHERE is_key AND NOT is_archived
)
"""


@dataclass(frozen=True)
class Group:
    """Leads that are probably duplicates of each other, the oldest first, and the reasons."""

    leads: tuple[Lead, ...]
    matches: tuple[Match, ...]

    @property
    def others(self) -> tuple[Lead, ...]:
        return self.leads[1:]


@dataclass(frozen=True)
class GroupPage:
    """Groups, newest first. `compared_from` is the oldest compared lead, None if all were.

    `next_before` is the id before which the next page begins, None at the end.
    """

    groups: tuple[Group, ...]
    compared_from: Lead | None
    next_before: int | None


Key = tuple[object, str]


def page_before(before: int | None) -> GroupPage:
    """Return the groups whose newest lead is before an id, or the newest groups."""
    newest = Lead.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    upper = newest if before is None else min(newest, before - 1)
    groups: list[Group] = []
    for _window in range(MOST_WINDOWS):
        if upper <= 0 or len(groups) >= GROUPS_ON_A_PAGE:
            break
        lower = _lower_bound(upper)
        groups += _groups(lower, upper)
        upper = lower
    oldest = Lead.objects.filter(pk__gt=upper).order_by("pk").first() if upper > 0 else None
    return GroupPage(tuple(groups), oldest, upper + 1 if upper > 0 else None)


def _lower_bound(upper: int) -> int:
    """Return the exclusive lower bound of the window of leads up to an id; 0 for the last one."""
    ids = Lead.objects.filter(pk__lte=upper).order_by("-pk").values_list("pk", flat=True)
    return ids[WINDOW : WINDOW + 1].first() or 0


def _groups(lower: int, upper: int) -> list[Group]:
    shared: dict[frozenset[int], list[Match]] = defaultdict(list)
    fields = CustomField.objects.in_bulk()
    for key, (text, ids) in _leads_by_value(CONTACTS, CONTACT_LEADS, lower, upper).items():
        shared[frozenset(ids)].append(Match(Reason(str(key[0])), text))
    for key, (text, ids) in _leads_by_value(FIELD_VALUES, FIELD_LEADS, lower, upper).items():
        name = fields[int(str(key[0]))].name
        shared[frozenset(ids)].append(Match(Reason.FIELD, text, name))
    leads = Lead.objects.filter(is_deleted=False).select_related("client", "owner")
    loaded = leads.in_bulk(list({one for together in shared for one in together}))
    related = _related(loaded)
    groups: dict[tuple[Lead, ...], list[Match]] = defaultdict(list)
    for together, matches in shared.items():
        members = tuple(loaded[one] for one in sorted(together) if one in loaded)
        probable = _probable(members, related)
        if len(probable) > 1 and lower < probable[-1].pk <= upper:
            groups[probable] += matches
    ordered = sorted(groups.items(), key=lambda item: -item[0][-1].pk)
    return [
        Group(members, tuple(sorted(matches, key=lambda match: RANK[match.reason])))
        for members, matches in ordered
    ]


def _leads_by_value(
    values_sql: str, leads_sql: str, lower: int, upper: int
) -> dict[Key, tuple[str, set[int]]]:
    """Return the shared values of a window, each with its text and all leads that have it."""
    found: dict[Key, tuple[str, set[int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(values_sql, [lower, upper])
        for kind, value, text in cursor.fetchall():
            found.setdefault((kind, value), (text, set()))
        values = sorted({value for _kind, value in found})
        for start in range(0, len(values), BATCH):
            batch = values[start : start + BATCH]
            marks = ", ".join(["%s"] * len(batch))
            cursor.execute(leads_sql.format(marks=marks), batch)
            for kind, value, lead_id in cursor.fetchall():
                if (kind, value) in found:
                    found[kind, value][1].add(lead_id)
    return found


def _related(leads: Mapping[int, Lead]) -> set[frozenset[str]]:
    """Return the pairs of keys of leads with a relation."""
    events = LeadEvent.objects.filter(lead__in=leads, kind=Kind.RELATED)
    last: dict[tuple[str, str], str] = {
        (key, about): value
        for key, about, value in events.order_by("occurred_at", "pk").values_list(
            "lead__key", "about", "value"
        )
    }
    return {frozenset(pair) for pair, value in last.items() if value}


def _probable(leads: Sequence[Lead], related: Iterable[frozenset[str]]) -> tuple[Lead, ...]:
    """Return the leads that are a probable duplicate of another one among these.

    Two leads are no duplicates if both are closed, because nobody works on them, if they have a
    relation, or if they have the same client and one of them is closed.
    """
    kept: set[int] = set()
    for one, other in combinations(leads, 2):
        is_history = one.client_id is not None and one.client_id == other.client_id
        is_history = is_history and (one.is_closed or other.is_closed)
        is_over = one.is_closed and other.is_closed
        if not (is_history or is_over) and frozenset((one.key, other.key)) not in related:
            kept |= {one.pk, other.pk}
    return tuple(lead for lead in leads if lead.pk in kept)
