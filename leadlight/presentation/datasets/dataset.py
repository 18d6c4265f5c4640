"""Datasets: tables of leads, activities, prospects, … for reporting in other programs.

A dataset declares its columns once, for the site and for the command line. Its rows are read in
batches and converted a column at a time, so that any number fits in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from itertools import islice
from typing import Any

from django.db.models import ExpressionWrapper, F, Field, Model, QuerySet

from leadlight.accounts.readers import Reader
from leadlight.analytics.export.sheets import Heading
from leadlight.analytics.query.lead_filter import LeadFilter
from leadlight.analytics.query.periods import Period
from leadlight.presentation import formats

BATCH = 2_000

# Converts the values of a batch of rows to cells.
Convert = Callable[[Sequence[Any]], Iterable[Any]]


def _unchanged() -> Convert:
    return lambda values: values


@dataclass(frozen=True)
class DataColumn:
    """Column of a dataset.

    `kind` is that of a `Heading`. `path` is the lookup path of the value from a row; with several
    paths, the value is a tuple. `conversion` returns the function that converts the
    values of a batch of rows. It is called once for each export, and may look up what it needs.
    """

    key: str
    title: Any
    kind: str
    path: str | tuple[str, ...]
    conversion: Callable[[], Convert] = _unchanged

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,) if isinstance(self.path, str) else self.path

    @property
    def heading(self) -> Heading:
        return Heading(self.key, str(self.title), self.kind)


@dataclass(frozen=True)
class Dataset:
    """Table of rows of one subject.

    `line` is a sentence that describes a row. `columns` returns all columns for a reader. `found`
    returns the rows that a reader may see and that pass a filter of leads, each once. `days` are
    the days by which rows can be selected: the path of an instant and a title, by key; the first
    one is the default.
    """

    key: str
    title: Any
    line: Any
    columns: Callable[[Reader], tuple[DataColumn, ...]]
    found: Callable[[Reader, LeadFilter], QuerySet[Any]]
    days: Mapping[str, tuple[str, Any]]

    def selected(
        self,
        reader: Reader,
        lead_filter: LeadFilter,
        period: Period | None,
        day: str,
    ) -> QuerySet[Any]:
        """Return the rows whose instant named by `day` is in the period; all rows without one."""
        found = self.found(reader, lead_filter)
        if period is None:
            return found
        path, _title = self.days[day]
        first, end = period.instants(formats.company().zone)
        return found.filter(**{f"{path}__gte": first, f"{path}__lt": end})


def rows_of(
    found: QuerySet[Any], columns: Sequence[DataColumn], batch: int = BATCH
) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of rows in order of id, read by one query; conversions may run others."""
    paths = list(dict.fromkeys(path for column in columns for path in column.paths))
    places = [[paths.index(path) for path in column.paths] for column in columns]
    conversions = [column.conversion() for column in columns]
    instants = {path for column in columns if column.kind == "instant" for path in column.paths}
    values = [_as_stored(path) if path in instants else path for path in paths]
    rows = found.order_by("pk").values_list(*values).iterator(chunk_size=batch)
    while some := list(islice(rows, batch)):
        read = list(zip(*some, strict=True))
        yield from zip(
            *(
                convert(
                    read[own[0]]
                    if len(own) == 1
                    else list(zip(*(read[place] for place in own), strict=True))
                )
                for convert, own in zip(conversions, places, strict=True)
            ),
            strict=True,
        )


# Conversions


def names_of(model: type[Model]) -> Callable[[], Convert]:
    """Return the conversion of an id to the name of its row, for small tables."""

    def conversion() -> Convert:
        names = {row.pk: str(row) for row in model._default_manager.all()}
        return partial(map, names.get)

    return conversion


def attributes_of(model: type[Model], attribute: str) -> Callable[[], Convert]:
    """Return the conversion of an id to an attribute of its row, for small tables."""

    def conversion() -> Convert:
        return partial(map, dict(model._default_manager.values_list("pk", attribute)).get)

    return conversion


class _Stored(Field):
    """Value as the database returns it: SQLite returns instants as text, PostgreSQL as instants."""


def _as_stored(path: str) -> ExpressionWrapper:
    """Return an instant as the database returns it: Django takes long to convert many of them."""
    return ExpressionWrapper(F(path), _Stored())


def local_instants() -> Convert:
    """Convert instants, as the database returns them, to the time zone of the company."""
    zone = formats.company().zone

    def local(at: datetime | str | None) -> datetime | None:
        return instant_of(at).astimezone(zone) if at else None

    return partial(map, local)


def instant_of(stored: datetime | str) -> datetime:
    """Return an instant as the database returns it, which may be text or without an offset."""
    at = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def labels_of(label: Callable[[str], Any]) -> Callable[[], Convert]:
    """Return the conversion of a code to its label in the language of the reader."""

    def conversion() -> Convert:
        known = cache(lambda code: str(label(code)) if code else "")
        return partial(map, known)

    return conversion


def of_ids(values_of: Callable[[Sequence[int]], Mapping[int, Any]]) -> Callable[[], Convert]:
    """Return the conversion of the ids of a batch to values that one call looks up."""

    def conversion() -> Convert:
        return lambda ids: map(values_of(ids).get, ids)

    return conversion
