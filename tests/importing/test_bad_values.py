"""Values outside the limits of reports, multi-line names, and leads closed before creation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from leadlight.accounts.models import Organization, User
from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.query.periods import Period
from leadlight.bounds import FIRST_DAY, FIRST_INSTANT, LAST_DAY, LAST_INSTANT
from leadlight.importing import export_folder, import_folder
from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from leadlight.reporting.reader import report_reader
from leadlight.sales.models import Lead, LeadEvent, Pipeline, Step
from leadlight.sales.models.event_log import replay
from leadlight.sales.refusals import Refused
from tests.importing.refusing import only_problem, problems_of
from tests.importing.small import (
    COMPANY,
    ROWS,
    contents,
    empty_instance,
    with_cells,
    write_folder,
)

pytestmark = pytest.mark.django_db

TOO_EARLY = "1900-01-01T00:00:00+14:00"
TOO_LATE = "2200-12-31T12:00:00-12:00"
NAME = "A name cannot contain line breaks"
REFUSED = [
    (
        "leads",
        3,
        "created_at",
        TOO_EARLY,
        "Enter a date and time from 1900-01-02T00:00:00Z to 2200-12-30",
    ),
    ("leads", 3, "reminder_at", TOO_LATE, "Enter a date and time from"),
    ("leads", 3, "reminder_at", "9998-12-31T23:59:59-14:00", "Enter a date and time from"),
    (
        "leads",
        3,
        "estimated_closing_on",
        "0001-01-01",
        "Enter a date from 1900-01-01 to 2200-12-31",
    ),
    ("activities", 2, "occurred_at", TOO_EARLY, "Enter a date and time from"),
    ("prospecting_lists", 2, "created_at", TOO_EARLY, "Enter a date and time from"),
    ("lead_events", 12, "value", "9999-12-31", "Enter a date from"),
    ("goals", 2, "starts_on", "0001-01-01", "Enter a date from"),
    ("goals", 3, "starts_on", "9999-04-01", "Enter a date from"),
    ("holidays", 2, "day", "0001-12-25", "Enter a date from"),
    ("holidays", 2, "day", "9999-12-25", "Enter a date from"),
    ("prospecting_lists", 2, "cost", "-1", "cannot be negative"),
    ("users", 2, "email", '"<script>"@example.com', "not an email address"),
    ("users", 2, "email", '"a b"@example.com', "not an email address"),
    *(("users", 2, "first_name", text, NAME) for text in ("\nAna", "Ana\t", "A\x1bna", "A\x85")),
    ("users", 2, "last_name", "Abreu\u2028", NAME),
    ("teams", 2, "name", "No\rrth", NAME),
    ("clients", 2, "name", "Ac\nme", NAME),
    ("tags", 2, "name", "\x7f", NAME),
    ("holidays", 2, "name", "a\tb", NAME),
]


@pytest.mark.parametrize(("file", "line", "column", "text", "part"), REFUSED)
def test_a_cell_with_an_unsupported_value_is_refused(
    tmp_path: Path, file: str, line: int, column: str, text: str, part: str
) -> None:
    found = problems_of(write_folder(tmp_path / "f", with_cells(file, line, **{column: text})))
    problem = found[0]
    assert (problem.file, problem.line, problem.column) == (f"{file}.csv", line, column)
    assert part in problem.sentence


def test_a_goal_with_target_zero_is_accepted(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "f", with_cells("goals", 2, target="0")))


def test_periods_accept_the_local_days_of_the_first_and_last_instant() -> None:
    for name in sorted(available_timezones()):
        for instant in (FIRST_INSTANT, LAST_INSTANT):
            day = instant.astimezone(ZoneInfo(name)).date()
            assert FIRST_DAY <= day <= LAST_DAY
            Period(day, day)


def with_first_lead(at: str) -> dict[str, str]:
    return with_cells("leads", 3, created_at=at)


@pytest.mark.answers
def test_all_time_begins_at_the_first_accepted_instant(tmp_path: Path) -> None:
    at = FIRST_INSTANT.isoformat()
    import_folder(write_folder(tmp_path / "f", with_first_lead(at)))
    organization = Organization.current()
    organization.time_zone = "Pacific/Niue"
    organization.save()
    copy = Replica.in_memory()
    copy.catch_up()
    [(first,)] = copy.run("SELECT min(created_on) FROM leads")
    assert Period(first, date(2026, 1, 1)).first == first
    assert list(check(copy)) == []
    copy.close()


@pytest.mark.answers
def test_reports_work_with_a_lead_older_than_the_first_day(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "f", ROWS))
    before = datetime(1899, 12, 31, 10, tzinfo=UTC)
    Lead.objects.filter(key="L2").update(created_at=before)
    LeadEvent.objects.filter(lead__key="L2").update(occurred_at=before)
    assert report_reader(SYSTEM).clock.earliest == FIRST_DAY


def test_model_methods_refuse_values_outside_the_limits() -> None:
    pipeline = Pipeline.objects.create(name="P", is_default=True)
    Step.objects.create(pipeline=pipeline, name="S", position=1)
    too_early = datetime.fromisoformat(TOO_EARLY)
    with pytest.raises(Refused):
        Lead.create(title="Old", by=None, at=too_early)
    with pytest.raises(Refused):
        Lead.create(title="Late", by=None, estimated_closing_on=date(9999, 1, 1))
    lead = Lead.create(title="Windows", by=None)
    with pytest.raises(Refused):
        lead.set_estimated_closing(date(1, 1, 1), by=None)
    lead.set_estimated_closing(LAST_DAY, by=None)
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("first_name", ["Ana\n", "\tAna", " Ana "])
@pytest.mark.parametrize("last_name", ["", "\nAbreu\t", " "])
def test_the_replica_check_joins_names_as_the_replica_does(first_name: str, last_name: str) -> None:
    User.objects.create(email="ana@example.com", first_name=first_name, last_name=last_name)
    copy = Replica.in_memory()
    assert list(check(copy)) == []
    copy.close()


CLOSED_AT = "2026-01-04T09:00:00+01:00"
CREATED_AT = "2026-01-05T10:00:00+01:00"
ROW = f"L1,t,new,contact,won,{CREATED_AT},{CLOSED_AT}"
LEADS = f"lead,title,pipeline,step,status,created_at,closed_at\n{ROW}\n"
EVENTS = ["created,", "pipeline,new", "step,contact", "status,todo"]


def closed_before_creation(opening: list[str]) -> dict[str, str]:
    events = [
        f"e0,L1,{CLOSED_AT},{CREATED_AT},status,won",
        *(f"e{number},L1,{CREATED_AT},,{event}" for number, event in enumerate(opening, 1)),
    ]
    told = "\n".join(["lead_event,lead,occurred_at,recorded_at,kind,value", *events, ""])
    return {name: ROWS[name] for name in ("pipelines", "steps")} | {
        "leads": LEADS,
        "lead_events": told,
    }


@pytest.mark.parametrize("opening", [EVENTS, EVENTS[:-1]], ids=["with its status", "without"])
def test_a_lead_closed_before_its_creation_is_accepted_with_its_history(
    tmp_path: Path, opening: list[str]
) -> None:
    folder = write_folder(tmp_path / "in", closed_before_creation(opening))
    summary = import_folder(folder)
    assert "closed before it was created" in summary.warnings[0].sentence
    lead = Lead.objects.get()
    closed_at = datetime.fromisoformat(CLOSED_AT)
    assert (lead.status, lead.closed_at, lead.has_history) == ("won", closed_at, True)
    events = list(lead.events.order_by("occurred_at", "pk"))
    assert replay(events)["closed_at"] == closed_at
    copy = Replica.in_memory()
    assert list(check(copy)) == []
    copy.close()
    assert not import_folder(folder).has_changes


def test_a_lead_closed_before_its_creation_survives_export_and_import(
    tmp_path: Path,
) -> None:
    import_folder(write_folder(tmp_path / "in", closed_before_creation(EVENTS)))
    folders = [tmp_path / name for name in ("once", "twice", "thrice")]
    export_folder(folders[0])
    for before, after in pairwise(folders):
        empty_instance()
        import_folder(before)
        export_folder(after)
        assert contents(before) == contents(after)


def test_other_events_before_the_creation_are_refused(tmp_path: Path) -> None:
    files = closed_before_creation(EVENTS)
    files["lead_events"] += f"e9,L1,{CREATED_AT},,step,offer\n"
    assert only_problem(write_folder(tmp_path / "f", files, COMPANY)).column == "step"
