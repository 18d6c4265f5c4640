"""Commands run as a user runs them, on the worked company."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from leadlight import cli, importing
from leadlight.cli.talking import Stop
from leadlight.replication import replica
from tests.worked_company import write_worked_company

Run = Callable[..., str]


@pytest.fixture
def company(db: None, tmp_path: Path) -> Iterator[None]:
    """The worked company of the reports' definitions."""
    write_worked_company(tmp_path)
    importing.import_folder(tmp_path)
    yield
    replica.forget()


@pytest.fixture
def leadlight(capsys: pytest.CaptureFixture[str]) -> Run:
    """`leadlight("report", "company")` gives what the command prints, or raises its `Stop`."""

    def run(*words: str) -> str:
        try:
            cli.app(words, exit_on_error=False, result_action="return_value")
        except SystemExit as exit_:
            raise Stop(capsys.readouterr().err, code=int(exit_.code or 0)) from exit_
        return capsys.readouterr().out

    return run
