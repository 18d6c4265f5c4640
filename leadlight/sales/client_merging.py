"""Merge of two clients into one, and the undo of a merge.

The kept client gets the chosen values and the leads of the other one, with all that belongs to the
leads. The other client keeps its row and its values, and is no longer shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import (
    Action,
    Client,
    ClientFieldValue,
    ClientMerge,
    CustomField,
    Lead,
    Shortcut,
)
from leadlight.sales.models.actions import current_action
from leadlight.sales.models.client_names import LONGEST_NAME
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX, Kind
from leadlight.sales.models.lead_changes import move_to_client
from leadlight.sales.models.valid_values import valid_line, valid_text
from leadlight.sales.refusals import Refused
from leadlight.sales.search.writing import index_clients

# Foreign keys to clients whose rows move to the kept client. Every other one is in `STAYING`.
REPOINTED = ("sales.Lead.client",)
# Foreign keys to clients whose rows stay with the merged client, with the reason.
STAYING = {
    "sales.ClientFieldValue.owner": "Values of custom fields are chosen; the others stay readable.",
    "sales.ClientWords.row": "Search words are derived from the client.",
    "sales.Client.merged_into": "Earlier merges are undone one by one, the last one first.",
    "sales.ClientMerge.kept": "Earlier merges are undone one by one, the last one first.",
    "sales.ClientMerge.merged": "Earlier merges are undone one by one, the last one first.",
    "sales.ClientDifference.client": "A user compared the values of the merged client.",
    "sales.ClientDifference.other": "A user compared the values of the merged client.",
    "sales.BulkItem.client": "The undo of an import leaves a client that was changed since.",
}
NAME, ACTIVE, DESCRIPTION = "name", "active", "description"
BOTH = "both"  # keep both descriptions, joined
YES = "yes"
LONGEST_CHAIN = 20


def values_of(client: Client) -> dict[str, str]:
    """Return the values that a merge compares, as texts by name; "" for no value."""
    own = {CUSTOM_FIELD_PREFIX + key: text for key, text in client.field_texts.items()}
    return {
        NAME: client.name,
        ACTIVE: YES if client.is_active else "",
        DESCRIPTION: client.description,
    } | own


def choosable(kept: Client, other: Client, by: User) -> list[str]:
    """Return the names of the values that differ and that the kept client can take over.

    `ACTIVE` is among them only for users who may deactivate clients.
    """
    ours, theirs = values_of(kept), values_of(other)
    archived = {
        CUSTOM_FIELD_PREFIX + key
        for key in CustomField.objects.filter(is_archived=True).values_list("key", flat=True)
    }
    return [
        name
        for name, text in theirs.items()
        if ours.get(name, "") != text
        and name not in archived
        and (text or name == ACTIVE)
        and (name != ACTIVE or access.may_deactivate_clients(by))
    ]


def preferred(first: Client, second: Client) -> tuple[Client, Client]:
    """Return the client that a merge keeps by default, and then the other one.

    An active client is kept rather than an inactive one. If this does not decide, the client with
    more leads is kept, and of two with equally many leads the older one.
    """

    def rank(client: Client) -> tuple[bool, int, int]:
        return not client.is_active, -client.leads.count(), client.pk

    kept, other = sorted((first, second), key=rank)
    return kept, other


def merge(
    kept: Client, other: Client, *, taken: Collection[str], by: User, description: str = ""
) -> None:
    """Merge `other` into `kept`, which takes over the values of `other` that `taken` names.

    With `BOTH` as `description`, `kept` gets both descriptions. Raises `Refused` if the clients
    cannot be merged. The caller checks that the user may change both.
    """
    with transaction.atomic():
        lock(kept, other)
        _refuse(kept, other)
        before, theirs = values_of(kept), values_of(other)
        chosen = {name: theirs[name] for name in choosable(kept, other, by) if name in taken}
        if description == BOTH:
            both = (kept.description, other.description)
            chosen[DESCRIPTION] = valid_text("\n\n".join(filter(None, both)))
        _set_values(kept, chosen)
        move_to_client(_locked_leads(other), kept, by)
        other.merged_into, other.merged_at, other.merged_by = kept, timezone.now(), by
        other.save(update_fields=["merged_into", "merged_at", "merged_by"])
        shortcuts = _rename_in_shortcuts(other.key, kept.key)
        index_clients([kept.pk, other.pk])
        action = current_action()
        if action is not None:
            ClientMerge.objects.create(
                kept=kept,
                merged=other,
                action=action,
                before=before,
                after=values_of(kept),
                shortcuts=shortcuts,
            )


def lock(kept: Client, other: Client) -> None:
    """Lock both clients in the order of their ids, and read them again."""
    rows = Client.objects.select_for_update(of=("self",)).order_by("pk")
    list(rows.filter(pk__in=(kept.pk, other.pk)))
    for client in (kept, other):
        client.refresh_from_db()


def _refuse(kept: Client, other: Client) -> None:
    if kept.pk == other.pk:
        raise Refused(_("A client cannot be merged with itself."))
    for client in (kept, other):
        Client.refuse_merged(client.pk)


def _set_values(client: Client, values: Mapping[str, str]) -> None:
    """Set values by name; "" removes the value of a custom field."""
    fields = {CUSTOM_FIELD_PREFIX + field.key: field for field in CustomField.objects.all()}
    for name, text in values.items():
        if name in fields:
            ClientFieldValue.put(client, fields[name], text)
    client.name = valid_line(values.get(NAME, client.name), LONGEST_NAME)
    client.description = values.get(DESCRIPTION, client.description)
    client.is_active = values.get(ACTIVE, YES * client.is_active) == YES
    client.save(update_fields=["name", "sort_name", "description", "is_active"])


def _locked_leads(client: Client) -> list[Lead]:
    """Lock the leads of a client, those in the bin too, in the order of their ids."""
    rows = Lead.objects.filter(client=client).select_for_update(of=("self",))
    return list(rows.order_by("pk"))


# Shortcuts


def _rename_in_shortcuts(old: str, new: str) -> dict[str, list[str]]:
    """Replace the key of a client in the filters of shortcuts.

    Returns the query strings before and after, by the id of the shortcut.
    """
    changed: dict[str, list[str]] = {}
    for shortcut in Shortcut.objects.filter(query__contains="client=").select_for_update():
        query = _renamed(shortcut.query, old, new)
        if query != shortcut.query:
            changed[str(shortcut.pk)] = [shortcut.query, query]
            shortcut.query = query
            shortcut.save(update_fields=["query"])
    return changed


def _renamed(query: str, old: str, new: str) -> str:
    """Replace the key of a client in a query string, and sort its keys of clients.

    A query string without this key is returned unchanged.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    if ("client", old) not in pairs:
        return query
    keys = sorted({new if key == old else key for name, key in pairs if name == "client"})
    place = next(place for place, (name, _key) in enumerate(pairs) if name == "client")
    others = [pair for pair in pairs if pair[0] != "client"]
    return urlencode([*others[:place], *(("client", key) for key in keys), *others[place:]])


