"""Outsiders ask every address about rows that they may not see, by GET and by POST.

The rows of a lead carry a word that occurs nowhere else. An address that names one of them answers
as if it did not exist; no answer holds the word, and no row changes. Readers who may see the lead
but not change it get its pages without controls, and a refusal for each change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.urls import URLPattern

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import Membership, Organization, Team, User
from leadlight.accounts.tokens import new_token
from leadlight.presentation.datasets import DATASETS
from leadlight.sales import attachments
from leadlight.sales.bulk import start
from leadlight.sales.models import (
    ActivityType,
    Attachment,
    Category,
    Client,
    Cost,
    CustomField,
    FollowUpTemplate,
    Goal,
    Lead,
    Reminder,
    Shortcut,
    Tag,
    Task,
)
from leadlight.sales.models.actions import acting
from leadlight.sales.models.shortcuts import LEADS
from leadlight.table_import.files import upload
from leadlight.table_import.jobs import begin_check
from leadlight.web.bulk import forms as bulk_forms
from leadlight.web.leads.forms.catalogue import CHANGES
from leadlight.web.leads.tasks import views as tasks
from leadlight.web.sheet import changes as sheet_changes
from leadlight.web.sheet import row as prospects
from leadlight.web.urls import urlpatterns
from tests.prospects import set_texts
from tests.web.conftest import at, person

pytestmark = pytest.mark.database

WORD = "Zanzibar"
KINDS = ("xlsx", "csv")
# Changes of a lead that are not in `CHANGES`, with the query string of their address.
OTHER_CHANGES = ("field", "edit-comment", "pin-comment", "unpin-comment", "files", "remove-file")
# Values that forms ask for. What a form does not ask for, it ignores.
FORM = {
    **dict.fromkeys(("title", "text", "description", "name", "source", "comment"), "Taken"),
    **dict.fromkeys(("amount", "probability", "in"), "1"),
    "day": "2027-01-04",
    "measure": "won_leads",
    "period": "month",
    "target": "1",
    "sharing": "private",
    "next": "/",
    "report": "company",
    "query": "",
    "at": "2026-01-20T10:00",
}
# Pattern of the end of the reader's own sessions.
ENDS_THE_WALK = "sign_out_everywhere"
# Tables that keep what a reader does, not what a company has.
OF_READERS = {"Action", "Default", "Opening", "Pin"}


@dataclass(frozen=True)
class Hidden:
    """Keys of the hidden rows, by the name that parameters have for them."""

    lead: Lead
    keys: dict[str, str]


@pytest.fixture
def hidden(cast, settings, tmp_path) -> Hidden:
    settings.LEADLIGHT_DATA = tmp_path
    lead, olga = cast.lead, cast.olga
    lead.rename(f"{WORD} windows", by=olga)
    lead.describe(f"{WORD}: call Lea, {WORD.lower()}@example.com", by=olga)
    lead.set_source(WORD, by=olga)
    lead.client.rename(f"{WORD} hotel")
    lead.client.describe(WORD)
    field = CustomField.define("lead", "Colour", "text")
    lead.set_field(field, WORD, by=olga)
    with acting(new_key(), olga) as action:
        comment = lead.comment(f"{WORD} said no", by=olga)
    lead.stand_by(until=Reminder(at(20).replace(year=2027), note=WORD), by=olga)
    file = attachments.stored(SimpleUploadedFile(f"{WORD}.txt", b"text"))
    attached = attachments.attach(lead, file, by=olga)
    binned = Lead.create(title=f"{WORD} doors", by=olga, owner=olga)
    binned.bin(by=olga)
    other = Lead.create(title=f"{WORD} gates", by=olga, owner=olga)
    rows = lead.prospect.prospecting_list
    rows.name, rows.user = f"{WORD} fair", olga
    rows.save()
    set_texts(lead.prospect, {"Company": WORD})
    task = Task.add(lead, WORD, by=olga, owner=olga, due_on=date(2026, 2, 1), note=WORD)
    template = FollowUpTemplate.define("Welcome")
    with acting(new_key(), olga) as of_job:
        start(of_job, "star", {}, Lead.objects.filter(pk=lead.pk))
    shortcut = Shortcut.objects.create(owner=olga, name=WORD, report="company")
    view = Shortcut.objects.create(owner=olga, name=f"{WORD} view", report=LEADS)
    goal = Goal.objects.create(
        user=olga, measure="won_leads", period="month", starts_on=date(2026, 1, 1), target=3
    )
    call, region = ActivityType.objects.get(), Category.define("Region")
    text = f"Title;Amount\n{WORD};1\n{WORD};much\n".encode()
    imported = upload(cast.ada, "leads", f"{WORD}.csv", [text])
    begin_check(imported)
    keys = {
        "import": imported.key,
        "lead": lead.key,
        "binned": binned.key,
        "client": lead.client.key,
        "other_client": Client.create(name=f"{WORD} inn", by=olga).key,
        "user": olga.key,
        "team": olga.teams.get().key,
        "file": attached.key,
        "comment": comment.key,
        "action": action.key,
        "field": field.key,
        "other": other.key,
        "task": task.key,
        "job": of_job.key,
        "template": template.key,
        "view": view.key,
        "step": lead.step.key,
        "pipeline": lead.pipeline.key,
        "activity_type": call.key,
        "outcome": call.outcomes.get().key,
        "category": region.key,
        "tag": Tag.define("Alps", category=region).key,
        "shortcut": shortcut.key,
        "goal": goal.key,
        "cost": Cost.objects.create(
            name=WORD,
            amount=1,
            first_on=date(2026, 1, 1),
            last_on=date(2026, 1, 1),
            prospecting_list=rows,
        ).key,
        "prospecting_list": rows.key,
        "prospect": lead.prospect.key,
    }
    return Hidden(lead, keys)


def changes(keys: dict[str, str]) -> Iterator[str]:
    of_comments = ("edit-comment", "pin-comment", "unpin-comment")
    queries = {"field": "field", "remove-file": "file", **dict.fromkeys(of_comments, "comment")}
    for what in (*CHANGES, *OTHER_CHANGES):
        query = f"?{queries[what]}={keys[queries[what]]}" if what in queries else ""
        yield f"/change-lead/{what}/{keys['lead']}/{query}"


def hidden_addresses(keys: dict[str, str]) -> dict[str, list[str]]:
    """Return the addresses that name a hidden row, by the name of their pattern."""
    client = f"/clients/{keys['client']}/"
    return {
        "lead": [f"/leads/{keys['lead']}/", f"/leads/{keys['binned']}/"],
        "lead_row": [f"/lead-row/{keys['lead']}/"],
        "mentionable": [f"/mentionable/{keys['lead']}/?q=a"],
        "following_lead": [f"/new-lead/{link}/{keys['lead']}/" for link in ("upsell", "renewal")],
        "copy_lead": [f"/copy-lead/{keys['lead']}/"],
        "split_lead": [f"/split-lead/{keys['lead']}/"],
        "merge": [f"/merge/{keys['lead']}/?with={keys['other']}"],
        "merge_client": [
            f"/merge-client/{keys['client']}/",
            f"/merge-client/{keys['client']}/?with={keys['other_client']}",
        ],
        "different_clients": [f"/different-clients/{keys['client']}/?other={keys['other_client']}"],
        "not_duplicate": [f"/not-duplicate/{keys['lead']}/?other={keys['other']}"],
        "take_lead": [f"/unassigned/{keys['lead']}/take/"],
        "bulk_job": [f"/bulk-jobs/{keys['job']}/"],
        "task": [f"/tasks/{keys['task']}/"],
        "change_task": [f"/change-task/{what}/{keys['task']}/" for what in tasks.FORMS],
        "view_update": [f"/lead-views/{keys['view']}/update/"],
        "restore": [f"/bin/{keys['binned']}/restore/"],
        "change_lead": list(changes(keys)),
        "thumbnail": [f"/files/{keys['file']}/thumbnail/"],
        "file": [f"/files/{keys['file']}/"],
        "undo": [f"/undo/{keys['action']}/"],
        "client": [client],
        "client_edit": [f"{client}edit/?part={part}" for part in ("name", "description")],
        "client_deactivate": [f"{client}deactivate/"],
        "client_reactivate": [f"{client}reactivate/"],
        "goal_end": [f"/goals/{keys['goal']}/end/"],
        "goal_delete": [f"/goals/{keys['goal']}/delete/"],
        "shortcut": [f"/shortcuts/{keys['shortcut']}/"],
        "shortcut_edit": [f"/shortcuts/{keys['shortcut']}/edit/"],
        "shortcut_delete": [f"/shortcuts/{keys['shortcut']}/delete/"],
        "shortcut_pin": [f"/shortcuts/{keys['shortcut']}/pin/"],
        "shortcut_default": [f"/shortcuts/{keys['shortcut']}/default/"],
        "sheet": [f"/prospecting/{keys['prospecting_list']}/"],
        "sheet_rows": [f"/sheet-rows/{keys['prospecting_list']}/?limit=9"],
        "sheet_news": [f"/sheet-news/{keys['prospecting_list']}/?since=0"],
        "sheet_cells": [f"/sheet-cells/{keys['prospecting_list']}/"],
        "sheet_undo": [f"/sheet-undo/{keys['prospecting_list']}/"],
        "sheet_pending": [f"/sheet-pending/{keys['prospecting_list']}/"],
        "sheet_settings": [f"/sheet-settings/{keys['prospecting_list']}/"],
        "sheet_change": [
            f"/change-sheet/{what}/{keys['prospecting_list']}/"
            for what in (*sheet_changes.ROW_CHANGES, *sheet_changes.COLUMN_CHANGES)
        ],
        "prospect": [f"/prospects/{keys['prospect']}/"],
        "change_prospect": [
            f"/change-prospect/{what}/{keys['prospect']}/" for what in prospects.CHANGES
        ],
    }


def other_addresses(keys: dict[str, str]) -> dict[str, list[str]]:
    """Return addresses with parameters that name no hidden row, by the name of their pattern."""
    months = "from=2025-01-01&to=2026-12-31"
    searched = f"search={WORD}"
    return {
        "bulk": [f"/bulk/{verb}/" for verb in bulk_forms.FORMS],
        "board_more": [f"/board/more/{keys['step']}/?after=2026-01-01T00:00:00~1"],
        "hand_over": [f"/hand-over/{keys['user']}/"],
        "leads_export": [f"/leads-export/{kind}" for kind in KINDS],
        "data_export_file": [
            f"/export/{kind}?table={table}" for kind in KINDS for table in DATASETS
        ],
        "people_search": [f"/people/assignable/?field=owner&{searched}"],
        "selection_export": [f"/selection-export/{kind}" for kind in KINDS],
        "lead_choices": [f"/lead-choices/{name}/?{searched}" for name in ("client", "user")],
        "feed_choices": [f"/activity-choices/user/?{searched}"],
        "clients_export": [f"/clients-export/{kind}" for kind in KINDS],
        "report": [f"/reports/company/?{months}&group_by=user"],
        "report_export": [f"/reports/company/export/{kind}?{months}" for kind in KINDS],
        "chart_picture": [],  # drawn from the figures of the report
        "report_choices": [f"/reports/company/choices/client/?{searched}"],
        "report_changes": [f"/reports/company/changes/?{months}&since=2026-01-10"],
        "report_changes_export": [
            f"/reports/company/changes/export/{kind}?{months}&since=2026-01-10" for kind in KINDS
        ],
        "report_explain": [f"/reports/company/explain/?{months}&column=won_leads"],
        "report_credit": [f"/reports/company/credit/?{months}"],
        "report_credit_export": [f"/reports/company/credit/export/csv?{months}"],
        "report_quality": [f"/reports/company/quality/?{months}"],
        "report_leads": [f"/reports/company/leads/?{months}&column=new_leads"],
        "report_leads_export": [
            f"/reports/company/leads/export/csv?{months}&column=new_leads",
        ],
        # Imports, of whoever made them: nobody else finds them
        **{
            f"table_import{name}": [f"/import/{keys['import']}/{part}"]
            for name, part in (
                ("", ""),
                ("_columns", "columns/"),
                ("_start", "start/"),
                ("_refused", "refused/csv"),
            )
        },
        # Settings, for admins alone
        "holiday_remove": ["/working-days/2026-12-25/remove/"],
        "shortcut_mail": ["/my-mails/unknown/"],
        "stop_mail": ["/stop-mail/unknown/"],
        "public_form": [f"/form/{new_token()}/"],
        "partner_page": [f"/partner/{new_token()}/"],
        **{
            f"{row}{verb}": [f"/settings/{page}/unknown/{verb[1:] or 'edit'}/"]
            for row, page in (("lead_form", "forms"), ("partner", "partners"))
            for verb in ("", "_switch")
        },
        "calendar_feed": [f"/calendar/{new_token()}.ics"],
        "rule": ["/settings/rules/unknown/edit/"],
        **{f"rule_{verb}": [f"/settings/rules/unknown/{verb}/"] for verb in ("switch", "trial")},
        "run_rule": [f"/run-rule/unknown/{keys['lead']}/"],
        "refused_address_lift": ["/settings/refused-addresses/unknown/lift/"],
        "webhook": ["/settings/webhooks/unknown/edit/"],
        **{
            f"webhook_{verb}": [f"/settings/webhooks/unknown/{verb}/"]
            for verb in ("test", "switch", "secret")
        },
        "delivery_repeat": ["/settings/deliveries/unknown/repeat/"],
        "background_job_run": ["/settings/jobs/1/run/"],
        "audit_export": [f"/settings/audit/export/{kind}" for kind in KINDS],
        "person": [f"/settings/people/{keys['user']}/edit/"],
        **{
            f"person_{verb.replace('-', '_')}": [f"/settings/people/{keys['user']}/{verb}/"]
            for verb in ("invite", "deactivate", "reactivate", "reset-second-factor", "unlink")
        },
        "team": [f"/settings/teams/{keys['team']}/edit/"],
        **{
            f"team_{verb}": [f"/settings/teams/{keys['team']}/{verb}/"]
            for verb in ("place", "deactivate", "reactivate")
        },
        **{
            f"follow_up_{verb}": [f"/settings/follow-ups/{keys['template']}/{verb}/"]
            for verb in ("template", "template_move", "template_archive", "template_restore")
        },
        **{
            f"follow_up_step{verb}": [f"/settings/follow-up-tasks/{keys['template']}{verb}/"]
            for verb in ("", "_add", "_move", "_remove")
        },
        **{
            f"pipeline_{verb}": [f"/settings/pipelines/{keys['pipeline']}/{verb}/"]
            for verb in ("edit", "default", "archive", "restore")
        },
        "activity_type_edit": [f"/settings/activity-types/{keys['activity_type']}/edit/"],
        "outcome_add": [f"/settings/activity-types/{keys['activity_type']}/add/"],
        "outcome_edit": [f"/settings/outcomes/{keys['outcome']}/edit/"],
        "category_edit": [f"/settings/categories/{keys['category']}/edit/"],
        "tag_add": [f"/settings/categories/{keys['category']}/add/"],
        **{
            f"cost_{verb}": [f"/settings/costs/{keys['cost']}/{verb}/"]
            for verb in ("edit", "delete")
        },
        "tag_edit": [f"/settings/tags/{keys['tag']}/edit/"],
        **{
            f"row_{verb}": [
                f"/settings/rows/{kind}/{keys[kind]}/{verb}/"
                for kind in ("activity_type", "outcome", "category", "tag")
            ]
            for verb in ("move", "deactivate", "reactivate")
        },
        "step_add": [f"/settings/pipelines/{keys['pipeline']}/add/"],
        **{
            f"step_{verb}": [f"/settings/steps/{keys['step']}/{verb}/"]
            for verb in ("edit", "move", "close", "reopen", "remove")
        },
        **{
            f"field_{verb}": [f"/settings/fields/{keys['field']}/{verb}/"]
            for verb in ("edit", "move", "archive", "restore")
        },
    }


def addresses(keys: dict[str, str]) -> Iterator[tuple[str, bool]]:
    """Yield each address, and whether it names a hidden row; every pattern is among them."""
    named, others = hidden_addresses(keys), other_addresses(keys)
    for pattern in urlpatterns:
        if not isinstance(pattern, URLPattern) or pattern.name == ENDS_THE_WALK:
            continue
        if pattern.pattern.converters:
            yield from ((address, True) for address in named.get(pattern.name, ()))
            yield from ((address, False) for address in others.get(pattern.name, ()))
            assert pattern.name in named or pattern.name in others, pattern.name
        else:
            yield f"/{pattern.pattern}", False
            yield f"/{pattern.pattern}?{urlencode(keys)}", False
            yield f"/{pattern.pattern}?q={WORD}", False


def rows_before() -> dict[type[Model], dict[int, tuple]]:
    models = [*apps.get_app_config("sales").get_models(), Organization, Team, Membership]
    return {
        model: {row[0]: row for row in model._base_manager.order_by("pk").values_list()}
        for model in models
        if model.__name__ not in OF_READERS
    }


def changed_rows(before) -> list[str]:
    """Return the rows that changed since, and new ones of the hidden leads."""
    now = rows_before()
    leads = set(before[Lead])
    found = []
    for model, rows in before.items():
        found += [f"{model.__name__} {pk}" for pk, row in rows.items() if now[model].get(pk) != row]
        names = [field.attname for field in model._meta.concrete_fields]
        for pk in now[model].keys() - rows.keys():
            row = dict(zip(names, now[model][pk], strict=True))
            if row.get("lead_id") in leads:
                found.append(f"new {model.__name__} {pk}")
    return found


def content(response) -> str:
    body = b"".join(response) if response.streaming else response.content
    return body.decode(errors="replace") + str(response.headers)


def outsiders(cast, level: str) -> list[User]:
    """Return those who see no hidden row, by the privacy inside a team.

    They are a seller and a manager of another team, a colleague in the team of the owner unless all
    members see its leads, and its manager if only admins do. A stricter level hides all that a
    wider one hides (`tests/sales/test_privacy.py`), so each is tried at the widest level at which
    they are outsiders; the seller of the other team asks for lists and reports as well.
    """
    if level == "members":
        boss = person("Max", cast.uma.teams.get(), "manager", is_manager=True)
        return [cast.uma, boss]
    return {"managers": [cast.uma, cast.tom], "admins": [cast.mona]}[level]


def leaks(text: str, asked: str) -> bool:
    """Return whether a text holds the word, other than in a repetition of what was asked."""
    for echo in (asked, quote(asked), asked.replace("&", "&amp;"), f"q={WORD}", f"“{WORD}”"):
        text = text.replace(echo, "")
    text = re.sub(rf'value="{WORD}"', "", text)
    return WORD.lower() in text.lower()


@pytest.mark.parametrize("level", ["managers", "admins", "members"])
def test_outsiders_neither_see_nor_change_hidden_rows(level, cast, hidden, visit):
    Organization.objects.update(team_privacy=level)
    before = rows_before()
    wrong = []
    for user in outsiders(cast, level):
        browser = visit(user)
        for address, is_hidden in addresses(hidden.keys):
            # One reader of lists and reports: they are slow.
            if not is_hidden and (user != cast.uma or level != "managers"):
                continue
            data = {**FORM, **hidden.keys, "action": new_key(), "owner": user.key, "apply": "1"}
            for method in ("get", "post"):
                sent = {} if method == "get" else data
                response = getattr(browser, method)(address, sent)
                said = (user.first_name, method, address, response.status_code)
                if response.status_code >= 500:
                    wrong.append(("failed", *said))
                if is_hidden and response.status_code not in (404, 405):
                    wrong.append(("found", *said))
                if leaks(content(response), address):
                    wrong.append(("told", *said))
    assert wrong == []
    assert changed_rows(before) == []


def test_who_may_see_a_lead_but_not_change_it_gets_no_control_and_a_refusal(cast, hidden, visit):
    Organization.objects.update(privacy="shared")
    before = rows_before()
    browser = visit(cast.uma)
    page = browser.get(f"/leads/{hidden.lead.key}/")
    assert WORD in page.content.decode()
    assert "change-lead" not in page.content.decode()
    allowed = []
    for address in changes(hidden.keys):
        for method in ("get", "post"):
            data = {**FORM, **hidden.keys, "action": new_key()} if method == "post" else {}
            if getattr(browser, method)(address, data).status_code != 403:
                allowed.append((method, address))
    assert allowed == []
    assert changed_rows(before) == []


def test_a_member_of_the_team_sees_its_leads_but_changes_none_of_others(cast, hidden, visit):
    Organization.objects.update(team_privacy="members")
    before = rows_before()
    browser = visit(cast.tom)
    page = browser.get(f"/leads/{hidden.lead.key}/").content.decode()
    assert WORD in page
    assert "change-lead" not in page
    allowed = []
    for address in changes(hidden.keys):
        data = {**FORM, **hidden.keys, "action": new_key()}
        if browser.post(address, data).status_code != 403:
            allowed.append(address)
    assert allowed == []
    assert changed_rows(before) == []


def test_the_hidden_addresses_are_those_that_the_owner_and_the_admin_find(cast, hidden, visit):
    owner, admin = visit(cast.olga), visit(cast.ada)
    of_nobody = (f"/leads/{hidden.keys['binned']}/", f"/files/{hidden.keys['file']}/thumbnail/")
    missing = [
        address
        for address, is_hidden in addresses(hidden.keys)
        if is_hidden and address not in of_nobody
        if all(content_status(browser, address) == 404 for browser in (owner, admin))
    ]
    assert missing == []


def content_status(browser, address) -> int:
    response = browser.get(address)
    content(response)
    return response.status_code


def test_the_walk_would_notice_a_row_that_changes(cast, hidden):
    before = rows_before()
    hidden.lead.comment("Taken", by=cast.olga)
    Attachment.objects.update(name="taken.txt")
    found = {text.rstrip("0123456789") for text in changed_rows(before)}
    assert found == {"Lead ", "new LeadEvent ", "Attachment "}
