"""Addresses of every page by role, and the accessibility violations of a page.

The addresses follow from the URL patterns and the reports: a new page is tested as well, or the
tests fail for want of an example of its address. Violations are what axe-core finds by WCAG 2.0 to
2.2, levels A and AA, and by its best practices.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Page

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import Holiday, User
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.automation import scheduled_mails, webhooks
from leadlight.automation.models import Rule, ScheduledMail, Webhook
from leadlight.automation.scheduled_mails import stop_token
from leadlight.sales import access, bulk, follow_ups, form_entries, lead_forms
from leadlight.sales.bulk import run_batch
from leadlight.sales.models import (
    ActivityType,
    Category,
    Client,
    Cost,
    CustomField,
    FollowUpTemplate,
    Goal,
    Lead,
    LeadForm,
    Outcome,
    Partner,
    PendingRows,
    Pipeline,
    ProspectingList,
    Shortcut,
    Step,
    TableImport,
    Tag,
    Task,
    TemplateStep,
)
from leadlight.sales.models.actions import acting
from leadlight.sales.models.lead_forms import STANDARD_FIELDS
from leadlight.sales.prospecting.lists import make_list
from leadlight.table_import.files import upload
from leadlight.table_import.jobs import begin_check
from tests.browser.conftest import DESKTOP, PATIENCE_MS, PHONE
from tests.web.conftest import PASSWORD
from tests.web.worked import THEN, Readers

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = """async ([rules, outside]) => {
  const found = await axe.run(
    { exclude: outside },
    { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] },
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id} · ${html.slice(0, 200)} · ${failureSummary}`));
}"""

WIDER = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
  .map((one) => one.outerHTML.slice(0, 100)).slice(0, 5)"""
NARROWEST = 320  # 1280 pixels at a zoom of 400 %
MISSING = "/no/such/page/"
QUARTER = "from=2026-01-01&to=2026-03-31"


class Setting(NamedTuple):
    language: str
    size: tuple[int, int]
    color_scheme: str


SETTINGS = [
    Setting(language, size, color_scheme)
    for color_scheme in ("light", "dark")
    for language in ("en", "fr")
    for size in (DESKTOP, PHONE)
]
# Nobody, and somebody who has given a password but no code yet, are no readers of reports.
ROLES = ("seller", "manager", "admin", "nobody", "halfway")


def furnish(readers: Readers) -> None:
    """Add an example of everything that a page shows."""
    field = CustomField.define("lead", "Building", "choice", choices=("House", "Flat"))
    lead = Lead.objects.get(key="L1")
    lead.set_field(field, "House", by=readers.ada)
    client = Client.objects.create(
        key="client-1", name="Glass & Co", description="Phone: 0142685300"
    )
    Client.objects.create(key="client-2", name="Glass and Co")
    client.set_field(CustomField.define("client", "Site", "link"), "https://glass.example/")
    Lead.objects.get(key="L5").set_client(client, by=readers.ada)
    listed = make_list(readers.bo, "Fair", ["Company", "Email"], [["Glass & Co", "a@b.example"]])
    ProspectingList.objects.filter(pk=listed.pk).update(key="sheet-of-bo")
    listed.prospects.update(key="row-of-bo")
    Outcome.define("Held", activity_type=ActivityType.define("Visit", kind="meeting"))
    Tag.define("Fragile", category=Category.define("Handling"))
    template = FollowUpTemplate.objects.create(key="welcome", name="Welcome", position=1)
    TemplateStep(key="welcome-call", template=template).put("Call")
    follow_ups.start(lead, template, by=readers.bo)
    task = Task.add(lead, "Order", by=readers.bo, owner=readers.bo, due_on=date(2026, 1, 5))
    Task.objects.filter(pk=task.pk).update(key="task-of-bo")
    Holiday.objects.create(day=date(2026, 5, 1), name="Labour Day")
    Goal.objects.create(
        user=readers.bo,
        measure="won_leads",
        period="month",
        starts_on=date(2026, 1, 1),
        target=10,
        key="goal-bo",
    )
    day = date(2026, 2, 2)
    actions = {"comment": {"text": "Well done"}}
    Rule.objects.create(key="wins", name="Wins", trigger="status", value="won", actions=actions)
    Rule.objects.create(name="Papers", trigger="manual", actions=actions)
    _add_forms()
    mail = scheduled_mails.of_person(readers.ada, None)
    scheduled_mails.start(mail, rhythm="working_days", weekday=1, at=time(7, 30), formats=[])
    hook = Webhook(name="Accounting", url="https://example.com/", events=["lead.creation"])
    hook.secret = webhooks.new_secret()
    hook.save()
    webhooks.test(hook)
    Cost.objects.create(name="Stand", source="Fair", amount=90, first_on=day, last_on=day)
    PendingRows.objects.create(
        prospecting_list=listed, file="none", language="en", total=9_000, read=500
    )
    readers.mona.set_password(PASSWORD)
    readers.mona.save()
    for user in (readers.bo, readers.mona, readers.ada):
        Shortcut.objects.create(
            owner=user, name="Our year", report="company", query=QUARTER, key=f"year-{user.key}"
        )
        with acting(f"job-{user.key}", user) as action:
            bulk.start(action, "todo", {}, access.editable_leads(user))
    for user in (readers.mona, readers.ada):
        imported = upload(user, "leads", "fair.csv", [b"Title;Amount\nWindows;1\nDoors;much\n"])
        begin_check(imported)
        while run_batch(imported.job_id):
            pass
        TableImport.objects.filter(pk=imported.pk).update(key=f"import-{user.key}")
    auth.TOTP.activate(readers.mona, auth.generate_totp_secret())
    RecoveryCodes.activate(readers.mona)


def signed_in(readers: Readers) -> dict[str, Browser]:
    """Return a session of each role."""
    cache.clear()  # the rate limit of sign-ins
    sessions = {role: Browser() for role in ROLES}
    for role, user in (("seller", readers.bo), ("manager", readers.mona), ("admin", readers.ada)):
        sessions[role].force_login(user)
    sessions["manager"].post("/accounts/reauthenticate/", {"password": PASSWORD})
    sessions["halfway"].post(
        "/accounts/login/", {"login": readers.mona.email, "password": PASSWORD}
    )
    return sessions


# Patterns of forms without a page of their own, of files, of parts of pages, and of other sites.
NO_PAGES = {
    *("account_email", "mfa_download_recovery_codes", "provider_sign_in", "provider_callback"),
    *("person_unlink", "sign_out_everywhere"),
    *("language", "lead_choices", "report_export", "chart_picture"),
    *("report_choices", "report_changes_export", "report_credit_export", "report_leads_export"),
    *("step_probability", "goal_end", "holiday_add", "holidays_french", "holiday_remove"),
    *("field_move", "field_archive", "field_restore", "shortcut_save", "shortcut_pin"),
    *("shortcut_default", "undo", "restore", "feed_news", "feed_choices"),
    *("clients_export", "client_deactivate", "client_reactivate", "file", "thumbnail"),
    *("board_more", "leads_export", "lead_row", "view_save", "view_update", "bulk", "take_lead"),
    *("mentionable", "typed_duplicates", "signature", "not_duplicate", "selection_export"),
    *("pipeline_default", "pipeline_archive", "pipeline_restore", "step_add", "step_move"),
    *("step_reopen", "step_remove", "outcome_add", "tag_add", "row_move", "row_deactivate"),
    *("manifest", "service_worker", "share"),
    *("row_reactivate", "calendar_feed", "lead_form_switch", "partner_switch"),
    "refused_address_lift",
    *("data_export_file", "first_steps_propose", "table_import_start", "table_import_refused"),
    *("people_search", "logo", "person_invite", "person_deactivate", "person_reactivate"),
    *("person_reset_second_factor", "team_place", "team_deactivate", "team_reactivate"),
    *("sheet_rows", "sheet_news", "sheet_cells", "sheet_undo", "sheet_change", "change_prospect"),
    *("sheet_pending", "different_clients", "cost_delete"),
    "audit_export",
    *(
        "run_rule",
        "rule_switch",
        "notification_choice",
        "background_job_run",
        "webhook_test",
        "webhook_switch",
        "webhook_secret",
        "delivery_repeat",
    ),
    *("clients_export", "client_deactivate", "client_reactivate", "follow_up_question"),
    *("follow_up_step_add", "follow_up_step_move", "follow_up_step_remove"),
    *("follow_up_template_move", "follow_up_template_archive", "follow_up_template_restore"),
}

# Settings pages of one row: name of the URL pattern, folder of the address, model, and page.
SETTINGS_PAGES: tuple[tuple[str, str, type[Keyed], str], ...] = (
    ("pipeline_edit", "pipelines", Pipeline, "edit"),
    ("step_edit", "steps", Step, "edit"),
    ("step_close", "steps", Step, "close"),
    ("activity_type_edit", "activity-types", ActivityType, "edit"),
    ("outcome_edit", "outcomes", Outcome, "edit"),
    ("category_edit", "categories", Category, "edit"),
    ("tag_edit", "tags", Tag, "edit"),
    ("cost_edit", "costs", Cost, "edit"),
    ("webhook", "webhooks", Webhook, "edit"),
    ("rule", "rules", Rule, "edit"),
    ("lead_form", "forms", LeadForm, "edit"),
    ("partner", "partners", Partner, "edit"),
)


def _add_forms() -> None:
    """Add a public form with own fields, and a partner who sent a lead."""
    form, partner = LeadForm(key="website"), Partner(key="duval")
    shown = [
        {"name": name, "required": name == "name"}
        for name in (*STANDARD_FIELDS, *lead_forms.own_fields())
    ]
    lead_forms.save(
        form,
        by=User.objects.get(key="ada"),
        name="Website",
        title="Ask for an offer",
        introduction="We answer within a day.",
        thanks="",
        continue_at="",
        language="",
        fields=shown,
        sites=["https://www.example.com"],
        step=Step.objects.earliest("pk"),
        owner=None,
        tags=[],
    )
    lead_forms.save_partner(partner, by=User.objects.get(key="ada"), name="Duval", form=form)
    form_entries.receive(form, partner, {"company": "Atelier"}, nonce="1", sender="nobody")


def examples(key: str) -> dict[str, list[str]]:
    """Return addresses for the URL patterns with parameters, by name, for one user."""
    return {
        "account_confirm_email": ["accounts/confirm-email/nothing/"],
        "account_reset_password_from_key": ["accounts/password/reset/key/1-nothing/"],
        "lead": ["leads/L5/", "leads/L5/?from=status%3Dtodo&at=5&n=3"],
        "change_lead": [
            f"change-lead/{what}/L5/" for what in ("title", "standby", "tags", "lost", "created")
        ]
        + [f"change-lead/{what}/L5/?return=board" for what in ("step", "lost")],
        "bulk_job": [f"bulk-jobs/job-{key}/"],
        "hand_over": ["hand-over/bo/"],
        "copy_lead": ["copy-lead/L5/"],
        "split_lead": ["split-lead/L5/"],
        "merge": ["merge/L5/?with=L1"],
        "merge_client": ["merge-client/client-1/", "merge-client/client-1/?with=client-2"],
        "person": ["settings/people/bo/edit/"],
        "team": ["settings/teams/south/edit/"],
        "following_lead": [f"new-lead/{link}/L5/" for link in ("upsell", "renewal")],
        "task": ["tasks/task-of-bo/"],
        "change_task": [f"change-task/{what}/task-of-bo/" for what in ("edit", "postpone")],
        "follow_up_template": ["settings/follow-ups/welcome/edit/"],
        "follow_up_step": ["settings/follow-up-tasks/welcome-call/edit/"],
        "client": ["clients/client-1/", "clients/client-1/?done=reactivated"],
        "client_edit": [f"clients/client-1/edit/?part={part}" for part in ("name", "description")],
        "report": [
            *(
                f"reports/{table.key}/?{f'view={table.view}&' if table.view else ''}{QUARTER}"
                for table in EVERY_TABLE
            ),
            f"reports/company/?{QUARTER}&compare=previous&user=bo&sort=won_leads",
            f"reports/team/?{QUARTER}&{THEN}",
            "reports/team/?from=2026-02-31",
        ],
        "report_changes": [
            f"reports/company/changes/?{QUARTER}&since=2026-03-01{rest}"
            for rest in ("", "&column=won_leads")
        ],
        "report_explain": [
            f"reports/{report}/explain/?{QUARTER}&column={column}"
            for report, column in (("company", "win_rate"), ("forecast", "weighted_amount"))
        ],
        "report_credit": [f"reports/{report}/credit/?{QUARTER}" for report in ("company", "team")],
        "report_quality": [f"reports/company/quality/?{QUARTER}"],
        "report_leads": [
            f"reports/{report}/leads/?{QUARTER}&column={column}"
            for report, column in (
                ("company", "won_leads"),
                ("activities", "activities"),
                ("prospecting", "prospects"),
            )
        ],
        "sheet": ["prospecting/sheet-of-bo/"],
        "sheet_settings": ["sheet-settings/sheet-of-bo/"],
        "prospect": ["prospects/row-of-bo/"],
        "table_import": [f"import/import-{key}/"],
        "table_import_columns": [f"import/import-{key}/columns/"],
        **{
            name: [f"settings/{folder}/{model.objects.earliest('pk').key}/{page}/"]
            for name, folder, model, page in SETTINGS_PAGES
        },
        "goal_delete": ["goals/goal-bo/delete/"],
        "field_edit": [f"settings/fields/{CustomField.objects.get(subject='lead').key}/edit/"],
        "shortcut": ["shortcuts/nothing/"],
        "shortcut_edit": [f"shortcuts/year-{key}/edit/"],
        "shortcut_delete": [f"shortcuts/year-{key}/delete/"],
        "shortcut_mail": [f"my-mails/year-{key}/"],
        "rule_trial": ["settings/rules/wins/trial/"],
        "public_form": [f"form/{LeadForm.objects.get().address.token}/"],
        "partner_page": [f"partner/{Partner.objects.get().page.token}/"],
        "stop_mail": [f"stop-mail/{stop_token(ScheduledMail.objects.get())}/"],
    }


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield the path and the pattern of every address."""
    for one in resolver.url_patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one, path)
        elif one.name:
            yield path, one


def every_address(role: str) -> list[str]:
    """Return an address for every page. A new pattern needs an example, or to be in `NO_PAGES`."""
    known = examples({"manager": "mona", "admin": "ada"}.get(role, "bo"))
    found = [MISSING]
    for path, pattern in patterns(get_resolver()):
        if pattern.name not in NO_PAGES:
            has_parameters = bool(pattern.pattern.regex.groups)
            found += [f"/{one}" for one in (known[pattern.name] if has_parameters else [path])]
    return found


def is_page(session: Client, address: str, *, or_error: bool = False) -> bool:
    """Return whether the address leads this user to its own page, without opening a browser.

    With `or_error`, the page may say that the user may not see it, or that the address is wrong.
    """
    response = session.get(address)
    if response.status_code < 400 and response.has_header("Location"):
        if urlsplit(response["Location"]).path != urlsplit(address).path:
            return False
        response = session.get(response["Location"])
    status = response.status_code
    return status < 400 or address == MISSING or (or_error and status != 404)


def fits(page: Page) -> bool:
    """Return whether the page is as wide as its window, once its scripts have followed a resize."""
    for _ in range(PATIENCE_MS // 50):
        if page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
            return True
        page.wait_for_timeout(50)
    return False


def violations(page: Page, address: str) -> list[str] | None:
    """Open a page, and return what is wrong with its accessibility.

    None if the address leads this user to another page or to none.
    """
    response = page.goto(address)
    is_missing = response.status == 404 and address != MISSING
    if is_missing or urlsplit(page.url).path != urlsplit(address).path:
        return None
    for chart in page.locator("[data-chart]").all():
        chart.locator("svg.marks").wait_for()
    page.evaluate(AXE.read_text())
    found = page.evaluate(VIOLATIONS, [RULES, []])
    size = page.viewport_size
    for width in {size["width"], NARROWEST} if size["width"] < 500 else {size["width"]}:
        page.set_viewport_size({"width": width, "height": size["height"]})
        if not fits(page):
            found.append(f"wider than {width} pixels: {page.evaluate(WIDER)}")
    page.set_viewport_size(size)
    return [f"{address}: {one}" for one in found]
