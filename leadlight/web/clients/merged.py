"""Clients that were merged into a client, with the offer to undo each merge."""

from __future__ import annotations

from dataclasses import dataclass

from leadlight.accounts.models import User
from leadlight.sales import client_merging
from leadlight.sales.models import Client, ClientMerge


@dataclass(frozen=True)
class MergedClient:
    """Merged client; `undo_key` is the key of the action if the user can undo it, else ""."""

    client: Client
    undo_key: str


def merged_of(user: User, client: Client) -> list[MergedClient]:
    """Return the clients that were merged into a client, the last ones first."""
    merged = client_merging.merged_clients(client)
    merges = ClientMerge.objects.filter(merged__in=merged, kept=client, action__user=user)
    keys = {
        merge.merged_id: merge.action.key
        for merge in (merges.select_related("action") if merged else ())
        if merge.action.is_undoable
    }
    return [MergedClient(one, keys.get(one.pk, "")) for one in merged]
