"""Data-quality problems behind a report, as a page and as a strip of the report's page."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.analytics.insight import data_quality
from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation import formats
from leadlight.presentation.choices import query_sentences
from leadlight.presentation.links import quality_address, report_address
from leadlight.reporting.reader import report_reader
from leadlight.web.reports.data_quality_strip import faults
from leadlight.web.reports.page import is_at, is_partial, known_report, query_of, refused_page
from leadlight.web.shell.auth import ReaderRequest, signed_in


@signed_in
@require_safe
def report_quality(request: ReaderRequest, key: str) -> HttpResponseBase:
    try:
        reader = report_reader(request.user)
        report, filters = reader.read(known_report(key), query_of(request))
        address = quality_address(report, filters)
        if not is_partial(request) and not is_at(request, address):
            return redirect(address)
        found = faults(reader, report, filters)
    except BadFilter as bad:
        return refused_page(request, key, (), bad)
    context = {
        "organization": formats.company(),
        "title": _(data_quality.TABLE.title),
        "question": _(data_quality.TABLE.summary),
        "sentences": query_sentences(request.user, filters),
        "faults": found,
        "as_of": filters.instant,
        "is_past": bool(filters.as_of),
        "time_zone": str(filters.zone),
        "back": report_address(report, filters),
        "back_title": _(report.title),
        "table": report_address(data_quality.TABLE, data_quality.filters_of(filters)),
    }
    name = "quality_strip" if is_partial(request) else "quality"
    response = render(request, f"reports/{name}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
