"""Format of the demo files: headers, keys, references, instants and amounts."""

import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.demo.conftest import make
from tests.demo.reading import COLUMNS, Company

REFERENCES = {
    "user": "users",
    "created_by": "users",
    "added_by": "users",
    "actor": "users",
    "team": "teams",
    "pipeline": "pipelines",
    "step": "steps",
    "reminder_activity": "activity_types",
    "category": "categories",
    "activity_type": "activity_types",
    "outcome": "outcomes",
    "client": "clients",
    "prospecting_list": "prospecting_lists",
    "prospect": "prospects",
    "lead": "leads",
    "follows": "leads",
    "follow_up": "follow_ups",
    "follow_up_template": "follow_up_templates",
    "started_by": "users",
    "done_by": "users",
}
INSTANTS = ("created_at", "converted_at", "closed_at", "reminder_at", "occurred_at", "recorded_at")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00")
AMOUNT = re.compile(r"[1-9]\d*(\.\d\d)?")


def all_files(folder: Path) -> list[str]:
    """Return the paths of the files in a folder and its folders, in order."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(folder)) for path in files)


def test_the_same_day_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (make(tmp_path / name, date(2026, 8, 15), 0.05) for name in ("one", "two"))
    files = all_files(one.folder)
    assert files == all_files(two.folder)
    for name in files:
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes(), name


def test_another_seed_gives_other_data(tmp_path: Path) -> None:
    one = make(tmp_path / "one", date(2026, 8, 15), 0.05, seed=1)
    two = make(tmp_path / "two", date(2026, 8, 15), 0.05, seed=2)
    leads = [(each.folder / "leads.csv").read_bytes() for each in (one, two)]
    assert leads[0] != leads[1]


def test_every_file_is_there_with_its_columns_in_order(company: Company) -> None:
    digests = {f"files/{row['digest']}" for row in company.rows("attachments")}
    names = {f"{name}.csv" for name in COLUMNS} | {"company.toml"} | digests
    assert set(all_files(company.folder)) == names
    for name, columns in COLUMNS.items():
        text = (company.folder / f"{name}.csv").read_text(encoding="utf-8")
        assert text.split("\n", 1)[0] == columns
        assert text.endswith("\n")
        assert "\r" not in text


def test_the_company_is_french_and_its_week_begins_on_monday(company: Company) -> None:
    settings = tomllib.loads((company.folder / "company.toml").read_text(encoding="utf-8"))
    assert settings.pop("name")
    assert settings == {
        "time_zone": "Europe/Paris",
        "currency": "EUR",
        "locale": "fr",
        "first_weekday": 1,
        "fiscal_year_start_month": 1,
    }


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "memberships"])
def test_keys_are_unique_and_never_empty(company: Company, name: str) -> None:
    assert len(company.keys(name)) == len(company.rows(name))
    assert "" not in company.keys(name)


@pytest.mark.parametrize("name", COLUMNS)
def test_every_reference_is_to_a_row_that_exists(company: Company, name: str) -> None:
    for column in COLUMNS[name].split(","):
        if column in REFERENCES:
            used = {row[column] for row in company.rows(name)} - {""}
            assert used <= company.keys(REFERENCES[column]), column


def test_every_tag_used_exists_and_is_used_once_per_row(company: Company) -> None:
    for row in company.rows("leads") + company.rows("prospecting_lists"):
        tags = row["tags"].split(";") if row["tags"] else []
        assert len(tags) == len(set(tags))
        assert set(tags) <= company.keys("tags")


def test_every_lead_has_a_tag_of_each_required_category(company: Company) -> None:
    required = {
        row["category"] for row in company.rows("categories") if row["is_required"] == "true"
    }
    category_of = {row["tag"]: row["category"] for row in company.rows("tags")}
    for lead in company.rows("leads"):
        assert required <= {category_of[tag] for tag in lead["tags"].split(";")}


@pytest.mark.parametrize(
    "name", ["prospecting_lists", "prospects", "leads", "lead_events", "activities"]
)
def test_instants_carry_the_offset_of_paris(company: Company, name: str) -> None:
    paris = ZoneInfo("Europe/Paris")
    written = {row[c] for row in company.rows(name) for c in INSTANTS if row.get(c)}
    for text in written:
        assert INSTANT.fullmatch(text)
        instant = datetime.fromisoformat(text)
        assert instant.astimezone(paris).isoformat() == text


def test_days_are_days_and_amounts_have_two_decimals_or_none(company: Company) -> None:
    for lead in company.rows("leads"):
        if lead["estimated_closing_on"]:
            date.fromisoformat(lead["estimated_closing_on"])
        assert not lead["amount"] or AMOUNT.fullmatch(lead["amount"])
        assert not lead["probability"] or 0 <= int(lead["probability"]) <= 100


def test_every_activity_has_an_outcome_of_its_own_type_or_none(company: Company) -> None:
    type_of = {row["outcome"]: row["activity_type"] for row in company.rows("outcomes")}
    for row in company.rows("activities"):
        assert not row["outcome"] or type_of[row["outcome"]] == row["activity_type"]
        assert row["lead"] or row["prospect"]


def test_email_addresses_and_phone_numbers_are_fictitious(company: Company) -> None:
    for user in company.rows("users"):
        assert user["email"].endswith("@example.com")
    for row in company.rows("prospects"):
        assert not row["cell:E-mail"] or row["cell:E-mail"].endswith("@example.com")
        begins = row["cell:Téléphone"][:8]
        assert begins in {
            "",
            "01 99 00",
            "02 61 91",
            "03 53 01",
            "04 65 71",
            "05 36 49",
            "06 39 98",
        }


def test_goals_begin_with_a_period_and_are_of_a_user_or_a_team(company: Company) -> None:
    for goal in company.rows("goals"):
        starts_on = date.fromisoformat(goal["starts_on"])
        assert starts_on.day == 1
        assert goal["period"] == "month" or starts_on.month % 3 == 1
        assert bool(goal["user"]) != bool(goal["team"])
        assert bool(goal["activity_type"]) == (goal["measure"] == "activities")
        assert int(goal["target"]) > 0
        assert starts_on <= company.today


def test_some_leads_have_values_of_each_custom_field(company: Company) -> None:
    leads = company.rows("leads")
    for field in company.rows("fields"):
        values = [lead[f"field:{field['field']}"] for lead in leads]
        count = sum(map(bool, values))
        assert 0.1 < count / len(leads) < 0.9, field["name"]
        if field["kind"] == "choice":
            assert {*values} - {""} <= {*field["choices"].split(";")}
