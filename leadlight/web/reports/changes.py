"""Page of the changes of a report since an earlier instant, with the leads behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.origin import at_origin
from leadlight.analytics.export.changes import changed_sheet
from leadlight.analytics.insight.changes.changes import Changes
from leadlight.analytics.insight.changes.reasons import REASONS
from leadlight.analytics.insight.list_columns import LIST_SPECS
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.presentation import formats, labels
from leadlight.presentation.choices import query_sentences
from leadlight.presentation.files import file_name
from leadlight.presentation.links import report_address
from leadlight.reporting.reader import report_reader
from leadlight.web.reports.as_of import control_of
from leadlight.web.reports.changes_in_words import (
    PAGE_PARAMS,
    about_changes,
    lines_of,
    others_of,
    page_address,
    presets,
    reasons_of,
    signed,
)
from leadlight.web.reports.drilldown import page_of, shown_cells, shown_fields, unit_of
from leadlight.web.reports.files import OF_LISTS
from leadlight.web.reports.listed_prospects import listed_prospects
from leadlight.web.reports.page import is_at, known_report, one_value, query_of, refused_page
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.downloads import record_export

ON_A_PAGE = 100


def found_changes(request: ReaderRequest, key: str, **cut: int) -> Changes:
    """Return the changes for the query of a request. Raises BadFilter."""
    params = query_of(request)
    return report_reader(request.user).changes(
        known_report(key),
        params,
        extra_params=PAGE_PARAMS,
        column_key=one_value(params, "column") or None,
        reason=one_value(params, "reason") or None,
        **cut,
    )


@signed_in
@require_safe
def report_changes(request: ReaderRequest, key: str) -> HttpResponseBase:
    """Render the page, with the list of leads only if a figure or a reason was chosen."""
    try:
        page = page_of(query_of(request))
        offset = (page - 1) * ON_A_PAGE
        found = found_changes(request, key, limit=ON_A_PAGE, offset=offset)
        if offset and not found.changed:
            raise BadFilter(
                gettext_noop("Page “%(page)s” does not exist. Go back to the first page."),
                page=page,
            )
    except BadFilter as bad:
        return refused_page(request, key, PAGE_PARAMS, bad)
    params = query_of(request)
    if not one_value(params, "column") and not one_value(params, "reason"):
        found, page = replace(found, column=None, changed=()), 1
    address = page_address(found, page=None if page == 1 else str(page))
    if not is_at(request, address):
        return redirect(address)
    return render(request, "reports/changes.html", _shown(request, found, page))


@signed_in
@require_safe
def report_changes_export(request: ReaderRequest, key: str, kind: str) -> HttpResponseBase:
    if kind not in OF_LISTS:
        raise Http404
    try:
        found = found_changes(request, key)
        said = about_changes(request.user, found, at_origin(request.build_absolute_uri("/"))[:-1])
        sheet = changed_sheet(found, labels.say, said, labels.status)
    except BadFilter as bad:
        return refused_page(request, key, PAGE_PARAMS, bad)
    record_export(request, "report", found.report.title, page_address(found))
    return OF_LISTS[kind](sheet, file_name(key, "changes", filters=found.filters))


def _listed(found: Changes) -> Iterator[tuple[str, str]]:
    """Yield the parameters that choose the list of leads."""
    if found.column:
        yield "column", found.column.key
    if found.reason:
        yield "reason", found.reason


def _shown(request: ReaderRequest, found: Changes, page: int) -> dict[str, Any]:
    user, filters = request.user, found.filters
    offset, column = (page - 1) * ON_A_PAGE, found.column
    rows = [one.row for one in found.changed]
    fields = shown_fields(found.subject, LIST_SPECS[found.subject], rows)
    last = offset + len(found.changed)
    return {
        "organization": formats.company(),
        "title": _("What changed"),
        "report": found.report,
        "sentences": query_sentences(user, filters),
        "since": found.since,
        "until": filters.instant,
        "is_past": bool(filters.as_of),
        "time_zone": str(filters.zone),
        "presets": presets(found),
        "control": control_of({"since": [found.since.isoformat()]}, filters.zone, "since"),
        "last_day": filters.today,
        "kept": [*found.requested.to_pairs(), *_listed(found)],
        "reasons": reasons_of(found),
        "lines": lines_of(found),
        "others": others_of(found),
        "column": labels.say(column.title_phrase) if column else "",
        "reason": _(REASONS[found.reason]) if found.reason else "",
        "all_reasons": page_address(found, reason=None),
        "counted": labels.counted(found.subject, found.count),
        "headings": [(_(field.title), unit_of(field)) for field in fields],
        "changed": [
            (_(REASONS[one.reason]), signed(column, one.now - one.then), cells)
            for one, cells in zip(
                found.changed,
                shown_cells(rows, fields, listed_prospects(user, rows)),
                strict=True,
            )
            if column
        ],
        "first": offset + 1,
        "last": last,
        "count": found.count,
        "previous": page_address(found, page=str(page - 1)) if page > 1 else None,
        "next": page_address(found, page=str(page + 1)) if last < found.count else None,
        "query": page_address(found).partition("?")[2],
        "then_address": report_address(found.report, replace(filters, as_of=found.since)),
        "back": report_address(found.report, found.requested),
        "back_title": _(found.report.title),
    }
