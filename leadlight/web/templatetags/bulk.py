"""Template tags of bulk changes and of the basket of leads without an owner."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Exists, QuerySet, Value
from django.template import Context, Library

from leadlight.accounts.models import User
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


class MenuRights(NamedTuple):
    """Whether there are leads without an owner that the user may take, and the right to import."""

    has_unassigned: bool
    may_import: bool


@register.simple_tag(takes_context=True)
def menu_rights(context: Context) -> MenuRights:
    """Return the rights on which the entries of the main menu depend, in one query.

    Sellers may only import rows into the prospecting lists that they may change.
    """
    user = context["user"]
    is_seller = user.role == User.Role.USER
    may_import = Exists(access.importable_prospecting_lists(user)) if is_seller else Value(True)
    rights = User.objects.filter(pk=user.pk).values_list(
        Exists(access.unassigned_leads(user)), may_import
    )
    return MenuRights(*rights.get())
