"""Tasks, templates of follow-ups and links between leads in a company folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadlight.importing import export_folder, import_folder
from leadlight.sales.follow_ups import start
from leadlight.sales.lead_links import follow, unfollow
from leadlight.sales.models import FollowUp, FollowUpTemplate, Lead, LeadEvent, Task
from leadlight.sales.task_checks import differences
from tests.importing.refusing import problems_of
from tests.importing.small import ROWS, contents, empty_instance, with_cells, write_folder

pytestmark = pytest.mark.django_db
FILES = {
    "follow_up_templates": """\
follow_up_template,name,position,is_archived
welcome,Welcome,1,false
old,Old,2,true
""",
    "follow_up_steps": """\
follow_up_step,follow_up_template,position,title,days,is_in_working_days,owner_rule,person,note
w1,welcome,1,Call,0,true,lead_owner,,
w2,welcome,2,Invoice,30,false,person,bo,"Two copies,
by mail"
""",
    "follow_ups": """\
follow_up,lead,follow_up_template,name,started_at,started_by
f1,L1,welcome,Welcome,2026-02-04T09:00:00+01:00,ana
""",
    "tasks": """\
task,lead,follow_up,position,title,note,status,due_on,user,done_at,done_by,created_at,\
created_by,is_removed
t1,L1,f1,1,Call,,done,2026-02-04,ana,2026-02-05T09:00:00+01:00,ana,\
2026-02-04T09:00:00+01:00,ana,false
t2,L1,f1,2,Invoice,"Two copies,
by mail",standby,2026-03-06,bo,,,2026-02-04T09:00:00+01:00,ana,false
t3,L2,,0,Ask,,todo,2026-04-01,,,,2026-03-30T09:00:00+02:00,,true
""",
}
EVENTS = """\
e13,L1,2026-02-04T09:00:00+01:00,,ana,task,"{""due_on"": ""2026-02-04"", ""follow_up"": ""f1"", \
""owner"": ""ana"", ""status"": ""todo"", ""title"": ""Call""}",,page,t1
e14,L1,2026-02-05T09:00:00+01:00,,ana,task,"{""done_at"": ""2026-02-05T08:00:00Z"", \
""done_by"": ""ana"", ""due_on"": ""2026-02-04"", ""follow_up"": ""f1"", \
""owner"": ""ana"", ""status"": ""done"", ""title"": ""Call""}",,page,t1
"""
WITH_TASKS = ROWS | {
    **FILES,
    "leads": ROWS["leads"].replace("Bring the plans,,", "Bring the plans,L1,renewal"),
    "lead_events": ROWS["lead_events"] + EVENTS,
}


def changed(file: str, line: int, **cells: str) -> dict[str, str]:
    """Return the company with changed cells in the row of a file that begins in that line."""
    return with_cells(file, line, rows_by_file=WITH_TASKS, **cells)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = write_folder(tmp_path / "small", WITH_TASKS)
    import_folder(folder)
    return folder


def test_tasks_and_links_survive_export_and_import(small: Path, tmp_path: Path) -> None:
    lead, other = Lead.objects.get(key="L2"), Lead.objects.get(key="L1")
    start(lead, FollowUpTemplate.objects.get(key="welcome"), by=None)
    Task.objects.get(key="t2").finish(by=None)
    Task.objects.filter(lead=lead, is_removed=False).first().remove(by=None)
    unfollow(lead, by=None)
    follow(lead, other, "upsell", by=None)
    export_folder(tmp_path / "one")
    empty_instance()
    import_folder(tmp_path / "one")
    assert list(differences()) == []
    assert Task.objects.count() == 5
    assert FollowUp.objects.count() == 2
    export_folder(tmp_path / "two")
    assert contents(tmp_path / "two") == contents(tmp_path / "one")
    assert not import_folder(tmp_path / "one").has_changes


def test_a_folder_without_these_files_and_columns_is_imported(tmp_path: Path) -> None:
    leads = ROWS["leads"].replace(",follows,follows_as", "")
    leads = leads.replace("true,false,,,,,", "true,false,,,").replace("the plans,,", "the plans")
    rows = ROWS | {"leads": leads}
    import_folder(write_folder(tmp_path / "old", rows))
    assert not Task.objects.exists()
    assert not Lead.objects.filter(follows__isnull=False).exists()


def test_a_task_changed_by_a_row_is_logged(small: Path, tmp_path: Path) -> None:
    rows = changed("tasks", 3, title="Two invoices")
    rows |= {"leads": changed("leads", 3, follows_as="upsell")["leads"]}
    import_folder(write_folder(tmp_path / "changed", rows))
    task = Task.objects.get(key="t2")
    event = LeadEvent.objects.get(about="t2")
    assert (event.value, event.channel) == (task.state, "import")
    assert event.old_value == task.state.replace("Two invoices", "Invoice")
    link = LeadEvent.objects.get(kind="follows")
    assert (link.old_value, link.value) == ("renewal:L1", "upsell:L1")
    assert Lead.objects.get(key="L2").version == link.version
    assert list(differences()) == []
    export_folder(tmp_path / "one")
    assert not import_folder(tmp_path / "one").has_changes


def test_a_row_that_contradicts_its_events_is_logged(tmp_path: Path) -> None:
    rows = changed("tasks", 2, title="Write")
    import_folder(write_folder(tmp_path / "odd", rows))
    assert LeadEvent.objects.filter(about="t1").count() == 3
    assert list(differences()) == []


@pytest.mark.parametrize(
    ("file", "line", "cells", "column"),
    [
        ("tasks", 2, {"done_at": ""}, "done_at"),
        ("tasks", 3, {"done_at": "2026-02-05T09:00:00+01:00"}, "done_at"),
        ("tasks", 3, {"lead": "L2"}, "follow_up"),
        ("tasks", 3, {"status": "waiting"}, "status"),
        ("tasks", 3, {"due_on": ""}, "due_on"),
        ("tasks", 3, {"user": "nobody"}, "user"),
        ("follow_up_steps", 2, {"owner_rule": "person"}, "person"),
        ("follow_up_steps", 3, {"owner_rule": "starter"}, "person"),
        ("follow_up_steps", 3, {"days": "3651"}, "days"),
        ("follow_ups", 2, {"follow_up_template": "none"}, "follow_up_template"),
        ("leads", 3, {"follows": "L2"}, "follows"),
        ("leads", 3, {"follows_as": ""}, "follows_as"),
        ("leads", 3, {"follows": "L9"}, "follows"),
        ("lead_events", 14, {"value": "Call"}, "value"),
        ("lead_events", 14, {"value": '{"title": 1}'}, "value"),
        ("lead_events", 14, {"kind": "follows"}, "value"),
    ],
)
def test_bad_rows_are_refused(file, line, cells, column, tmp_path: Path) -> None:
    found = problems_of(write_folder(tmp_path / "bad", changed(file, line, **cells)))
    assert column in {problem.column for problem in found}
