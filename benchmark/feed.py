"""Benchmark of the activity feed over HTTP: plain, with each filter, and polled for new entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from functools import partial
from typing import Any

from benchmark.pages import get, server, signed_in
from benchmark.timing import WARM_RUNS, summary, timed
from leadlight.accounts.models import Membership, Organization, Team, User
from leadlight.sales.models import ActivityType, Lead, LeadEvent
from leadlight.web.feed.kinds import ACTIVITY_PREFIX, TITLES

Queries = dict[str, str]


def figures() -> Iterator[tuple[str, Any]]:
    """Yield the times of feed pages for three readers.

    An admin sees all leads; a seller sees their own, and a manager those of a team of an eighth of
    the company.
    """
    team = Team.objects.earliest("pk")
    admin = User.objects.filter(role=User.Role.ADMIN, is_active=True).earliest("pk")
    seller = _seller(team)
    manager = User.objects.filter(teams=team).exclude(pk=seller.pk).earliest("pk")
    User.objects.filter(pk=manager.pk).update(role=User.Role.MANAGER)
    Membership.objects.filter(user=manager, team=team).update(is_manager=True)
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    readers = {
        "admin": (admin, _queries(seller) | {"team": f"team={team.key}"}),
        "manager": (manager, _queries(seller) | {"team": f"team={team.key}"}),
        "seller": (seller, _queries(seller)),
    }
    with server(LEADLIGHT_WORKERS="1") as (port, _process):
        for reader, (user, queries) in readers.items():
            cookie = signed_in(user)
            for name, query in queries.items():
                page = partial(get, port, f"/activity/?{query}", cookie)
                first = timed(page, 1)[0]
                taken = summary(timed(page, WARM_RUNS))
                yield f"feed_{reader}_{name}", {"first_ms": round(first, 1), **taken}
            news = partial(get, port, f"/activity/new/?after={_future()}", cookie, 204)
            yield f"feed_{reader}_no_news", summary(timed(news, WARM_RUNS))


def _seller(team: Team) -> User:
    """Return the owner of the first lead of a team."""
    lead = (
        Lead.objects.filter(team=team, owner__isnull=False).select_related("owner").earliest("pk")
    )
    if lead.owner is None:
        raise AssertionError("a lead with an owner has none")
    return lead.owner


def _queries(seller: User) -> Queries:
    newest = LeadEvent.objects.latest("recorded_at").recorded_at
    earlier = newest - timedelta(365)
    week = f"from={earlier - timedelta(6):%Y-%m-%d}&to={earlier:%Y-%m-%d}"
    a_type = ActivityType.objects.earliest("pk").key
    return {
        "page": "",
        "earlier": f"before={earlier.astimezone(UTC):%Y-%m-%dT%H:%M:%S}~1",
        "week": week,
        "user": f"user={seller.key}",
        "user_and_kind": f"user={seller.key}&kind=won",
        "activity_type": f"kind={ACTIVITY_PREFIX}{a_type}",
        **{f"kind_{kind}": f"kind={kind}" for kind in TITLES},
    }


def _future() -> str:
    newest = LeadEvent.objects.latest("recorded_at").recorded_at
    return f"{newest.astimezone(UTC) + timedelta(3650):%Y-%m-%dT%H:%M:%SZ}"
