"""More than 200 mails as programs and attackers write them, each with what must be read from it.

The texts are made here, after the forms that the programs use; the expected values stand beside
them.
"""

from __future__ import annotations

from tests.mail import other_mails, personal_mails
from tests.mail.building import Case

GROUPS = (
    personal_mails.first_mails,
    personal_mails.replies,
    personal_mails.forwards,
    personal_mails.charsets,
    other_mails.automatic,
    other_mails.bounces,
    other_mails.lists,
    other_mails.no_reply,
    other_mails.own_and_loops,
    other_mails.files,
    other_mails.hostile,
)


def corpus() -> list[Case]:
    """Return all cases; their names are unique."""
    cases = [case for group in GROUPS for case in group()]
    assert len({case.name for case in cases}) == len(cases)
    return cases
