"""Check of the clients that were merged into others."""

from __future__ import annotations

from collections.abc import Iterator

from leadlight.sales.models import Client


def differences() -> Iterator[str]:
    """Yield a sentence for each merged client that has leads or is part of a cycle of merges.

    The check of search words includes merged clients.
    """
    merged = Client.objects.filter(merged_into__isnull=False)
    for client in merged.filter(leads__isnull=False).distinct().order_by("pk"):
        yield f"Client {client.pk} ({client}): it was merged, but has leads."
    targets = dict(merged.values_list("pk", "merged_into"))
    for client_id in sorted(targets):
        seen: set[int | None] = set()
        current: int | None = client_id
        while current in targets and current not in seen:
            seen.add(current)
            current = targets[current]
        if current in seen:
            yield f"Client {client_id}: it was merged into itself."
