"""Invalid rows of a company folder: each is one problem, with its file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadlight.importing import Problems, import_folder
from leadlight.sales.models import Lead, LeadEvent
from tests.importing.refusing import only_problem, problems_of
from tests.importing.small import ROWS, with_cells, with_row, write_folder

pytestmark = pytest.mark.django_db
AT = "2026-01-08T10:00:00+01:00"


SPOILT = [
    # file, line, column, new text of the cell, part of the message
    ("users", 2, "email", "ana", "not an email address"),
    ("users", 2, "email", "", "Enter a value"),
    ("users", 3, "email", "ANA@example.com", "Line 2 already has this email address"),
    ("users", 2, "role", "boss", "admin, manager, user"),
    ("users", 2, "is_active", "yes", "Use true or false"),
    ("users", 2, "first_name", "x" * 151, "At most 150 are allowed"),
    ("users", 3, "last_name", "a\0b", "NUL"),
    ("teams", 3, "name", "", "Enter a value"),
    ("memberships", 2, "user", "zoe", "neither in users.csv nor in the database"),
    ("pipelines", 3, "is_default", "true", "“new” is already the default pipeline"),
    ("steps", 2, "position", "first", "whole number from 0"),
    ("steps", 2, "position", "", "Enter a value"),
    ("steps", 2, "probability", "101", "whole number from 0 to 100"),
    ("steps", 2, "probability", "10.5", "whole number from 0 to 100"),
    ("past_probabilities", 2, "probability", "101", "whole number from 0 to 100"),
    ("past_probabilities", 2, "step", "contract", "neither in steps.csv"),
    ("past_probabilities", 2, "replaced_at", "", "Enter a value"),
    ("past_names", 2, "step", "", "of one step or of one pipeline"),
    ("past_names", 3, "name", "", "Enter a value"),
    ("refused_addresses", 3, "address", "lea@example.org", "refused already"),
    ("refused_addresses", 2, "address", "Lea@example.org", "in lower case"),
    ("refused_addresses", 2, "address", "lea", "in lower case"),
    ("holidays", 3, "day", "2026-05-01", "Line 2 already has this date"),
    ("holidays", 2, "day", "1 May", "Write a date as"),
    ("holidays", 2, "name", "", "Enter a value"),
    ("categories", 2, "reason_for", "won", "lost, cancelled, both"),
    ("tags", 2, "category", "colour", "neither in categories.csv"),
    ("activity_types", 2, "kind", "fax", "call, meeting, email, other"),
    ("outcomes", 2, "activity_type", "", "Enter a value"),
    ("prospecting_lists", 2, "cost", "12,50", "Write an amount as"),
    ("prospecting_lists", 2, "created_at", "", "Enter a value"),
    ("prospecting_lists", 2, "tags", "fr;de", "neither in tags.csv"),
    ("prospects", 2, "lead", "L2", "Lead “L1” refers to this prospect"),
    ("prospects", 3, "converted_at", AT, "A prospect without a lead"),
    ("prospects", 3, "lead", "L2", "No lead refers to this prospect"),
    ("leads", 2, "amount", "1e3", "Write an amount as"),
    ("leads", 2, "amount", "1.234", "Write an amount as"),
    ("leads", 2, "amount", "1234567890123", "Write an amount as"),
    ("leads", 2, "amount", " 5", "Write an amount as"),
    ("leads", 2, "amount", "٣", "Write an amount as"),
    ("leads", 2, "amount", "NaN", "Write an amount as"),
    ("leads", 2, "probability", "-1", "whole number from 0 to 100"),
    ("leads", 2, "status", "open", "todo, standby, won, lost, cancelled"),
    ("leads", 2, "created_at", "2026-01-05T10:00:00", "offset"),
    ("leads", 2, "created_at", "2026-01-05", "Write a date and time as"),
    ("leads", 2, "created_at", "2026-02-30T10:00:00Z", "date or time does not exist"),
    ("leads", 2, "created_at", "0226-01-05T10:00:00Z", "from 1900"),
    ("leads", 2, "created_at", "2026-01-05T10:00:00.1234567Z", "Write a date and time as"),
    ("leads", 2, "created_at", "", "Enter a value"),
    ("leads", 2, "closed_at", "", "needs a closing date and time"),
    ("leads", 3, "closed_at", AT, "open lead cannot have a closing date"),
    ("leads", 2, "estimated_closing_on", "2026-02-29", "date does not exist"),
    ("leads", 2, "estimated_closing_on", "28/02/2026", "Write a date as"),
    ("leads", 2, "step", "renew", "another pipeline"),
    ("leads", 2, "pipeline", "older", "neither in pipelines.csv"),
    ("leads", 2, "user", "zoe", "neither in users.csv"),
    ("leads", 2, "tags", "fr;fr2", "neither in tags.csv"),
    ("leads", 2, "title", "x" * 301, "At most 300 are allowed"),
    ("leads", 3, "is_starred", "1", "Use true or false"),
    ("lead_events", 4, "kind", "moved", "created, pipeline, step, status"),
    ("lead_events", 4, "value", "contract", "neither in steps.csv"),
    ("lead_events", 4, "value", "", "Enter a value"),
    ("lead_events", 5, "value", "open", "todo, standby, won, lost, cancelled"),
    ("lead_events", 6, "value", "zoe", "neither in users.csv"),
    ("lead_events", 8, "value", "9 00", "Write an amount as"),
    ("lead_events", 12, "value", "2026-02-31", "date does not exist"),
    ("lead_events", 2, "value", "true", "cannot have a value"),
    ("lead_events", 9, "recorded_at", "2026-01-06T09:59:59+01:00", "earlier than the event"),
    ("lead_events", 10, "occurred_at", "2026-01-05T11:00:00+01:00", "earlier than line 9"),
    ("lead_events", 9, "actor", "zoe", "neither in users.csv"),
    ("lead_events", 13, "lead", "L9", "neither in leads.csv"),
    ("lead_events", 10, "kind", "created", "cannot have a value"),
    ("activities", 2, "activity_type", "visit", "belongs to another activity type"),
    ("activities", 3, "recorded_at", "2026-01-06T09:00:00+01:00", "earlier than the event"),
    ("activities", 2, "prospect", "x9", "neither in prospects.csv"),
    ("activities", 2, "occurred_at", "", "Enter a value"),
    ("costs", 2, "amount", "-1", "cannot be negative"),
    ("costs", 2, "amount", "", "Enter a value"),
    ("costs", 2, "source", "fair", "one prospecting list, one source or one tag"),
    ("costs", 3, "source", "", "one prospecting list, one source or one tag"),
    ("costs", 2, "last_on", "2025-12-31", "last day is before the first day"),
    ("costs", 2, "last_on", "2036-01-10", "over ten years at most"),
    ("costs", 2, "first_on", "2026-02-30", "date does not exist"),
    ("costs", 2, "tag", "salon", "neither in tags.csv"),
    ("goals", 2, "team", "north", "a user or a team, not both"),
    ("goals", 2, "measure", "calls", "activities, won_leads, won_amount"),
    ("goals", 2, "measure", "won_leads", "Only a goal for activities"),
    ("goals", 2, "period", "week", "month, quarter, year"),
    ("goals", 2, "starts_on", "2026-02-02", "must be the first day"),
    ("goals", 3, "starts_on", "2026-02-01", "must be the first day"),
    ("goals", 3, "target", "-1", "cannot be negative"),
    ("goals", 3, "target", "", "Enter a value"),
]
# Changed column → column of the problem, where the two differ.
BLAMED = {
    ("activities", "activity_type"): "outcome",
    ("costs", "source"): "prospecting_list",
    ("goals", "measure"): "activity_type",
}


@pytest.mark.parametrize(("file", "line", "column", "text", "part"), SPOILT)
def test_a_wrong_cell_is_reported_once(
    tmp_path: Path, file: str, line: int, column: str, text: str, part: str
) -> None:
    files = with_cells(file, line, **{column: text})
    found = problems_of(write_folder(tmp_path / "f", files))
    problem = found[0]
    # A wrong event may also make the history of its lead contradict its row.
    assert len(found) == 1 or file == "lead_events"
    assert (problem.file, problem.line) == (f"{file}.csv", line)
    blamed = BLAMED.get((file, column), column) if text != "calls" else column
    if (file, column, text) != ("lead_events", "kind", "created"):
        assert problem.column == blamed
    assert part in problem.sentence


DOUBLED = [
    ("users", ("ana", "", "", "other@example.com", "", "")),
    ("teams", ("north", "North again", "")),
    ("steps", ("offer", "new", "Offer", "9", "", "")),
    ("tags", ("fr", "France", "", "", "")),
    ("leads", ("L2", "t", "", "old", "renew", "", *[""] * 5, AT, *[""] * 14)),
    ("activities", ("a1", AT, "", "", "call", "", "L1", "", "")),
]


@pytest.mark.parametrize(("file", "row"), DOUBLED)
def test_two_rows_with_one_key_are_refused(tmp_path: Path, file: str, row: tuple[str, ...]) -> None:
    problem = only_problem(write_folder(tmp_path / "f", with_row(file, *row)))
    assert (problem.file, problem.value) == (f"{file}.csv", row[0])
    assert "already has this key" in problem.sentence


def test_a_second_membership_of_a_user_in_a_team_is_refused(tmp_path: Path) -> None:
    problem = only_problem(
        write_folder(tmp_path / "f", with_row("memberships", "north", "ana", ""))
    )
    assert (problem.line, problem.column, problem.value) == (4, "team, user", "north, ana")


RESERVED = [
    ("users", ("none", "", "", "none@example.com", "", "")),
    ("users", ("me", "", "", "me@example.com", "", "")),
    ("teams", ("none", "None", "")),
    ("tags", ("none", "None", "", "", "")),
    ("pipelines", ("none", "None", "", "")),
    ("clients", ("none", "None", *[""] * 7)),
    ("prospecting_lists", ("none", "None", "", AT, "", "", "", "")),
]


@pytest.mark.parametrize(("file", "row"), RESERVED)
def test_keys_with_a_meaning_in_filters_are_reserved(
    tmp_path: Path, file: str, row: tuple[str, ...]
) -> None:
    problem = only_problem(write_folder(tmp_path / "f", with_row(file, *row)))
    assert (problem.file, problem.value) == (f"{file}.csv", row[0])
    assert "reserved" in problem.sentence


def test_a_step_may_have_the_key_none(tmp_path: Path) -> None:
    import_folder(
        write_folder(tmp_path / "f", with_row("steps", "none", "new", "None", "9", "", ""))
    )


def test_the_key_of_a_tag_with_a_list_separator_is_refused(tmp_path: Path) -> None:
    problem = only_problem(
        write_folder(tmp_path / "f", with_row("tags", "a;b", "Both", "", "", ""))
    )
    assert (problem.file, problem.line, problem.column) == ("tags.csv", 5, "tag")


def test_a_prospect_with_two_leads_is_refused(tmp_path: Path) -> None:
    problem = only_problem(write_folder(tmp_path / "f", with_cells("leads", 3, prospect="x1")))
    assert (problem.line, problem.column, problem.value) == (3, "prospect", "x1")
    assert "already converted into lead “L1”" in problem.sentence


CONTRADICTIONS = [
    # column of L1, another value, value of its history in the message
    ("step", "contact", "“offer” for “step”"),
    ("user", "bo", "“ana” for “user”"),
    ("team", "", "“north” for “team”"),
    ("amount", "1000.01", "“1000” for “amount”"),
    ("probability", "50", "nothing for “probability”"),
    ("estimated_closing_on", "", "“2026-02-28” for “estimated_closing_on”"),
    ("status", "lost", "“won” for “status”"),
    ("closed_at", "2026-02-03T13:00:00+01:00", "for “closed_at”"),
    ("created_at", "2026-01-05T10:00:01+01:00", "for “created_at”"),
]


@pytest.mark.parametrize(("column", "text", "part"), CONTRADICTIONS)
def test_a_history_that_contradicts_its_row_is_reported_with_lead_and_field(
    tmp_path: Path, column: str, text: str, part: str
) -> None:
    problem = only_problem(write_folder(tmp_path / "f", with_cells("leads", 2, **{column: text})))
    assert (problem.file, problem.line, problem.column) == ("leads.csv", 2, column)
    assert "lead “L1”" in problem.sentence
    assert part in problem.sentence


def test_a_history_needs_exactly_one_created_event(tmp_path: Path) -> None:
    event = ("e13", "L1", "2026-03-01T10:00:00Z", "", "", "created", "", "", "", "")
    found = problems_of(write_folder(tmp_path / "f", with_row("lead_events", *event)))
    assert ("lead_events.csv", 14, "kind") in {(p.file, p.line, p.column) for p in found}
    without = ROWS["lead_events"].replace("e1,L1,2026-01-05T10:00:00+01:00,,ana,created,,,,\n", "")
    problem = only_problem(write_folder(tmp_path / "g", ROWS | {"lead_events": without}))
    assert (problem.file, problem.line) == ("leads.csv", 2)
    assert "but none of kind “created”" in problem.sentence


def test_events_before_the_creation_of_their_lead_are_refused(tmp_path: Path) -> None:
    lines = ROWS["lead_events"].splitlines(keepends=True)
    early = "e0,L1,2026-01-04T10:00:00+01:00,,ana,amount,5,,,\n"
    told = ROWS | {"lead_events": "".join([lines[0], early, *lines[1:]])}
    problem = only_problem(write_folder(tmp_path / "f", told))
    assert (problem.file, problem.line, problem.column) == ("lead_events.csv", 2, "occurred_at")


def test_all_problems_are_reported_sorted_by_file_and_line(tmp_path: Path) -> None:
    files = with_cells("leads", 2, amount="much", user="zoe", closed_at="soon")
    files["users"] = with_cells("users", 3, role="boss")["users"]
    files["goals"] = with_cells("goals", 3, target="-1")["goals"]
    found = problems_of(write_folder(tmp_path / "f", files))
    assert [(p.file, p.line, p.column) for p in found] == [
        ("goals.csv", 3, "target"),
        ("leads.csv", 2, "amount"),
        ("leads.csv", 2, "closed_at"),
        ("leads.csv", 2, "user"),
        ("users.csv", 3, "role"),
    ]


def test_the_first_hundred_problems_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"t{number},,,\n" for number in range(250))
    folder = write_folder(tmp_path / "f", ROWS | {"teams": ROWS["teams"] + rows})
    with pytest.raises(Problems) as refusal:
        import_folder(folder)
    assert (len(refusal.value.problems), refusal.value.count) == (100, 250)
    assert "150 more problems" in str(refusal.value)
    assert "teams.csv, line 4, column name:" in str(refusal.value)


def test_a_refused_folder_reports_its_warnings_too(tmp_path: Path) -> None:
    files = with_cells("activities", 3, lead="")
    files["users"] = with_cells("users", 3, role="boss")["users"]
    with pytest.raises(Problems) as refusal:
        import_folder(write_folder(tmp_path / "f", files))
    assert [warning.file for warning in refusal.value.warnings] == ["activities.csv"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Import the small company; return the path for a partial folder."""
    import_folder(write_folder(tmp_path / "here", ROWS))
    return tmp_path / "part"


