"""Scope of a report for each reader, and the filter choices offered to them."""

from __future__ import annotations

import re

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales.models import Client
from tests.seeds import IS_SEARCH
from tests.web.worked import MONTHS, figure, html, questions, report_page


@pytest.mark.parametrize(
    ("name", "created", "won"),
    [("ada", "5", "2"), ("mona", "3", "0"), ("ana", "2", "2"), ("uma", "0", "0")],
)
def test_each_role_counts_only_visible_leads(name, created, won, readers, visit):
    page = report_page(visit(getattr(readers, name)))
    assert (figure(page, "created_leads"), figure(page, "won_leads")) == (created, won)
    assert ("Only the leads you have access to" in page) == (name != "ada")


@pytest.mark.parametrize("name", ["ada", "mona", "ana", "uma"])
def test_with_shared_privacy_everybody_counts_every_lead(name, shared, visit):
    page = report_page(visit(getattr(shared, name)))
    assert figure(page, "created_leads") == "5"
    assert "Only the leads you have access to" not in page


@pytest.mark.search
@pytest.mark.answers
@pytest.mark.parametrize(("key", "query"), questions("", "user", "team"))
def test_a_page_does_not_name_hidden_colleagues(key, query, readers, visit):
    """Ana is in a team. Uma, in none, opens each report with its default grouping only."""
    page = report_page(visit(readers.ana), key, query)
    page = re.sub(r"[A-Za-z0-9]{64}", "", page)  # CSRF tokens may contain any letters
    for stranger in ("Bo Berg", "Mona", "Uma", "South", "bo@example.com", 'value="bo"'):
        assert stranger not in page
    if query == MONTHS or IS_SEARCH:
        assert "South" not in report_page(visit(readers.uma), key, query)


@pytest.mark.parametrize(
    ("name", "teams"), [("ada", {"north", "south"}), ("mona", {"south"}), ("ana", set())]
)
@pytest.mark.parametrize("privacy", ["own", "shared"])
def test_only_permitted_teams_are_offered(name, teams, privacy, readers, visit):
    Organization.objects.update(privacy=privacy)
    page = report_page(visit(getattr(readers, name)))
    assert set(re.findall(r'name="team" value="(?!none)([^"]+)"', page)) == teams


@pytest.mark.parametrize("asked", ["user=bo", "user=nobody", "team=south", "team=nobody"])
def test_a_hidden_key_gives_the_same_error_as_a_missing_one(asked, readers, visit):
    response = visit(readers.ana).get(f"/reports/company/?{asked}")
    dimension, key = asked.split("=")
    assert response.status_code == 400
    assert f"Unknown {dimension}: “{key}”." in response.content.decode()


def test_a_manager_filters_only_by_their_own_team(readers, visit):
    page = report_page(visit(readers.mona), query=f"{MONTHS}&team=south")
    assert figure(page, "created_leads") == "2"
    assert visit(readers.mona).get("/reports/company/?team=north").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "",
        "export/csv",
        "export/xlsx",
        "leads/?column=won_leads",
        "leads/export/csv?column=won_leads",
        "choices/user/",
    ],
)
def test_reports_require_signing_in(path, readers, visit):
    response = visit().get(f"/reports/company/{path}")
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_report_accepts_only_get(method, readers, visit):
    assert getattr(visit(readers.ada), method)("/reports/company/").status_code == 405


# Filter choices


def chosen_from(browser, path):
    return re.findall(r'value="([^"]+)"', html(browser, f"/reports/company/choices/{path}"))


def test_choices_match_every_word_and_keep_the_selected_ones(readers, visit):
    Client.objects.create(key="c1", name="Hotel Astoria")
    Client.objects.create(key="c2", name="Hotel Bristol")
    Client.objects.create(key="c3", name="Astoria cinema")
    browser = visit(readers.ada)
    assert chosen_from(browser, "client/?search=astoria+hotel") == ["none", "c1"]
    assert chosen_from(browser, "client/?search=bristol&client=c3") == ["none", "c3", "c2"]


def test_long_lists_of_choices_are_truncated_with_a_count(readers, visit):
    Client.objects.bulk_create(Client(key=f"c{n}", name=f"Client {n:04}") for n in range(1500))
    page = html(visit(readers.ada), "/reports/company/choices/client/")
    assert page.count("<input") == 41
    assert "and 1,460 more" in page
    whole = report_page(visit(readers.ada))
    assert whole.count('name="client"') < 50


def test_choices_show_only_what_the_reader_may_see(readers, visit):
    assert chosen_from(visit(readers.ana), "user/") == ["me", "none", "ana"]
    assert visit(readers.ana).get("/reports/company/choices/team/").status_code == 404
    assert visit(readers.ada).get("/reports/company/choices/password/").status_code == 404


def test_offered_sources_are_those_of_visible_leads(readers, visit):
    from leadlight.sales.models import Lead

    Lead.objects.filter(key="L1").update(source="Fair")
    Lead.objects.filter(key="L4").update(source="Secret list")
    assert chosen_from(visit(readers.ana), "source/") == ["none", "Fair"]
    assert chosen_from(visit(readers.ada), "source/") == ["none", "Fair", "Secret list"]
    assert chosen_from(visit(readers.ada), "source/?search=secret") == ["none", "Secret list"]
