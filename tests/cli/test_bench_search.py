"""Searches of the benchmark: they find leads, for readers who see all leads, some or few."""

from __future__ import annotations

import pytest

from benchmark import rebuilding, searching, texts
from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.search import finding, writing
from leadlight.sales.search.checks import differences
from leadlight.sales.search.finding import Search

pytestmark = pytest.mark.database


def test_the_searches_of_the_benchmark_find_leads(db: None) -> None:
    rebuilding.fill(300)
    texts.write()
    writing.fill()
    admin = User.objects.filter(role="admin")[0]
    found = {
        name
        for name, text in searching.searches().items()
        if finding.leads(admin, Search.of(text)).rows
    }
    assert {"common_word", "common_prefix", "rare_word", "common_and_rare"} <= found
    assert {"phone", "national_phone", "email", "key"} <= found
    assert not {"no_such_word", "common_and_none"} & found
    assert list(differences()) == []


def test_the_readers_of_the_benchmark_see_all_leads_or_some_or_few(db: None) -> None:
    rebuilding.fill(300)
    readers = dict(searching._readers())
    counts = {
        name: finding.matching(access.visible_leads(user), user, "lead").count()
        for name, user in readers.items()
    }
    assert counts["admin"] == 300
    assert 0 < counts["seller"] < counts["manager"] < 300