AGAINST_WHAT_IS_HERE = [
    (
        "users",
        "user,email\nzoe,BO@example.com\n",
        "email",
        "the user “bo” already has this email address",
    ),
    (
        "pipelines",
        "pipeline,name,is_default\nx,X,true\n",
        "is_default",
        "“new” is already the default pipeline",
    ),
    ("steps", "step,pipeline,name,position\noffer,old,Offer,2\n", "pipeline", "belongs to “new”"),
    (
        "outcomes",
        "outcome,activity_type,name\nspoken,visit,Spoken\n",
        "activity_type",
        "belongs to “call”",
    ),
    (
        "leads",
        f"lead,title,pipeline,step,status,created_at,prospect\nL7,Seven,new,offer,todo,{AT},x1\n",
        "prospect",
        "already converted into lead “L1”",
    ),
    (
        "prospects",
        f"prospect,prospecting_list,created_at,lead\nx1,fair,{AT},\n",
        "lead",
        "Lead “L1” refers to this prospect",
    ),
    (
        "lead_events",
        f"lead_event,lead,occurred_at,recorded_at,kind,value\ne1,L2,{AT},,amount,5\n",
        "lead_event",
        "of another lead",
    ),
]


@pytest.mark.parametrize(("file", "text", "column", "part"), AGAINST_WHAT_IS_HERE)
def test_a_partial_folder_that_contradicts_existing_rows_is_refused(
    here: Path, file: str, text: str, column: str, part: str
) -> None:
    with pytest.raises(Problems) as refusal:
        import_folder(write_folder(here, {file: text}, None))
    problem = refusal.value.problems[0]
    assert (problem.file, problem.line, problem.column) == (f"{file}.csv", 2, column)
    assert part in problem.sentence
    assert (Lead.objects.count(), LeadEvent.objects.count()) == (2, 18)


def test_unlinking_a_prospect_that_is_not_in_the_folder_is_refused(here: Path) -> None:
    leads = with_cells("leads", 2, prospect="")["leads"]
    with pytest.raises(Problems, match="Add this prospect to prospects"):
        import_folder(write_folder(here, {"leads": leads}, None))
