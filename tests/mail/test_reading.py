"""Every mail of the corpus is read as stated there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leadlight.mail.reading import read
from leadlight.mail.received import Address, ReceivedMail
from tests.mail.building import OWN_ID, Case, mail
from tests.mail.corpus import corpus
from tests.seeds import drawn

CASES = corpus()


def plain(one: Address | None) -> tuple[str, str] | None:
    return one and (one.address, one.name)


def values_of(found: ReceivedMail) -> dict[str, object]:
    """Return the values in the form that the corpus has them."""
    return {
        "sender": plain(found.sender),
        "sender_address": found.sender and found.sender.address,
        "first_sender": plain(found.first_sender),
        "recipients": {one.address for one in found.recipients},
        "files": tuple(file.name for file in found.files if not file.is_inline),
        "inline": tuple(file.name for file in found.files if file.is_inline),
    } | {
        name: getattr(found, name)
        for name in (
            *("subject", "text", "new_text", "references", "message_id", "sent_at", "bounced"),
            "problems",
        )
    }


def test_the_corpus_is_large() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize("case", CASES, ids=[case.name[:60] for case in CASES])
def test_a_mail_is_read_as_stated(case: Case) -> None:
    found = read(case.content, own_id=OWN_ID)
    assert (found.kind, {name: values_of(found)[name] for name in case.values}) == (
        *(case.kind, case.values),
    )


def test_only_personal_mails_are_of_a_kind_without_a_reason() -> None:
    for case in CASES:
        found = read(case.content, own_id=OWN_ID)
        assert bool(found.reason) == (found.kind != "personal"), case.name


def test_the_instant_of_a_mail_is_in_utc() -> None:
    assert read(mail()).sent_at == datetime(2026, 11, 25, 9, 15, tzinfo=UTC)
    without = mail(Date="Wed, 25 Nov 2026 10:15:00")
    assert read(without).sent_at == datetime(2026, 11, 25, 10, 15, tzinfo=UTC)


def test_the_contents_of_files_are_whole() -> None:
    [case] = [case for case in CASES if case.name == "20 MB"]
    [file] = read(case.content).files
    assert (len(file.content), file.content_type) == (20_000_000, "video/mp4")


def test_cut_and_garbled_mails_are_read_without_an_error() -> None:
    random = drawn("garbled mails")
    for case in CASES:
        content = bytearray(case.content[:20_000])
        for _change in range(8):
            if content:
                content[random.randrange(len(content))] = random.randrange(256)
        read(bytes(content[: random.randrange(len(content) + 1)]), own_id=OWN_ID)
