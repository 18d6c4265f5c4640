"""Goals are unique by user, team, measure, activity type, period and start day."""

from __future__ import annotations

import importlib
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from leadlight.importing import Problems, import_folder
from leadlight.sales.models import Goal
from tests.importing.small import ROWS, write_folder

pytestmark = pytest.mark.django_db

HEADER = "goal,user,team,measure,activity_type,period,starts_on,target\n"
FIRST = "g1,ana,,activities,call,month,2026-02-01,40\n"


def goals(folder: Path, text: str) -> Path:
    return write_folder(folder, {**ROWS, "goals": HEADER + text})


def problems(folder: Path) -> list[tuple[int, str]]:
    with pytest.raises(Problems) as refusal:
        import_folder(folder)
    return [(problem.line, problem.sentence) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    "row",
    [
        "ana,,activities,call,month,2026-02-01",
        ",north,won_amount,,year,2026-04-01",
        ",,won_leads,,month,2026-02-01",
    ],
)
def test_two_goals_of_one_kind_and_day_in_a_file_are_refused(row: str, tmp_path: Path) -> None:
    found = problems(goals(tmp_path, f"g1,{row},40\ng2,{row},50\n"))
    assert found == [(3, "Line 2 already has a goal of this kind and start date.")]


def test_a_goal_of_the_kind_and_day_of_an_existing_goal_is_refused(tmp_path: Path) -> None:
    import_folder(goals(tmp_path, FIRST))
    found = problems(goals(tmp_path, FIRST.replace("g1", "g9")))
    assert found == [(2, "The goal “g1” already has this kind and start date.")]


def test_two_goals_can_exchange_their_start_days(tmp_path: Path) -> None:
    text = FIRST + "g2,ana,,activities,call,month,2026-03-01,50\n"
    import_folder(goals(tmp_path, text))
    swapped = text.replace("-02-", "-xx-").replace("-03-", "-02-").replace("-xx-", "-03-")
    import_folder(goals(tmp_path, swapped))
    assert {goal.key: (goal.starts_on, goal.target) for goal in Goal.objects.all()} == {
        "g1": (date(2026, 3, 1), 40),
        "g2": (date(2026, 2, 1), 50),
    }


def test_changing_the_target_updates_the_row(tmp_path: Path) -> None:
    import_folder(goals(tmp_path, FIRST))
    before = Goal.objects.get()
    import_folder(goals(tmp_path, FIRST.replace(",40", ",41")))
    after = Goal.objects.get()
    assert (after.pk, after.target) == (before.pk, 41)


def test_the_migration_keeps_the_last_goal_of_a_kind_and_day() -> None:
    migration = importlib.import_module("leadlight.sales.migrations.0005_one_goal_of_a_kind")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_goal_of_a_kind_from_a_day")
    kind = {"measure": "won_leads", "period": "month"}
    for day, target in [(1, 10), (1, 20), (2, 30), (1, 40)]:
        Goal.objects.create(**kind, starts_on=date(2026, day, 1), target=target)
    migration.keep_those_that_held(apps, None)
    assert sorted(Goal.objects.values_list("starts_on__month", "target")) == [(1, 40), (2, 30)]
