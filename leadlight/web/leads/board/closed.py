"""Closed leads beside the steps of the board: the last ones of each outcome."""

from __future__ import annotations

from dataclasses import dataclass

from leadlight.presentation import labels
from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import CLOSED
from leadlight.web.leads.board.place import Place
from leadlight.web.shell.auth import ReaderRequest

MOST_SHOWN = 10


@dataclass(frozen=True)
class ClosedColumn:
    """Last closed leads of one outcome, and the address of the list of all of them."""

    status: str
    title: str
    leads: tuple[Lead, ...]
    list_address: str


def closed_columns(request: ReaderRequest, place: Place) -> list[ClosedColumn]:
    """Return the last closed leads of each outcome; none unless the board shows them.

    They are those that the filters find, in the steps of the board.
    """
    if not place.shows_closed:
        return []
    leads = place.query.found(request.user).filter(step__in=place.steps, closed_at__isnull=False)
    leads = leads.select_related("client", "owner").order_by("-closed_at", "-pk")
    return [
        ClosedColumn(
            status,
            labels.status(status),
            tuple(leads.filter(status=status)[:MOST_SHOWN]),
            place.closed_address(status),
        )
        for status in CLOSED
    ]
