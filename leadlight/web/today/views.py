"""Today: a queue of leads, and the lead to act on beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from leadlight.sales import access
from leadlight.sales.models import Activity, Lead
from leadlight.sales.work_queue import coming
from leadlight.web.leads.change_page import ChangePage
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.days import start_of
from leadlight.web.today.colleagues import colleagues_of
from leadlight.web.today.panel import Panels, leads_of
from leadlight.web.today.place import NAME, Place
from leadlight.web.today.queue import queue_at

# Changes after which the next lead is shown.
LEAVING = ("standby", "todo", "won", "lost", "cancelled")
# Form that is open on the chosen lead: `ask=next`, after an activity was logged.
ASK, NEXT = "ask", "next"
MOST_COMING = 3
MENTIONED_FOR = timedelta(days=6)  # before today
LONGEST_SEARCH = 100


@signed_in
@require_safe
def today(request: ReaderRequest) -> HttpResponse:
    """Show the queue of the user, or of a colleague (`user`), with a lead (`lead`)."""
    place = Place.of(request)
    what = NEXT if request.GET.get(ASK) == NEXT else ""
    if place.lead and place.lead not in leads_of(request.user, [place.lead]):
        raise Http404
    return _page(request, place, what=what)


def show(
    request: ReaderRequest,
    lead: Lead,
    *,
    form: ChangeForm | None = None,
    what: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show a lead in its queue, with the form of a change open."""
    place = Place.of(request).at(lead.key)
    return _page(request, place, form=form, what=what, status=status)


def made(request: ReaderRequest, lead: Lead, what: str) -> HttpResponse:
    """Show the next lead, or after other changes the same one."""
    place = Place.of(request)
    is_left = what in LEAVING or lead.key not in leads_of(request.user, [lead.key])
    place = place.at(place.then if is_left else lead.key)
    asks = NEXT if what == "activity" else ""
    if not request.htmx:
        return redirect(place.address + (f"&{ASK}={asks}" if asks else ""))
    return _page(request, place, what=asks, is_next=is_left)


PAGE = ChangePage(show, made)


def _page(
    request: ReaderRequest,
    place: Place,
    *,
    form: ChangeForm | None = None,
    what: str = "",
    status: int = 200,
    is_next: bool = False,
) -> HttpResponse:
    """Return the page with the lead of a place, the first one of the queue by default.

    With `is_next`, the lead was next in the queue: if it no longer is in it, the first one is.
    """
    user, is_chosen = request.user, bool(place.lead)
    queue = queue_at(user, place)
    keys = [lead.key for lead in queue.leads]
    if not place.lead or (is_next and place.lead not in keys):
        place = place.at(keys[0] if keys else "")
    ahead = queue.following(place.lead)
    leads = leads_of(user, [place.lead, ahead])
    panels = Panels(user, place, queue, leads.values())
    context: dict[str, Any] = {
        "place": place,
        "queue": queue,
        "leaving": " ".join(LEAVING),
        "is_chosen": is_chosen,
        "panel": None,
        "ahead": None,
        "colleagues": colleagues_of(user, request.GET.get("who", "")[:LONGEST_SEARCH]),
        "logged": _logged(place),
        "mentions": _mentions(place) if place.is_mine else 0,
    }
    if place.lead in leads:
        context["panel"] = panels.of(leads[place.lead], form=form, what=what)
        if ahead in leads and ahead != place.lead:
            context["ahead"] = panels.of(leads[ahead])
    if not queue.count:
        visible = access.visible_leads(user)
        context["coming"] = list(coming(visible, place.user, place.now)[:MOST_COMING])
    response = render(request, "today/page.html", context, status=status)
    if request.htmx and status == 200:
        response.headers["HX-Replace-Url"] = place.address if is_chosen else reverse(NAME)
    return response


def _logged(place: Place) -> int:
    """Return the number of activities of today, of the person of a place."""
    start = start_of(place.today)
    # The condition on `recorded_at` excludes no activity of today, and has an index.
    return Activity.objects.filter(
        user=place.user, recorded_at__gte=start, occurred_at__gte=start
    ).count()


def _mentions(place: Place) -> int:
    """Return the number of comments of others that mentioned the person in the last days."""
    since = start_of(place.today - MENTIONED_FOR)
    leads = access.visible_leads(place.user)
    mentions = place.user.mentions.filter(recorded_at__gte=since, comment__lead__in=leads)
    return mentions.exclude(comment__actor=place.user).count()
