"""Place in Today: whose queue is shown, on which page, and at which lead."""

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
class Place:
    """Parameters of the page, and its instant.

    `lead` is the key of the chosen lead and `then` that of the next one, "" if there is none.
    """

    user: User
    is_mine: bool
    now: datetime
    page: str = ""
    lead: str = ""
    then: str = ""

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
        texts = {name: sent.get(name, "").replace("\0", "") for name in ("page", "lead", "then")}
        return cls(user, user == request.user, timezone.now(), **texts)

    @property
    def today(self) -> date:
        """Day of the instant in the company's time zone."""
        return self.now.astimezone(formats.company().zone).date()

    @property
    def address(self) -> str:
        pairs = [*self._pairs, *([("lead", self.lead)] if self.lead else [])]
        return reverse("today") + (f"?{urlencode(pairs)}" if pairs else "")

    @property
    def queue_address(self) -> str:
        """Address of the queue without a chosen lead."""
        return self.at("").address

    @property
    def return_params(self) -> list[tuple[str, str]]:
        """Parameters that forms send, so that the response to a change is this place."""
        then = [("then", self.then)] if self.then else []
        return [(RETURN, NAME), *self._pairs, *then]

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        user = [] if self.is_mine else [("user", self.user.key)]
        return [*user, *([("page", self.page)] if self.page else [])]

    def at(self, lead: str, then: str = "") -> Place:
        return replace(self, lead=lead, then=then)
