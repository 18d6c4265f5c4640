"""Histories of the demo leads: consistent with their rows, and with varied changes."""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise

from tests.demo.reading import CLOSED, FIELD_OF_KIND, OPEN, Company, Row

OPENING = [
    "created", "pipeline", "step", "status", "owner", "team", "amount", "probability",
    "estimated_closing",
]  # fmt: skip
A_BIT_AFTER_CLOSING = timedelta(days=21)


def opening(company: Company, lead: Row) -> list[Row]:
    history = company.histories[lead["lead"]]
    first = next(
        (n for n, row in enumerate(history) if row["occurred_at"] != lead["created_at"]), None
    )
    return history[:first]


def test_events_are_grouped_by_lead_in_order_of_occurrence(company: Company) -> None:
    order = [row["lead"] for row in company.rows("lead_events")]
    changes = sum(one != two for one, two in pairwise(order))
    assert changes == len(company.rows("leads")) - 1
    for history in company.histories.values():
        instants = [datetime.fromisoformat(row["occurred_at"]) for row in history]
        assert instants == sorted(instants)


def test_a_lead_opens_with_one_event_of_each_kind_that_has_a_value(company: Company) -> None:
    for lead in company.rows("leads"):
        rows = opening(company, lead)
        kinds = [row["kind"] for row in rows]
        assert kinds == [kind for kind in OPENING if kind in kinds]
        assert kinds[:4] == ["created", "pipeline", "step", "status"]
        assert all(row["value"] for row in rows[1:])
        assert rows[3]["value"] == "todo"
        assert {row["actor"] for row in rows} == {lead["created_by"]}
        assert ("owner" in kinds) == ("team" in kinds)
        assert [row["kind"] for row in company.histories[lead["lead"]]].count("created") == 1


def test_a_lead_row_agrees_with_the_last_event_of_each_kind(company: Company) -> None:
    for lead in company.rows("leads"):
        last = {row["kind"]: row["value"] for row in company.histories[lead["lead"]]}
        for kind, field in FIELD_OF_KIND.items():
            assert lead[field] == last.get(kind, ""), (lead["lead"], kind)


def test_every_event_changes_something(company: Company) -> None:
    for history in company.histories.values():
        state: dict[str, str] = {}
        for row in history[1:]:
            assert state.get(row["kind"], "") != row["value"]
            state[row["kind"]] = row["value"]


def test_closed_leads_have_the_instant_of_their_last_closing_and_open_leads_none(
    company: Company,
) -> None:
    for lead in company.rows("leads"):
        last = [row for row in company.histories[lead["lead"]] if row["kind"] == "status"][-1]
        assert last["value"] in CLOSED | OPEN
        closing = last["occurred_at"] if last["value"] in CLOSED else ""
        assert lead["closed_at"] == closing


def test_a_lead_is_always_in_a_step_of_its_pipeline(company: Company) -> None:
    pipeline_of = {row["step"]: row["pipeline"] for row in company.rows("steps")}
    for history in company.histories.values():
        states: dict[str, dict[str, str]] = {}
        now: dict[str, str] = {}
        for row in history:
            now[row["kind"]] = row["value"]
            states[row["occurred_at"]] = dict(now)
        for state in states.values():
            assert pipeline_of[state["step"]] == state["pipeline"]


def test_a_leads_team_is_always_the_team_of_its_owner(company: Company) -> None:
    for history in company.histories.values():
        owner = team = ""
        at_instant: dict[str, tuple[str, str]] = {}
        for row in history:
            owner = row["value"] if row["kind"] == "owner" else owner
            team = row["value"] if row["kind"] == "team" else team
            at_instant[row["occurred_at"]] = (owner, team)
        for owner, team in at_instant.values():
            assert team == company.team_of.get(owner, "")


def test_nothing_happens_to_a_deleted_lead(company: Company) -> None:
    for key in company.deleted:
        last = company.histories[key][-1]
        assert (last["kind"], last["value"]) == ("deleted", "true")
        deleted_at = datetime.fromisoformat(last["occurred_at"])
        done = [row for row in company.rows("activities") if row["lead"] == key]
        assert all(datetime.fromisoformat(row["occurred_at"]) <= deleted_at for row in done)


def test_nothing_is_recorded_before_it_occurs(company: Company) -> None:
    for row in company.rows("lead_events") + company.rows("activities"):
        if row["recorded_at"]:
            recorded = datetime.fromisoformat(row["recorded_at"])
            assert recorded > datetime.fromisoformat(row["occurred_at"])


