"""Contact files as phones and mail programs write them."""

from __future__ import annotations

import pytest

from leadlight.sales.refusals import Refused
from leadlight.sales.signatures import read_signature
from leadlight.sales.vcards import LONGEST_FILE, text_of

CARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Vitrail;Zoé;;;\r\nFN:Zoé Vitrail\r\nORG:Atelier Zoé;Pose\r\n"
    "TITLE:Gérante\r\nitem1.TEL;TYPE=CELL:06 12 34 56 79\r\nTEL;VALUE=uri:tel:+33-1-42-68-53-00\r\n"
    "EMAIL;TYPE=INTERNET:zoe@client.example\r\nADR:;;2 rue du Four;Paris;;75006;France\r\n"
    "URL:https://client.example\r\nNOTE:Met at the fair\\, stand 4\\nLikes blue\r\n"
    "PHOTO;ENCODING=b:AAAA\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:Somebody else\r\nEND:VCARD\r\n"
)


def test_a_card_becomes_labelled_lines_of_its_first_person() -> None:
    assert text_of(CARD.encode()).splitlines() == [
        "Zoé Vitrail",
        "Company: Atelier Zoé, Pose",
        "Job title: Gérante",
        "Phone: 06 12 34 56 79",
        "Phone: +33-1-42-68-53-00",
        "Email: zoe@client.example",
        "Address: 2 rue du Four, Paris, 75006, France",
        "Website: https://client.example",
        "Met at the fair, stand 4 Likes blue",
    ]


def test_the_lines_are_recognised_as_contacts() -> None:
    found = {(one.kind, one.value) for one in read_signature(text_of(CARD.encode()), "FR")}
    assert ("email", "zoe@client.example") in found
    assert {value for kind, value in found if kind == "name"} == {"Zoé Vitrail"}


def test_an_old_card_in_quoted_printable_and_a_folded_one_are_read() -> None:
    old = (
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Vitrail;Zo=C3=\n=A9\n"
        "END:VCARD"
    )
    assert text_of(old.encode()) == "Zoé Vitrail"
    folded = "BEGIN:VCARD\r\nFN:Zoé Vi\r\n trail\r\nEND:VCARD"
    assert text_of(folded.encode("cp1252")) == "Zoé Vitrail"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a contact file"),
        (b"\x89PNG\r\n", "not a contact file"),
        (b"BEGIN:VCARD\r\nEND:VCARD", "no contact"),
        (b"BEGIN:VCARD\r\nFN:" + b"x" * LONGEST_FILE, "too large"),
    ],
)
def test_another_file_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        text_of(content)


def test_a_card_with_many_lines_is_bounded() -> None:
    many = "".join(f"TEL:06123456{number:02}\r\n" for number in range(99))
    assert len(text_of(f"BEGIN:VCARD\r\n{many}END:VCARD".encode()).splitlines()) == 60
