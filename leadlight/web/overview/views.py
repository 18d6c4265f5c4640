"""Overview page: the current month, anomalies, leads to check, goals, and all reports."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.reports import CATALOGUE
from leadlight.presentation import formats
from leadlight.presentation.goal_progress import progress
from leadlight.reporting.reader import report_reader
from leadlight.sales import goals
from leadlight.web.overview.anomalies import anomalies, rule
from leadlight.web.overview.figures import figures
from leadlight.web.overview.leads_to_check import leads_to_check
from leadlight.web.overview.month import Month
from leadlight.web.overview.perspective import perspective
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused_query
from leadlight.web.shell.query_string import params_of


@signed_in
@require_safe
def overview(request: ReaderRequest) -> HttpResponse:
    """Render the overview; all figures are as of one instant."""
    try:
        context = figures_of(request.user, params_of(request))
    except BadFilter as bad:
        return refused_query(request, bad, _("Overview"), "overview")
    context |= {
        "organization": formats.company(),
        "title": _("My numbers") if context["whose"].is_mine else _("Overview"),
        "may_set_goals": goals.may_set(request.user),
        "rule": rule(),
        "reports": [
            (reverse("report", args=[report.key]), _(report.title), _(report.summary))
            for report in CATALOGUE.values()
        ],
    }
    return render(request, "overview/page.html", context)


def figures_of(user: User, params: QueryParams | None = None) -> dict[str, Any]:
    """Return the figures of the overview of a user. Raises BadFilter."""
    whose = perspective(user, params or {})
    reader = report_reader(user)
    month, narrowing = Month.of(reader), whose.narrowing
    return {
        "whose": whose,
        "month": month,
        "period": formats.span(month.first, month.today),
        "as_of": reader.clock.now,
        "sees_all": reader.scope.sees_all,
        "figures": figures(reader, user, month, narrowing, is_of_company=whose.is_all),
        "anomalies": anomalies(reader, month, narrowing),
        "leads_to_check": list(leads_to_check(reader, narrowing)),
        "progress": progress(reader, user, whose.narrowing),
    }
