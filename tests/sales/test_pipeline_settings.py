"""Verbs of pipelines and steps; reports as of an instant before a change stay the same."""

from __future__ import annotations

import pytest

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import AuditEntry, User
from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from leadlight.sales import pipeline_settings as verbs
from leadlight.sales.bulk_undo import begin_undo
from leadlight.sales.models import BulkJob, Lead, LeadEvent, Pipeline, Step
from leadlight.sales.models.actions import acting
from leadlight.sales.refusals import Refused
from tests.sales.conftest import Company, at

pytestmark = pytest.mark.database

HOSTILE = "=1+1 \u202e😀"


@pytest.fixture
def ada(company: Company) -> User:
    return User.objects.create_user("ada@example.com", first_name="Ada", role="admin")


def names(pipeline: Pipeline) -> list[str]:
    return [step.name for step in pipeline.steps.order_by("position", "pk")]


def closed(step: Step, to: Step | None, by: User) -> BulkJob | None:
    with acting(new_key(), by):
        return verbs.close_step(step, to, by=by)


def test_a_pipeline_is_defined_with_its_first_step(company: Company, ada: User) -> None:
    made = verbs.define(f" {HOSTILE} ", "Start", by=ada)
    assert (made.name, made.is_default, names(made)) == (HOSTILE, False, ["Start"])
    assert made.first_step in Step.offered()


@pytest.mark.parametrize("name", ["", "  ", "sales", "A\0B", "two\nlines", "x" * 201, "x" * 10_000])
def test_bad_and_used_names_are_refused(company: Company, ada: User, name: str) -> None:
    with pytest.raises(Refused):
        verbs.define(name, "Start", by=ada)
    with pytest.raises(Refused):
        verbs.rename(company.elsewhere.pipeline, name, by=ada)
    assert Pipeline.objects.count() == 2


def test_the_default_pipeline_is_where_new_leads_begin(company: Company, ada: User) -> None:
    loans = company.elsewhere.pipeline
    verbs.make_default(loans)
    assert Lead.create(title="New", by=ada).step == company.elsewhere
    assert Pipeline.objects.filter(is_default=True).get() == loans
    with pytest.raises(Refused, match="default"):
        verbs.archive(loans)


def test_a_pipeline_is_archived_once_it_has_no_open_leads(company: Company, ada: User) -> None:
    lead = Lead.create(title="Loan", by=ada, step=company.elsewhere)
    loans = company.elsewhere.pipeline
    with pytest.raises(Refused, match="1 open lead"):
        verbs.archive(loans)
    lead.win(by=ada)
    verbs.archive(loans)
    assert company.elsewhere not in Step.offered()
    with pytest.raises(Refused, match="archived"):
        verbs.make_default(loans)
    verbs.restore(loans)
    assert company.elsewhere in Step.offered()


def test_steps_are_moved_and_keep_their_former_positions(company: Company, ada: User) -> None:
    pipeline = company.contact.pipeline
    verbs.move_step(company.deal, -1, by=ada)
    assert names(pipeline) == ["Contact", "Deal", "Offer"]
    verbs.move_step(company.contact, -1, by=ada)  # the first one stays
    assert names(pipeline) == ["Contact", "Deal", "Offer"]
    assert [(past.position, past.replaced_by) for past in company.deal.past_positions.all()] == [
        (3, ada)
    ]
    assert not company.contact.past_positions.exists()


def test_steps_with_equal_positions_are_numbered_when_one_is_moved(
    company: Company, ada: User
) -> None:
    pipeline = company.contact.pipeline
    pipeline.steps.update(position=7)
    verbs.move_step(Step.objects.get(pk=company.contact.pk), 1, by=ada)
    assert names(pipeline) == ["Offer", "Contact", "Deal"]


def test_the_name_of_an_open_step_is_unique_in_its_pipeline(company: Company, ada: User) -> None:
    with pytest.raises(Refused, match="already"):
        verbs.add_step(company.contact.pipeline, "OFFER", by=ada)
    verbs.change_step(company.offer, "Proposal", 35, by=ada)
    added = verbs.add_step(company.contact.pipeline, "Offer", by=ada, probability=50)
    assert (added.position, added.probability) == (4, 50)
    with pytest.raises(Refused, match="0 and 100"):
        verbs.change_step(added, "Offer", 101, by=ada)


