"""Overview page: the current month in every report, goals, and anomalies."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leadlight.presentation import formats
from leadlight.reporting.reader import report_reader
from leadlight.sales import goals
from leadlight.web.overview.anomalies import anomalies, is_too_early, rule
from leadlight.web.overview.figures import reports
from leadlight.web.overview.goal_progress import progress
from leadlight.web.shell.auth import ReaderRequest, signed_in


@signed_in
@require_safe
def overview(request: ReaderRequest) -> HttpResponse:
    """Render the overview; all figures are as of one instant."""
    reader = report_reader(request.user)
    today = reader.clock.day_of(reader.clock.now)
    context = {
        "organization": formats.company(),
        "reports": reports(reader),
        "progress": progress(reader, request.user),
        "may_set_goals": goals.may_set(request.user),
        "anomalies": anomalies(reader),
        "is_too_early": is_too_early(today),
        "rule": rule(),
        "period": formats.span(today.replace(day=1), today),
        "as_of": reader.clock.now,
        "sees_all": reader.scope.sees_all,
    }
    return render(request, "reports/overview.html", context)
