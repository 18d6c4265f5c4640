"""Hand-over of the leads, prospects and prospecting lists of a person who leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from leadlight.accounts.models import User
from leadlight.accounts.names import LONGEST_SEARCH, named
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.bulk import start
from leadlight.sales.bulk_verbs import shares
from leadlight.sales.follow_ups import open_tasks_of
from leadlight.sales.models import BulkJob, Lead, Prospect, ProspectingList, Task
from leadlight.sales.models.actions import current_action
from leadlight.sales.models.event_log import CLOSED, OPEN
from leadlight.sales.refusals import Refused
from leadlight.web.bulk.forms import SellersForm
from leadlight.web.bulk.views import APPLY
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.errors import refused

PEOPLE_ON_A_PAGE = 50


class HandOverForm(SellersForm):
    """Receivers of a hand-over, and the options for rows other than open leads."""

    button = gettext_lazy("Hand over")
    closed = forms.BooleanField(label=gettext_lazy("Include closed leads"), required=False)
    prospects = forms.BooleanField(
        label=gettext_lazy("Prospects not yet converted, and prospecting lists"),
        required=False,
        initial=True,
    )


@dataclass(frozen=True)
class Belongings:
    """All that a hand-over moves: rows of one person that the user may change.

    `leads` are those of the person, then those of others on which the person has open tasks;
    `own` are only those of the person.
    """

    leads: QuerySet[Lead]
    own: QuerySet[Lead]
    tasks: QuerySet[Task]
    prospects: QuerySet[Prospect]
    lists: QuerySet[ProspectingList]

    @classmethod
    def of(cls, person: User, by: User, *, closed: bool, prospects: bool) -> Belongings:
        statuses = OPEN + CLOSED if closed else OPEN
        own, editable = Q(owner=person, status__in=statuses), access.editable_leads(by)
        tasks = open_tasks_of(person).filter(lead__in=editable)
        leads = editable.filter(own | Q(pk__in=tasks.order_by().values("lead")))
        own_first = Case(When(own, then=0), default=1)
        rows = Prospect.objects.filter(user=person, converted_at=None, lead=None)
        lists = ProspectingList.objects.filter(user=person, is_archived=False)
        if not prospects:
            rows, lists = rows.none(), lists.none()
        return cls(
            leads.order_by(own_first, "-created_at", "-pk"),
            editable.filter(own),
            tasks,
            rows.order_by("pk"),
            lists.order_by("pk"),
        )

    @property
    def numbers(self) -> tuple[int, int, int]:
        return self.own.count(), self.prospects.count(), self.lists.count()


@signed_in
@require_safe
def people(request: ReaderRequest) -> HttpResponse:
    """Show the people whose work the user may hand over, with their numbers of open leads."""
    if not access.may_distribute(request.user):
        return refused(request, _("Only managers and admins can hand over leads."), status=403)
    searched = request.GET.get("q", "").replace("\0", " ").strip()[:LONGEST_SEARCH]
    users = named(access.replaceable_users(request.user), searched)
    leads = Lead.objects.filter(owner=OuterRef("pk"), is_deleted=False, status__in=OPEN)
    number = leads.order_by().values("owner").values(number=Count("pk"))
    page = Paginator(users, PEOPLE_ON_A_PAGE).get_page(request.GET.get("page"))
    shown = users.filter(pk__in=[user.pk for user in page])
    context = {
        "page": page,
        "searched": searched,
        "people": shown.annotate(open_leads=Coalesce(Subquery(number), 0)),
    }
    return render(request, "bulk/people.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the preview of a hand-over; a POST with `APPLY` starts its job."""
    if not access.may_distribute(request.user):
        return refused(request, _("Only managers and admins can hand over leads."), status=403)
    person = get_object_or_404(access.replaceable_users(request.user), key=key)
    form = HandOverForm(request.user, request.POST or None, leaving=person)
    status = 200
    if APPLY in request.POST:
        status = 400
        if form.is_valid():
            try:
                return _applied(request, person, form)
            except Refused as refusal:
                form.add_error(None, str(refusal))
    return render(request, "bulk/hand_over.html", _context(request, person, form), status=status)


def _context(request: ReaderRequest, person: User, form: HandOverForm) -> dict[str, Any]:
    data = form.data if form.is_bound else {"prospects": "on"}
    given = _belongings(request, person, data)
    numbers = given.numbers
    sellers = form.sellers_chosen
    parts = [shares(number, len(sellers)) for number in numbers] if sellers else []
    rows = zip(sellers, *parts, strict=True) if parts else ()
    return {
        "person": person,
        "form": form,
        "numbers": numbers,
        "tasks": given.tasks.count(),
        "shares": [(seller, [formats.number(one) for one in each]) for seller, *each in rows],
    }


def _applied(request: ReaderRequest, person: User, form: HandOverForm) -> HttpResponse:
    given = _belongings(request, person, form.data)
    if not any(given.numbers) and not given.tasks.exists():
        raise Refused(_("There is nothing to hand over."))

    def change() -> str:
        action = current_action()
        if action is None:
            raise RuntimeError("a hand-over is part of an action")
        arguments = form.arguments() | {
            "person": person.pk,
            "closed": form.cleaned_data["closed"],
        }
        start(
            action,
            "hand-over",
            arguments,
            given.leads,
            prospects=given.prospects,
            lists=given.lists,
        )
        return ""

    action = act(request, change)
    get_object_or_404(BulkJob, action=action)
    return redirect("bulk_job", action.key)


def _belongings(request: ReaderRequest, person: User, data: Any) -> Belongings:
    return Belongings.of(
        person, request.user, closed="closed" in data, prospects="prospects" in data
    )
