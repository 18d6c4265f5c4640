"""Selection of leads: keys of single leads, or all that a list finds."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import Lead
from leadlight.web.leads.list_query import ListQuery
from leadlight.web.shell.auth import ReaderRequest
from leadlight.web.shell.query_string import params_in

MOST_KEYS = 5000  # of leads chosen one by one
LONGEST_QUERY = 4000
LEADS, UNASSIGNED = "leads", "unassigned"


@dataclass(frozen=True)
class Selection:
    """Leads chosen in a list: those of `keys` or, with `is_all`, all that the list finds.

    `scope` names the list: `LEADS`, with the query string `query`, or `UNASSIGNED`.
    """

    keys: tuple[str, ...]
    scope: str
    query: str
    is_all: bool

    @classmethod
    def from_post(cls, request: HttpRequest) -> Selection:
        """Parse the selection of a form; invalid values select nothing."""
        sent = request.POST
        keys = dict.fromkeys([*_listed(sent.get("keys", "")), *sent.getlist("lead")])
        return cls(
            tuple(key for key in keys if "\0" not in key)[:MOST_KEYS],
            UNASSIGNED if sent.get("scope") == UNASSIGNED else LEADS,
            sent.get("query", "")[:LONGEST_QUERY],
            sent.get("all") == "1",
        )

    @property
    def hidden_fields(self) -> list[tuple[str, str]]:
        """Names and values of the hidden fields of a form that hold the selection."""
        return [
            ("keys", json.dumps([] if self.is_all else self.keys)),
            ("scope", self.scope),
            ("query", self.query),
            ("all", "1" if self.is_all else ""),
        ]

    def leads(self, request: ReaderRequest) -> QuerySet[Lead]:
        """Return the selected leads that the user may see, newest first.

        Raises BadFilter or Refused for an invalid query.
        """
        if self.is_all:
            leads = self._found(request)
        else:
            leads = _visible(request.user, self.scope).filter(key__in=self.keys)
        return leads.order_by("-created_at", "-pk")

    def _found(self, request: ReaderRequest) -> QuerySet[Lead]:
        if self.scope == UNASSIGNED:
            return access.unassigned_leads(request.user)
        query = ListQuery.from_params(params_in(QueryDict(self.query)))
        return query.read_by(request.user).found(request.user)


def _visible(user: User, scope: str) -> QuerySet[Lead]:
    return access.basket_leads(user) if scope == UNASSIGNED else access.visible_leads(user)


def _listed(text: str) -> list[str]:
    """Return the texts in a JSON list, none for another text."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
