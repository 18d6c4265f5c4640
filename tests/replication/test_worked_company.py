"""The leads and versions of the worked company, counted by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from leadlight.importing import import_folder
from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from tests.worked_company import write_worked_company

NOW = "SELECT title, {} FROM leads JOIN lead_titles USING (lead_id) ORDER BY title"
VERSIONS = """
    SELECT title, step_name, status, recorded_from FROM lead_versions
    JOIN lead_titles USING (lead_id) JOIN steps USING (step_id) ORDER BY title, recorded_from
"""
CREDIT = """
    SELECT title, created.user_name, closed.user_name FROM leads
    JOIN lead_titles USING (lead_id)
    JOIN users AS created ON created.user_id = owner_at_creation_id
    LEFT JOIN users AS closed ON closed.user_id = owner_at_closing_id
    ORDER BY title
"""


@pytest.fixture
def worked(replica: Replica, tmp_path: Path) -> Replica:
    import_folder(write_worked_company(tmp_path / "worked"))
    replica.catch_up()
    return replica


def test_days_are_in_the_time_zone_of_paris(worked: Replica) -> None:
    assert worked.engine.run(NOW.format("created_on, closed_on")) == [
        ("Lead 1", date(2026, 1, 5), date(2026, 2, 3)),
        ("Lead 2", date(2026, 1, 6), date(2026, 2, 1)),
        ("Lead 3", date(2026, 1, 7), date(2026, 2, 10)),
        ("Lead 4", date(2026, 2, 2), date(2026, 2, 20)),
        ("Lead 5", date(2026, 2, 1), None),
    ]


def test_days_to_close_are_exact(worked: Replica) -> None:
    days = worked.engine.run(NOW.format("seconds_to_close / 86400"))
    assert days[:2] == [("Lead 1", 29.125), ("Lead 2", 25.5625)]
    assert days[4] == ("Lead 5", None)


def test_a_closed_lead_is_attributed_to_its_owner_at_each_event(worked: Replica) -> None:
    assert worked.engine.run(CREDIT) == [
        ("Lead 1", "Ana Abreu", "Ana Abreu"),
        ("Lead 2", "Ana Abreu", "Ana Abreu"),
        ("Lead 3", "Ana Abreu", "Bo Berg"),
        ("Lead 4", "Bo Berg", "Bo Berg"),
        ("Lead 5", "Bo Berg", None),
    ]


def test_each_recording_instant_has_a_version(worked: Replica) -> None:
    rows = worked.engine.run(VERSIONS)
    assert [(title, step, status) for title, step, status, _ in rows] == [
        ("Lead 1", "Contact", "todo"),
        ("Lead 1", "Offer", "todo"),
        ("Lead 1", "Deal", "todo"),
        ("Lead 1", "Deal", "won"),
        ("Lead 2", "Contact", "todo"),
        ("Lead 2", "Deal", "todo"),
        ("Lead 2", "Deal", "won"),
        ("Lead 3", "Contact", "todo"),
        ("Lead 3", "Contact", "todo"),
        ("Lead 3", "Contact", "lost"),
        ("Lead 4", "Contact", "todo"),
        ("Lead 4", "Offer", "todo"),
        ("Lead 4", "Contact", "todo"),
        ("Lead 4", "Contact", "cancelled"),
        ("Lead 5", "Contact", "todo"),
        ("Lead 5", "Contact", "won"),
        ("Lead 5", "Contact", "todo"),
    ]
    assert str(rows[-1][3]) == "2026-03-02 09:00:00"


def test_the_check_finds_no_difference(worked: Replica) -> None:
    assert list(check(worked)) == []
