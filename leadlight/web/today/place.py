"""Position in Today: the owner of the queue, its page, and the chosen lead or task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.web.leads.change_page import RETURN
from leadlight.web.shell.auth import ReaderRequest

NAME = "today"


@dataclass(frozen=True)
class Item:
    """Lead or task of the queue, by its key; false if there is none."""

    lead: str = ""
    task: str = ""

    def __bool__(self) -> bool:
        return bool(self.lead or self.task)

    @property
    def token(self) -> str:
        """Name of the item on the page, by which scripts find its row and its panel."""
        return f"task:{self.task}" if self.task else self.lead

    def pairs(self, lead: str = "lead", task: str = "task") -> list[tuple[str, str]]:
        """Return the parameter of the item; `lead` and `task` are the names of the two kinds."""
        if self.task:
            return [(task, self.task)]
        return [(lead, self.lead)] if self.lead else []


@dataclass(frozen=True)
class Place:
    """Parameters of the page, and its instant.

    `item` is the chosen lead or task, and `then` the next one.
    """

    user: User
    is_mine: bool
    now: datetime
    page: str = ""
    item: Item = Item()
    then: Item = Item()

    @classmethod
    def of(cls, request: ReaderRequest) -> Place:
        """Return the place in the parameters of a request, a form or an address.

        Raises Http404 for a user whom the reader may not see.
        """
        sent: Any = request.POST if request.method == "POST" else request.GET
        key = sent.get("user", "")
        user = request.user
        if key and key != user.key:
            found = access.visible_users(request.user).filter(key=key.replace("\0", "")).first()
            if found is None:
                raise Http404
            user = found
        names = ("page", "lead", "task", "then", "then-task")
        page, *keys = (sent.get(name, "").replace("\0", "") for name in names)
        item, then = Item(*keys[:2]), Item(*keys[2:])
        return cls(user, user == request.user, timezone.now(), page, item, then)

    @property
    def today(self) -> date:
        """Day of the instant in the company's time zone."""
        return self.now.astimezone(formats.company().zone).date()

    @property
    def address(self) -> str:
        pairs = [*self._pairs, *self.item.pairs()]
        return reverse("today") + (f"?{urlencode(pairs)}" if pairs else "")

    @property
    def queue_address(self) -> str:
        """Address of the queue without a chosen lead."""
        return self.at(Item()).address

    @property
    def return_params(self) -> list[tuple[str, str]]:
        """Parameters that forms send, so that the response to a change is this place."""
        return [(RETURN, NAME), *self._pairs, *self.then.pairs("then", "then-task")]

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        user = [] if self.is_mine else [("user", self.user.key)]
        return [*user, *([("page", self.page)] if self.page else [])]

    def at(self, item: Item, then: Item = Item()) -> Place:
        return replace(self, item=item, then=then)
