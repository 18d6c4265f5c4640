"""Creation of prospecting lists."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadlight.accounts.models import User
from leadlight.sales.models import CustomField, Prospect, ProspectingList
from leadlight.sales.models.actions import acting
from leadlight.sales.prospecting.checks import differences
from leadlight.sales.prospecting.lists import add_rows, make_list
from leadlight.sales.prospecting.notions import Target, notion_of
from leadlight.sales.refusals import Refused
from leadlight.sales.search import checks as search_checks
from leadlight.sales.undo import undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return User.objects.create(first_name="Ana", email="ana@example.com")


def columns_of(made: ProspectingList) -> list[tuple[str, str]]:
    return [(column.header, column.notion) for column in made.columns.all()]


def test_a_list_is_made_of_headers_and_rows(ana: User) -> None:
    rows = [
        ["Dupont", "06 12 34 56 78", ""],
        ["", "", ""],
        ["Durand"],
        ["=1+1", "\u202e\U0001f600", "x"],
    ]
    made = make_list(ana, " Fair ", ["Société", "Tél.", "Notes"], rows)
    assert (made.name, made.user) == ("Fair", ana)
    assert columns_of(made) == [("Société", "company"), ("Tél.", "phone"), ("Notes", "")]
    assert [row.texts for row in made.prospects.order_by("pk")] == [
        {"Société": "Dupont", "Tél.": "06 12 34 56 78"},
        {"Société": "Durand"},
        {"Société": "=1+1", "Tél.": "\u202e\U0001f600", "Notes": "x"},
    ]
    assert [*differences(), *search_checks.differences()] == []


def test_empty_and_repeated_headers_are_named(ana: User) -> None:
    made = make_list(ana, "Fair", ["Phone", "", "Phone", "  a\n b ", "x" * 400, "x" * 400], [])
    headers = [header for header, _notion in columns_of(made)]
    assert headers == ["Phone", "Column 2", "Phone 2", "a b", "x" * 300, "x" * 298 + " 2"]
    assert [notion for _header, notion in columns_of(made)][:3] == ["phone", "", "phone"]


def test_a_column_is_matched_with_a_field_of_its_name_or_by_hand(ana: User) -> None:
    size = CustomField.define("lead", "Taille", "number")
    own = CustomField.define("prospect", "Phone", "text")
    made = make_list(
        *(ana, "Fair", ["TAILLE", "Phone", "Kind", "Email"], []),
        targets=[None, None, Target(field=size), Target()],
    )
    found = [(column.field, column.notion) for column in made.columns.all()]
    assert found == [(size, ""), (own, ""), (size, ""), (None, "")]


@pytest.mark.parametrize(
    ("header", "notion"),
    [
        ("E-Mail", "email"),
        ("Adresse e-mail", "email"),
        ("Téléphone (pro)", "phone"),
        ("Tel 2", "phone"),
        ("Portable", "mobile"),
        ("Prénom", "first name"),
        ("Nom de famille", "last name"),
        ("Site web", "web"),
        ("RAISON SOCIALE", "company"),
        ("Bureau", ""),
        ("T", ""),
        ("Title", ""),
    ],
)
def test_the_notion_of_a_header(header: str, notion: str) -> None:
    assert notion_of(header) == notion


@pytest.mark.parametrize(
    ("name", "row", "sentence"),
    [
        ("", ["x"], "Enter a name"),
        ("a\0b", ["x"], "control characters"),
        ("Fair", ["a\0b"], "NUL"),
        ("Fair", ["x" * 10_001], "10001 characters"),
    ],
)
def test_a_list_with_a_bad_text_is_refused_as_a_whole(
    ana: User, name: str, row: list[str], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        make_list(ana, name, ["Company"], [["Dupont"], row])
    assert not ProspectingList.objects.exists()


def test_the_creation_of_a_list_is_undone_while_nobody_changed_it(ana: User) -> None:
    with acting("", ana) as action:
        made = make_list(ana, "Fair", ["Company"], [["Dupont"]])
    undo(action, by=ana)
    assert not ProspectingList.objects.exists()
    assert not Prospect.objects.exists()
    with acting("", ana) as action:
        made = make_list(ana, "Fair", ["Company"], [["Dupont"]])
    with acting("", ana) as later:
        add_rows(made, made.columns.all(), [["Durand"]])
    assert not later.has_parts
    with pytest.raises(Refused, match="another one since"):
        undo(action, by=ana)


def test_undo_of_a_list_takes_as_many_queries_for_any_number_of_rows(ana: User) -> None:
    numbers = []
    for rows in (1, 300):
        with acting("", ana) as action:
            make_list(ana, "Fair", ["Company", "Phone"], [["Dupont", f"+33{rows:09}"]] * rows)
        with CaptureQueriesContext(connection) as queries:
            undo(action, by=ana)
        numbers.append(len(queries))
        assert not Prospect.objects.exists()
    assert numbers[0] == numbers[1]
    assert list(search_checks.differences()) == []
