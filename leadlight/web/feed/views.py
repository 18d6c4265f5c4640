"""Pages of the feed: the entries, and the number of new ones while it is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.analytics.query import query_params
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.query_params import Clock
from leadlight.presentation.choices import may_filter_by
from leadlight.reporting.reader import company_clock
from leadlight.web.feed.entries import FeedPage, page_before
from leadlight.web.feed.filter_bar import feed_choices, filter_bar
from leadlight.web.feed.kinds import titles_with_activities
from leadlight.web.feed.moments import Reach, count_after, has_news, reach_of
from leadlight.web.feed.query import DIMENSIONS, FeedQuery, position_of, position_text
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused_query
from leadlight.web.shell.query_string import params_of
from leadlight.web.shell.unread_mentions import mark_all_read

LONGEST_SEARCH = 200
MOST_ANNOUNCED = 100
# A change that was recorded up to this long before the page was built counts as new, because it may
# have been committed later.
LATEST_COMMIT = timedelta(minutes=1)


@signed_in
@require_safe
def feed(request: ReaderRequest) -> HttpResponse:
    """Show a page of the events and activities of the leads that the user may see."""
    clock, kinds = _clock(), titles_with_activities()
    try:
        query = FeedQuery.from_request(request, clock, kinds, ("before",)).for_reader(request.user)
        before = position_of(params_of(request))
    except BadFilter as bad:
        return refused_query(request, bad, _("Activity"), "feed")
    if not request.htmx and any("" in values for _name, values in request.GET.lists()):
        return redirect(query.address)  # without the parameters of empty form controls
    page = page_before(_reach(request.user, query, clock), before, clock)
    today = clock.day_of(clock.now)
    context = {
        "page": page,
        "query": query,
        "bar": filter_bar(request.user, query, kinds),
        "is_first": before is None,
        "earlier": query.address_with(("before", position_text(page.end))) if page.end else "",
        "end_day": page.end and clock.day_of(page.end.recorded_at),
        "today": today,
        "yesterday": today - timedelta(1),
    }
    if before is None and (query.period is None or today in query.period):
        context["news_address"] = query.address_with(
            ("after", _new_after(page, clock).isoformat()), name="feed_news"
        )
    if query.mentions_reader and before is None:
        mark_all_read(request)
    response = render(request, "feed/page.html", context)
    if request.htmx:
        response.headers["HX-Push-Url"] = query.address
    return response


@signed_in
@require_safe
def feed_news(request: ReaderRequest) -> HttpResponse:
    """Announce the entries after an instant; respond with 204 if there are none."""
    try:
        after = _after(params_of(request))
        if not has_news(request.user, after):
            return HttpResponse(status=204)
        clock = _clock()
        query = FeedQuery.from_request(request, clock, titles_with_activities(), ("after",))
        query = query.for_reader(request.user)
    except BadFilter as bad:
        return refused_query(request, bad, _("Activity"), "feed")
    count = count_after(_reach(request.user, query, clock), after, MOST_ANNOUNCED)
    if not count:
        return HttpResponse(status=204)
    context = {"count": count, "most": MOST_ANNOUNCED - 1, "address": query.address}
    return render(request, "feed/news.html", context)


@signed_in
@require_safe
def choices(request: ReaderRequest, dimension: str) -> HttpResponse:
    """Show the choices of a filter whose names contain the words searched for."""
    if dimension not in DIMENSIONS or not may_filter_by(request.user, dimension):
        raise Http404
    params = params_of(request)
    searched = "".join(params.get("search", ()))[:LONGEST_SEARCH]
    chosen = query_params.values(params, dimension)
    found = feed_choices(request.user, dimension, chosen, searched)
    return render(request, "filters/choices.html", {"choices": found})


def _clock() -> Clock:
    return company_clock(organization())


def _reach(user: User, query: FeedQuery, clock: Clock) -> Reach:
    return reach_of(
        user,
        query.lead_filter.keys("team"),
        query.user_keys,
        query.kinds,
        query.instants(clock),
        mentions_user=query.mentions_reader,
    )


def _new_after(page: FeedPage, clock: Clock) -> datetime:
    """Return the instant after which entries are new to a reader of this page.

    It is that of the newest entry, but not before the page was built: an earlier instant would
    tell the reader when something happened on a lead that they may not see.
    """
    built_at = clock.now - LATEST_COMMIT
    return max(page.newest_at, built_at) if page.newest_at else built_at


def _after(params: dict[str, list[str]]) -> datetime:
    """Parse the parameter `after`. Raises BadFilter if it is no instant."""
    text = query_params.one(params, "after") or ""
    try:
        after = datetime.fromisoformat(text.replace(" ", "+"))
        if after.tzinfo is not None:
            return after.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # not an instant: reported like any other malformed text
    raise BadFilter(
        gettext_noop("“%(value)s” is not a valid position on the Activity page."), value=text
    )
