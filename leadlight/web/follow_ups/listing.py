"""Filters and rows of the pages of follow-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from leadlight.accounts.models import User
from leadlight.sales import access, task_access
from leadlight.sales.follow_up_progress import Progress, progress_by, progress_of
from leadlight.sales.follow_ups import OPEN
from leadlight.sales.models import Client, FollowUp, FollowUpTemplate, Task

ON_A_PAGE = 50
RUNNING, ALL = "running", "all"
BY_TEMPLATE, BY_CLIENT = "template", "client"
ME = "me"


@dataclass(frozen=True)
class FollowUpQuery:
    """Filters of the list, and its position.

    `state` is `RUNNING` for follow-ups with open tasks, or `ALL`. `owner` is a user who owns one of
    the tasks. `before` is the position of the last row of the previous page: start and id.
    """

    template: FollowUpTemplate | None = None
    client: Client | None = None
    owner: User | None = None
    state: str = RUNNING
    is_late: bool = False
    before: tuple[datetime, int] | None = None

    @classmethod
    def of(cls, user: User, sent: Any) -> FollowUpQuery:
        """Return the query of an address; values that the user may not choose are left out."""
        keys = {name: sent.get(name, "").replace("\0", "") for name in ("template", "client")}
        owner = sent.get("user", "").replace("\0", "")
        users = access.visible_users(user)
        return cls(
            _first(FollowUpTemplate.objects.all(), keys["template"]),
            _first(access.visible_clients(user), keys["client"]),
            user if owner == ME else _first(users, owner),
            ALL if sent.get("state") == ALL else RUNNING,
            sent.get("late") == "yes",
            _position(sent.get("before", "")),
        )

    def found(self, user: User, today: date) -> QuerySet[FollowUp]:
        """Return the follow-ups that a user may see, the last started first."""
        tasks = Task.objects.filter(follow_up=OuterRef("pk"), is_removed=False)
        of_open = tasks.filter(status__in=OPEN)
        found = task_access.visible_follow_ups(user)
        found = found.filter(Exists(of_open if self.state == RUNNING else tasks))
        if self.template is not None:
            found = found.filter(template=self.template)
        if self.client is not None:
            found = found.filter(lead__client=self.client)
        if self.is_late:
            found = found.filter(Exists(of_open.filter(due_on__lt=today)))
        if self.owner is not None:
            owned = of_open if self.state == RUNNING else tasks
            found = found.filter(Exists(owned.filter(owner=self.owner)))
        if self.before is not None:
            at, number = self.before
            found = found.filter(Q(started_at__lt=at) | Q(started_at=at, pk__lt=number))
        return found.order_by("-started_at", "-pk")

    @property
    def pairs(self) -> list[tuple[str, str]]:
        rows = (("template", self.template), ("client", self.client), ("user", self.owner))
        pairs = [(name, row.key) for name, row in rows if row is not None]
        pairs += [("state", ALL)] if self.state == ALL else []
        return pairs + ([("late", "yes")] if self.is_late else [])

    def address(self, *more: tuple[str, str]) -> str:
        pairs = [*self.pairs, *more]
        return reverse("follow_ups") + (f"?{urlencode(pairs)}" if pairs else "")


@dataclass(frozen=True)
class Row:
    follow_up: FollowUp
    progress: Progress


@dataclass(frozen=True)
class Listing:
    """Page of the list; `next_address` is that of the next page, "" for the last one."""

    rows: tuple[Row, ...]
    next_address: str


@dataclass(frozen=True)
class Total:
    """Open tasks of one template or client, with the address of its follow-ups."""

    name: str
    progress: Progress
    address: str


def listing_of(user: User, query: FollowUpQuery, today: date) -> Listing:
    related = ("lead__client", "lead__owner", "template")
    found = list(query.found(user, today).select_related(*related)[: ON_A_PAGE + 1])
    shown = found[:ON_A_PAGE]
    progress = progress_of([one.pk for one in shown], today)
    rows = tuple(Row(one, progress.get(one.pk, Progress())) for one in shown)
    more = ""
    if len(found) > ON_A_PAGE:
        last = shown[-1]
        more = query.address(("before", f"{last.started_at.isoformat()} {last.pk}"))
    return Listing(rows, more)


def totals_by(user: User, by: str, today: date) -> list[Total]:
    """Return the open tasks of running follow-ups by template or client, the most late first.

    Of clients, only the first `ON_A_PAGE` are returned.
    """
    tasks = Task.objects.filter(status__in=OPEN, follow_up__isnull=False)
    tasks = tasks.filter(lead__in=access.visible_leads(user).order_by().values("pk"))
    column = "follow_up__template" if by == BY_TEMPLATE else "lead__client"
    found = progress_by(tasks.filter(**{f"{column}__isnull": False}), column, today)
    first = sorted(found.items(), key=lambda one: (-one[1].late, -one[1].count, one[0]))
    first = first[:ON_A_PAGE]
    model: Any = FollowUpTemplate if by == BY_TEMPLATE else Client
    rows = model.objects.in_bulk([number for number, _progress in first])
    return [
        Total(str(rows[number]), progress, FollowUpQuery().address((by, rows[number].key)))
        for number, progress in first
        if number in rows
    ]


def _first(rows: QuerySet[Any], key: str) -> Any:
    return rows.filter(key=key).first() if key else None


def _position(text: str) -> tuple[datetime, int] | None:
    """Parse the position of a page: an instant and an id; None if it is malformed."""
    at, _space, number = text.rpartition(" ")
    try:
        instant = datetime.fromisoformat(at.replace(" ", "+"))
    except ValueError:
        return None
    if instant.tzinfo is None or not (number.isascii() and number.isdecimal()) or len(number) > 18:
        return None
    return instant, int(number)
