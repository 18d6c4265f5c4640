"""Place of the board: the query of its list, its pipeline, and the leads on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, QueryDict

from leadlight.analytics.query.lead_filter import LeadFilter
from leadlight.analytics.query.phrases import BadFilter
from leadlight.sales.models import Lead, Pipeline, Step
from leadlight.sales.models.event_log import OPEN
from leadlight.sales.refusals import Refused
from leadlight.web.leads.change_page import RETURN
from leadlight.web.leads.list_query import BOARD, COMPACT, ListQuery
from leadlight.web.shell.auth import ReaderRequest
from leadlight.web.shell.query_string import params_in

NAME = "board"
# Parameter of a form with the query string of the board that shows it.
QUERY = "query"


@dataclass(frozen=True)
class Place:
    """Query of a board, and the pipeline whose steps are its columns.

    That is the first pipeline of the filter, or the default one; None if there is no pipeline.
    """

    query: ListQuery
    pipeline: Pipeline | None
    pipelines: tuple[Pipeline, ...]
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, query: ListQuery) -> Place:
        keys = query.lead_filter.keys("pipeline")
        every = tuple(Pipeline.objects.filter(Q(is_archived=False) | Q(key__in=keys)))
        chosen = [one for one in every if not keys or one.key in keys]
        pipeline = chosen[0] if chosen else None
        open_leads = Lead.objects.filter(step=OuterRef("pk"), closed_at=None, is_deleted=False)
        is_shown = Q(is_closed=False) | Exists(open_leads)
        steps = Step.objects.filter(is_shown, pipeline=pipeline).order_by("position", "pk")
        return cls(query, pipeline, every, tuple(steps) if pipeline else ())

    @classmethod
    def returned_to(cls, request: ReaderRequest) -> Place:
        """Return the place in the parameters of a form; raise Http404 for an invalid one."""
        sent: Any = request.POST if request.method == "POST" else request.GET
        params = params_in(QueryDict(sent.get(QUERY, "")))
        try:
            query = ListQuery.from_params(params).read_by(request.user)
        except (BadFilter, Refused) as error:
            raise Http404 from error
        return cls.of(replace(query, view=BOARD))

    def leads(self, request: ReaderRequest) -> QuerySet[Lead]:
        """Return the leads on the board: open ones, unless the filter has other statuses."""
        found = self.query.found(request.user).filter(step__in=self.steps)
        statuses = self.query.lead_filter.keys("status")
        return found.filter(closed_at=None) if self.is_open else found.filter(status__in=statuses)

    @property
    def is_open(self) -> bool:
        """Whether the board has open leads only."""
        return set(self.query.lead_filter.keys("status")) <= set(OPEN)

    @property
    def shows_closed(self) -> bool:
        """Whether the last closed leads are shown beside the open ones."""
        return self.is_open and self.query.shows_closed

    @property
    def switched(self) -> Place:
        """The same board with the closed leads, or without them."""
        return replace(self, query=replace(self.query, shows_closed=not self.query.shows_closed))

    def closed_address(self, status: str) -> str:
        """Return the address of the list of the board's closed leads with this status."""
        lead_filter = self.query.lead_filter.with_keys("status", (status,))
        if self.pipeline is not None:
            lead_filter = lead_filter.with_keys("pipeline", (self.pipeline.key,))
        return self._list_address(lead_filter)

    @cached_property
    def address(self) -> str:
        return self.query.address

    @cached_property
    def query_string(self) -> str:
        return self.address.partition("?")[2]

    @cached_property
    def return_params(self) -> list[tuple[str, str]]:
        """Parameters that forms send, so that the response to a change is this board."""
        return [(RETURN, NAME), (QUERY, self.query_string)]

    @cached_property
    def return_query(self) -> str:
        return urlencode(self.return_params)

    def of_pipeline(self, pipeline: Pipeline) -> Place:
        """Return the same board of another pipeline, without the filter by step."""
        lead_filter = self.query.lead_filter.with_keys("pipeline", (pipeline.key,))
        return replace(
            self, query=replace(self.query, lead_filter=lead_filter.with_keys("step", ()))
        )

    def list_address(self, step: str) -> str:
        """Return the address of the list of the leads in a step of the board."""
        lead_filter = self.query.lead_filter.with_keys("step", (step,))
        if self.is_open and not lead_filter.keys("status"):
            lead_filter = lead_filter.with_keys("status", OPEN)
        return self._list_address(lead_filter)

    def _list_address(self, lead_filter: LeadFilter) -> str:
        listed = replace(self.query, lead_filter=lead_filter, view=COMPACT, shows_closed=False)
        return listed.address_with(("view", COMPACT))  # else: the view that the reader chose last
