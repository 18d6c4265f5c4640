"""The page of goals: access, setting, and validation."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest

from leadlight.accounts.models import Organization, Team
from leadlight.sales.models import ActivityType, Goal
from tests.web.worked import html

pytestmark = pytest.mark.database

# The middle of March, in the quarter that began on 1 January.
TODAY = datetime(2026, 3, 15, 11, tzinfo=UTC)


@pytest.fixture
def readers(readers, monkeypatch):
    monkeypatch.setattr("leadlight.web.shell.days.timezone.now", lambda: TODAY)
    return readers


def form(**changed):
    given = {
        "holder": "user:bo",
        "counted": "won_leads",
        "period": "month",
        "starts_on": "2026-03-01",
        "target": "10",
    }
    return given | changed


def post(browser, status=302, address="/goals/", **changed):
    response = browser.post(address, form(**changed))
    assert response.status_code == status, response.content.decode()[:3000]
    return unescape(response.content.decode())


def goal(**said):
    given = {"measure": "won_leads", "period": "month", "starts_on": date(2026, 1, 1), "target": 10}
    return Goal.objects.create(**given | said)


def names(browser):
    page = html(browser, "/goals/")
    return re.findall(r'<th scope="row">([^<]+)</th>', page)


def test_a_manager_sets_a_goal(readers, visit):
    post(visit(readers.mona), counted="won_amount", target="1500.50")
    [set_] = Goal.objects.all()
    assert (set_.user, set_.team, set_.measure, set_.period) == (
        readers.bo,
        None,
        "won_amount",
        "month",
    )
    assert (set_.starts_on, set_.target) == (date(2026, 3, 1), Decimal("1500.50"))


def test_an_admin_sets_goals_of_teams_the_company_and_activity_types(readers, visit):
    call = ActivityType.objects.create(name="Call", key="call")
    post(visit(readers.ada), holder="team:north", counted="activities:call")
    post(
        visit(readers.ada),
        holder="company",
        counted="activities",
        period="year",
        starts_on="2026-01-01",
    )
    team, company = Goal.objects.order_by("pk")
    assert (team.team.key, team.activity_type) == ("north", call)
    assert (company.user, company.team, company.activity_type) == (None, None, None)


def test_only_managers_and_admins_set_goals(readers, visit):
    post(visit(readers.bo), status=403)
    assert not Goal.objects.exists()
    assert "Set a goal" not in html(visit(readers.bo), "/goals/")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"target": "-1"}, "Enter a target above 0."),
        ({"target": "0"}, "Enter a target above 0."),
        ({"target": ""}, "Enter a target."),
        ({"target": "many"}, "This is not a number. Enter digits only."),
        ({"target": "nan"}, "This is not a number. Enter digits only."),
        ({"target": "1e30"}, "This target is too high. Enter a smaller one."),
        ({"target": "2.5"}, "Enter a whole number for leads or activities."),
        ({"counted": "won_amount", "target": "2.555"}, "Enter a target with at most two decimals."),
        ({"period": ""}, "Choose month, quarter or year."),
        ({"period": "week"}, "Choose month, quarter or year."),
        ({"starts_on": ""}, "Enter the first day of the goal."),
        ({"starts_on": "1 March"}, "This is not a date"),
        ({"starts_on": "2026-03-02"}, "such as 1 Mar 2026."),
        ({"starts_on": "2026-03-01", "period": "quarter"}, "such as 1 Jan 2026."),
        ({"starts_on": "0001-01-01"}, "This date is too far away. Choose one closer to today."),
        ({"holder": ""}, "Choose a person, a team or the whole company."),
        ({"holder": "user:nobody"}, "You cannot set goals for this person or team."),
        ({"holder": "user:ana"}, "You cannot set goals for this person or team."),
        ({"holder": "team:north"}, "You cannot set goals for this person or team."),
        ({"holder": "company"}, "You cannot set goals for this person or team."),
        (
            {"counted": "activities:dance"},
            "This cannot be counted towards a goal. Choose one of the options.",
        ),
    ],
)
def test_an_invalid_goal_shows_an_error_next_to_its_field(readers, visit, wrong, sentence):
    page = post(visit(readers.mona), status=400, **wrong)
    assert sentence in page
    assert page.count('<ul class="errorlist"') == 1
    assert not Goal.objects.exists()


def test_a_yearly_goal_starts_with_the_fiscal_year(readers, visit):
    Organization.objects.update(fiscal_year_start_month=4)
    sentence = "such as 1 Apr 2025."
    assert sentence in post(visit(readers.mona), 400, period="year", starts_on="2026-01-01")
    post(visit(readers.mona), period="year", starts_on="2025-04-01")


def test_the_list_has_current_and_future_goals(readers, visit):
    goal(user=readers.bo)
    goal(user=readers.bo, starts_on=date(2026, 3, 1), target=12)
    goal(user=readers.bo, starts_on=date(2026, 4, 1), target=14)
    goal(team=Team.objects.get(key="south"), measure="won_amount", target=5000)
    goal(user=readers.ana)
    page = html(visit(readers.mona), "/goals/")
    cells = re.findall(r'<td class="number" data-label="Target">([^<]+)</td>', page)
    assert [unescape(cell) for cell in cells] == ["12", "14", "€5,000"]
    assert page.count("not started") == 1
    assert names(visit(readers.mona)) == ["Bo Berg", "Bo Berg", "South"]


def test_people_see_only_their_own_goals(readers, visit):
    goal(user=readers.bo)
    goal(user=readers.ana)
    assert names(visit(readers.bo)) == ["Bo Berg"]
    assert names(visit(readers.uma)) == []
    assert names(visit(readers.ada)) == ["Ana Abreu", "Bo Berg"]
    assert "/end/" not in html(visit(readers.bo), "/goals/")


def test_replacing_a_goal_prefills_its_current_values(readers, visit):
    old = goal(user=readers.bo)
    page = html(visit(readers.mona), f"/goals/?replace={old.key}")
    assert 'value="user:bo" selected' in page
    assert 'name="starts_on" value="2026-03-01"' in page
    assert 'name="target" value="10"' in page
    post(visit(readers.mona), target="12")
    page = html(visit(readers.mona), "/goals/")
    assert re.findall(r'<td class="number"[^>]*>([^<]+)</td>', page) == ["12"]


def test_ending_a_goal_takes_effect_after_the_current_period(readers, visit):
    old = goal(user=readers.bo, period="quarter")
    visit(readers.mona).post(f"/goals/{old.key}/end/")
    assert [(one.starts_on, one.target) for one in Goal.objects.order_by("starts_on")] == [
        (date(2026, 1, 1), 10),
        (date(2026, 4, 1), 0),
    ]
    assert ">ends<" in html(visit(readers.mona), "/goals/")


def test_deleting_a_goal_asks_for_confirmation(readers, visit):
    old = goal(user=readers.bo)
    address = f"/goals/{old.key}/delete/"
    assert "never been set" in html(visit(readers.mona), address)
    assert Goal.objects.exists()
    assert visit(readers.mona).post(address).url == "/goals/"
    assert not Goal.objects.exists()


@pytest.mark.parametrize("who", ["ana", "bo", "mona"])
def test_a_goal_outside_the_users_rights_is_not_found(readers, visit, who):
    foreign = goal(team=Team.objects.get(key="north"))
    browser = visit(getattr(readers, who))
    assert browser.post(f"/goals/{foreign.key}/end/").status_code == 404
    assert browser.get(f"/goals/{foreign.key}/delete/").status_code == 404
    if who == "mona":
        assert browser.get(f"/goals/?replace={foreign.key}").status_code == 404


def test_goals_require_signing_in(readers, visit):
    assert visit().get("/goals/").url == "/accounts/login/?next=/goals/"


def test_the_menu_of_managers_and_of_sellers_has_goals(readers, visit):
    assert 'href="/goals/"' in html(visit(readers.mona), "/leads/")
    assert 'href="/goals/"' in html(visit(readers.bo), "/leads/")
