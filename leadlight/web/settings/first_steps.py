"""First steps of an admin, from an empty instance to the first report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadlight.accounts.models import Organization, User
from leadlight.sales import starter_settings
from leadlight.sales.models import ActivityType, Lead, Pipeline, Prospect
from leadlight.web.settings.audited import audited
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in


@dataclass(frozen=True)
class FirstStep:
    """Step with its pages, as addresses and texts; the first page is the one to open."""

    title: str
    line: str
    is_done: bool
    pages: tuple[tuple[str, str], ...]
    is_proposed: bool = False


@signed_in
@for_admins
@require_safe
def first_steps(request: ReaderRequest) -> HttpResponse:
    """Show the steps, which of them are done, and the next one."""
    steps = _steps()
    following = next((step for step in steps if not step.is_done), None)
    context = {"steps": steps, "following": following, "done": sum(one.is_done for one in steps)}
    return render(request, "settings/first_steps.html", context)


@signed_in
@for_admins
@require_POST
def propose(request: ReaderRequest) -> HttpResponse:
    """Add the proposed pipeline, activity types and reasons that the company does not have yet."""
    with audited(request, "starter", _settings_in_words):
        starter_settings.propose(by=request.user)
    messages.success(request, _("Added. You can rename, add and remove everything."))
    return redirect("first_steps")


def _settings_in_words() -> str:
    names = (*Pipeline.objects.all(), *ActivityType.objects.all())
    return ", ".join(str(name) for name in names)


def _steps() -> list[FirstStep]:
    has_leads = Lead.objects.exists()
    return [
        FirstStep(
            _("Your company"),
            _("Name, logo, time zone, currency and language. Reports count days in this zone."),
            Organization.objects.exists(),
            (_page("organization", _("Organisation")), _page("working_days", _("Working days"))),
        ),
        FirstStep(
            _("Your people"),
            _("Invite sellers and managers by mail, and put them into teams."),
            User.objects.count() > 1,
            (
                _page("people", _("People")),
                _page("teams", _("Teams")),
                _page("privacy", _("Privacy and rights")),
            ),
        ),
        FirstStep(
            _("Your way of selling"),
            _("The steps of a sale, the activities that sellers log, and the reasons for losing."),
            not starter_settings.is_needed(),
            (
                _page("pipelines", _("Pipelines")),
                _page("activity_types", _("Activity types")),
                _page("fields", _("Fields")),
            ),
            is_proposed=starter_settings.is_needed(),
        ),
        FirstStep(
            _("Your data"),
            _("Import a spreadsheet, paste a prospecting list, or enter the first lead."),
            has_leads or Prospect.objects.exists(),
            (
                _page("table_imports", _("Import")),
                _page("prospecting_new", _("New prospecting list")),
                _page("new_lead", _("New lead")),
            ),
        ),
        FirstStep(
            _("Your first report"),
            _("Every number explains itself, and opens the list of what it counts."),
            has_leads,
            (_page("overview", _("Overview")), (_report("company"), _("Company performance"))),
        ),
    ]


def _page(name: str, title: Any) -> tuple[str, str]:
    return reverse(name), str(title)


def _report(key: str) -> str:
    return reverse("report", args=[key])