def test_closing_a_step_moves_its_open_leads_and_the_undo_brings_all_back(
    company: Company, ada: User
) -> None:
    leads = [Lead.create(title=f"L{n}", by=ada, step=company.offer) for n in range(3)]
    leads[2].lose(by=ada)
    job = closed(company.offer, company.elsewhere, ada)
    assert job is not None
    assert job.is_finished
    steps = [Lead.objects.get(pk=lead.pk).step for lead in leads]
    assert steps == [company.elsewhere, company.elsewhere, company.offer]
    moved = LeadEvent.objects.filter(lead=leads[0], kind="step").order_by("pk")
    assert [event.value for event in moved] == [str(company.offer.pk), str(company.elsewhere.pk)]
    assert company.offer not in Step.offered()
    begin_undo(job.action, by=ada)
    steps = [Lead.objects.get(pk=lead.pk).step for lead in leads]
    assert steps == [company.offer] * 3
    assert company.offer in Step.offered()
    assert AuditEntry.objects.filter(action="step").exists()


def test_a_step_with_open_leads_is_closed_only_with_an_offered_target(
    company: Company, ada: User
) -> None:
    Lead.create(title="Open", by=ada, step=company.offer)
    closed(company.deal, None, ada)
    for target in (None, company.offer, company.deal):
        with pytest.raises(Refused, match="Choose the step"):
            closed(company.offer, target, ada)
    assert company.offer in Step.offered()
    with pytest.raises(Refused, match="already closed"):
        closed(company.deal, None, ada)
    with pytest.raises(Refused, match="at least one step"):
        closed(company.elsewhere, company.contact, ada)


def test_new_leads_skip_a_closed_first_step(company: Company, ada: User) -> None:
    closed(company.contact, None, ada)
    assert Lead.create(title="New", by=ada).step == company.offer
    verbs.reopen_step(Step.objects.get(pk=company.contact.pk))
    assert Lead.create(title="New", by=ada).step == company.contact


def test_only_a_step_without_history_is_removed(company: Company, ada: User) -> None:
    lead = Lead.create(title="Jump", by=ada, step=company.contact)
    with pytest.raises(Refused, match="passed it"):
        verbs.remove_step(company.offer)
    lead.move_to(company.deal, by=ada)
    added = verbs.add_step(company.contact.pipeline, "Visit", by=ada)
    verbs.move_step(added, -2, by=ada)
    assert names(company.contact.pipeline) == ["Contact", "Visit", "Offer", "Deal"]
    verbs.remove_step(added)
    assert names(company.contact.pipeline) == ["Contact", "Offer", "Deal"]
    added = verbs.add_step(company.contact.pipeline, "Visit", by=ada)
    lead.move_to(company.contact, by=ada)
    with pytest.raises(Refused, match="passed it"):
        verbs.remove_step(added)


def test_the_replica_equals_the_database_after_every_change(company: Company, ada: User) -> None:
    copy = Replica.in_memory()
    lead = Lead.create(title="Jump", by=ada, step=company.contact, at=at(2, 1))
    lead.move_to(company.deal, by=ada, at=at(3, 1))
    copy.catch_up()
    assert reached(copy) == {"Contact": 1, "Offer": 1, "Deal": 1}
    added = verbs.add_step(company.contact.pipeline, "Visit", by=ada)
    verbs.move_step(added, -1, by=ada)
    verbs.move_step(company.offer, 2, by=ada)
    copy.catch_up()
    assert list(check(copy)) == []
    # Contact, Visit, Deal, Offer: the lead has passed the new step, and not reached the last one.
    assert reached(copy) == {"Contact": 1, "Visit": 1, "Deal": 1}
    lead.move_to(company.offer, by=ada)
    copy.catch_up()
    assert list(check(copy)) == []
    assert reached(copy) == {"Contact": 1, "Visit": 1, "Deal": 1, "Offer": 1}
    copy.close()


def reached(copy: Replica) -> dict[str, int]:
    rows = copy.engine.run(
        "SELECT step_name, count(*) FROM lead_steps JOIN steps USING (step_id) "
        "WHERE recorded_to IS NULL GROUP BY ALL"
    )
    return dict(rows)
