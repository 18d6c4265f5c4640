"""Files that `leadlight report --format xlsx | pdf | png | … --output FILE` writes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from leadlight.accounts.models import Organization, User
from leadlight.cli import files
from leadlight.cli.console import Stop
from leadlight.sales.models import Lead
from tests.cli.conftest import Run

pytestmark = [pytest.mark.answers, pytest.mark.usefixtures("company")]
MONTHS = ("--from", "2026-01-01", "--to", "2026-03-31", "--bucket", "month")
REPORT = ("report", "company", *MONTHS, "--as-of", "2026-03-15T12:00+01:00")
LIST = (*REPORT, "--list", "created_leads")


@pytest.fixture
def write_report(leadlight: Run, tmp_path: Path):
    """Run a command that must print nothing, and return the content of its output file."""

    def write(*words: str) -> bytes:
        path = tmp_path / "written"
        assert leadlight(*words, "--output", str(path)) == ""
        return path.read_bytes()

    return write


def pages(workbook: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_a_workbook_has_the_figures_the_chart_and_the_query(write_report, settings) -> None:
    settings.LEADLIGHT_ORIGIN = "https://sales.example.com"
    report, _chart, about = pages(write_report(*REPORT, "--format", "xlsx")).values()
    won = report[0].index("Won")
    assert [row[won] for row in report[1:]] == [0, 2, 0, 2]
    told = {row[0]: row[1] for row in about if len(row) > 1}
    assert told["Address"].startswith("https://sales.example.com/reports/company/?from=2026-01-01")


def test_a_workbook_of_a_list_has_every_lead(write_report) -> None:
    leads = next(iter(pages(write_report(*LIST, "--format", "xlsx")).values()))
    assert {row[0] for row in leads[1:]} == {"L1", "L2", "L3", "L4", "L5"}


def test_a_pdf_has_the_report(write_report) -> None:
    pdf = PdfReader(io.BytesIO(write_report(*REPORT, "--format", "pdf")))
    text = " ".join(page.extract_text() for page in pdf.pages)
    assert "Company performance" in text
    assert "€1,500" in text


def test_a_png_has_the_chart(write_report) -> None:
    assert write_report(*REPORT, "--format", "png").startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize("format_", ["csv", "json"])
@pytest.mark.parametrize("words", [REPORT, LIST])
def test_a_text_file_equals_the_printed_text(leadlight: Run, write_report, words, format_) -> None:
    # A past instant, so that both runs read the same state.
    words = (*words, "--format", format_)
    assert write_report(*words).decode() == leadlight(*words)


@pytest.mark.parametrize(
    "words",
    [
        REPORT,
        LIST,
        (*REPORT, "--bridge", "created_leads"),
        ("report", "company", *MONTHS, "--changes-since", "2026-03-01"),
    ],
)
def test_csv_can_be_followed_by_its_filters(leadlight: Run, words, settings) -> None:
    settings.LEADLIGHT_ORIGIN = "https://sales.example.com"
    data = leadlight(*words, "--format", "csv")
    whole = leadlight(*words, "--format", "csv-with-filters")
    assert whole.startswith(data)
    below = whole.removeprefix(data)
    assert below.startswith("\r\n")
    assert "https://sales.example.com/reports/company/" in below


@pytest.mark.parametrize(
    ("format_", "start"), [("xlsx", b"PK"), ("pdf", b"%PDF"), ("png", b"\x89")]
)
def test_binary_formats_can_be_piped(
    company, capfdbinary: pytest.CaptureFixture[bytes], format_, start
) -> None:
    from leadlight import cli

    cli.app((*REPORT, "--format", format_), result_action="return_value")
    assert capfdbinary.readouterr().out.startswith(start)


@pytest.mark.parametrize("format_", files.BINARY)
def test_binary_formats_are_not_written_to_a_terminal(leadlight: Run, monkeypatch, format_) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with pytest.raises(Stop, match="Name a file with --output") as refusal:
        leadlight(*REPORT, "--format", format_)
    assert refusal.value.code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*LIST, "--format", "pdf", "--output", "x"), "A list cannot be written as pdf"),
        ((*LIST, "--format", "png", "--output", "x"), "A list cannot be written as png"),
        ((*REPORT, "--output", "x"), "A text table cannot be written to a file"),
        ((*REPORT, "--format", "csv", "--output", "no/such/folder/x"), "No such file or directory"),
        (
            ("report", "company", "--period", "yesterday", "--format", "png", "--output", "x"),
            "no chart",
        ),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_with_a_message(
    leadlight: Run, monkeypatch, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Stop, match=said) as refusal:
        leadlight(*words)
    assert refusal.value.code == 2
    assert not (tmp_path / "x").exists()


def test_a_file_has_only_leads_visible_to_its_reader(write_report) -> None:
    Organization.objects.update(privacy="own")
    leads = write_report(*LIST, "--format", "csv", "--as", "bo@example.com").decode()
    assert [f"L{number}" in leads for number in range(1, 6)] == [False, False, True, True, True]


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_a_title_that_looks_like_a_formula_is_stored_as_text(write_report, format_) -> None:
    Lead.objects.filter(key="L1").update(title="=1+1")
    content = write_report(*LIST, "--format", format_)
    if format_ == "csv":
        assert ",'=1+1," in content.decode()
    else:
        titles = [cell for row in next(iter(pages(content).values())) for cell in row]
        assert "=1+1" in titles


def test_the_figures_in_a_file_equal_the_printed_ones(leadlight: Run, write_report) -> None:
    printed = json.loads(leadlight(*REPORT, "--format", "json"))
    report = next(iter(pages(write_report(*REPORT, "--format", "xlsx")).values()))
    created = report[0].index("Created")
    assert [row["created_leads"] for row in printed["rows"]] == [r[created] for r in report[1:-1]]


def test_a_ranking_keeps_its_order(leadlight: Run) -> None:
    """Ana, who has another name here, won 2 of 2 leads, and Bo 0 of 2."""
    User.objects.filter(first_name="Ana").update(first_name="Zoe", last_name="Zander", key="zoe")
    asked = ("report", "team", "--view", "ranking", *MONTHS, "--format", "csv")
    assert [line.split(",")[0] for line in leadlight(*asked).splitlines()[1:3]] == ["zoe", "bo"]
