"""Settings pages of teams, for admins: the list, and one team with its members."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.accounts import teams
from leadlight.accounts.models import Membership, Team, User
from leadlight.accounts.refusals import Refused
from leadlight.web.settings.audited import change_row
from leadlight.web.settings.people import found, searched_for
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.errors import refused

MEMBERS_ON_A_PAGE = 50
MOST_FOUND = 20


class TeamForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter a name for the team.")},
    )


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def team_list(request: ReaderRequest) -> HttpResponse:
    """Show the teams with a form for a new one; a POST creates it and shows it."""
    form = TeamForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        created: list[Team] = []

        def change() -> str:
            created.append(teams.create(form.cleaned_data["name"], by=request.user))
            return str(_("Team created. Add its members."))

        try:
            act(request, change)
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("team", created[0].key) if created else redirect("teams")
    managers = Count("memberships", filter=Q(memberships__is_manager=True))
    rows = Team.objects.annotate(members_count=Count("memberships"), managers_count=managers)
    context = {"form": form, "teams": rows.order_by("-is_active", "name", "pk")}
    status = 400 if form.is_bound else 200
    return render(request, "settings/teams.html", context, status=status)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a team with its members, and people to add; a POST renames it."""
    shown = get_object_or_404(Team, key=key)
    if request.method != "POST":
        return _page(request, shown, TeamForm(initial={"name": shown.name}, label_suffix=""))
    form = TeamForm(request.POST, label_suffix="")
    if form.is_valid():
        rename = partial(teams.rename, shown, form.cleaned_data["name"], by=request.user)
        try:
            change_row(request, "team", shown, rename, _("Team renamed."))
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("team", key)
    return _page(request, get_object_or_404(Team, key=key), form, status=400)


@signed_in
@for_admins
@require_POST
def set_place(request: ReaderRequest, key: str) -> HttpResponse:
    """Make a person a member or a manager of the team, or take them out of it."""
    shown = get_object_or_404(Team, key=key)
    person = get_object_or_404(User, key=request.POST.get("person", "").replace("\0", ""))
    place = request.POST.get("place", "")
    if place not in (teams.NONE, teams.MEMBER, teams.MANAGER):
        return refused(request, _("A person can only be a member or a manager of a team."))
    try:
        teams.set_place(shown, person, place, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{reverse('team', args=[key])}#members")


@signed_in
@for_admins
@require_POST
def deactivate(request: ReaderRequest, key: str) -> HttpResponse:
    """Deactivate a team: it keeps its members and leads, and gets no new ones."""
    if teams.set_active(get_object_or_404(Team, key=key), False, by=request.user):
        messages.success(request, _("Team deactivated. Its members and leads stay."))
    return redirect("team", key)


@signed_in
@for_admins
@require_POST
def reactivate(request: ReaderRequest, key: str) -> HttpResponse:
    if teams.set_active(get_object_or_404(Team, key=key), True, by=request.user):
        messages.success(request, _("Team reactivated."))
    return redirect("team", key)


def _page(request: ReaderRequest, shown: Team, form: TeamForm, status: int = 200) -> HttpResponse:
    searched = searched_for(request.GET.get("q", ""))
    members = Membership.objects.filter(team=shown).select_related("user")
    members = members.order_by("-is_manager", "user__last_name", "user__first_name", "pk")
    others: Any = ()
    if searched:
        others = found(searched).filter(is_active=True).exclude(memberships__team=shown)
    context = {
        "team": shown,
        "form": form,
        "page": Paginator(members, MEMBERS_ON_A_PAGE).get_page(request.GET.get("page")),
        "searched": searched,
        "others": others[:MOST_FOUND],
    }
    return render(request, "settings/team.html", context, status=status)
