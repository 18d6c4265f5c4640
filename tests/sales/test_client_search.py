"""The search finds clients, and their leads, by what verbs of clients change."""

from __future__ import annotations

import pytest

from leadlight.sales.models import Client, CustomField, Lead
from leadlight.sales.search import checks
from tests.sales.conftest import Company

pytestmark = pytest.mark.database


def test_every_verb_of_clients_keeps_the_index_in_step(company: Company) -> None:
    town = CustomField.define("client", "Town", "text")
    client = Client.create(name="Lake Hotel", by=None)
    Lead.create(title="Windows", by=None, client=client)
    for change in (
        lambda: client.rename("Forest Hotel"),
        lambda: client.describe("By the old mill"),
        lambda: client.set_field(town, "Annecy"),
        client.deactivate,
        client.reactivate,
    ):
        change()
        assert list(checks.differences()) == []
