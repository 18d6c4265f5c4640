"""Today: a queue of leads and tasks, and the one to act on beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from leadlight.sales import access
from leadlight.sales.models import Activity, Lead, Task
from leadlight.sales.work_queue import coming
from leadlight.web.leads.change_page import ChangePage
from leadlight.web.leads.forms.after_sale import ASK, FOLLOW_UP, asks_for_follow_up
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.leads.tasks.forms import TaskForm
from leadlight.web.leads.tasks.views import TaskPage
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.days import start_of
from leadlight.web.today.colleagues import colleagues_of
from leadlight.web.today.panel import Panels, subjects_of
from leadlight.web.today.place import NAME, Item, Place
from leadlight.web.today.queue import queue_at

# Changes after which the next lead or task is shown. `WON` is one of them only if the user is not
# asked to start a follow-up.
LEAVING = ("standby", "todo", "lost", "cancelled", FOLLOW_UP, "done", "postpone", "remove")
WON = "won"
# Form that is open on the chosen lead: `ask=next`, after an activity was logged.
NEXT = "next"
MOST_COMING = 3
MENTIONED_FOR = timedelta(days=6)  # before today
LONGEST_SEARCH = 100


@signed_in
@require_safe
def today(request: ReaderRequest) -> HttpResponse:
    """Show the queue of the user, or of a colleague (`user`), with a lead or a task."""
    place = Place.of(request)
    asks = request.GET.get(ASK, "")
    if place.item and place.item not in subjects_of(request.user, [place.item]):
        raise Http404
    return _page(request, place, what=asks if asks in (NEXT, FOLLOW_UP) else "")


def show(
    request: ReaderRequest,
    lead: Lead,
    *,
    form: ChangeForm | None = None,
    what: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show a lead in its queue, with the form of a change open."""
    place = Place.of(request).at(Item(lead=lead.key))
    return _page(request, place, form=form, what=what, status=status)


def made(request: ReaderRequest, lead: Lead, what: str) -> HttpResponse:
    """Show the next lead or task after a change in `LEAVING`, else the same one.

    After an activity and after a win, the form of the next question can be open on it.
    """
    asks = NEXT if what == "activity" else ""
    if what == WON and asks_for_follow_up(request.user):
        asks = FOLLOW_UP
    is_left = what in LEAVING or (what == WON and not asks)
    return _made(request, Item(lead=lead.key), is_left=is_left, asks=asks)


def show_task(
    request: ReaderRequest, task: Task, *, form: TaskForm | None = None, status: int = 200
) -> HttpResponse:
    """Show a task in its queue, with the form of a change open."""
    return _page(request, Place.of(request).at(Item(task=task.key)), form=form, status=status)


def task_made(request: ReaderRequest, task: Task, what: str) -> HttpResponse:
    """Show the next lead or task after a change in `LEAVING`, else the same one."""
    return _made(request, Item(task=task.key), is_left=what in LEAVING)


def _made(request: ReaderRequest, item: Item, *, is_left: bool, asks: str = "") -> HttpResponse:
    place = Place.of(request)
    is_left = is_left or item not in subjects_of(request.user, [item])
    place = place.at(place.then) if is_left else place.at(item, place.then)
    asks = "" if is_left else asks
    if not request.htmx:
        return redirect(place.address + (f"&{ASK}={asks}" if asks else ""))
    return _page(request, place, what=asks, is_next=is_left)


PAGE = ChangePage(show, made)
TASK_PAGE = TaskPage(show_task, task_made)


def _page(
    request: ReaderRequest,
    place: Place,
    *,
    form: ChangeForm | TaskForm | None = None,
    what: str = "",
    status: int = 200,
    is_next: bool = False,
) -> HttpResponse:
    """Return the page with the lead or task of a place, the first one of the queue by default.

    With `is_next`, the item was the next one when the request was sent; if it has left the queue
    since, the first one is shown.
    """
    user, is_chosen = request.user, bool(place.item)
    queue = queue_at(user, place)
    items = queue.items
    if not place.item or (is_next and place.item not in items):
        place = place.at(items[0] if items else Item())
    ahead = place.then if place.item not in items and place.then in items else None
    ahead = ahead or queue.following(place.item)
    subjects = subjects_of(user, [place.item, ahead])
    panels = Panels(user, place, queue, list(subjects.values()))
    context: dict[str, Any] = {
        "place": place,
        "queue": queue,
        "leaving": " ".join(LEAVING if asks_for_follow_up(user) else (*LEAVING, WON)),
        "is_chosen": is_chosen,
        "panel": None,
        "ahead": None,
        "colleagues": colleagues_of(user, request.GET.get("who", "")[:LONGEST_SEARCH]),
        "logged": _logged(place),
        "mentions": _mentions(place) if place.is_mine else 0,
    }
    if place.item in subjects:
        context["panel"] = panels.of(subjects[place.item], form=form, what=what)
        if ahead in subjects and ahead != place.item:
            context["ahead"] = panels.of(subjects[ahead])
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
