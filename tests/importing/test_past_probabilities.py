"""Past probabilities of steps: import, export, and the record of replaced ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from leadlight.importing import export_folder, import_folder
from leadlight.sales.models import PastName, PastProbability, Step
from tests.importing.small import ROWS, contents, empty_instance, with_cells, write_folder

pytestmark = pytest.mark.django_db


def test_past_probabilities_survive_export_and_import(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "in", ROWS))
    Step.objects.get(key="contact").set_probability(12, by=None)
    export_folder(tmp_path / "once")
    empty_instance()
    import_folder(tmp_path / "once")
    export_folder(tmp_path / "twice")
    assert contents(tmp_path / "once") == contents(tmp_path / "twice")
    told = contents(tmp_path / "once")["past_probabilities.csv"].decode().splitlines()
    assert told[:3] == [
        "past_probability,step,probability,replaced_at,replaced_by",
        "p1,contact,5,2026-01-03T09:00:00.000001+01:00,ana",
        "p2,contact,,2026-02-03T09:00:00+01:00,",
    ]
    assert ",contact,10," in told[3]


def test_a_folder_without_past_probabilities_creates_none(tmp_path: Path) -> None:
    files = {name: text for name, text in ROWS.items() if name != "past_probabilities"}
    import_folder(write_folder(tmp_path / "in", files))
    assert not PastProbability.objects.exists()


def test_importing_another_position_records_the_previous_one(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "first", ROWS))
    for name in ("second", "third"):
        import_folder(write_folder(tmp_path / name, with_cells("steps", 2, position="4")))
    past = Step.objects.get(key="contact").past_positions.values_list("position", "replaced_by")
    assert list(past) == [(1, None)]


def test_importing_another_name_of_a_step_or_pipeline_records_the_previous_one(
    tmp_path: Path,
) -> None:
    import_folder(write_folder(tmp_path / "first", ROWS))
    PastName.objects.all().delete()
    for file in ("steps", "pipelines"):
        files = with_cells(file, 2, name="Renamed")
        del files["past_names"]
        import_folder(write_folder(tmp_path / file, files))
    past = PastName.objects.order_by("pk").values_list("step__key", "pipeline__key", "name")
    assert list(past) == [
        ("contact", None, "Contact"),
        ("contact", None, "Renamed"),  # the second folder has the first name again
        (None, "new", "New business"),
    ]


def test_importing_another_probability_records_the_previous_one(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "first", ROWS))
    before = timezone.now()
    import_folder(write_folder(tmp_path / "second", with_cells("steps", 2, probability="15")))
    import_folder(write_folder(tmp_path / "third", with_cells("steps", 2, probability="15")))
    assert Step.objects.get(key="contact").probability == 15
    [new] = PastProbability.objects.exclude(key__in=["p1", "p2"])
    assert (new.step.key, new.probability, new.replaced_by) == ("contact", 10, None)
    assert before < new.replaced_at < timezone.now()
