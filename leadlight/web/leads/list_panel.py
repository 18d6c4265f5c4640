"""Controls around the list of leads: quick filters, views, and the panel of columns and filters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from leadlight.analytics.query.lead_filter import ME, WITHOUT
from leadlight.sales.lead_order import INDEXED, NEWEST
from leadlight.sales.models import Lead
from leadlight.web.leads.columns import COLUMNS
from leadlight.web.leads.list_query import BOARD, COMPACT, EXTENDED, ListQuery
from leadlight.web.leads.work_filter import CRITERIA, DRAGGING, YES, controls_of
from leadlight.web.leads.work_filter import Control as WorkControl
from leadlight.web.shell.field_columns import Control, controls

# Minimum days without an activity, for the quick filter of leads that drag on.
IDLE_DAYS = 30


@dataclass(frozen=True)
class Link:
    title: str
    address: str
    is_on: bool


@dataclass(frozen=True)
class ColumnChoice:
    word: str
    title: Any
    is_shown: bool


@dataclass(frozen=True)
class Panel:
    """Columns to choose from, and the controls of filters."""

    columns: tuple[ColumnChoice, ...]
    work: tuple[WorkControl, ...]
    dragging: tuple[WorkControl, ...]
    fields: tuple[Control, ...]
    used: int


def quick_filters(query: ListQuery) -> list[Link]:
    """Return filters of one click; a second click removes the filter."""
    todo = Lead.Status.TODO
    return [
        _dimension(query, _("Mine"), "user", ME),
        _work(query, pgettext("leads", "Starred"), "starred", YES),
        _dimension(query, _("To do"), "status", str(todo)),
        _work(query, _("Late"), "reminder", "late", "reminder"),
        _work(query, _("Dragging on"), "idle_days", IDLE_DAYS, "activity"),
        _dimension(query, pgettext("leads", "Unassigned"), "user", WITHOUT),
    ]


def _dimension(query: ListQuery, title: str, name: str, key: str) -> Link:
    is_on = query.lead_filter.keys(name) == (key,)
    chosen = query.lead_filter.with_keys(name, () if is_on else (key,))
    return Link(title, replace(query, lead_filter=chosen).address, is_on)


def _work(query: ListQuery, title: str, name: str, value: Any, sort: str = "") -> Link:
    """Return the link of a quick filter, which also sorts the list unless it has a sort."""
    is_on = query.work.value(name) == value
    work = query.work.with_value(name, None if is_on else value)
    order = query.sort
    if sort and is_on and order == INDEXED[sort]:
        order = NEWEST
    elif sort and not is_on and order == NEWEST:
        order = INDEXED[sort]
    return Link(title, replace(query, work=work, sort=order).address, is_on)


def view_links(query: ListQuery) -> list[Link]:
    """Return the views of the list; each address names its view, so that it is remembered."""
    titles = {COMPACT: _("Compact"), EXTENDED: _("Extended"), BOARD: _("Board")}
    return [
        Link(
            title,
            replace(query, view=COMPACT).address_with(("view", view)),
            view == query.view,
        )
        for view, title in titles.items()
    ]


def panel_of(query: ListQuery) -> Panel:
    fields = controls(query.fields, query.columns, query.field_filters)
    work = query.work
    others = [name for name in CRITERIA if name not in DRAGGING]
    return Panel(
        tuple(_columns(query, fields)),
        tuple(controls_of(work, others)),
        tuple(controls_of(work, DRAGGING)),
        tuple(fields),
        len(work.values) + len(query.field_filters),
    )


def _columns(query: ListQuery, fields: Iterable[Control]) -> Iterable[ColumnChoice]:
    for key, column in COLUMNS.items():
        yield ColumnChoice(key, column.title, key in query.built_in)
    for control in fields:
        yield ColumnChoice(control.word, control.field, control.is_column)
