"""The list behind a number: exactly the leads that a cell of a report counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.analytics.filters import DIMENSIONS, Filters
from leadlight.analytics.grouping import category_of, without_label
from leadlight.analytics.listing import FIELDS, Field, Listing
from leadlight.analytics.parameters import Query
from leadlight.analytics.periods import bucket_named
from leadlight.analytics.phrases import BadFilter, gettext_noop
from leadlight.analytics.report import Report
from leadlight.replication import asking
from leadlight.web import formats, wording
from leadlight.web.addresses import leads_address, report_address
from leadlight.web.choices import chosen_names
from leadlight.web.entrance import ReaderRequest, signed_in
from leadlight.web.views.errors import refused
from leadlight.web.views.reports import is_at, known_report, one_value, query_of

# What the page says in its address beside the question.
BESIDE = ("column", "row", "sort", "page")
DEFAULT_SORT = "-amount"
LEADS_ON_A_PAGE = 100
LOOKS = {"money": "number", "days": "number", "day": "day"}


@dataclass(frozen=True)
class Place:
    """Which cell's list, in which order, and which page of it."""

    column: str
    row: str | None
    sort: str
    page: int

    @classmethod
    def from_query(cls, query: Query) -> Place:
        page = one_value(query, "page") or "1"
        if not page.isdecimal() or not 1 <= int(page) <= 10**6:
            raise BadFilter(gettext_noop("“%(page)s” is no page of the list."), page=page)
        column = one_value(query, "column")
        if not column:
            raise BadFilter(gettext_noop("A list needs a figure whose leads it shows."))
        sort = one_value(query, "sort") or DEFAULT_SORT
        return cls(column, one_value(query, "row") or None, sort, int(page))

    def beside(self, **changed: Any) -> dict[str, str | None]:
        """The place as the address says it."""
        place = replace(self, **changed)
        return {
            "column": place.column,
            "row": place.row,
            "sort": None if place.sort == DEFAULT_SORT else place.sort,
            "page": None if place.page == 1 else str(place.page),
        }


def asked_list(user: User, report: Report, query: Query, place: Place, **cut: int) -> Listing:
    """The leads behind the place; `cut` is its `limit` and `offset`, else it is whole."""
    return asking.ask_list(
        user,
        report,
        query,
        column_key=place.column,
        row_key=place.row,
        order=place.sort.removeprefix("-"),
        is_descending=place.sort.startswith("-"),
        beside=BESIDE,
        **cut,
    )


@signed_in
@require_safe
def report_leads(request: ReaderRequest, key: str) -> HttpResponseBase:
    report, query = known_report(key), query_of(request)
    try:
        place = Place.from_query(query)
        offset = (place.page - 1) * LEADS_ON_A_PAGE
        listing = asked_list(
            request.user, report, query, place, limit=LEADS_ON_A_PAGE, offset=offset
        )
        if offset and not listing.leads:
            raise BadFilter(gettext_noop("“%(page)s” is no page of the list."), page=place.page)
    except BadFilter as bad:
        return refused(request, wording.say(bad.phrase))
    address = leads_address(report, listing.filters, **place.beside())
    if not is_at(request, address):
        return redirect(address)
    context = _shown(request.user, listing, place)
    response = render(request, "reports/leads.html", context)
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _shown(user: User, listing: Listing, place: Place) -> dict[str, Any]:
    filters, report = listing.filters, listing.report
    offset = (place.page - 1) * LEADS_ON_A_PAGE

    def page(number: int) -> str:
        return leads_address(report, filters, **place.beside(page=number))

    is_last = offset + LEADS_ON_A_PAGE >= listing.count
    return {
        "organization": formats.company(),
        "report": report,
        "title": list_title(user, listing),
        "definition": _(listing.column.definition),
        "sentences": wording.described(filters, chosen_names(user, filters)),
        "listing": listing,
        "headings": [_heading(field, listing, place) for field in SHOWN],
        "leads": [_line(lead) for lead in listing.leads],
        "first": offset + 1,
        "last": offset + len(listing.leads),
        "is_whole": len(listing.leads) == listing.count,
        "previous": page(place.page - 1) if place.page > 1 else None,
        "next": None if is_last else page(place.page + 1),
        "back": report_address(report, filters),
        "back_title": _(report.title),
        "query": leads_address(report, filters, **place.beside(page=1)).partition("?")[2],
        "as_of": filters.asked_at,
        "time_zone": str(filters.zone),
    }


def list_title(user: User, listing: Listing) -> str:
    """Which figure, in which row."""
    title = _(listing.column.title)
    if listing.row_key is None:
        return title
    return f"{title} · {_row_name(user, listing.filters, listing.report, listing.row_key)}"


def _row_name(user: User, filters: Filters, report: Report, key: str) -> str:
    grouping = report.grouping(filters)
    if grouping == "bucket":
        return formats.bucket(bucket_named(key, filters.calendar))
    if key == "none":
        return _(without_label(grouping))
    dimension = "tag" if category_of(grouping) else grouping
    return wording.name_of(user, dimension, key) if dimension in DIMENSIONS else key


# Its table

# The title is the link to the lead, whose key nobody needs to read.
ORDER = (
    "title",
    "status",
    "amount",
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
SHOWN = tuple(field for key in ORDER for field in FIELDS if field.key == key)


@dataclass(frozen=True)
class Heading:
    title: str
    looks: str
    address: str
    way: str


def _heading(field: Field, listing: Listing, place: Place) -> Heading:
    """A heading sorts by its column, and the other way round when it does already."""
    first = "-" if field.kind in ("money", "days", "day") else ""
    wanted = first + field.key
    if place.sort == wanted:
        wanted = field.key if first else f"-{field.key}"
    way = {field.key: "ascending", f"-{field.key}": "descending"}.get(place.sort, "")
    address = leads_address(listing.report, listing.filters, **place.beside(sort=wanted, page=1))
    return Heading(_(field.title), LOOKS.get(field.kind, ""), address, way)


@dataclass(frozen=True)
class Line:
    """A lead of the list: its address, its title, and its other fields as text."""

    address: str
    title: str
    status: str
    status_name: str
    cells: tuple[tuple[str, str], ...]


def _line(lead: dict[str, Any]) -> Line:
    cells = tuple(
        (_written(field, lead[field.key]), LOOKS.get(field.kind, ""))
        for field in SHOWN
        if field.key not in ("title", "status")
    )
    status = lead["status"]
    address = reverse("lead", args=[lead["lead"]])
    return Line(address, lead["title"], status, wording.status(status), cells)


def _written(field: Field, value: Any) -> str:
    if value is None:
        return formats.NONE
    if field.kind == "money":
        return formats.money(value, 2)
    if field.kind == "days":
        return formats.number(value, 1)
    return formats.day(value) if field.kind == "day" else str(value)
