"""Groups of probable duplicates of the whole company, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from leadlight.sales import duplicate_groups
from leadlight.sales.duplicate_groups import page_before
from leadlight.sales.duplicates import MOST_SHARED
from leadlight.sales.models import Client, CustomField, Lead, Relation
from leadlight.sales.models.relations import relate
from tests.sales.conftest import Company

MAIL, PHONE = "jo@lake-hotel.example", "+33612345678"


def new_lead(company: Company, title: str, description: str = "", **more: Any) -> Lead:
    return Lead.create(title=title, by=company.ana, description=description, **more)


def groups(before: int | None = None) -> list[tuple[list[str], list[str]]]:
    """Return the titles and the shared values of each group."""
    found = page_before(before).groups
    return [
        ([lead.title for lead in group.leads], [match.value for match in group.matches])
        for group in found
    ]


def test_leads_with_a_common_value_form_a_group(company: Company) -> None:
    number = CustomField.define("lead", "Number", "text", is_key=True)
    for title, description in (("a", MAIL), ("b", PHONE), ("c", f"{MAIL} {PHONE}"), ("d", "")):
        new_lead(company, title, description).set_field(number, f"No {title}", by=company.ana)
    for lead in Lead.objects.filter(title__in="ad"):
        lead.set_field(number, "X1", by=company.ana)
    assert groups() == [
        (["a", "d"], ["X1"]),
        (["a", "c"], [MAIL]),
        (["b", "c"], [PHONE]),
    ]


def test_two_common_values_make_one_group(company: Company) -> None:
    for title in "ab":
        new_lead(company, title, f"{MAIL} {PHONE}")
    assert groups() == [(["a", "b"], [MAIL, PHONE])]


def test_leads_that_are_no_duplicates_form_no_group(company: Company) -> None:
    client = Client.create(name="Lake Hotel", by=company.ana)
    a, b = (new_lead(company, title, MAIL, client=client) for title in "ab")
    a.lose(by=company.ana)
    assert groups() == []
    a.reopen(by=company.ana)
    assert groups() == [(["a", "b"], [MAIL])]
    relate(b, a.key, Relation.NOT_DUPLICATE, by=company.ana)
    assert groups() == []
    relate(b, a.key, "", by=company.ana)
    b.bin(by=company.ana)
    assert groups() == []


def test_two_closed_leads_form_no_group(company: Company) -> None:
    a, b = (new_lead(company, title, MAIL) for title in "ab")
    a.lose(by=company.ana)
    assert groups() == [(["a", "b"], [MAIL])]
    b.cancel(by=company.ana)
    assert groups() == []


def test_a_value_of_many_leads_forms_no_group(company: Company) -> None:
    for number in range(MOST_SHARED):
        new_lead(company, str(number), PHONE)
    assert len(groups()) == 1
    new_lead(company, "One more", PHONE)
    assert groups() == []


def test_each_group_is_on_one_page(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicate_groups, "WINDOW", 3)
    monkeypatch.setattr(duplicate_groups, "MOST_WINDOWS", 1)
    for number in range(12):
        new_lead(company, str(number), f"{number % 5}@example.com")
    found, before, pages = [], None, 0
    while True:
        page = page_before(before)
        found += groups(before)
        pages += 1
        if page.next_before is None:
            assert page.compared_from is None
            break
        assert page.compared_from is not None
        assert page.compared_from.pk == page.next_before
        before = page.next_before
    assert pages == 4
    assert sorted(found) == sorted(groups_of_all(monkeypatch))
    assert found[0][0] == ["1", "6", "11"]


def groups_of_all(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], list[str]]]:
    monkeypatch.setattr(duplicate_groups, "WINDOW", 100)
    return groups()


def test_an_empty_company_has_no_groups(company: Company) -> None:
    page = page_before(None)
    assert (page.groups, page.compared_from, page.next_before) == ((), None, None)
