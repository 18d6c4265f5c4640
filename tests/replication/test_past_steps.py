"""Reports as of an instant before a change of pipelines and steps stay as they were."""

from __future__ import annotations

import pytest
from django.utils import timezone

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import User
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from leadlight.sales import pipeline_settings
from leadlight.sales.models.actions import acting
from tests.replication.test_past_answers import Market, answer, market, new_lead, question, sell
from tests.seeds import drawn

pytestmark = pytest.mark.answers
__all__ = ["market"]


def test_reports_of_the_past_survive_changes_of_pipelines(market: Market, replica: Replica) -> None:
    chance, company = drawn("past steps"), market.company
    by = User.objects.create_user("ada@example.com", first_name="Ada", role="admin")
    today = timezone.now().date()
    for _ in range(8):
        new_lead(market, chance)
    for _ in range(60):
        sell(market, chance)
    replica.catch_up()
    then = timezone.now()
    questions = [(table, question(table, company, today)) for table in EVERY_TABLE]
    recorded = [answer(table, params, then, replica) for table, params in questions]

    pipeline_settings.define("Cars", "Request", by=by)
    visit = pipeline_settings.add_step(company.contact.pipeline, "Visit", by=by, probability=35)
    pipeline_settings.move_step(visit, -2, by=by)
    pipeline_settings.move_step(company.deal, -3, by=by)
    pipeline_settings.change_step(company.offer, "Offer", 77, by=by)
    with acting(new_key(), by):
        pipeline_settings.close_step(company.deal, company.elsewhere, by=by)
    for _ in range(10):
        sell(market, chance)
    pipeline_settings.make_default(company.elsewhere.pipeline)

    replica.catch_up()
    found = [str(difference) for difference in check(replica)]
    # `sell` adds activities without the columns of leads that follow from them.
    assert [one for one in found if "last_activity_at" not in one] == []
    changed = 0
    for (table, params), told in zip(questions, recorded, strict=True):
        past = {**params, "as_of": [then.isoformat()]}
        assert answer(table, past, timezone.now(), replica) == told, table.key
        changed += answer(table, params, timezone.now(), replica) != told
    assert changed > len(questions) // 2
