"""Goals of a person and their pace, which Today loads after its queue."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leadlight.presentation.goal_progress import progress
from leadlight.reporting.reader import report_reader
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.today.place import Place


@signed_in
@require_safe
def pace(request: ReaderRequest) -> HttpResponse:
    """Show the goals of the user, or of a colleague (`user`)."""
    place = Place.of(request)
    found = progress(report_reader(request.user), request.user, {"user": [place.user.key]})
    return render(request, "today/pace.html", {"progress": found, "place": place})
