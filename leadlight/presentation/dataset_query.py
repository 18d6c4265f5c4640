"""Query of a dataset: its columns, a filter of leads and a period, parsed from parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from leadlight.accounts.organization import organization
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.analytics.query import query_params
from leadlight.analytics.query.dimensions import LEAD_FILTERS
from leadlight.analytics.query.lead_filter import LeadFilter
from leadlight.analytics.query.periods import EARLIEST, Period
from leadlight.presentation.datasets import DATASETS
from leadlight.presentation.datasets.dataset import DataColumn, Dataset
from leadlight.presentation.lead_choices import unknown_choices
from leadlight.reporting.reader import company_clock

ALL_TIME = "all_time"
TABLE = "table"
COLUMNS = "columns"
NAMES = {TABLE, COLUMNS, "day", "period", "from", "to", "tags", *LEAD_FILTERS}


@dataclass(frozen=True)
class DataQuery:
    """Query of a dataset.

    `columns` are the chosen columns of the dataset in its order, `every` all of them. `preset` is
    the name of the period if it was chosen by name; `period` is None for all days. `day` is the key
    of the day of the dataset that the period selects by.
    """

    dataset: Dataset
    every: tuple[DataColumn, ...]
    columns: tuple[DataColumn, ...]
    lead_filter: LeadFilter
    day: str
    preset: str | None
    period: Period | None

    @classmethod
    def from_params(cls, params: Mapping[str, list[str]], reader: Reader) -> DataQuery:
        """Parse a query string. Raises BadFilter for an invalid parameter.

        A column or day of another table is left out: the form keeps them when the table changes.
        """
        query_params.refuse_unknown_names(params, NAMES)
        key = query_params.one_of(params, TABLE, tuple(DATASETS)) or next(iter(DATASETS))
        dataset = DATASETS[key]
        every = dataset.columns(reader)
        chosen = query_params.values(params, COLUMNS)
        all_tags = query_params.one_of(params, "tags", ("any", "all")) == "all"
        lead_filter = LeadFilter.from_params(params, LEAD_FILTERS, all_tags=all_tags)
        if reader is not SYSTEM:
            lead_filter = lead_filter.for_reader(reader.key)
        lead_filter.refuse_unknown(lambda name, keys: unknown_choices(reader, name, keys))
        day = query_params.one(params, "day") or ""
        preset, period = _period(params)
        return cls(
            dataset,
            every,
            tuple(one for one in every if one.key in chosen) or every,
            lead_filter,
            day if day in dataset.days else next(iter(dataset.days)),
            preset,
            period,
        )

    def found(self, reader: Reader) -> QuerySet[Any]:
        """Return the rows that pass the filters and that a reader may see."""
        return self.dataset.selected(reader, self.lead_filter, self.period, self.day)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs; equal queries have equal pairs."""
        pairs = [(TABLE, self.dataset.key), *self.lead_filter.to_pairs()]
        if self.lead_filter.all_tags and len(self.lead_filter.keys("tag")) > 1:
            pairs.append(("tags", "all"))
        if self.columns != self.every:
            pairs += [(COLUMNS, column.key) for column in self.columns]
        if self.day != next(iter(self.dataset.days)):
            pairs.append(("day", self.day))
        if self.preset is not None:
            pairs.append(("period", self.preset))
        elif self.period is not None:
            first, last = self.period.first, self.period.last
            pairs += [("from", first.isoformat()), ("to", last.isoformat())]
        return pairs

    def with_keys(self, dimension: str, keys: tuple[str, ...]) -> DataQuery:
        return replace(self, lead_filter=self.lead_filter.with_keys(dimension, keys))

    def without_period(self) -> DataQuery:
        return replace(self, preset=None, period=None)


def _period(params: Mapping[str, Sequence[str]]) -> tuple[str | None, Period | None]:
    """Parse the period: days override a preset; without any of them, all days are selected."""
    given = {name: query_params.values(params, name) for name in ("period", "from", "to")}
    if given["from"] or given["to"]:
        given["period"] = ()
        given["from"] = given["from"] or (EARLIEST.isoformat(),)
    elif given["period"] in ((), ("custom",), (ALL_TIME,)):
        return None, None
    clock = company_clock(organization())
    return query_params.period(given, clock.day_of(clock.now), clock)
