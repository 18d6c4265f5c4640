"""`leadlight report … --as` states the scope of a user who sees only some of the leads."""

from __future__ import annotations

import json

import pytest

from leadlight import cli
from leadlight.accounts.models import Organization
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("company")
SAID = "Only your leads.\n"


@pytest.mark.parametrize(
    "asked",
    [
        (),
        ("--list", "won_leads"),
        ("--changes-since", "2026-03-01T12:00+01:00"),
        ("--bridge", "won_amount"),
    ],
)
def test_the_output_states_the_scope_of_its_leads(
    asked: tuple[str, ...], leadlight: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scope is printed on stdout with text, and on stderr with formats that programs read."""
    Organization.objects.update(privacy="own")
    words = ("report", "company", "--from", "2026-02-01", "--to", "2026-02-28", *asked)
    assert leadlight(*words, "--as", "bo@example.com").startswith(SAID)
    assert SAID not in leadlight(*words)
    cli.app(
        [*words, "--as", "bo@example.com", "--format", "json"],
        exit_on_error=False,
        result_action="return_value",
    )
    told = capsys.readouterr()
    assert json.loads(told.out)
    assert told.err == SAID
