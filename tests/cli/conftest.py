"""Run commands as a user would, on the worked company."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import management

from leadlight import cli, importing
from leadlight.cli.console import Stop
from tests.recorded_company import RecordedCompany, recorded_company
from tests.worked_company import write_worked_company

Run = Callable[..., str]


recorded_worked_company = recorded_company(
    lambda folder: importing.import_folder(write_worked_company(folder))
)


@pytest.fixture
def company(recorded_worked_company: RecordedCompany, db: None) -> Iterator[None]:
    """The worked company of the report definitions."""
    recorded_worked_company.restore()
    yield
    recorded_worked_company.uninstall()


@pytest.fixture
def leadlight(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command and return its output, or raise its `Stop`: `leadlight("report", "company")`.

    The command's check for a migrated database, 80 ms each time, is skipped.
    """
    call = management.call_command

    def call_command(name: str, *words: str, **options: Any) -> Any:
        return None if name == "migrate" else call(name, *words, **options)

    monkeypatch.setattr(management, "call_command", call_command)

    def run(*words: str) -> str:
        try:
            cli.app(words, exit_on_error=False, result_action="return_value")
        except SystemExit as exit_:
            raise Stop(capsys.readouterr().err, code=int(exit_.code or 0)) from exit_
        return capsys.readouterr().out

    return run