def test_no_past_instant_is_after_18_00_of_the_last_day(company: Company) -> None:
    columns = ("created_at", "closed_at", "converted_at", "occurred_at", "recorded_at")
    for name in ("prospecting_lists", "prospects", "leads", "lead_events", "activities"):
        dated = {row[c] for row in company.rows(name) for c in columns if row.get(c)}
        assert max(text[:19] for text in dated) <= f"{company.today}T18:00:00", name


def test_prospects_and_their_leads_refer_to_each_other(company: Company) -> None:
    created_at = {row["lead"]: row["created_at"] for row in company.rows("leads")}
    from_rows = {row["prospect"]: row["lead"] for row in company.rows("prospects") if row["lead"]}
    from_leads = {row["prospect"]: row["lead"] for row in company.rows("leads") if row["prospect"]}
    assert from_rows == from_leads
    for row in company.rows("prospects"):
        assert row["converted_at"] == (created_at[row["lead"]] if row["lead"] else "")


def test_prospects_are_called_after_their_list_was_imported(company: Company) -> None:
    imported = {
        row["prospecting_list"]: row["created_at"] for row in company.rows("prospecting_lists")
    }
    created = {}
    for row in company.rows("prospects"):
        created[row["prospect"]] = datetime.fromisoformat(row["created_at"])
        assert row["created_at"] == imported[row["prospecting_list"]]
    for row in company.rows("activities"):
        if row["prospect"]:
            assert datetime.fromisoformat(row["occurred_at"]) > created[row["prospect"]]


def test_activities_on_a_lead_end_soon_after_its_closing(company: Company) -> None:
    open_periods = {key: _open_periods(history) for key, history in company.histories.items()}
    for row in company.rows("activities"):
        if row["lead"]:
            at = datetime.fromisoformat(row["occurred_at"])
            assert any(start <= at <= end for start, end in open_periods[row["lead"]])


def _open_periods(history: list[Row]) -> list[tuple[datetime, datetime]]:
    """Return the periods in which a lead was open, each extended by `A_BIT_AFTER_CLOSING`."""
    forever = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
    open_periods: list[tuple[datetime, datetime]] = []
    for row in history:
        at = datetime.fromisoformat(row["occurred_at"])
        if row["kind"] == "status" and row["value"] in OPEN:
            open_periods.append((at, forever))
        elif row["kind"] == "status":
            open_periods[-1] = (open_periods[-1][0], at + A_BIT_AFTER_CLOSING)
    return open_periods


def test_an_activity_on_a_prospect_and_a_lead_is_on_the_lead_of_the_prospect(
    company: Company,
) -> None:
    prospect_of = {row["lead"]: row["prospect"] for row in company.rows("leads")}
    for row in company.rows("activities"):
        if row["lead"] and row["prospect"]:
            assert prospect_of[row["lead"]] == row["prospect"]


def test_the_data_contain_every_kind_of_lead_change(whole: Company) -> None:
    changes: dict[str, int] = defaultdict(int)
    position = {row["step"]: int(row["position"]) for row in whole.rows("steps")}
    for history in whole.histories.values():
        for change in _changes_of(history, position):
            changes[change] += 1
    at_least = {
        "returned": 200, "skipped": 500, "re-opened won": 5, "re-opened": 50, "slipped": 1500,
        "changed owner": 200, "changed pipeline": 20, "edited amount": 500, "stood by": 200,
        "own probability": 200, "deleted": 10, "recorded late": 10, "unassigned at first": 300,
    }  # fmt: skip
    for change, count in at_least.items():
        assert changes[change] >= count, change


def _changes_of(history: list[Row], position: dict[str, int]) -> set[str]:
    changes: set[str] = set()
    now: dict[str, str] = {}
    for row in history:
        changes |= _changes_by(row, now.get(row["kind"], ""), position, now)
        now[row["kind"]] = row["value"]
    if not any(
        row["kind"] == "owner" and row["occurred_at"] == history[0]["occurred_at"]
        for row in history
    ):
        changes.add("unassigned at first")
    return changes


