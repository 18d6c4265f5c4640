"""Commands run as a user runs them, on the worked company."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from leadlight import cli, importing
from leadlight.cli.console import Stop
from tests.kept import Kept, keep
from tests.worked_company import write_worked_company

Run = Callable[..., str]


@pytest.fixture(scope="session")
def kept_company(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept]:
    """The worked company of the reports' definitions, made once."""
    folder = tmp_path_factory.mktemp("worked")
    with django_db_blocker.unblock():
        kept = keep(lambda: importing.import_folder(write_worked_company(folder)), folder)
    yield kept
    kept.close()


@pytest.fixture
def company(kept_company: Kept, db: None) -> Iterator[None]:
    """The worked company of the reports' definitions."""
    kept_company.put_back()
    yield
    kept_company.take_away()


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
