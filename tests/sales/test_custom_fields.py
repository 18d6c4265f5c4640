"""Custom fields: definitions, values, and the history of the values of leads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from hypothesis import given
from hypothesis import strategies as st

from leadlight.replication.checks import check
from leadlight.sales.models import (
    Client,
    ClientFieldValue,
    CustomField,
    Lead,
    LeadFieldValue,
    ProspectingList,
)
from leadlight.sales.models.event_log import Channel, replay, through
from leadlight.sales.models.field_texts import (
    FieldKind,
    canonical,
    canonical_past,
    sort_text,
    value_of,
)
from leadlight.sales.refusals import Refused
from tests.prospects import add_prospect
from tests.sales.conftest import Company, at
from tests.seeds import examples

COLOURS = ["Red", "Dark green"]


def a_field(kind: str) -> CustomField:
    """Return a field definition that is not saved."""
    return CustomField(subject="lead", name="Field", kind=kind, choices=COLOURS)


@pytest.fixture
def lead(company: Company) -> Lead:
    return Lead.create(title="Windows", by=company.ana, owner=company.ana, at=at(1, 5))


@pytest.fixture
def colour(company: Company) -> CustomField:
    return CustomField.define("lead", "Colour", "choice", choices=COLOURS)


def last_event(lead: Lead) -> tuple[Any, ...]:
    names = ("kind", "about", "old_value", "value", "version")
    return lead.events.order_by("pk").values_list(*names).last()


# Values

RIGHT = [
    ("text", "  Two\nlines ", "Two\nlines", "Two\nlines"),
    ("text", "<script>", "<script>", "<script>"),
    ("address", "1 rue de la Paix\n75001 Paris", "1 rue de la Paix\n75001 Paris", None),
    ("number", "007.500", "7.5", Decimal("7.5")),
    ("number", "-0.0", "0", Decimal(0)),
    ("number", "-12", "-12", Decimal(-12)),
    ("number", "123456789012345", "123456789012345", Decimal(123456789012345)),
    ("number", "0.000001", "0.000001", Decimal("0.000001")),
    ("amount", "1000.5", "1000.50", Decimal("1000.5")),
    ("amount", "-0", "0", Decimal(0)),
    ("amount", "999999999999.99", "999999999999.99", Decimal("999999999999.99")),
    ("day", "2026-01-31", "2026-01-31", date(2026, 1, 31)),
    ("day", "1900-01-01", "1900-01-01", date(1900, 1, 1)),
    ("choice", " Dark green ", "Dark green", "Dark green"),
    ("email", "ana@example.com", "ana@example.com", "ana@example.com"),
    ("phone", "+33 (0)1 02.03-04 05", "+33 (0)1 02.03-04 05", None),
    ("link", "https://example.com/a?b=c#d", "https://example.com/a?b=c#d", None),
    ("link", "http://crm/", "http://crm/", "http://crm/"),
]
WRONG = [
    ("text", "a\0b"),
    ("text", "x" * 2_001),
    ("address", "\0"),
    *(("number", text) for text in ("x", "1e5", "NaN", "Infinity", "1,5", "--1", "1.", ".5", "١")),
    *(("number", text) for text in ("1" * 16, "1.0000001", "1" * 1_000, "1 000", "+1")),
    *(("amount", text) for text in ("1.005", "1" * 13, "1e2", "€5", "inf")),
    *(
        ("day", text)
        for text in ("31/01/2026", "2026-02-30", "1899-12-31", "2201-01-01", "20260131")
    ),
    *(("choice", text) for text in ("Blue", "red", "Red;Dark green")),
    *(("email", text) for text in ("ana", "ana@", '"<b>"@example.com', "a b@example.com")),
    *(("phone", text) for text in ("12", "call me", "1" * 31, "01 02\n03 04", "١٢٣٤", "+-()")),
    *(
        ("link", text)
        for text in ("javascript:alert(1)", "www.example.com", "https://", "ftp://a/")
    ),
    *(("link", text) for text in ("https://a b/", "https://a/\u202eb", " data:text/html,x")),
    *(("link", text) for text in ("https://[/", "HTTPS:/a", "https://a/\nb", "//example.com")),
]


@pytest.mark.parametrize(("kind", "text", "kept", "value"), RIGHT)
def test_a_valid_value_has_one_canonical_text(kind: str, text: str, kept: str, value: Any) -> None:
    field = a_field(kind)
    assert canonical(field, text) == kept
    assert canonical(field, kept) == kept
    assert value_of(field, kept) == (kept if value is None else value)


@pytest.mark.parametrize(("kind", "text"), WRONG)
def test_an_invalid_value_is_refused_with_a_message(kind: str, text: str) -> None:
    with pytest.raises(Refused) as refusal:
        canonical(a_field(kind), text)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("kind", FieldKind.values)
def test_an_empty_text_is_no_value_for_every_kind(kind: str) -> None:
    assert canonical(a_field(kind), "  ") == ""
    assert value_of(a_field(kind), "") is None


@given(st.sampled_from(FieldKind.values), st.text(max_size=60))
@examples(300)
def test_any_text_is_refused_or_has_a_stable_canonical_text(kind: str, text: str) -> None:
    field = a_field(kind)
    try:
        kept = canonical(field, text)
    except Refused:
        return
    assert canonical(field, kept) == kept
    assert len(sort_text(field, kept)) <= 100


def test_the_error_of_a_phone_names_every_accepted_sign() -> None:
    field = a_field("phone")

    def is_accepted(sign: str) -> bool:
        try:
            return bool(canonical(field, f"1{sign}23"))
        except Refused:
            return False

    signs = {sign for sign in map(chr, range(33, 127)) if not sign.isdigit() and is_accepted(sign)}
    with pytest.raises(Refused) as refused:
        canonical(field, "call me")
    assert str(refused.value) == (
        "A phone number has 3 to 30 digits. It can also contain spaces and the signs "
        "+ ( ) . , / # * x -."
    )
    assert signs == set("+().,/#*x-")


def test_sort_text_ignores_case_and_keeps_only_the_digits_of_phones() -> None:
    assert sort_text(a_field("text"), "Straße") == "strasse"
    assert sort_text(a_field("text"), "ß" * 100) == "s" * 100
    assert sort_text(a_field("day"), "2026-01-31") == "2026-01-31"
    assert sort_text(a_field("phone"), "+33 (0)1.02") == "330102"


def test_past_values_may_be_removed_choices() -> None:
    assert canonical_past(a_field("choice"), "Blue") == "Blue"
    with pytest.raises(Refused):
        canonical_past(a_field("day"), "Blue")


# Values of leads


def test_setting_a_field_of_a_lead_stores_and_logs_the_value(
    lead: Lead, colour: CustomField, company: Company
) -> None:
    with through(Channel.PAGE):
        lead.set_field(colour, " Red", by=company.bo)
    assert lead.field_texts == {colour.key: "Red"}
    assert last_event(lead) == ("field", colour.key, "", "Red", 2)
    lead.set_field(colour, "Dark green", by=company.bo)
    assert last_event(lead) == ("field", colour.key, "Red", "Dark green", 3)
    lead.set_field(colour, "", by=company.bo)
    assert last_event(lead) == ("field", colour.key, "Dark green", "", 4)
    assert (lead.field_texts, LeadFieldValue.objects.count()) == ({}, 0)
    assert lead.version == Lead.objects.get(pk=lead.pk).version == 4


def test_setting_an_unchanged_value_writes_nothing(lead: Lead, colour: CustomField) -> None:
    lead.set_field(colour, "", by=None)
    lead.set_field(colour, "Red", by=None)
    before = (lead.version, lead.events.count())
    lead.set_field(colour, "Red ", by=None)
    assert (lead.version, lead.events.count()) == before


def test_a_refused_value_changes_nothing(lead: Lead, colour: CustomField) -> None:
    with pytest.raises(Refused, match="Red, Dark green"):
        lead.set_field(colour, "Blue", by=None)
    assert (lead.version, lead.events.count(), lead.field_texts) == (1, 6, {})


def test_client_fields_and_archived_fields_cannot_be_set_on_a_lead(
    lead: Lead, colour: CustomField
) -> None:
    with pytest.raises(Refused, match="Rows of this kind have no field “Size”"):
        lead.set_field(CustomField.define("client", "Size", "number"), "5", by=None)
    stale = CustomField.objects.get(pk=colour.pk)
    colour.archive()
    with pytest.raises(Refused, match="archived"):
        lead.set_field(stale, "Red", by=None)
    colour.restore()
    lead.set_field(stale, "Red", by=None)
    assert lead.field_texts == {colour.key: "Red"}


def test_derived_columns_are_set_with_the_text(lead: Lead, company: Company) -> None:
    size = CustomField.define("lead", "Size", "number")
    phone = CustomField.define("lead", "Phone", "phone")
    lead.set_field(size, "-12.50", by=None)
    lead.set_field(phone, "01 02 03", by=None)
    values = LeadFieldValue.objects.order_by("pk").values_list("text", "sort_text", "number")
    assert list(values) == [("-12.5", "-12.5", Decimal("-12.5")), ("01 02 03", "010203", None)]


@pytest.mark.parametrize("text", ["123456789012345", "-123456789.012345", "0.000001"])
def test_a_number_with_the_most_digits_is_found_exactly(
    text: str, lead: Lead, company: Company
) -> None:
    size = CustomField.define("lead", "Size", "number")
    lead.set_field(size, text, by=None)
    found = LeadFieldValue.objects.get(number__gte=Decimal(text), number__lte=Decimal(text))
    assert found.number == Decimal(text)


def test_check_reports_a_value_with_a_wrong_sort_text(lead: Lead, colour: CustomField) -> None:
    lead.set_field(colour, "Red", by=None)
    LeadFieldValue.objects.update(sort_text="blue")
    [difference] = check()
    assert str(difference).endswith("filters do not find it by the value of Colour.")


def test_check_compares_the_events_of_a_field_with_its_value(
    lead: Lead, colour: CustomField
) -> None:
    size = CustomField.define("lead", "Size", "number")
    lead.set_field(colour, "Red", by=None)
    lead.set_field(size, "5", by=None)
    lead.set_field(size, "", by=None)
    state = replay(lead.events.order_by("occurred_at", "pk"))
    assert state[f"field:{colour.key}"] == "Red"
    assert state[f"field:{size.key}"] == ""
    assert list(check()) == []
    LeadFieldValue.objects.update(text="Dark green", sort_text="dark green")
    [difference] = check()
    assert f"its history ends with field:{colour.key} Red" in str(difference)


def test_a_lead_has_at_most_one_value_per_field(lead: Lead, colour: CustomField) -> None:
    lead.set_field(colour, "Red", by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        LeadFieldValue.objects.create(owner=lead, field=colour, text="Red", sort_text="red")


def test_fields_can_be_set_on_a_client(company: Company) -> None:
    site = CustomField.define("client", "Site", "link")
    hotel = Client.objects.create(name="Hotel")
    hotel.set_field(site, "https://example.com")
    assert hotel.field_texts == {site.key: "https://example.com"}
    with pytest.raises(Refused):
        hotel.set_field(site, "javascript:alert(1)")
    with pytest.raises(Refused):
        hotel.set_field(CustomField.define("lead", "Colour", "text"), "Red")
    hotel.set_field(site, "")
    assert (hotel.field_texts, ClientFieldValue.objects.count()) == ({}, 0)


# Definitions


def test_field_names_are_unique_per_subject_ignoring_case(company: Company) -> None:
    CustomField.define("lead", "Étage", "number")
    CustomField.define("client", "Étage", "number")
    with pytest.raises(Refused, match="already"):
        CustomField.define("lead", " ÉTAGE ", "text")
    colour = CustomField.define("lead", "Colour", "text")
    with pytest.raises(Refused, match="already"):
        colour.rename("étage")
    colour.rename("COLOUR")
    assert CustomField.objects.get(pk=colour.pk).name == "COLOUR"
    with pytest.raises(IntegrityError), transaction.atomic():
        CustomField.objects.create(subject="lead", name="colour", kind="text", position=9)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "x" * 201])
def test_an_invalid_field_name_is_refused(name: str, company: Company) -> None:
    with pytest.raises(Refused):
        CustomField.define("lead", name, "text")


@pytest.mark.parametrize(
    "choices", [[], ["a;b"], ["a", "A"], [""], ["none"], ["a\nb"], ["x" * 101], ["\0"]]
)
def test_invalid_choices_are_refused(choices: list[str], company: Company) -> None:
    with pytest.raises(Refused):
        CustomField.define("lead", "Colour", "choice", choices=choices)


def test_only_fields_of_kind_choice_have_choices(company: Company) -> None:
    assert CustomField.define("lead", "Size", "number", choices=["a"]).choices == []


def test_a_choice_in_use_cannot_be_removed(lead: Lead, colour: CustomField) -> None:
    lead.set_field(colour, "Red", by=None)
    with pytest.raises(Refused, match="“Red” cannot be removed: 1 lead has it"):
        colour.set_choices(["Dark green", "Blue"])
    colour.set_choices(["Blue", "Red"])
    assert CustomField.objects.get(pk=colour.pk).choices == ["Blue", "Red"]
    with pytest.raises(Refused):
        lead.set_field(colour, "Dark green", by=None)


def test_a_choice_in_use_by_clients_or_prospects_cannot_be_removed(company: Company) -> None:
    of_clients = CustomField.define("client", "Size", "choice", choices=["S", "L"])
    Client.objects.create(name="Hotel").set_field(of_clients, "S")
    of_prospects = CustomField.define("prospect", "Size", "choice", choices=["S", "L"])
    fair = ProspectingList.objects.create(name="Fair")
    for _ in range(2):
        add_prospect(fair, {"Size": "S"})
    for field, sentence in ((of_clients, "1 client has it"), (of_prospects, "2 prospects have it")):
        with pytest.raises(Refused, match=sentence):
            field.set_choices(["L"])
        field.set_choices(["S"])


def test_a_field_with_values_cannot_be_deleted(lead: Lead, colour: CustomField) -> None:
    lead.set_field(colour, "Red", by=None)
    with pytest.raises(ProtectedError):
        colour.delete()


def test_fields_are_moved_within_their_subject(company: Company) -> None:
    a, b, c, d = (CustomField.define("lead", name, "text") for name in "abcd")
    CustomField.define("client", "x", "text")

    def order() -> str:
        shown = CustomField.objects.filter(subject="lead", is_archived=False)
        return "".join(shown.values_list("name", flat=True))

    moves: list[tuple[Callable[[], None], str]] = [
        (lambda: c.move(-1), "acbd"),
        (lambda: a.move(1), "cabd"),
        (lambda: c.move(-1), "cabd"),
        (lambda: d.move(1), "cabd"),
        (b.archive, "cad"),
        (lambda: d.move(-1), "cda"),
        (b.restore, "cdab"),
    ]
    for move, expected in moves:
        move()
        assert order() == expected
    b.archive()
    with pytest.raises(Refused, match="archived"):
        b.move(1)


def test_renaming_a_field_renames_the_cells_of_prospects(company: Company) -> None:
    fair = ProspectingList.objects.create(name="Fair")
    size = CustomField.define("prospect", "Size", "number")
    one = add_prospect(fair, {"Company": "Dupont", "Size": "5"})
    size.rename("Windows")
    assert one.texts == {"Company": "Dupont", "Windows": "5"}
    with pytest.raises(Refused, match="already have a column “Company”"):
        size.rename("Company")
    assert CustomField.objects.get(pk=size.pk).name == "Windows"


def test_defining_fields_does_not_change_the_database_schema(company: Company) -> None:
    def columns() -> list[str]:
        with connection.cursor() as cursor:
            tables = sorted(connection.introspection.table_names(cursor))
            described = connection.introspection.get_table_description
            return [f"{one} {column.name}" for one in tables for column in described(cursor, one)]

    before = columns()
    for kind in FieldKind.values:
        CustomField.define("lead", kind, kind, choices=COLOURS)
    assert columns() == before
