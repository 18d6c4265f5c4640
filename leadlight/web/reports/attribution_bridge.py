"""Page that shows how a figure changes from one attribution to another: its bridge."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.analytics.export.attribution_bridge import name_of
from leadlight.analytics.insight import attribution_bridge
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.reports.contract import Report
from leadlight.presentation import formats, labels, values
from leadlight.presentation.choices import filterable, query_sentences
from leadlight.presentation.files import moved_title
from leadlight.presentation.links import ListAddresses, credit_address, report_address
from leadlight.reporting.reader import report_reader
from leadlight.web.reports.drilldown import LEADS_ON_A_PAGE, page_of
from leadlight.web.reports.page import known_report, one_value, query_of, refused_page
from leadlight.web.shell.auth import ReaderRequest, signed_in

PAGE_PARAMS = ("column", "row", "side", "page")


@dataclass(frozen=True)
class BridgePage:
    """Bridge of a figure and, if a row and a side are requested, the leads that moved."""

    report: Report
    filters: Filters
    bridge: attribution_bridge.Bridge
    moved: attribution_bridge.MovedLeads | None

    def address(self, page: int = 1) -> str:
        moved = self.moved
        return credit_address(
            self.report,
            self.filters,
            column=self.bridge.column.key,
            row=(moved.row.key or WITHOUT) if moved else None,
            side=moved.side if moved else None,
            page=None if page == 1 else str(page),
        )


def requested_bridge(user: User, report: Report, params: QueryParams, **cut: int) -> BridgePage:
    """Return the bridge for a query.

    Raises Http404 for a report without a bridge, and BadFilter for an invalid query.

    `cut` holds the `limit` and `offset` of the leads; without them the list is complete.
    """
    if not attribution_bridge.has_bridge(report):
        raise Http404
    reader = report_reader(user)
    report, filters = reader.read(report, params, PAGE_PARAMS)
    column, row, side = (one_value(params, name) for name in ("column", "row", "side"))
    found = reader.bridge(report, filters, column)
    moved = None
    if row or side:
        moved = reader.moved_leads(found, row, side, **cut)
    return BridgePage(report, filters, found, moved)


@dataclass(frozen=True)
class Cell:
    """A figure of a user, and the address that it links to, or "" if it has no link."""

    text: str
    address: str = ""


@signed_in
@require_safe
def report_credit(request: ReaderRequest, key: str) -> HttpResponseBase:
    """Render the bridge, with one page of the leads that moved."""
    params = query_of(request)
    try:
        page = page_of(params)
        offset = (page - 1) * LEADS_ON_A_PAGE
        shown = requested_bridge(
            request.user, known_report(key), params, limit=LEADS_ON_A_PAGE, offset=offset
        )
        if offset and not (shown.moved and shown.moved.leads):
            raise BadFilter(
                gettext_noop("Page “%(page)s” does not exist. Go back to the first page."),
                page=page,
            )
    except BadFilter as bad:
        return refused_page(request, key, PAGE_PARAMS, bad)
    report, filters, found = shown.report, shown.filters, shown.bridge
    known = filterable(request.user, "user", {row.key or WITHOUT for row in found.rows})
    _title, words = labels.SWITCHES["credit"]
    context = {
        "organization": formats.company(),
        "title": _("Compare attributions"),
        "back": report_address(report, filters),
        "back_title": _(report.title),
        "sentences": query_sentences(request.user, found.after),
        "as_of": filters.instant,
        "is_past": bool(filters.as_of),
        "time_zone": str(filters.zone),
        "before": words["event"],
        "after": words[found.after.switch("credit")],
        "figure": labels.say(found.column.title_phrase),
        "figures": [
            (
                labels.say(column.title_phrase),
                credit_address(report, filters, column=column.key),
                column is found.column,
            )
            for column in found.columns
        ],
        "credits": [
            (
                words[other],
                _address_with(found, filters, other),
                found.after.switch("credit") == other,
            )
            for other in ("owner", "creator")
        ],
        "lines": [
            (name_of(row, labels.say), _cells(found, filters, row, known)) for row in found.rows
        ],
        "total": [
            (sign if getattr(found.total, part) else "")
            + values.text(found.column.kind, getattr(found.total, part))
            for part, sign in (
                ("before", ""),
                ("received", "+"),
                ("handed_over", "−"),
                ("after", ""),
            )
        ],
        "is_left_out": any(filters.keys(name) for name in ("user", "team")),
        "report": report,
        "query": shown.address().partition("?")[2],
        "moved": _moved(shown, page),
    }
    return render(request, "reports/credit.html", context)


def _address_with(found: attribution_bridge.Bridge, filters: Filters, credit: str) -> str:
    switched = dict(filters.chosen_switches) | {"credit": credit}
    credited = replace(filters, chosen_switches=tuple(switched.items()))
    return credit_address(found.report, credited, column=found.column.key)


def _cells(
    found: attribution_bridge.Bridge,
    filters: Filters,
    row: attribution_bridge.BridgeRow,
    known: Collection[str],
) -> list[Cell]:
    """Return the cells of a row: before, received, handed over, after; each can link to its leads.

    The cells before and after link only if `known`, the users by whom the reader may filter,
    contains the user. A cell without an amount has no link.
    """
    column, key = found.column, row.key or WITHOUT

    def figure(filters: Filters, amount: attribution_bridge.Amount) -> Cell:
        lists = ListAddresses(found.report, filters.with_keys("user", (key,)))
        return Cell(
            values.text(column.kind, amount),
            lists.address(column.key) if amount and key in known else "",
        )

    def moved(side: attribution_bridge.Side, sign: str, amount: attribution_bridge.Amount) -> Cell:
        if not amount:
            return Cell(values.text(column.kind, amount))
        address = credit_address(found.report, filters, column=column.key, row=key, side=side)
        return Cell(sign + values.text(column.kind, amount), f"{address}#moved")

    return [
        figure(found.before, row.before),
        moved("taken", "+", row.received),
        moved("given", "−", row.handed_over),
        figure(found.after, row.after),
    ]


def _moved(shown: BridgePage, page: int) -> dict[str, Any] | None:
    """Return one page of the leads that moved, with links to the other pages."""
    moved = shown.moved
    if moved is None:
        return None
    first = (page - 1) * LEADS_ON_A_PAGE + 1
    last = first + len(moved.leads) - 1
    return {
        "title": moved_title(moved),
        "count": moved.count,
        "first": first,
        "last": last,
        "previous": f"{shown.address(page - 1)}#moved" if page > 1 else None,
        "next": f"{shown.address(page + 1)}#moved" if last < moved.count else None,
        "leads": [
            (lead.lead, lead.title, values.text(shown.bridge.column.kind, lead.amount))
            for lead in moved.leads
        ],
    }
