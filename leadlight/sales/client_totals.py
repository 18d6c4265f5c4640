"""Totals of the leads of clients, counted as the reports count them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import OPEN

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class ClientTotals:
    """Totals of the leads of one client; leads without an amount count as 0 in amounts.

    `changed_at` is the last change of one of the leads, None without leads.
    """

    leads: int = 0
    open: int = 0
    won: int = 0
    lost: int = 0
    cancelled: int = 0
    open_amount: Decimal = ZERO
    won_amount: Decimal = ZERO
    changed_at: datetime | None = None

    @property
    def closed(self) -> int:
        return self.won + self.lost + self.cancelled

    @property
    def win_rate(self) -> float | None:
        """Won leads divided by closed leads, None without closed leads."""
        return self.won / self.closed if self.closed else None


def totals_by_client(leads: QuerySet[Lead], clients: Iterable[int]) -> dict[int, ClientTotals]:
    """Return client id → totals of the leads of the client among the given leads."""
    is_open, is_won = Q(status__in=OPEN), Q(status=Lead.Status.WON)
    # A subquery, so that leads are looked up by client and not by owner or team.
    of_clients = Lead.objects.filter(client__in=list(clients)).order_by()
    totals = (
        leads.filter(pk__in=of_clients.values("pk"))
        .order_by()
        .values("client_id")
        .annotate(
            leads=Count("pk"),
            open=Count("pk", filter=is_open),
            won=Count("pk", filter=is_won),
            lost=Count("pk", filter=Q(status=Lead.Status.LOST)),
            cancelled=Count("pk", filter=Q(status=Lead.Status.CANCELLED)),
            open_amount=Coalesce(Sum("amount", filter=is_open), ZERO),
            won_amount=Coalesce(Sum("amount", filter=is_won), ZERO),
            changed_at=Max("updated_at"),
        )
    )
    return {row["client_id"]: _totals(row) for row in totals}


def _totals(row: Mapping[str, Any]) -> ClientTotals:
    """Return the totals of a row of the query; the sums of SQLite have fewer decimals."""
    amounts = {key: row[key].quantize(ZERO) for key in ("open_amount", "won_amount")}
    counts = {key: row[key] for key in ("leads", "open", "won", "lost", "cancelled", "changed_at")}
    return ClientTotals(**counts, **amounts)
