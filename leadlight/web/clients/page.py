"""Page of one client: its leads, totals, recent activities, and the parts to edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse

from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.client_totals import ClientTotals, totals_by_client
from leadlight.sales.models import Activity, Client, Lead
from leadlight.sales.models.event_log import CLOSED, OPEN
from leadlight.web.clients.follow_ups import follow_ups_of
from leadlight.web.clients.merged import merged_of
from leadlight.web.clients.parts import DESCRIPTION, NAME, Part, parts_of
from leadlight.web.shell.auth import ReaderRequest

# Name of the URL pattern of the form for a new lead; without such a pattern, there is no link.
NEW_LEAD = "new_lead"
# Values of the parameter `done`: the change just made, which the page offers to undo.
DEACTIVATED, REACTIVATED = "deactivated", "reactivated"
LEADS_SHOWN = 50
ACTIVITIES_SHOWN = 10
FEW = 10


@dataclass(frozen=True)
class Figure:
    """Totals of a client, with the addresses of the lists of leads behind them."""

    totals: ClientTotals
    key: str

    def leads_address(self, *statuses: str) -> str:
        pairs = [("client", self.key), *(("status", status) for status in statuses)]
        return f"{reverse('leads')}?{urlencode(pairs)}"

    @property
    def all_leads(self) -> str:
        return self.leads_address()

    @property
    def open_leads(self) -> str:
        return self.leads_address(*OPEN)

    @property
    def won_leads(self) -> str:
        return self.leads_address(Lead.Status.WON)

    @property
    def lost_leads(self) -> str:
        return self.leads_address(Lead.Status.LOST)

    @property
    def cancelled_leads(self) -> str:
        return self.leads_address(Lead.Status.CANCELLED)

    @property
    def closed_leads(self) -> str:
        return self.leads_address(*CLOSED)

    @property
    def win_rate(self) -> str:
        return formats.percent(self.totals.win_rate)

    @property
    def is_of_few(self) -> bool:
        """Whether there are fewer than `FEW` closed leads, too few to judge the win rate."""
        return self.totals.closed < FEW


def visible_client(user: User, key: str) -> Client:
    """Return a client. Raises Http404 for one that the user may not see, as for a missing one."""
    client = get_object_or_404(Client.objects.select_related("created_by"), key=key)
    if not access.may_see_client(user, client):
        raise Http404
    return client


def client_page(
    request: ReaderRequest, client: Client, *, editing: Part | None = None, status: int = 200
) -> HttpResponse:
    """Render the page of a client; `editing` replaces the part with the same key."""
    user = request.user
    may_edit = access.may_edit_client(user, client)
    parts = parts_of(client, may_edit=may_edit)
    if editing is not None:
        parts[editing.key] = editing
    leads = access.visible_leads(user).filter(client=client)
    totals = totals_by_client(access.visible_leads(user), [client.pk])
    context: dict[str, Any] = {
        "client": client,
        "name": parts.pop(NAME),
        "description": parts.pop(DESCRIPTION),
        "fields": list(parts.values()),
        "leads": _open_first(leads),
        "figures": Figure(totals.get(client.pk, ClientTotals()), client.key),
        "activities": _recent_activities(leads),
        "new_lead": _new_lead_address(client),
        "last_won": leads.filter(status=Lead.Status.WON).order_by("-closed_at", "-pk").first(),
        "follow_ups": follow_ups_of(user, client),
        "may_edit": may_edit,
        "merged": merged_of(user, client),
        "may_deactivate": access.may_deactivate_clients(user),
        "is_undo_offered": request.GET.get("done")
        == (REACTIVATED if client.is_active else DEACTIVATED),
    }
    return render(request, "clients/client.html", context, status=status)


def _open_first(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    place = Case(
        When(status__in=OPEN, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    ordered = leads.select_related("owner", "step").order_by(place, "-created_at", "-pk")
    return ordered[:LEADS_SHOWN]


def _recent_activities(leads: QuerySet[Lead]) -> QuerySet[Activity]:
    activities = Activity.objects.filter(lead__in=leads.order_by().values("pk"))
    with_names = activities.select_related("activity_type", "outcome", "user", "lead")
    return with_names.order_by("-occurred_at", "-pk")[:ACTIVITIES_SHOWN]


def _new_lead_address(client: Client) -> str:
    """Return the address of the form for a new lead of the client, "" if there is no such form."""
    try:
        return f"{reverse(NEW_LEAD)}?{urlencode({'client': client.key})}"
    except NoReverseMatch:
        return ""