# Undo


def locked_merge(action: Action) -> ClientMerge | None:
    """Return the merge of clients by an action, with both clients locked; None if there is none."""
    merge = action.client_merges.select_related("kept", "merged").first()
    if merge is not None:
        lock(merge.kept, merge.merged)
    return merge


def undo_merge(merge: ClientMerge, leads: Collection[Lead], by: User) -> None:
    """Restore both clients, and move back the leads of the merge that the kept client still has.

    `leads` are the leads of the action, which the caller has locked. Raises `Refused` if the kept
    client has changed since or was merged itself.
    """
    kept, merged = merge.kept, merge.merged
    if kept.merged_into_id is not None:
        raise Refused(_("“%(client)s” was merged since. Undo this first.") % {"client": kept})
    if merged.merged_into_id != kept.pk or values_of(kept) != merge.after:
        raise Refused(_("“%(client)s” has changed since. Nothing was undone.") % {"client": kept})
    _set_values(kept, dict.fromkeys(values_of(kept), "") | merge.before)
    merged.merged_into = merged.merged_at = merged.merged_by = None
    merged.save(update_fields=["merged_into", "merged_at", "merged_by"])
    moved = merge.action.events.filter(kind=Kind.CLIENT).values_list("lead", flat=True)
    ids = set(moved)
    move_to_client(
        [lead for lead in leads if lead.pk in ids and lead.client_id == kept.pk], merged, by
    )
    for pk, (before, after) in merge.shortcuts.items():
        Shortcut.objects.filter(pk=int(pk), query=after).update(query=before)
    index_clients([kept.pk, merged.pk])


# Chains of merges


def kept_client_of(client: Client) -> Client | None:
    """Return the client into which a client was merged, directly or through others.

    None for a client that was not merged, and for a chain that is a cycle or too long.
    """
    current, seen = client, {client.pk}
    while current.merged_into is not None and len(seen) <= LONGEST_CHAIN:
        current = current.merged_into
        if current.pk in seen:
            return None
        seen.add(current.pk)
    return current if current.pk != client.pk and current.merged_into_id is None else None


def merged_clients(client: Client) -> list[Client]:
    """Return the clients that were merged into a client, with those merged into them."""
    found: dict[int, Client] = {}
    pending = [client.pk]
    while pending and len(found) <= LONGEST_CHAIN:
        rows = Client.objects.filter(merged_into__in=pending).select_related("merged_by")
        new = {one.pk: one for one in rows.order_by("-merged_at", "-pk") if one.pk not in found}
        found |= new
        pending = list(new)
    return list(found.values())
