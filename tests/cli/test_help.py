"""Help of every command, and errors of the command line without a traceback."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from leadlight import cli
from leadlight.analytics.reports import CATALOGUE
from tests.instances import separate_instance

COMMANDS = (
    "report",
    "import",
    "export",
    "demo",
    "check",
    "user",
    "company",
    "serve",
    "work",
)
ROOT = Path(__file__).parents[2]


def helped(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    cli.app([*words, "--help"], exit_on_error=False, result_action="return_value")
    return capsys.readouterr().out


def test_each_command_is_described_in_its_group(capsys: pytest.CaptureFixture[str]) -> None:
    told = helped(capsys)
    described = dict(re.findall(r"^│ (\w+)  +(\w.*?) *│$", told, re.MULTILINE))
    assert set(described) >= set(COMMANDS)
    groups = re.findall(r"^╭─ ([\w ]+?) ─", told, re.MULTILINE)
    assert groups == ["Reports", "Data", "People and company", "Running", "Other"]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    after = helped(capsys, command).split("Example")[-1]
    assert f"  leadlight {command}" in after


def test_the_help_of_report_lists_all_reports_and_views(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = helped(capsys, "report")
    for key, report in CATALOGUE.items():
        assert re.search(rf"^  {key} +{report.title}$", told, re.MULTILINE)
        for view in report.views:
            assert re.search(rf"^    --view {view.view} +{view.title}$", told, re.MULTILINE)


def test_every_option_of_report_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    told = helped(capsys, "report")
    options = re.findall(r"^│ (--[\w-]+)(?: --[\w-]+)?(?: [A-Z.]+)*(.*)│$", told, re.MULTILINE)
    assert len(options) > 30
    assert [name for name, description in options if not description.strip()] == []


def test_the_document_has_every_option_of_report(capsys: pytest.CaptureFixture[str]) -> None:
    document = (ROOT / "docs" / "command-line.md").read_text()
    options = set(re.findall(r"^│ (--[\w-]+)", helped(capsys, "report"), re.MULTILINE))
    documented = set(re.findall(r"--[\w-]+", document))
    assert options - documented == set()


# Runs commands one after the other as `leadlight` would, and prints the exit code, the output and
# the error output of each.
RUN = """
import contextlib, io, json, sys
from leadlight.cli import main
told = []
for words in json.loads(sys.argv[1]):
    sys.argv = ["leadlight", *words]
    code, out, err = 0, io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    told.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(told))
"""
# Wrong words of the command line, and a pattern of the sentence about them.
MISTAKES = (
    (("report", "compny"), r"Did you mean company\?"),
    (("report", "company"), "There is no company in "),
    (("reprot",), r"Did you mean .report.\?"),
    (("report", "company", "--fron", "2026-01-01"), r"Did you mean --from\?"),
    (("report", "company", "--format", "xml"), "xml"),
    (("user", "add"), "email"),
)


def test_a_mistake_gives_a_sentence_and_exit_code_2(tmp_path: Path) -> None:
    with separate_instance(tmp_path, "leadlight_mistakes") as environment:
        ended = subprocess.run(
            [sys.executable, "-c", RUN, json.dumps([words for words, _said in MISTAKES])],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (0, "")
    for (words, said), (code, out, err) in zip(MISTAKES, json.loads(ended.stdout), strict=True):
        assert (words, code, out) == (words, 2, "")
        assert re.search(said, err), words
        assert "Traceback" not in err


def test_a_mistake_of_a_program_gives_exit_code_2_without_a_traceback() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "leadlight", "reprot"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr
