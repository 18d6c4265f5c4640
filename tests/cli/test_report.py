"""`leadlight report` prints the figures that the definitions state for the worked company."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from leadlight import cli
from leadlight.accounts.models import Organization, User
from leadlight.cli.console import Stop
from tests.cli.conftest import Run

pytestmark = [pytest.mark.answers, pytest.mark.usefixtures("company")]
MONTHS = ("--from", "2026-01-01", "--to", "2026-03-31", "--bucket", "month")
AS_OF_MARCH_15 = ("--as-of", "2026-03-15T12:00+01:00")


def answer(leadlight: Run, *words: str) -> dict[str, Any]:
    return json.loads(leadlight("report", *words, "--format", "json"))


def row(answer: dict[str, Any], key: str | None) -> dict[str, Any]:
    return next(row for row in answer["rows"] if row["key"] == key)


def test_me_is_the_reader_chosen_with_as(leadlight: Run) -> None:
    asked = ("company", *MONTHS, *AS_OF_MARCH_15, "--user", "me")
    answered = answer(leadlight, *asked, "--as", "ana@example.com")
    assert answered["totals"]["won_leads"] == 2
    assert answered["filters"]["user"] == ["me"]
    with pytest.raises(Stop, match="Choose that person with --as, or name a user"):
        leadlight("report", *asked)


def test_january_has_three_created_and_no_won_leads(leadlight: Run) -> None:
    january = row(answer(leadlight, "company", *MONTHS, *AS_OF_MARCH_15), "2026-01")
    assert january["created_leads"] == 3
    assert january["won_leads"] == 0
    assert january["win_rate"] == {"value": None, "numerator": 0, "denominator": 0}
    assert january["median_days_to_win"] is None


def test_february_has_the_figures_of_the_definitions(leadlight: Run) -> None:
    february = row(answer(leadlight, "company", *MONTHS, *AS_OF_MARCH_15), "2026-02")
    assert february["created_leads"] == 2
    assert (february["won_leads"], february["won_amount"]) == (2, "1500.00")
    assert (february["lost_leads"], february["cancelled_leads"]) == (1, 1)
    assert february["win_rate"] == {"value": 0.5, "numerator": 2, "denominator": 4}
    assert february["mean_deal"] == "750.00"
    assert february["median_days_to_win"] == 27.34375
    assert february["open_leads"] == 1


def test_durations_are_in_working_days_on_request(leadlight: Run) -> None:
    """L1 took 21.125 working days, and L2 took 19 less 11 hours."""
    told = answer(leadlight, "company", *MONTHS, *AS_OF_MARCH_15, "--days", "working")
    median = row(told, "2026-02")["median_days_to_win"]
    assert median == pytest.approx((21.125 + 19 - 11 / 24) / 2, abs=1e-9)
    units = {column["key"]: column["unit"] for column in told["columns"]}
    assert units["median_days_to_win"] == "working_days"
    assert told["filters"]["days"] == "working"
    assert "Durations are in working days." in told["sentences"]


def test_losses_include_cancelled_leads_on_request(leadlight: Run) -> None:
    months = ("losses", *MONTHS, *AS_OF_MARCH_15)
    lost = answer(leadlight, *months)["totals"]
    assert (lost["lost_leads"], lost["lost_amount"]) == (1, "200.00")
    assert lost["closed_share"] == {"value": 0.25, "numerator": 1, "denominator": 4}
    both = answer(leadlight, *months, "--include-cancelled")
    assert (both["totals"]["lost_leads"], both["totals"]["lost_amount"]) == (2, "1000.00")
    assert "Cancelled leads are counted as well as lost ones." in both["sentences"]


def test_a_lead_reopened_on_2_march_is_won_as_of_1_march(leadlight: Run) -> None:
    february = row(
        answer(leadlight, "company", *MONTHS, "--as-of", "2026-03-01T12:00+01:00"), "2026-02"
    )
    assert (february["won_leads"], february["won_amount"]) == (3, "1800.00")
    assert february["win_rate"] == {"value": 0.6, "numerator": 3, "denominator": 5}


def test_json_has_the_documented_structure(leadlight: Run) -> None:
    answered = answer(leadlight, "company", *MONTHS, *AS_OF_MARCH_15)
    assert list(answered) == [
        *("report", "title", "filters", "as_of", "time_zone"),
        *("columns", "rows", "totals", "compared", "notes", "scope", "sentences"),
    ]
    assert answered["report"] == "company"
    assert answered["time_zone"] == "Europe/Paris"
    assert answered["compared"] is None
    assert {"key", "kind", "unit", "definition", "counts_on"} <= set(answered["columns"][0])
    assert answered["scope"] == "All leads of the company."
    rate = next(column for column in answered["columns"] if column["key"] == "win_rate")
    assert (rate["numerator"], rate["denominator"]) == ("won_leads", "closed_leads")
    assert [line["unfinished"] for line in answered["rows"]] == [False, False, True]


def test_the_previous_period_is_returned_for_comparison(leadlight: Run) -> None:
    compared = answer(
        leadlight,
        "company",
        *("--from", "2026-02-01", "--to", "2026-02-28", "--compare", "previous"),
        *AS_OF_MARCH_15,
    )["compared"]
    assert compared["period"] == {"from": "2026-01-04", "to": "2026-01-31"}
    assert compared["totals"]["created_leads"] == 3


def test_leads_are_attributed_to_the_owner_at_the_event(leadlight: Run) -> None:
    answered = answer(
        leadlight, "team", "--from", "2026-02-01", "--to", "2026-02-28", *AS_OF_MARCH_15
    )
    ana, bo = row(answered, "ana"), row(answered, "bo")
    assert (ana["created_leads"], ana["won_leads"], ana["won_amount"]) == (0, 2, "1500.00")
    assert (bo["created_leads"], bo["lost_leads"], bo["cancelled_leads"]) == (2, 1, 1)
    assert ana["won_amount_share"] == {
        "value": 1.0,
        "numerator": "1500.00",
        "denominator": "1500.00",
    }


def test_attribution_to_the_current_owner_moves_a_created_lead(leadlight: Run) -> None:
    answered = answer(
        leadlight,
        "team",
        *("--from", "2026-01-01", "--to", "2026-01-31", "--credit", "owner"),
        *AS_OF_MARCH_15,
    )
    assert row(answered, "ana")["created_leads"] == 2
    assert row(answered, "bo")["created_leads"] == 1


def test_the_list_of_a_bucket_has_the_leads_of_its_figure(leadlight: Run) -> None:
    listed = json.loads(
        leadlight(
            *("report", "company", "--list", "won_leads", "--bucket-of", "2026-02"),
            *("--format", "json"),
        )
    )
    assert listed["count"] == 2
    assert {lead["lead"] for lead in listed["leads"]} == {"L1", "L2"}


def test_csv_has_one_line_per_row(leadlight: Run) -> None:
    lines = list(
        csv.DictReader(
            io.StringIO(leadlight("report", "company", *MONTHS, *AS_OF_MARCH_15, "--format", "csv"))
        )
    )
    assert [line["key"] for line in lines] == ["2026-01", "2026-02", "2026-03", ""]
    assert lines[1]["won_amount"] == "1500.00"


def test_the_table_does_not_truncate_figures(leadlight: Run) -> None:
    table = leadlight("report", "company", *MONTHS, *AS_OF_MARCH_15)
    assert "1,500" in table
    assert "50.0% (2 of 4)" in table


def test_a_report_run_as_a_seller_counts_only_their_leads(leadlight: Run) -> None:
    Organization.objects.update(privacy="own")
    answered = answer(leadlight, "company", *MONTHS, *AS_OF_MARCH_15, "--as", "bo@example.com")
    assert answered["totals"]["created_leads"] == 3  # Bo owns L3, L4 and L5 today
    assert answered["totals"]["won_leads"] == 0
    assert [note["code"] for note in answered["notes"]] == ["scope"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing",), "Unknown report: “nothing”"),
        (("company", "--from", "2026-02-30"), "not a date"),
        (("company", "--from", "2026-02-01", "--to", "2026-01-01"), "is before the first day"),
        (("company", "--user", "nobody"), "Unknown user: “nobody”"),
        (("company", "--group-by", "moon"), "moon"),
        (("company", "--group-by", "category:moon"), "Unknown category"),
        (("company", "--bucket", "hour"), "hour"),
        (("company", "--as-of", "2026-01-01T00:00"), "not a date and time"),
        (("company", "--as-of", "2999-01-01"), "in the future"),
        (("company", "--list", "moons"), "This report has no figure “moons”"),
        (("company", "--list", "won_leads", "--bucket-of", "moon"), "moon"),
        (
            ("company", "--as", "nobody@example.com"),
            "No user has the email address nobody@example.com",
        ),
    ],
)
def test_an_invalid_query_is_refused_with_a_message(
    leadlight: Run, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(Stop, match=said) as refusal:
        leadlight("report", *words)
    assert refusal.value.code == 2


def test_a_hidden_user_gives_the_same_error_as_a_missing_one(leadlight: Run) -> None:
    Organization.objects.update(privacy="own")
    sentences = []
    for key in ("ana", "nobody"):
        with pytest.raises(Stop) as refusal:
            leadlight("report", "company", "--user", key, "--as", "bo@example.com")
        sentences.append(str(refusal.value).replace(key, "…"))
    assert sentences[0] == sentences[1]


def test_closing_an_account_keeps_its_figures(leadlight: Run) -> None:
    leadlight("user", "close", "ana@example.com")
    assert not User.objects.get(key="ana").is_active
    february = answer(
        leadlight, "team", "--from", "2026-02-01", "--to", "2026-02-28", *AS_OF_MARCH_15
    )
    assert row(february, "ana")["won_leads"] == 2


def test_the_pipeline_can_be_compared_between_two_days(leadlight: Run) -> None:
    answered = answer(leadlight, "pipeline", "--between", "2026-01-15", "2026-02-10")
    contact = row(answered, "contact")
    assert (contact["at_start"], contact["came_in"], contact["won"]) == (2, 2, 1)
    assert (contact["lost"], contact["at_end"]) == (1, 2)


def test_the_pipeline_honours_the_skipping_rule_and_has_a_moves_table(leadlight: Run) -> None:
    january = ("--from", "2026-01-01", "--to", "2026-01-31")
    reached = answer(leadlight, "pipeline", *january)
    visited = answer(leadlight, "pipeline", *january, "--skipping", "visited")
    assert [row(told, "offer")["entered"] for told in (reached, visited)] == [2, 1]
    moves = answer(leadlight, "pipeline", *january, "--view", "moves")
    assert row(moves, "contact")["to:deal"] == 1


def test_the_list_of_a_step_or_seller_needs_no_bucket(leadlight: Run) -> None:
    words = ("--list", "entered", "--row", "offer", "--format", "json", "--period", "all_time")
    assert json.loads(leadlight("report", "pipeline", *words))["count"] == 3
    words = ("--list", "won_leads", "--row", "ana", "--format", "json")
    assert json.loads(leadlight("report", "team", *words))["count"] >= 0


def test_a_forecast_is_printed_as_table_json_and_csv(leadlight: Run) -> None:
    days = ("--from", "2026-03-01", "--to", "2026-05-31", *AS_OF_MARCH_15)
    told = answer(leadlight, "forecast", *days)
    assert [row["key"] for row in told["rows"]][-4:] == ["overdue", "later", "undated", "all_open"]
    # L5 is open, has the amount 300 and no expected close date.
    undated = row(told, "undated")
    assert (undated["label"], undated["open_leads"], undated["open_amount"]) == (
        "No close date",
        1,
        "300.00",
    )
    assert told["totals"]["open_leads"] == 0
    table = leadlight("report", "forecast", *days)
    assert "Past close date" in table
    lines = list(csv.reader(io.StringIO(leadlight("report", "forecast", *days, "--format", "csv"))))
    assert lines[0][:4] == ["key", "label", "won_amount", "open_leads"]


def test_the_list_of_the_undated_row_needs_no_period(leadlight: Run) -> None:
    words = ("report", "forecast", "--list", "weighted_amount", "--row", "undated")
    told = json.loads(leadlight(*words, *AS_OF_MARCH_15, "--format", "json"))
    assert [lead["lead"] for lead in told["leads"]] == ["L5"]
    assert "weighted_amount" in told["leads"][0]


def test_a_figure_is_explained_as_text_and_as_json(leadlight: Run) -> None:
    asked = ("company", *MONTHS, *AS_OF_MARCH_15, "--explain", "win_rate", "--row", "2026-02")
    words = leadlight("report", *asked)
    assert "Win rate · February 2026: 50.0% (2 of 4)" in words
    assert "A closed lead counts on the day it was closed." in " ".join(words.split())
    explained = answer(leadlight, *asked)
    assert explained["value"] == {"value": 0.5, "numerator": 2, "denominator": 4}
    assert explained["count"] == 4
    assert explained["sql"]


@pytest.mark.parametrize("period", [(), ("--from", "2026-01-01", "--to", "2026-03-15")])
def test_a_row_named_by_its_month_needs_no_bucket(period: tuple[str, ...], leadlight: Run) -> None:
    asked = ("company", *period, *AS_OF_MARCH_15, "--explain", "win_rate", "--row", "2026-02")
    explained = answer(leadlight, *asked)
    assert explained["row"] == "2026-02"
    assert explained["value"] == {"value": 0.5, "numerator": 2, "denominator": 4}


def test_a_row_key_of_another_time_unit_is_refused(leadlight: Run) -> None:
    asked = ("company", *MONTHS, "--explain", "win_rate", "--row", "2026-02-03")
    with pytest.raises(Stop, match="2026-02-03"):
        leadlight("report", *asked)


JANUARY = ("--from", "2026-01-01", "--to", "2026-01-31")


def test_a_bridge_leads_from_one_attribution_to_another(leadlight: Run) -> None:
    asked = ("team", *JANUARY, "--bridge", "created_leads")
    told = answer(leadlight, *asked)
    assert (told["before"], told["after"]) == ("event", "owner")
    assert [tuple(row[name] for name in ("key", *WAY)) for row in told["rows"]] == [
        ("ana", 3, 0, 1, 2),
        ("bo", 0, 1, 0, 1),
    ]
    assert told["totals"] == {"before": 3, "taken": 1, "given": 1, "after": 3}
    assert "Owner at the time → Current owner" in leadlight("report", *asked)
    assert answer(leadlight, *asked, "--credit", "creator")["after"] == "creator"
    lines = leadlight("report", *asked, "--format", "csv").splitlines()
    assert lines[1] == "ana,Ana Abreu,3,0,1,2,row"


WAY = ("before", "taken", "given", "after")


def test_the_transferred_leads_of_a_bridge_are_listed(leadlight: Run) -> None:
    asked = ("team", *JANUARY, "--bridge", "created_leads", "--row", "ana", "--side", "given")
    told = answer(leadlight, *asked)
    assert (told["row"], told["side"], told["count"]) == ("ana", "given", 1)
    assert told["leads"] == [{"lead": "L3", "title": "Lead 3", "moved": 1}]
    assert "L3" in leadlight("report", *asked)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("team", "--bridge", "win_rate"), "win_rate"),
        (("pipeline", "--bridge", "entered"), "depends on the attribution"),
        (("team", "--bridge", "won_leads", "--row", "ana"), "add --side taken "),
        (("team", "--side", "given"), "--side requires --bridge"),
        (("team", "--bridge", "won_leads", "--row", "ana", "--side", "up"), "up"),
        (("team", "--bridge", "won_leads", "--format", "pdf"), "list cannot be written as pdf"),
    ],
)
def test_a_figure_without_a_bridge_is_refused(
    asked: tuple[str, ...], why: str, leadlight: Run
) -> None:
    with pytest.raises(Stop, match=why):
        leadlight("report", *asked)


def test_only_admins_see_the_sql(leadlight: Run) -> None:
    Organization.objects.update(privacy="own")
    User.objects.create_user("mona@example.com", key="mona", first_name="Mona", role="manager")
    asked = ("company", *MONTHS, "--explain", "win_rate", "--as", "mona@example.com")
    assert "sql" not in answer(leadlight, *asked)
    assert "SELECT" not in leadlight("report", *asked)


def test_explaining_an_unknown_figure_is_refused(leadlight: Run) -> None:
    with pytest.raises(Stop, match="no_such"):
        leadlight("report", "company", *MONTHS, "--explain", "no_such")


def test_the_curves_of_leads_are_printed(leadlight: Run) -> None:
    answered = answer(leadlight, "leads", "--view", "curves", "--from", "2026-01-01")
    assert answered["view"] == "curves"
    assert answered["totals"]["created_leads"] == 5
    assert answered["totals"]["by_age:30"] is None  # a curve needs 10 leads
    assert "Average sales cycle (days)" in leadlight("report", "leads", "--view", "curves")


@pytest.mark.parametrize(
    "words",
    [(), ("--list", "won_leads"), ("--explain", "won_leads"), ("--changes-since", "2026-03-01")],
)
def test_a_report_as_of_the_past_states_so_on_stdout_or_stderr(
    leadlight: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    said = "These are past figures: anything recorded later is not counted.\n"
    for as_of in ((), AS_OF_MARCH_15):
        for format_ in ("table", "json"):
            asked = ("report", "company", *MONTHS, *as_of, *words, "--format", format_)
            cli.app(asked, result_action="return_value")
            told = capsys.readouterr()
            is_read = format_ == "table"
            assert (said in told.out) == (bool(as_of) and is_read)
            assert (said in told.err) == (bool(as_of) and not is_read)
