"""Steps of leads from a file: the history of imported leads, and moves after a known history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from leadlight.replication.checks import check
from leadlight.sales.models import Lead, LeadEvent
from leadlight.table_import import jobs
from tests.sales.conftest import at
from tests.sales.undone_actions import row
from tests.table_import.given import Tables, counts, reasons

pytestmark = pytest.mark.database

STEPS = (
    "Lead;Step;Date;Who\n"
    "A;Contact;2026-01-05;Ana\n"
    "A;Offer;2026-02-03 10:00;Bo\n"
    "A;Deal;2026-03-01;\n"
)
TARGETS = ["lead", "step", "occurred_at", "user"]


@pytest.fixture
def lead(tables: Tables) -> Lead:
    """Lead that came in without its history: today it is in the step Deal."""
    tables.imported(
        "Id;Name;Stage;Created\nA;Roof;Deal;2026-01-05\nB;Door;Offer;2026-01-06\n",
        ["key", "title", "step", "created"],
    )
    return Lead.objects.get(key="A")


def steps(lead: Lead) -> list[tuple[Any, ...]]:
    events = lead.events.filter(kind="step").order_by("occurred_at", "pk")
    return list(events.values_list("occurred_at", "old_value", "value", "actor"))


def test_the_history_of_an_imported_lead_is_that_of_the_file(tables: Tables, lead: Lead) -> None:
    company, before = tables.company, row(lead)
    given = tables.imported(STEPS, TARGETS, kind="steps")
    assert (counts(given), reasons(given)) == ({"done-new": 3}, {})
    contact, offer, deal = (str(one.pk) for one in (company.contact, company.offer, company.deal))
    assert steps(lead) == [
        (lead.created_at, "", contact, tables.admin.pk),
        (datetime(2026, 2, 3, 9, tzinfo=UTC), contact, offer, company.bo.pk),
        (datetime(2026, 2, 28, 23, tzinfo=UTC), offer, deal, None),
    ]
    after = row(lead)
    assert after.pop("step_since") == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert after.pop("has_history")
    assert after.items() <= before.items()
    assert list(check()) == []


def test_the_same_file_again_changes_nothing(tables: Tables, lead: Lead) -> None:
    tables.imported(STEPS, TARGETS, kind="steps")
    before = steps(lead)
    assert counts(tables.imported(STEPS, TARGETS, kind="steps")) == {"unchanged": 3}
    assert counts(tables.imported(STEPS + "\n", TARGETS, kind="steps")) == {"unchanged": 3}
    assert steps(lead) == before


def test_an_undo_is_exact(tables: Tables, lead: Lead) -> None:
    def log() -> list[Any]:
        names = [field.attname for field in LeadEvent._meta.concrete_fields]
        return list(LeadEvent.objects.order_by("pk").values_list(*names))

    before = (row(lead), log())
    given = tables.imported(STEPS, TARGETS, kind="steps")
    tables.undo(given)
    assert counts(given) == {"undone-new": 3}
    assert (row(lead), log()) == before
    assert list(check()) == []
    assert counts(tables.imported(STEPS, TARGETS, kind="steps")) == {"done-new": 3}


def test_a_lead_that_was_moved_since_keeps_its_history(tables: Tables, lead: Lead) -> None:
    given = tables.imported(STEPS, TARGETS, kind="steps")
    lead.refresh_from_db()
    lead.move_to(tables.company.offer, by=None)
    before = steps(lead)
    tables.undo(given)
    assert counts(given) == {"kept-new": 3}
    assert steps(lead) == before
    assert list(check()) == []


def test_a_known_history_is_only_continued(tables: Tables) -> None:
    company = tables.company
    lead = Lead.create(title="Gate", by=company.ana, key="A", at=at(1, 5))
    lead.move_to(company.offer, by=company.ana, at=at(2, 3))
    before = row(lead)
    known = steps(lead)
    refused = tables.imported(
        "Lead;Step;Date;Who\nA;Deal;2026-01-20;\nA;Deal;2026-03-01;\n", TARGETS, kind="steps"
    )
    assert reasons(refused) == {
        2: "“Gate” has a history until 2026-02-03, which is not changed. Only later steps are "
        "added.",
        3: "Row 2 of the same lead is refused.",
    }
    given = tables.imported(
        "Lead;Step;Date;Who\nA;Deal;2026-03-01;Bo\nA;Contact;2026-01-05 10:30;\n"
        "A;Offer;2026-02-03;\n",
        TARGETS,
        kind="steps",
    )
    assert counts(given) == {"done": 1, "unchanged": 2}
    lead.refresh_from_db()
    assert lead.step == company.deal
    assert steps(lead)[-1][3] == company.bo.pk
    assert list(check()) == []
    tables.undo(given)
    assert row(lead) == before
    assert steps(lead)[:2] == known
    assert list(check()) == []


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("A;Deal;2026-01-04;", "“Roof” did not exist on that date."),
        ("A;Deal;2026-01-09;", "The steps of “Roof” must begin on 2026-01-05, when it was"),
        ("A;Offer;2026-01-05;", "The steps end with “Offer”, but “Roof” is in “Deal”."),
        ("A;Nowhere;2026-01-05;", "Step: “Nowhere” does not exist."),
        ("A;;2026-01-05;", "The row has no step."),
        ("A;Deal;2199-01-05;", "This date is in the future."),
        ("A;Deal;;", "The row has no date."),
        ("Z;Deal;2026-01-05;", "No lead has “Z”."),
        (";Deal;2026-01-05;", "The row does not name a lead."),
        ("A;Deal;2026-01-05;Zoe", "Who: “Zoe” does not exist."),
    ],
)
def test_what_contradicts_the_lead_is_refused_with_the_reason(
    tables: Tables, lead: Lead, rows: str, sentence: str
) -> None:
    before = LeadEvent.objects.count()
    given = tables.imported(f"Lead;Step;Date;Who\n{rows}\n", TARGETS, kind="steps")
    assert sentence in reasons(given).get(2, "")
    assert LeadEvent.objects.count() == before


def test_a_status_must_be_that_of_the_lead(tables: Tables, lead: Lead) -> None:
    given = tables.imported(
        "Lead;Step;Date;State\nA;Contact;2026-01-05;to do\nA;Deal;2026-02-05;won\n"
        "B;Contact;2026-01-06;to do\nB;Offer;2026-02-06;to do\n",
        ["lead", "step", "occurred_at", "status"],
        kind="steps",
    )
    assert reasons(given) == {
        2: "Row 3 of the same lead is refused.",
        3: "“Roof” had another status on that day. Import statuses with the leads.",
    }
    assert counts(given) == {"done-new": 2, "refused": 2}


def test_the_rows_of_a_lead_come_together_whatever_their_order(
    tables: Tables, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    monkeypatch.setattr(jobs, "BATCH", 1)
    monkeypatch.setattr(jobs, "CHECKED_AT_ONCE", 1)
    text = (
        "Lead;Step;Date;Who\nA;Deal;2026-03-01;\nB;Offer;2026-02-01;\nA;Contact;2026-01-05;\n"
        "B;Contact;2026-01-06;\nA;Offer;2026-02-03;\n"
    )
    given = tables.checked(text, TARGETS, kind="steps")
    jobs.run_unfinished()
    assert counts(given) == {"pending-new": 5}
    given.refresh_from_db()
    jobs.start(given)
    assert given.job is not None
    assert jobs.run_batch(given.job.pk)
    assert counts(given) == {"done-new": 3, "pending-new": 2}
    jobs.run_unfinished()
    assert [one[2] for one in steps(lead)] == [
        str(one.pk) for one in (tables.company.contact, tables.company.offer, tables.company.deal)
    ]
    monkeypatch.setattr("leadlight.sales.bulk_undo.BATCH", 1)
    tables.undo(given)
    assert counts(given) == {"undone-new": 5}
    assert list(check()) == []
