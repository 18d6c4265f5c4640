"""Links from a lead back to its list, and to the leads before and after it there.

The address of the lead holds the query string of the list (`from`), the position of the lead in it
(`at`) and its number (`n`), so that two tabs do not disturb each other. The position is that at the
time of the click: the next lead is the same, whatever was changed on this one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from leadlight.accounts.models import User
from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation import formats
from leadlight.sales.lead_order import Order, Position
from leadlight.sales.models import Lead
from leadlight.sales.refusals import Refused
from leadlight.web.leads.list_query import ListQuery
from leadlight.web.leads.list_rows import address_of
from leadlight.web.leads.listing import count_text
from leadlight.web.shell.query_string import params_in

LONGEST_NUMBER = 9  # digits


@dataclass(frozen=True)
class Trail:
    """Addresses of the list and of the leads before and after a lead, "" for none."""

    list_address: str
    previous_address: str
    next_address: str
    number: str
    count: str


def trail_of(request: HttpRequest, user: User, lead: Lead) -> Trail | None:
    """Return the trail in the address of a lead; None without one, or if it cannot be read."""
    source = request.GET.get("from")
    if source is None or "at" not in request.GET:
        return None
    try:
        query = ListQuery.from_params(params_in(QueryDict(source))).read_by(user)
        order = query.order(user)
        position = query.sort.position_of(request.GET["at"])
    except (BadFilter, Refused, ValueError):
        return None
    if order.sort.word != query.sort.word:
        return None  # since then, too many leads were added for the sort
    return _trail(order, source, position, lead, _number(request.GET.get("n", "")))


def _trail(order: Order, source: str, position: Position, lead: Lead, number: int | None) -> Trail:
    before, after = order.before(position, 1), order.after(position, 1)
    keys = dict(
        Lead.objects.filter(pk__in=[one.pk for one in (*before, *after)]).values_list("pk", "key")
    )
    known = order.number_of(position)
    number = number if known is None else known
    is_still_there = order.leads.filter(pk=lead.pk).exists()

    def address(found: list[Position], of_neighbour: int | None) -> str:
        if not found or found[0].pk not in keys:
            return ""
        neighbour = Lead(pk=found[0].pk, key=keys[found[0].pk])
        return address_of(neighbour, source, found[0], of_neighbour)

    following = None if number is None else number + is_still_there
    return Trail(
        reverse("leads") + (f"?{source}" if source else "") + f"#lead-{lead.pk}",
        address(before, None if number is None else max(number - 1, 1)),
        address(after, following),
        "" if number is None else formats.number(number),
        count_text(order.count),
    )


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return int(text) if is_number else None
