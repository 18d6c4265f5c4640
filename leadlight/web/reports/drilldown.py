"""Drill-down page: the leads, activities or prospects that a cell of a report counts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.analytics.insight.drilldown import Drilldown
from leadlight.analytics.insight.explain import is_goal
from leadlight.analytics.insight.list_columns import FACT_FIELDS, Field, ListSpec
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.reports.contract import Report, Subject
from leadlight.presentation import formats, labels, values
from leadlight.presentation.choices import query_sentences
from leadlight.presentation.files import list_title
from leadlight.presentation.links import explain_address, leads_address, report_address
from leadlight.presentation.uncertainty import uncertainty_of
from leadlight.reporting.reader import report_reader
from leadlight.web.reports.listed_prospects import ListedProspect, listed_prospects
from leadlight.web.reports.page import is_at, known_report, one_value, query_of, refused_page
from leadlight.web.shell.auth import ReaderRequest, signed_in

# Parameters of the page in addition to the filters.
PAGE_PARAMS = ("column", "row", "sort", "page")
DEFAULT_SORT = "-"  # the list's own order, descending
LEADS_ON_A_PAGE = 100
LAST_PAGE = 10**6
LOOKS = {"money": "number", "share": "number", "days": "number", "day": "day"}


@dataclass(frozen=True)
class Place:
    """Cell of a report, with the sort and page of its list. A row of None is the total."""

    column: str
    row: str | None
    sort: str
    page: int

    @classmethod
    def from_params(cls, params: QueryParams) -> Place:
        page = page_of(params)
        column = one_value(params, "column")
        if not column:
            raise BadFilter(gettext_noop("Choose a figure to list its leads."))
        sort = one_value(params, "sort") or DEFAULT_SORT
        return cls(column, one_value(params, "row") or None, sort, page)

    def page_params(self, **changed: Any) -> dict[str, str | None]:
        """Return the parameters for an address; None for defaults."""
        place = replace(self, **changed)
        return {
            "column": place.column,
            "row": place.row,
            "sort": None if place.sort == DEFAULT_SORT else place.sort,
            "page": None if place.page == 1 else str(place.page),
        }


def page_of(params: QueryParams) -> int:
    """Return the requested page of a list, by default 1. Raises BadFilter."""
    page = one_value(params, "page") or "1"
    if not re.fullmatch(r"[0-9]{1,7}", page) or not 1 <= int(page) <= LAST_PAGE:
        raise BadFilter(
            gettext_noop("Page “%(page)s” does not exist. Go back to the first page."), page=page
        )
    return int(page)


def requested_drilldown(
    user: User, report: Report, params: QueryParams, place: Place, **cut: int
) -> Drilldown:
    """Return the drill-down of a cell; without `limit` and `offset` in `cut`, the complete list."""
    return report_reader(user).drilldown(
        report,
        params,
        column_key=place.column,
        row_key=place.row,
        order=place.sort.removeprefix("-") or None,
        is_descending=place.sort.startswith("-"),
        extra_params=PAGE_PARAMS,
        **cut,
    )


@signed_in
@require_safe
def report_leads(request: ReaderRequest, key: str) -> HttpResponseBase:
    report, params = known_report(key), query_of(request)
    try:
        place = Place.from_params(params)
        offset = (place.page - 1) * LEADS_ON_A_PAGE
        drilldown = requested_drilldown(
            request.user, report, params, place, limit=LEADS_ON_A_PAGE, offset=offset
        )
        if offset and not drilldown.rows:
            raise BadFilter(
                gettext_noop("Page “%(page)s” does not exist. Go back to the first page."),
                page=place.page,
            )
    except BadFilter as bad:
        return refused_page(request, key, PAGE_PARAMS, bad)
    address = leads_address(report, drilldown.filters, **place.page_params())
    if not is_at(request, address):
        return redirect(address)
    context = _shown(request.user, drilldown, place)
    return render(request, "reports/leads.html", context)


def _shown(user: User, drilldown: Drilldown, place: Place) -> dict[str, Any]:
    filters, report = drilldown.filters, drilldown.report
    fields = shown_fields(drilldown.subject, drilldown.spec, drilldown.rows)
    offset = (place.page - 1) * LEADS_ON_A_PAGE

    def page(number: int) -> str:
        return leads_address(report, filters, **place.page_params(page=number))

    is_last = offset + LEADS_ON_A_PAGE >= drilldown.count
    return {
        "organization": formats.company(),
        "report": report,
        "title": list_title(user, drilldown),
        "definition": labels.say(drilldown.column.definition_phrase),
        "sentences": query_sentences(user, drilldown.own_filters),
        "drilldown": drilldown,
        "is_goal": is_goal(drilldown.column),
        "uncertainty": uncertainty_of(drilldown.interval),
        "headings": [_heading(field, drilldown, place) for field in fields],
        "lines": shown_cells(drilldown.rows, fields, listed_prospects(user, drilldown.rows)),
        "counted": labels.counted(drilldown.subject, drilldown.count),
        "first": offset + 1,
        "last": offset + len(drilldown.rows),
        "is_whole": len(drilldown.rows) == drilldown.count,
        "previous": page(place.page - 1) if place.page > 1 else None,
        "next": None if is_last else page(place.page + 1),
        "explain": explain_address(report, filters, column=place.column, row=place.row),
        "back": report_address(report, filters),
        "back_title": _(report.title),
        "query": leads_address(report, filters, **place.page_params(page=1)).partition("?")[2],
        "as_of": filters.instant,
        "is_past": bool(filters.as_of),
        "time_zone": str(filters.zone),
    }


# Table of the list

# Texts of prospects that are not in the replica: lists cannot be sorted by them.
CONTACTS = (
    Field("phone", "text", gettext_noop("Phone")),
    Field("email", "text", gettext_noop("Email")),
)
UNSORTED = ("prospect", *(field.key for field in CONTACTS))

# Without the lead's key: the title links to the lead.
LEAD_FIELDS = (
    "title",
    "status",
    "amount",
    *FACT_FIELDS,
    "created_on",
    "closed_on",
    "days",
    "owner",
    "credited",
    "client",
    "source",
    "pipeline",
    "step",
    "estimated_closing_on",
)


def shown_fields(
    subject: Subject, spec: ListSpec, rows: Sequence[Mapping[str, Any]]
) -> tuple[Field, ...]:
    """Return the fields of the list in the order of the page.

    Prospects have their phone and email too. Of leads, the field `credited` is left out if it
    equals the owner for every lead on the page.
    """
    fields = {field.key: field for field in spec.fields}
    if subject == "prospect":
        first, *others = spec.fields
        return (first, *CONTACTS, *(field for field in others if field.key != "lead"))
    if subject == "lead" and all(row.get("credited") == row.get("owner") for row in rows):
        fields.pop("credited", None)
    keys = LEAD_FIELDS if subject == "lead" else [key for key in fields if key != "lead"]
    return tuple(fields[key] for key in keys if key in fields)


@dataclass(frozen=True)
class Heading:
    """Heading of a column. `address` sorts by it; empty if the list cannot be sorted by it."""

    title: str
    unit: str
    looks: str
    address: str
    direction: str


def _heading(field: Field, drilldown: Drilldown, place: Place) -> Heading:
    """Return a heading whose link sorts by its column or, if already sorted by it, in reverse."""
    first = "-" if field.kind in LOOKS else ""
    wanted = first + field.key
    if place.sort == wanted:
        wanted = field.key if first else f"-{field.key}"
    direction = {field.key: "ascending", f"-{field.key}": "descending"}.get(place.sort, "")
    address = ""
    if field.key not in UNSORTED:
        address = leads_address(
            drilldown.report, drilldown.filters, **place.page_params(sort=wanted, page=1)
        )
    return Heading(_(field.title), unit_of(field), LOOKS.get(field.kind, ""), address, direction)


@dataclass(frozen=True)
class Cell:
    """A field as text; on phones, where each row is a block, `label` is shown before the text.

    The title of a lead and the name of a prospect have an `address`. A status has a `code`, but no
    label.
    """

    text: str
    looks: str = ""
    address: str = ""
    code: str = ""
    label: str = ""


def shown_cells(
    rows: Sequence[Mapping[str, Any]],
    fields: tuple[Field, ...],
    prospects: Mapping[str, ListedProspect],
) -> list[tuple[Cell, ...]]:
    """Return the cells of the rows of a list; amounts have cents in all rows or in none.

    A prospect that is not among `prospects` has only its key.
    """
    writers = {
        field.key: values.table_formatter(
            field.kind, (row.get(field.key) for row in rows), is_exact=True
        )
        for field in fields
    }

    def cell(field: Field, row: Mapping[str, Any]) -> Cell:
        if field.key in UNSORTED and (listed := prospects.get(row["prospect"] or "")):
            return _cell_of_prospect(field, listed)
        return _cell(field, row, writers[field.key])

    return [tuple(cell(field, row) for field in fields) for row in rows]


def _cell_of_prospect(field: Field, prospect: ListedProspect) -> Cell:
    if field.key == "prospect":
        return Cell(prospect.name, address=prospect.address, label=_(field.title))
    text = getattr(prospect, field.key)
    return Cell(text, label=_(field.title)) if text else _nothing("", _(field.title))


def _nothing(looks: str, label: str) -> Cell:
    """Return the cell of a field without a value; phones leave it out."""
    return Cell(formats.NONE, f"{looks} none".strip(), label=label)


def _cell(field: Field, row: Mapping[str, Any], write: values.Formatter) -> Cell:
    value = row.get(field.key)
    looks = LOOKS.get(field.kind, "")
    label = "" if field.kind == "status" else _(field.title)
    if value is None:
        return _nothing(looks, label)
    if field.key == "title":
        return Cell(value, address=reverse("lead", args=[row["lead"]]), label=label)
    return Cell(write(value), looks, code=value if field.kind == "status" else "", label=label)


def unit_of(field: Field) -> str:
    """Return the unit in the heading of a field; empty if its values need none."""
    is_money = field.kind == "money"
    return formats.currency_symbol(formats.company().currency).strip() if is_money else ""
