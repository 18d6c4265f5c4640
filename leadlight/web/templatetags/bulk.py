"""Template tags of bulk changes and of the basket of leads without an owner."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.template import Context, Library

from leadlight.sales import access
from leadlight.sales.models import BulkJob
from leadlight.web.leads.list_query import PAGE_PARAMS
from leadlight.web.shell.downloads import kinds

register = Library()

# Parameters of the list of leads that do not change which leads it finds.
NO_FILTERS = (*PAGE_PARAMS, "sort", "view", "columns", "saved")


@register.simple_tag(takes_context=True)
def list_query(context: Context) -> str:
    """Return the query string of the list, with the parameters that select leads only."""
    params: Any = context["request"].GET.copy()
    for name in NO_FILTERS:
        params.pop(name, None)
    return str(params.urlencode())


@register.simple_tag
def export_kinds() -> list[tuple[str, str]]:
    """Return the kinds of files of an export, each with its title."""
    return kinds()


@register.simple_tag(takes_context=True)
def unfinished_jobs(context: Context) -> QuerySet[BulkJob]:
    """Return the unfinished bulk jobs of the user."""
    states = (BulkJob.State.RUNNING, BulkJob.State.UNDOING)
    jobs = BulkJob.objects.filter(state__in=states, action__user=context["user"])
    return jobs.select_related("action")


@register.simple_tag(takes_context=True)
def may_distribute(context: Context) -> bool:
    """Return whether the user may distribute leads among others."""
    return access.may_distribute(context["user"])


@register.simple_tag(takes_context=True)
def has_unassigned(context: Context) -> bool:
    """Return whether there are leads without an owner that the user may take."""
    return access.unassigned_leads(context["user"]).exists()
