"""Columns matched to fields by header and by content; a tie is never guessed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from leadlight.tables.matching import Target, match_columns
from leadlight.tables.notions import NOTIONS

EMAILS = ["ann@acme.example", "bob@bolt.example", "cy@core.example"]
PHONES = ["0612345678", "01 23 45 67 89", "+44 20 7946 0958"]


def matched(
    headers: list[str], *columns: list[str], targets: Sequence[Target] = NOTIONS
) -> list[str]:
    rows = list(zip(*columns, strict=True)) if columns else []
    return [match.target for match in match_columns(headers, rows, targets)]


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("Company", "company"),
        ("SOCIÉTÉ", "company"),
        ("Nom de l'entreprise", "company"),
        ("Raison sociale", "company"),
        ("Full name", "name"),
        ("Nom du contact", "name"),
        ("first_name", "first_name"),
        ("firstName", "first_name"),
        ("Prénom", "first_name"),
        ("Nom de famille", "last_name"),
        ("E-mail", "email"),
        ("Adresse e-mail", "email"),
        ("courriel", "email"),
        ("E-mail 2", "email"),
        ("Tél.", "phone"),
        ("Téléphone fixe", "phone"),
        ("Tél. portable", "mobile"),
        ("Mobile phone", "mobile"),
        ("Site web", "web"),
        ("Adresse postale", "address"),
        ("Deal name", "title"),
        ("Opportunité", "title"),
        ("Montant HT (€)", "amount"),
        ("Deal value", "amount"),
        ("Statut", "status"),
        ("Étape", "step"),
        ("Pipeline stage", "step"),
        ("Commercial", "owner"),
        ("Assigned to", "owner"),
        ("Étiquettes", "tags"),
        ("Provenance", "source"),
        ("Date de création", "created_on"),
        ("Closed on", "closed_on"),
        ("Date de clôture prévue", "expected_on"),
        ("Prochaine relance", "remind_on"),
        ("Commentaires", "note"),
        ("Entreprize", "company"),
        ("Telephonne", "phone"),
        ("Colour of the door", ""),
        ("", ""),
        ("🙂", ""),
        ("x" * 10_000, ""),
    ],
)
def test_a_header_is_matched_in_both_languages(header: str, target: str) -> None:
    assert matched([header]) == [target]


def test_two_columns_for_one_field_both_stay_unmatched() -> None:
    first, second = match_columns(["Amount", "Deal value"], [], NOTIONS)
    assert (first.target, second.target) == ("", "")
    assert first.candidates == second.candidates == ("amount",)
    assert first.is_ambiguous
    assert second.is_ambiguous
    assert first.reason == "Several columns could be this field: Amount, Deal value."


def test_a_better_header_is_no_tie() -> None:
    exact, misspelt = match_columns(["Company", "Entreprize"], [], NOTIONS)
    assert exact.target == "company"
    assert misspelt.target == ""
    assert misspelt.reason == "The column “Company” is already this field."


def test_a_numbered_header_comes_after_the_one_without_a_number() -> None:
    assert matched(["Montant", "Montant 2"]) == ["amount", ""]


def test_several_columns_may_be_a_repeatable_field() -> None:
    assert matched(["E-mail", "E-mail 2", "Mail"]) == ["email", "email", "email"]


def test_a_header_that_means_two_fields_is_not_guessed() -> None:
    targets = [Target("sector", ("Sector",)), Target("area", ("Area", "Sector"))]
    (match,) = match_columns(["Sector"], [], targets)
    assert match.target == ""
    assert match.candidates == ("sector", "area")
    assert match.reason == "Several fields match this header."


def test_a_name_beside_a_first_name_is_the_last_name() -> None:
    assert matched(["Nom", "Prénom"]) == ["last_name", "first_name"]
    assert matched(["Nom"]) == ["name"]
    assert matched(["Nom", "Prénom", "Nom de famille"]) == ["name", "first_name", "last_name"]


def test_the_content_decides_if_the_header_says_nothing() -> None:
    email, phone = match_columns(
        ["Column 1", "Column 2"], list(zip(EMAILS, PHONES, strict=True)), NOTIONS
    )
    assert (email.target, email.by) == ("email", "content")
    assert (phone.target, phone.by) == ("phone", "content")


def test_one_odd_cell_in_five_does_not_matter() -> None:
    assert matched(["x"], [*EMAILS, "dan@dart.example", "none"]) == ["email"]
    assert matched(["x"], [*EMAILS, "none", "unknown"]) == [""]


def test_content_that_several_fields_could_have_is_not_guessed() -> None:
    targets = [Target("billing", ("Billing",), "email"), Target("sales", ("Sales",), "email")]
    (match,) = match_columns(["x"], [[text] for text in EMAILS], targets)
    assert match.candidates == ("billing", "sales")
    assert match.reason == "The cells could be values of several fields."


def test_two_columns_of_emails_for_one_field_are_not_guessed() -> None:
    targets = [Target("billing", ("Billing",), "email")]
    assert matched(["x", "y"], EMAILS, EMAILS, targets=targets) == ["", ""]
    assert matched(["Billing", "y"], EMAILS, EMAILS, targets=targets) == ["billing", ""]


def test_a_header_and_cells_that_disagree_are_not_guessed() -> None:
    (match,) = match_columns(["Adresse"], [[text] for text in EMAILS], NOTIONS)
    assert match.target == ""
    assert match.candidates == ("address", "email")
    assert match.reason == "The cells do not match the header."


@pytest.mark.parametrize(
    ("header", "cell"),
    [("E-mail", "yes"), ("Téléphone", "non"), ("Montant", "à définir"), ("Créé le", "Paul")],
)
def test_cells_that_cannot_be_of_the_kind_rule_a_field_out(header: str, cell: str) -> None:
    assert matched([header], [cell]) == [""]


def test_a_longer_header_needs_cells_that_confirm_it() -> None:
    assert matched(["Téléphone du directeur"], PHONES) == ["phone"]
    assert matched(["Téléphone du directeur"], ["", "", ""]) == [""]
    assert matched(["Home zip"], ["75011", "69001", "13001"]) == [""]


def test_fields_of_the_company_are_matched_by_their_names() -> None:
    targets = [*NOTIONS, Target("field:sector", ("Secteur d’activité",), "choice")]
    assert matched(["secteur d'activite"], targets=targets) == ["field:sector"]
