"""Home of the settings, for admins: all settings pages with one line each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in


@dataclass(frozen=True)
class SettingsPage:
    """Page of settings: the name of its URL pattern, its title, and one line about it."""

    name: str
    title: Any
    line: Any


# Title of each group, and its pages.
PAGES: tuple[tuple[Any, tuple[SettingsPage, ...]], ...] = (
    (
        _("Company"),
        (
            SettingsPage(
                "first_steps", _("First steps"), _("From an empty instance to the first report.")
            ),
            SettingsPage(
                "organization",
                _("Organisation"),
                _("Name, logo, time zone, currency, language, weeks and fiscal year."),
            ),
            SettingsPage("working_days", _("Working days"), _("Weekend and public holidays.")),
            SettingsPage(
                "privacy",
                _("Privacy and rights"),
                _("Rights to see other people's leads, assign leads and export."),
            ),
            SettingsPage(
                "sign_in_settings",
                _("Sign-in"),
                _("Required second factor, single sign-on, passwords."),
            ),
        ),
    ),
    (
        _("People and teams"),
        (
            SettingsPage("people", _("People"), _("Invitations, roles, closed accounts.")),
            SettingsPage("teams", _("Teams"), _("Members and managers of each team.")),
            SettingsPage(
                "hand_over_people",
                _("Hand-over"),
                _("Leads, tasks and prospects of somebody who leaves go to others."),
            ),
        ),
    ),
    (
        _("Sales"),
        (
            SettingsPage(
                "pipelines",
                _("Pipelines"),
                _("Pipelines and their steps: names, order, probabilities, closed steps."),
            ),
            SettingsPage(
                "fields", _("Fields"), _("Your own fields of leads, clients and prospects.")
            ),
            SettingsPage(
                "activity_types",
                _("Activity types"),
                _("Types of activities and their results."),
            ),
            SettingsPage(
                "categories", _("Categories and tags"), _("Tags of leads, in categories.")
            ),
            SettingsPage(
                "loss_reasons",
                _("Loss reasons"),
                _("Tags for the reasons why leads are lost or cancelled."),
            ),
            SettingsPage(
                "costs", _("Costs"), _("Cost of trade shows, campaigns and bought lists.")
            ),
            SettingsPage(
                "follow_up_templates", _("Follow-up templates"), _("Tasks to do after a sale.")
            ),
            SettingsPage(
                "rules",
                _("Rules"),
                _("What Leadlight does by itself when something happens to a lead."),
            ),
            SettingsPage(
                "table_imports",
                _("Imports"),
                _("Leads, clients, activities, steps and prospects from a file."),
            ),
            SettingsPage(
                "data_export",
                _("Export data"),
                _("Whole tables of leads, activities, prospects, clients and history."),
            ),
            SettingsPage(
                "duplicate_groups",
                _("Duplicates"),
                _("Possible duplicates among leads and clients, to merge."),
            ),
        ),
    ),
    (
        _("Security"),
        (
            SettingsPage(
                "audit_log",
                _("Audit log"),
                _("Sign-ins, exports, and changes to accounts and settings."),
            ),
        ),
    ),
    (
        _("Server"),
        (
            SettingsPage(
                "lead_forms",
                _("Forms and partners"),
                _("Public forms that make leads, and partners who send leads by them."),
            ),
            SettingsPage(
                "refused_addresses",
                _("Refused addresses"),
                _("Mail addresses to which rules send nothing."),
            ),
            SettingsPage(
                "webhooks",
                _("Webhooks"),
                _("Messages to other programs about what happens to leads."),
            ),
            SettingsPage(
                "background_jobs",
                _("Background jobs"),
                _("Mails and other work of the server: what waits, and what has failed."),
            ),
        ),
    ),
)


@signed_in
@for_admins
@require_safe
def settings_home(request: ReaderRequest) -> HttpResponse:
    return render(request, "settings/home.html", {"groups": PAGES})
