"""Pages of follow-ups: the list with filters, and the open tasks by template and by client."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.sales.models import FollowUpTemplate
from leadlight.web.follow_ups.listing import (
    BY_CLIENT,
    BY_TEMPLATE,
    FollowUpQuery,
    listing_of,
    totals_by,
)
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.days import today


@signed_in
@require_safe
def follow_ups(request: ReaderRequest) -> HttpResponse:
    """Show the follow-ups that the user may see, or with `by` the open tasks in groups."""
    user, by = request.user, request.GET.get("by", "")
    query = FollowUpQuery.of(user, request.GET)
    context: dict[str, Any] = {
        "query": query,
        "by": by if by in (BY_TEMPLATE, BY_CLIENT) else "",
        "views": [
            ("", _("One by one")),
            (BY_TEMPLATE, _("By template")),
            (BY_CLIENT, _("By client")),
        ],
        "templates": FollowUpTemplate.objects.all(),
        "is_mine": query.owner == user,
        "base": FollowUpQuery().address(),
    }
    if context["by"]:
        context["totals"] = totals_by(user, by, today())
    else:
        context["listing"] = listing_of(user, query, today())
    return render(request, "follow_ups/page.html", context)