def _changes_by(row: Row, before: str, position: dict[str, int], now: dict[str, str]) -> set[str]:
    kind, value = row["kind"], row["value"]
    found = {
        "deleted": kind == "deleted",
        "recorded late": bool(row["recorded_at"]),
        "own probability": kind == "probability",
        "stood by": kind == "status" and value == "standby",
        "re-opened": kind == "status" and before in CLOSED and value in OPEN,
        "re-opened won": kind == "status" and before == "won",
        "changed owner": kind == "owner" and bool(before),
        "changed pipeline": kind == "pipeline" and bool(before),
        "edited amount": kind == "amount" and bool(before),
        "returned": kind == "step" and bool(before) and position[value] < position[before],
        "skipped": kind == "step" and bool(before) and position[value] > position[before] + 1,
        "slipped": kind == "estimated_closing" and bool(before)
        and date.fromisoformat(value) > date.fromisoformat(before),
    }  # fmt: skip
    return {change for change, is_so in found.items() if is_so}


def test_standby_leads_have_a_reminder_and_others_none(company: Company) -> None:
    for lead in company.living:
        is_reminded = bool(lead["reminder_at"])
        assert is_reminded == (lead["status"] == "standby"), lead["lead"]
        planned = [lead[f"reminder_{part}"] for part in ("minutes", "activity", "note")]
        assert is_reminded or not any(planned)
        assert is_reminded or lead["reminder_is_all_day"] == "false"


def test_reminders_begin_today_and_those_of_a_day_at_its_start(company: Company) -> None:
    reminded = [lead for lead in company.living if lead["reminder_at"]]
    instants = {lead["lead"]: datetime.fromisoformat(lead["reminder_at"]) for lead in reminded}
    assert all(at.date() >= company.today for at in instants.values())
    for lead in reminded:
        is_at_midnight = instants[lead["lead"]].time() == datetime.min.time()
        assert is_at_midnight == (lead["reminder_is_all_day"] == "true")


def test_reminders_of_the_whole_company_are_of_every_kind(whole: Company) -> None:
    reminded = [lead for lead in whole.living if lead["reminder_at"]]
    due = [lead for lead in reminded if lead["reminder_at"][:10] == whole.today.isoformat()]
    assert 3 <= len(due) < len(reminded)
    for column in ("reminder_minutes", "reminder_activity", "reminder_note"):
        assert {bool(lead[column]) for lead in reminded} == {True, False}
    all_day = [lead["reminder_is_all_day"] == "true" for lead in reminded]
    assert len(all_day) / 2 < sum(all_day) < len(all_day)


def test_some_leads_have_comments(whole: Company) -> None:
    comments = [event for event in whole.rows("lead_events") if event["kind"] == "comment"]
    assert len(comments) > 100
    assert all(event["value"] and event["actor"] for event in comments)
    commented = {event["lead"] for event in comments}
    assert any(lead["lead"] in commented for lead in whole.living if lead["status"] == "todo")


def test_follow_ups_are_of_won_leads_and_some_of_their_tasks_are_late(whole: Company) -> None:
    leads = whole.by_key("leads")
    for row in whole.rows("follow_ups"):
        lead = leads[row["lead"]]
        assert lead["status"] == "won"
        assert row["started_at"] > lead["closed_at"]
    tasks = whole.rows("tasks")
    is_open = [task for task in tasks if task["status"] != "done"]
    late = [task for task in is_open if task["due_on"] < whole.today.isoformat()]
    assert {task["status"] for task in tasks} == {"todo", "standby", "done"}
    assert 10 <= len(late) < len(is_open) / 3


def test_the_last_event_of_a_task_is_its_row(company: Company) -> None:
    events = [event for event in company.rows("lead_events") if event["kind"] == "task"]
    last = {event["about"]: json.loads(event["value"]) for event in events}
    assert last.keys() == company.keys("tasks")
    for task in company.rows("tasks"):
        state = last[task["task"]]
        for column, name in (("status", "status"), ("due_on", "due_on"), ("user", "owner")):
            assert task[column] == state[name]


def test_upsells_and_renewals_follow_a_won_lead_of_the_same_client(whole: Company) -> None:
    leads = whole.by_key("leads")
    links = [lead for lead in whole.rows("leads") if lead["follows"]]
    assert {lead["follows_as"] for lead in links} == {"upsell", "renewal"}
    for lead in links:
        before = leads[lead["follows"]]
        assert (before["status"], before["client"]) == ("won", lead["client"])
        assert before["closed_at"] < lead["created_at"]
        values = [row["value"] for row in whole.histories[lead["lead"]] if row["kind"] == "follows"]
        assert values == [f"{lead['follows_as']}:{lead['follows']}"]
