"""Groups of clients with a very similar name or the same value of a key field.

Pairs that users marked as not duplicates are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.sales.duplicates import MOST_SHARED, Match, Reason
from leadlight.sales.models import Client, ClientDifference, ClientFieldValue
from leadlight.sales.models.actions import current_action
from leadlight.sales.similar_names import SIMILAR, similarity_of, words_to_compare

# Newest clients that are compared with each other.
MOST_COMPARED = 10_000
MOST_GROUPS = 50
# Two names are compared if both have a word with the same first `BEGINNING` letters, unless more
# than `MOST_ALIKE` names have one.
BEGINNING, MOST_ALIKE = 4, 60

Pair = tuple[int, int]


@dataclass(frozen=True)
class ClientGroup:
    """Clients that are probably duplicates of each other, the oldest first, and the reasons."""

    clients: tuple[Client, ...]
    matches: tuple[Match, ...]

    @property
    def others(self) -> tuple[Client, ...]:
        return self.clients[1:]


@dataclass(frozen=True)
class ClientGroups:
    """Groups of probable duplicates, newest first.

    With `is_cut`, only the newest `MOST_COMPARED` clients were compared. With `has_more`, there are
    more groups than the `MOST_GROUPS` that are returned.
    """

    groups: tuple[ClientGroup, ...]
    is_cut: bool
    has_more: bool


def client_groups() -> ClientGroups:
    """Return the groups of clients with similar names or the same value of a key field."""
    rows = Client.unmerged().order_by("-pk").values_list("pk", "name")
    newest = list(rows[: MOST_COMPARED + 1])
    names = dict(newest[:MOST_COMPARED])
    pairs: dict[Pair, list[Match]] = defaultdict(list)
    for ids, match in _same_values():
        for pair in combinations(sorted(ids), 2):
            pairs[pair].append(match)
    for pair in _similar(names):
        pairs[pair].append(Match(Reason.NAME, names[pair[1]]))
    for pair in _different():
        pairs.pop(pair, None)
    joined = sorted(_joined(pairs), key=lambda ids: -ids[-1])
    shown = joined[:MOST_GROUPS]
    clients = Client.objects.in_bulk([pk for ids in shown for pk in ids])
    groups = tuple(
        ClientGroup(tuple(clients[pk] for pk in ids), _matches(ids, pairs)) for ids in shown
    )
    return ClientGroups(groups, len(newest) > MOST_COMPARED, len(joined) > MOST_GROUPS)


def keep_apart(client: Client, others: Iterable[Client], *, by: User) -> None:
    """Record that a client is no duplicate of others; pairs that are recorded already stay."""
    now, recorded = timezone.now(), set(_different())
    ClientDifference.objects.bulk_create(
        ClientDifference(
            client=client, other=other, created_at=now, created_by=by, action=current_action()
        )
        for other in others
        if other.pk != client.pk and _in_order(client.pk, other.pk) not in recorded
    )


def _different() -> Iterator[Pair]:
    """Yield the pairs of clients that users marked as not duplicates."""
    for pair in ClientDifference.objects.values_list("client", "other"):
        yield _in_order(*pair)


def _in_order(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)


def _matches(ids: tuple[int, ...], pairs: Mapping[Pair, list[Match]]) -> tuple[Match, ...]:
    """Return the reasons for a group of clients, with at most one similar name."""
    found = [match for pair in combinations(ids, 2) for match in pairs.get(pair, ())]
    names = [match for match in found if match.reason == Reason.NAME]
    return tuple(dict.fromkeys([*(one for one in found if one not in names), *names[:1]]))


def _same_values() -> Iterator[tuple[list[int], Match]]:
    """Yield the ids of 2 to `MOST_SHARED` clients with the same value of a key field."""
    values = ClientFieldValue.objects.filter(
        field__is_key=True, field__is_archived=False, owner__merged_into=None
    ).exclude(sort_text="")
    owners: dict[tuple[str, str], list[int]] = defaultdict(list)
    texts: dict[tuple[str, str], str] = {}
    for name, key, text, owner in values.order_by("owner").values_list(
        "field__name", "sort_text", "text", "owner"
    ):
        owners[name, key].append(owner)
        texts.setdefault((name, key), text)
    for (name, key), ids in owners.items():
        if 2 <= len(ids) <= MOST_SHARED:
            yield ids, Match(Reason.FIELD, texts[name, key], name)


def _similar(names: dict[int, str]) -> Iterator[Pair]:
    """Yield the pairs of clients with very similar names."""
    words = {pk: words_to_compare(name) for pk, name in names.items()}
    alike: dict[str, list[int]] = defaultdict(list)
    for pk, own in words.items():
        for beginning in {"".join(own), *(word[:BEGINNING] for word in own)}:
            alike[beginning].append(pk)
    candidates = {
        pair
        for ids in alike.values()
        if len(ids) <= MOST_ALIKE
        for pair in combinations(sorted(ids), 2)
    }
    for one, other in candidates:
        if similarity_of(words[one], words[other]) >= SIMILAR:
            yield one, other


def _joined(pairs: Iterable[Pair]) -> Collection[tuple[int, ...]]:
    """Return the groups of ids that are connected by pairs, each sorted."""
    group_of: dict[int, set[int]] = {}
    for one, other in pairs:
        group = group_of.get(one, {one}) | group_of.get(other, {other})
        group_of |= dict.fromkeys(group, group)
    return {tuple(sorted(group)) for group in group_of.values()}
