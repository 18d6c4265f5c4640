"""Page of prospecting lists: whose lists, their figures, filters and sort."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales.models import Prospect, ProspectingList, Tag
from leadlight.sales.prospecting import states
from tests.prospects import add_prospect

pytestmark = pytest.mark.database


@pytest.fixture
def lists(cast) -> list[ProspectingList]:
    fair = ProspectingList.objects.get()
    fair.user, fair.source, fair.cost = cast.olga, "Trade fair", Decimal("1200.50")
    fair.save()
    fair.tags.add(Tag.objects.create(name="Spring"))
    bought = ProspectingList.objects.create(
        name="Bought addresses", user=cast.uma, created_at=datetime(2026, 1, 3, tzinfo=UTC)
    )
    old = ProspectingList.objects.create(name="Old fair", user=cast.olga, is_archived=True)
    for name in ("Acme", "Bolt", "Core"):
        add_prospect(fair, {"Company": name})
    states.refresh(Prospect.objects.values_list("pk", flat=True))
    return [fair, bought, old]


def names(response) -> list[str]:
    found = re.findall(
        r'<th scope="row">(?:<a [^>]*>)?<bdi>(.*?)</bdi>', response.content.decode(), re.DOTALL
    )
    return [name.strip() for name in found]


def cells(response, label: str) -> list[str]:
    found = re.findall(rf'data-label="{label}">(.*?)</td>', response.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]*>", "", cell).strip() for cell in found]


def test_a_person_sees_their_lists_and_an_admin_all(cast, lists, visit):
    assert names(visit(cast.olga).get("/prospecting/")) == ["Spring fair"]
    assert names(visit(cast.uma).get("/prospecting/")) == ["Bought addresses"]
    assert names(visit(cast.ada).get("/prospecting/")) == ["Spring fair", "Bought addresses"]


def test_rows_are_counted_and_those_that_were_worked(cast, lists, visit):
    response = visit(cast.ada).get("/prospecting/")
    # Four rows of the fair, of which one became a lead.
    assert cells(response, "Rows") == ["4", "0"]
    assert cells(response, "Rows worked") == ["1", "0"]
    assert cells(response, "Owner") == ["Olga Glass", "Uma Glass"]
    assert cells(response, "Source") == ["Trade fair", "–"]
    assert cells(response, "Cost") == ["€1,200.50", "–"]
    assert cells(response, "Tags") == ["Spring", "–"]


def test_only_rows_that_the_reader_may_see_are_counted(cast, lists, visit):
    fair = lists[0]
    fair.user = cast.uma
    fair.save()
    Prospect.objects.filter(prospecting_list=fair).update(user=cast.uma)
    first = Prospect.objects.filter(prospecting_list=fair).last()
    Prospect.objects.filter(pk=first.pk).update(user=cast.olga)
    response = visit(cast.olga).get("/prospecting/")
    assert names(response) == ["Spring fair"]
    assert cells(response, "Rows") == ["1"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("?state=archived", ["Old fair"]),
        ("?state=all&sort=name", ["Bought addresses", "Old fair", "Spring fair"]),
        ("?state=all&sort=-name", ["Spring fair", "Old fair", "Bought addresses"]),
        ("?sort=created", ["Bought addresses", "Spring fair"]),
        ("?sort=-cost", ["Spring fair", "Bought addresses"]),
        ("?sort=source", ["Spring fair", "Bought addresses"]),
        ("?q=FAIR", ["Spring fair"]),
        ("?q=trade", ["Spring fair"]),
        ("?q=fair+trade&state=all", ["Spring fair"]),
        ("?q=%00%E2%80%AE", []),
        ("?q=" + "x" * 5_000, []),
        ("?page=99", ["Spring fair", "Bought addresses"]),
    ],
)
def test_lists_are_found_and_sorted(cast, lists, visit, address, expected):
    assert names(visit(cast.ada).get(f"/prospecting/{address}")) == expected


@pytest.mark.parametrize("address", ["?state=gone", "?sort=rows", "?colour=red"])
def test_an_unknown_filter_is_refused_with_a_sentence(cast, visit, address):
    response = visit(cast.ada).get(f"/prospecting/{address}")
    assert response.status_code == 400


def test_a_page_without_lists_says_how_to_begin(cast, visit):
    Organization.objects.update(privacy="own")
    response = visit(cast.tom).get("/prospecting/")
    assert "There is no prospecting list yet." in response.content.decode()
    assert 'href="/new-prospecting-list/"' in response.content.decode()


def test_the_number_of_queries_does_not_depend_on_the_lists(
    cast, lists, visit, django_assert_max_num_queries
):
    browser = visit(cast.olga)
    browser.get("/prospecting/")
    with django_assert_max_num_queries(14):
        browser.get("/prospecting/")
    for number in range(60):
        made = ProspectingList.objects.create(name=f"List {number}", user=cast.olga)
        made.tags.add(Tag.objects.get(name="Spring"))
    with django_assert_max_num_queries(14):
        response = browser.get("/prospecting/")
    assert len(names(response)) == 50
    assert "?page=2" in response.content.decode()
