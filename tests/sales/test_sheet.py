"""Verbs on the cells, columns and rows of a prospecting list, and their undo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.sales.contact_lines import contacts_in
from leadlight.sales.models import (
    Action,
    ActivityType,
    Client,
    CustomField,
    Lead,
    Outcome,
    Prospect,
    ProspectingList,
    Tag,
)
from leadlight.sales.models.actions import acting
from leadlight.sales.prospecting import columns, rows
from leadlight.sales.prospecting.cells import CellChange, set_cells
from leadlight.sales.prospecting.checks import differences
from leadlight.sales.prospecting.conversion import convert
from leadlight.sales.prospecting.duplicate_marks import MOST_SHARED, marks
from leadlight.sales.prospecting.lists import make_list
from leadlight.sales.prospecting.work import log_result
from leadlight.sales.refusals import Refused
from leadlight.sales.search import checks as search_checks
from leadlight.sales.search import finding
from leadlight.sales.undo import undo
from tests.sales.conftest import Company

pytestmark = pytest.mark.django_db

HEADERS = ["Company", "Email", "Phone", "First name", "Last name", "Employees", "Note"]
ROW = ["Dupont SA", "lea@dupont.example", "06 12 34 56 78", "Léa", "Martin", "12", "=1+1\nsecond"]


@pytest.fixture
def fair(company: Company) -> ProspectingList:
    return make_list(company.ana, "Fair", HEADERS, [ROW, ["Durand"]])


def acted(user: User, change: Callable[[], object]) -> Action:
    with acting("", user) as action:
        change()
    return action


def state_of(listed: ProspectingList) -> object:
    """Return all that an undo restores: columns, rows, settings and tags."""
    listed.refresh_from_db()
    return (
        list(listed.columns.values_list("header", "position", "notion", "field", "is_hidden")),
        [
            (row.key, row.created_at, row.texts, row.user_id, row.state, row.call_back_on)
            for row in listed.prospects.order_by("pk")
        ],
        (listed.name, listed.source, listed.cost, listed.user_id, listed.is_archived),
        list(listed.tags.values_list("pk", flat=True)),
    )


def test_every_change_of_a_list_is_undone_exactly(company: Company, fair: ProspectingList) -> None:
    first, second = fair.prospects.order_by("pk")
    size = CustomField.define("lead", "Size", "number")
    tag = Tag.objects.create(name="Show")
    call = ActivityType.objects.create(name="Call", kind="call")

    def column(header: str) -> columns.ProspectColumn:
        return fair.columns.get(header=header)

    changes: list[Callable[[], object]] = [
        lambda: set_cells(
            *(
                fair,
                [
                    CellChange(first.pk, column("Note").pk, ""),
                    CellChange(second.pk, column("Note").pk, "x"),
                ],
            ),
            company.ana,
        ),
        lambda: columns.add_column(fair, "Size"),
        lambda: columns.rename_column(column("Note"), "E-mail 2"),
        lambda: columns.match_column(column("Employees"), columns.Target(field=size)),
        lambda: columns.move_column(column("Note"), -3),
        lambda: columns.hide_column(column("Phone")),
        lambda: columns.delete_column(column("Email")),
        lambda: rows.add_empty_rows(fair, 2),
        lambda: rows.delete_rows(fair, [first.pk]),
        lambda: rows.assign_rows(fair, [first.pk, second.pk], company.bo),
        lambda: rows.set_up(
            fair, name="Autumn", source="show", cost=None, user=company.bo, is_archived=True
        ),
        lambda: rows.set_tags(fair, [tag]),
        lambda: log_result(second, call, by=company.ana, call_back_on=timezone.localdate()),
        lambda: log_result(second, call, by=company.ana, is_declined=True),
    ]
    before = state_of(fair)
    for change in changes:
        action = acted(company.ana, change)
        changed = state_of(fair)
        assert changed != before
        undo(action, by=company.ana)
        assert state_of(fair) == before
        assert [*differences(), *search_checks.differences()] == []


def test_an_undo_is_refused_when_the_cell_was_changed_again(
    company: Company, fair: ProspectingList
) -> None:
    row, column = fair.prospects.order_by("pk")[1], fair.columns.get(header="Note")
    cell = CellChange(row.pk, column.pk, "one")
    action = acted(company.ana, lambda: set_cells(fair, [cell], company.ana))
    set_cells(fair, [CellChange(row.pk, column.pk, "two")], company.ana)
    with pytest.raises(Refused, match="another one since"):
        undo(action, by=company.ana)
    row.refresh_from_db()
    assert row.texts["Note"] == "two"


def test_each_cell_is_saved_or_refused_with_a_sentence(
    company: Company, fair: ProspectingList
) -> None:
    row, gone = fair.prospects.order_by("pk")
    pks = dict(fair.columns.values_list("header", "pk"))
    rows.delete_rows(fair, [gone.pk])
    outcome = set_cells(
        fair,
        [
            CellChange(row.pk, pks["Email"], "nobody"),
            CellChange(row.pk, pks["Phone"], "call me"),
            CellChange(row.pk, pks["Note"], "a\0b"),
            CellChange(row.pk, pks["Company"], "\u202eDupont \U0001f600", before="Dupont SA"),
            CellChange(row.pk, pks["Last name"], "Mine", before="Other"),
            CellChange(gone.pk, pks["Note"], "x"),
            CellChange(row.pk, pks["Employees"], "x" * 10_001),
        ],
        company.ana,
    )
    assert [cell.text for cell in outcome.saved] == ["\u202eDupont \U0001f600"]
    assert [(cell.reason[:26], cell.text) for cell in outcome.refused] == [
        ("This is not an email addre", "lea@dupont.example"),
        ("A phone number has 3 to 30", "06 12 34 56 78"),
        ("Text cannot contain the NU", "=1+1\nsecond"),
        ("Somebody else has changed ", "Martin"),
        ("This row or column no long", ""),
        ("This text has 10001 charac", "12"),
    ]


def test_a_changed_cell_is_found_by_search_at_once(company: Company, fair: ProspectingList) -> None:
    row, column = fair.prospects.order_by("pk")[1], fair.columns.get(header="Note")
    set_cells(fair, [CellChange(row.pk, column.pk, "Zanzibar")], company.ana)
    found = finding.prospects(company.ana, finding.Search.of("zanzi")).rows
    assert [one.pk for one in found] == [row.pk]


def test_a_row_takes_the_version_of_its_list(company: Company, fair: ProspectingList) -> None:
    row, column = fair.prospects.order_by("pk")[1], fair.columns.get(header="Note")
    before = fair.version
    outcome = set_cells(fair, [CellChange(row.pk, column.pk, "x")], company.ana)
    row.refresh_from_db()
    assert (outcome.version, row.version) == (before + 1, before + 1)
    again = set_cells(fair, [CellChange(row.pk, column.pk, "x")], company.ana)
    assert again.version == before + 1


def test_the_state_follows_from_what_was_logged(company: Company, fair: ProspectingList) -> None:
    row = fair.prospects.order_by("pk")[1]
    call = ActivityType.objects.create(name="Call", kind="call")
    reached = Outcome.objects.create(activity_type=call, name="Reached", is_reached=True)
    other = ActivityType.objects.create(name="Mail", kind="email")
    day = timezone.localdate() + timedelta(days=3)
    steps: list[tuple[dict[str, object], str, date | None]] = [
        ({"outcome": reached}, "called", None),
        ({"call_back_on": day}, "call_back", day),
        ({"is_declined": True, "call_back_on": day}, "declined", None),
        ({}, "called", None),
    ]
    assert row.state == "to_qualify"
    for given, state, back_on in steps:
        log_result(row, call, by=company.ana, **given)  # type: ignore[arg-type]
        row.refresh_from_db()
        assert (row.state, row.call_back_on) == (state, back_on)
    with pytest.raises(Refused, match="is not an outcome of"):
        log_result(row, other, by=company.ana, outcome=reached)
    with pytest.raises(Refused, match="day is over"):
        log_result(row, call, by=company.ana, call_back_on=date(2020, 1, 1))
    convert(row, by=company.ana)
    with pytest.raises(Refused, match="has become a lead"):
        log_result(row, call, by=company.ana)
    assert list(differences()) == []


def test_a_row_becomes_a_lead_once_with_the_values_of_its_columns(
    company: Company, fair: ProspectingList
) -> None:
    row = fair.prospects.order_by("pk")[0]
    size = CustomField.define("lead", "Staff", "number")
    columns.match_column(fair.columns.get(header="Employees"), columns.Target(field=size))
    Client.create(name="DUPONT sa", by=company.ana)
    before = state_of(fair)
    action = acted(company.ana, lambda: convert(row, by=company.ana))
    lead = Lead.objects.get(prospect=row)
    assert (lead.title, str(lead.client), lead.owner, lead.source) == (
        *("Dupont SA", "DUPONT sa", company.ana),
        "Fair",
    )
    assert lead.description == (
        "First name: Léa\nLast name: Martin\nEmail: lea@dupont.example\n"
        "Phone: 06 12 34 56 78\n\nNote: =1+1\nsecond"
    )
    assert lead.field_texts == {size.key: "12"}
    points = lead.contact_points.values_list("kind", "value", "name")
    assert list(points) == [
        ("email", "lea@dupont.example", "Léa Martin"),
        ("phone", "+33612345678", "Léa Martin"),
    ]
    assert convert(row, by=company.bo) == lead
    assert Lead.objects.count() == 1
    undo(action, by=company.ana)
    assert state_of(fair) == before
    assert Lead.objects.get().is_deleted
    again = convert(row, by=company.ana)
    assert (again.prospect, again.is_deleted) == (row, False)
    assert list(differences()) == []


def test_a_known_column_is_understood_whatever_its_header(company: Company) -> None:
    listed = make_list(
        *(
            company.ana,
            "Fair",
            ["Kontakt", "Hotline (24 h)"],
            [["lea@dupont.example", "0612345678"]],
        ),
        targets=[columns.Target("email"), columns.Target("mobile")],
    )
    lead = convert(listed.prospects.get(), by=company.ana)
    assert lead.description == "Email: lea@dupont.example\nMobile: 0612345678"
    found = [(one.kind, one.label) for one in contacts_in(lead.description, "FR")]
    assert found == [("email", "email"), ("phone", "mobile")]
    assert lead.title == "lea@dupont.example"


def test_rows_that_are_leads_or_clients_already_are_marked(
    company: Company, fair: ProspectingList
) -> None:
    Lead.create(title="Old deal", by=None, description="Tel: +33 6 12 34 56 78")
    Client.create(name="durand", by=company.ana)
    first, second = fair.prospects.order_by("pk")
    found = marks([first, second], list(fair.columns.all()), company.ana)
    assert [(one.kind, one.name) for one in found[first.pk]] == [("lead", "Old deal")]
    assert [(one.kind, one.name) for one in found[second.pk]] == [("client", "durand")]


def test_rows_of_other_lists_with_the_same_contact_are_marked(
    company: Company, fair: ProspectingList
) -> None:
    headers = ["Company", "Phone", "Email"]
    bought = make_list(
        *(company.ana, "Bought", headers),
        [
            ["Dupont Paris", "06 12 34 56 78", ""],
            ["Anna", "", "lea@dupont.example.org"],
            ["Lea", "", "LEA@dupont.example"],
        ],
    )
    other = make_list(
        company.ana, "Other", headers, [["Lea D.", "", "lea@dupont.example"], ["Lea lea", "1", "x"]]
    )
    first, second = other.prospects.order_by("pk")
    found = marks([first, second], list(other.columns.all()), company.ana)
    assert [str(one) for one in found[first.pk]] == ["Lea (Bought)", "Dupont SA (Fair)"]
    assert found[second.pk] == []
    by_phone = marks([fair.prospects.order_by("pk")[0]], list(fair.columns.all()), company.ana)
    assert [[str(one) for one in some] for some in by_phone.values()] == [
        ["Lea D. (Other)", "Lea (Bought)", "Dupont Paris (Bought)"]
    ]
    own = list(bought.prospects.order_by("pk"))
    assert {
        pk: [str(one) for one in some]
        for pk, some in marks(own, list(bought.columns.all()), company.ana).items()
    } == {own[0].pk: ["Dupont SA (Fair)"], own[2].pk: ["Lea D. (Other)", "Dupont SA (Fair)"]}


def test_all_rows_of_a_large_part_are_compared_at_once(company: Company) -> None:
    headers = ["Email", "Work email", "Phone", "Mobile"]
    cells = [
        [
            *(f"anna{number}@lake.example", f"work-{number}@lake.example"),
            *(f"01 98 00 {number:04}", f"06 98 00 {number:04}"),
        ]
        for number in range(300)
    ]
    for name in ("First", "Second"):
        make_list(company.ana, name, headers, cells)
    listed = ProspectingList.objects.get(name="Second")
    found = marks(list(listed.prospects.all()), list(listed.columns.all()), company.ana)
    assert {len(some) for some in found.values()} == {1}
    assert len(found) == 300


def test_a_value_that_many_rows_of_other_lists_share_is_no_mark(
    company: Company, fair: ProspectingList
) -> None:
    switchboard = [[f"Company {number}", "06 12 34 56 78"] for number in range(MOST_SHARED + 1)]
    make_list(company.ana, "Bought", ["Company", "Phone"], switchboard)
    row = fair.prospects.order_by("pk")[0]
    assert marks([row], list(fair.columns.all()), company.ana)[row.pk] == []


def test_a_row_with_work_cannot_be_deleted(company: Company, fair: ProspectingList) -> None:
    row = fair.prospects.order_by("pk")[0]
    call = ActivityType.objects.create(name="Call", kind="call")
    log_result(row, call, by=company.ana)
    with pytest.raises(Refused, match="cannot be deleted"):
        rows.delete_rows(fair, [row.pk])
    assert Prospect.objects.count() == 2


def test_the_last_column_stays(company: Company) -> None:
    listed = make_list(company.ana, "Fair", ["Company"], [["Dupont"]])
    (column,) = listed.columns.all()
    for change in (columns.delete_column, columns.hide_column):
        with pytest.raises(Refused, match="at least one column"):
            change(column)
    with pytest.raises(Refused, match="already exists"):
        columns.add_column(listed, " Company ")
