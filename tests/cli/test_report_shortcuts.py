"""`leadlight report --shortcut`: saved queries and the users they are run as."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leadlight.accounts.models import Organization, Team, User
from leadlight.cli.console import Stop
from leadlight.sales.models import Shortcut
from leadlight.sales.models.shortcuts import LEADS
from tests.cli.conftest import Run

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("company")]
ANA, BO = ("--as", "ana@example.com"), ("--as", "bo@example.com")
FEBRUARY = "from=2026-02-01&to=2026-02-28"


def kept(owner: str, name: str, query: str = FEBRUARY, report: str = "team", **how: Any) -> None:
    user = User.objects.get(key=owner)
    Shortcut.objects.create(owner=user, name=name, report=report, query=query, **how)


def answer(leadlight: Run, name: str, *words: str) -> dict[str, Any]:
    return json.loads(leadlight("report", "--shortcut", name, *words, "--format", "json"))


def test_a_shortcut_runs_its_report_with_its_filters(leadlight: Run) -> None:
    kept("ana", "Mine", f"{FEBRUARY}&user=ana")
    answered = answer(leadlight, "mine", *ANA)
    assert answered["report"] == "team"
    assert answered["filters"]["user"] == ["ana"]
    assert (answered["filters"]["from"], answered["filters"]["to"]) == ("2026-02-01", "2026-02-28")
    # L1 and L2; Bo owned L5, which was won and reopened.
    assert answered["totals"]["won_leads"] == 2


def test_a_saved_view_of_the_leads_is_no_shortcut_of_a_report(leadlight: Run) -> None:
    kept("ana", "Late ones", "reminder=late", report=LEADS)
    with pytest.raises(Stop, match="has no shortcut “Late ones”"):
        leadlight("report", "--shortcut", "Late ones", *ANA)


def test_rows_have_the_saved_order(leadlight: Run) -> None:
    kept("ana", "Least first", f"{FEBRUARY}&sort=won_amount&rows=all")
    assert [row["key"] for row in answer(leadlight, "Least first", *ANA)["rows"]] == ["bo", "ana"]


def test_options_override_the_shortcut(leadlight: Run) -> None:
    kept("ana", "Mine", f"{FEBRUARY}&user=ana")
    answered = answer(leadlight, "Mine", *ANA, "--user", "bo", "--period", "all_time")
    assert answered["filters"]["user"] == ["bo"]
    assert answered["filters"]["period"] == "all_time"
    assert answered["totals"]["created_leads"] == 2  # L4 and L5
    answered = answer(leadlight, "Mine", *ANA, "--from", "2026-02-03", "--to", "2026-02-03")
    assert answered["totals"]["won_leads"] == 1
    assert answer(leadlight, "Mine", *ANA, "--credit", "owner")["filters"]["user"] == ["ana"]


def test_a_shortcut_saves_the_view_too(leadlight: Run) -> None:
    kept("ana", "Moves", "view=moves&from=2026-01-01&to=2026-01-31", "pipeline")
    moved = {row["key"]: row["moves"] for row in answer(leadlight, "Moves", *ANA)["rows"]}
    assert moved == {"contact": 2, "offer": 1, "deal": 0}


def test_figures_of_a_shortcut_can_be_listed(leadlight: Run) -> None:
    kept("ana", "Mine", f"{FEBRUARY}&user=ana")
    found = answer(leadlight, "Mine", *ANA, "--list", "won_leads")
    assert {lead["lead"] for lead in found["leads"]} == {"L1", "L2"}


def test_a_shared_shortcut_shows_each_user_only_visible_leads(leadlight: Run) -> None:
    Organization.objects.update(privacy="own")
    kept("ana", "All", "period=all_time", "company", sharing="everyone")
    created = [answer(leadlight, "All", *who)["totals"]["created_leads"] for who in (ANA, BO)]
    assert created == [2, 3]


def test_own_shortcuts_come_first_and_a_key_selects_any(leadlight: Run) -> None:
    kept("ana", "Same", "user=ana", sharing="everyone")
    kept("bo", "same", "user=bo")
    assert answer(leadlight, "Same", *BO)["filters"]["user"] == ["bo"]
    assert answer(leadlight, "Same", *ANA)["filters"]["user"] == ["ana"]
    key = Shortcut.objects.get(owner__key="ana").key
    assert answer(leadlight, key, *BO)["filters"]["user"] == ["ana"]


def test_an_ambiguous_name_requires_the_key(leadlight: Run) -> None:
    User.objects.create(key="cleo", email="cleo@example.com", first_name="Cleo")
    kept("ana", "Same", sharing="everyone")
    kept("bo", "Same", sharing="everyone")
    keys = ", ".join(sorted(Shortcut.objects.values_list("key", flat=True)))
    with pytest.raises(Stop, match=f"Choose one by its key: {keys}"):
        leadlight("report", "--shortcut", "Same", "--as", "cleo@example.com")


def test_a_hidden_shortcut_gives_the_same_error_as_a_missing_one(leadlight: Run) -> None:
    kept("ana", "Private")
    kept("ana", "Of the north", sharing="team", team=Team.objects.get(key="north"))
    key = Shortcut.objects.get(name="Private").key
    sentences = set()
    for name in ("Private", key, "Of the north", "Nothing"):
        with pytest.raises(Stop) as refusal:
            leadlight("report", "--shortcut", name, *BO)
        sentences.add(str(refusal.value).replace(name, "…"))
    assert len(sentences) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--shortcut", "Mine"), "A shortcut belongs to a person"),
        (("company", "--shortcut", "Mine", *ANA), "belongs to the report team, not company"),
        (("--shortcut", "Old", *ANA), "Unknown user: “nobody”"),
        (("--shortcut", "Odd", *ANA), "no column “moon”"),
        ((), "Choose a report: "),
    ],
)
def test_an_invalid_combination_is_refused_with_a_message(
    leadlight: Run, words: tuple[str, ...], said: str
) -> None:
    kept("ana", "Mine")
    kept("ana", "Old", "user=nobody")
    kept("ana", "Odd", "sort=moon")
    with pytest.raises(Stop, match=said) as refusal:
        leadlight("report", *words)
    assert refusal.value.code == 2
