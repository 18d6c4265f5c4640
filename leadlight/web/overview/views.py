"""The first page: this month in every report, goals, and what is unusual."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leadlight.presentation import formats
from leadlight.reporting import reader as asking
from leadlight.sales import goals
from leadlight.web.overview.anomalies import is_too_early, rule, unusual
from leadlight.web.overview.figures import reports
from leadlight.web.overview.goal_progress import progress
from leadlight.web.shell.auth import ReaderRequest, signed_in


@signed_in
@require_safe
def overview(request: ReaderRequest) -> HttpResponse:
    """Everything is asked after catching up once, as of one instant."""
    asker = asking.asker(request.user)
    today = asker.clock.day_of(asker.clock.now)
    context = {
        "organization": formats.company(),
        "reports": reports(asker),
        "progress": progress(asker, request.user),
        "may_set_goals": goals.may_set(request.user),
        "unusual": unusual(asker),
        "is_too_early": is_too_early(today),
        "rule": rule(),
        "period": formats.span(today.replace(day=1), today),
        "as_of": asker.clock.now,
        "sees_all": asker.scope.sees_all,
    }
    return render(request, "reports/overview.html", context)
