"""Pictures of a report's charts, shown without JavaScript, or until its chart script is loaded."""

from __future__ import annotations

import re

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.query_params import QueryParams, one, one_of
from leadlight.presentation.charts.drawings import SCHEMES, render_for_page
from leadlight.presentation.charts.report_charts import charts_of
from leadlight.presentation.refusals import refusal
from leadlight.sales import access
from leadlight.web.reports.page import answered, known_report, query_of
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused

PICTURE_PARAMS = ("scheme", "width")
WIDTHS = range(200, 2001)  # CSS pixels
WIDE = 1100  # of a row with all charts on a desktop, in CSS pixels


@signed_in
@require_safe
def chart_picture(request: ReaderRequest, key: str, name: str) -> HttpResponse:
    """Return one chart as SVG; the query is that of the report with `scheme` and `width`.

    Raises PermissionDenied for a user without the right to export, because a picture is a file. The
    pages of these users have no pictures.
    """
    if not access.may_export(request.user):
        raise PermissionDenied
    report, params = known_report(key), query_of(request)
    try:
        scheme = one_of(params, "scheme", SCHEMES) or SCHEMES[0]
        width = _width(params)
        answer = answered(request, report, PICTURE_PARAMS)
    except BadFilter as bad:
        return refused(request, refusal(bad))
    charts = {chart.name: chart for chart in charts_of(answer.result).charts}
    if name not in charts:
        raise Http404
    width = width or WIDE // len(charts)
    svg = render_for_page(charts[name], width, scheme)
    return HttpResponse(svg, content_type="image/svg+xml")


def _width(params: QueryParams) -> int | None:
    given = one(params, "width")
    if given is None:
        return None
    if re.fullmatch(r"[0-9]{3,4}", given) and int(given) in WIDTHS:
        return int(given)
    raise BadFilter(
        gettext_noop("“%(value)s” is not a valid width. Use a number from 200 to 2000."),
        value=given,
    )
