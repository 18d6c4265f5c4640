"""Similarity of company names, measured on invented names."""

from __future__ import annotations

from itertools import combinations
from random import Random
from string import ascii_lowercase

import pytest

from leadlight.sales.similar_names import SIMILAR, name_similarity

TRADES = (
    *("Toitures", "Menuiserie", "Plomberie", "Électricité", "Boulangerie", "Garage", "Imprimerie"),
    *("Bakery", "Consulting", "Logistics", "Foods", "Metalworks", "Glassworks", "Software"),
)
FAMILIES = (
    *("Martin", "Bernard", "Dubois", "Thomas", "Robert", "Petit", "Durand", "Leroy", "Moreau"),
    *("Simon", "Laurent", "Lefebvre", "Garnier", "Faure", "Rousseau", "Blanc", "Guérin", "Müller"),
    *("Walker", "Hughes", "Edwards", "Coleman", "Fletcher", "Barrett"),
    # Names of other people that look alike.
    *(
        "Dupont",
        "Dumont",
        "Durant",
        "Martinez",
        "Martinet",
        "Fournier",
        "Morel",
        "Simonet",
        "Leroux",
    ),
)
PLACES = ("Lyon", "Nantes", "du Rhône", "de l'Ouest", "Bristol", "of Leeds", "Atlantique", "")
FORMS = ("SARL", "SAS", "S.A.", "Ltd", "GmbH", "")


def companies(random: Random, count: int) -> list[str]:
    """Return names of different companies: no two have the same trade, family and place."""
    parts = [(trade, family, place) for trade in TRADES for family in FAMILIES for place in PLACES]
    return [" ".join(filter(None, chosen)) for chosen in random.sample(parts, count)]


def retyped(name: str, random: Random) -> str:
    """Return the name as another person would type it: with a form, other case, or one error."""
    place = random.randrange(1, len(name))
    match random.randrange(6):
        case 0:
            return f"{name} {random.choice(FORMS)}".strip()
        case 1:
            return name.upper().replace("É", "E").replace("È", "E")
        case 2:
            return name[:place] + name[place + 1 :]
        case 3:
            return name[:place] + random.choice(ascii_lowercase) + name[place:]
        case 4:
            return name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]
        case _:
            return " ".join(reversed(name.split(" ")))


def test_most_retyped_names_are_found_and_few_others() -> None:
    random = Random(12)
    names = companies(random, 300)
    found = sum(name_similarity(name, retyped(name, random)) >= SIMILAR for name in names)
    wrong = sum(name_similarity(*pair) >= SIMILAR for pair in combinations(names, 2))
    pairs = len(names) * (len(names) - 1) // 2
    recall, wrong_rate = found / len(names), wrong / pairs
    assert recall >= 0.95
    assert wrong_rate <= 0.001


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Toitures Martin SARL", "TOITURES MARTIN"),
        ("Martin Toitures", "Toitures Martin"),
        ("Société Générale", "Societe Generale S.A."),
        ("Lefebvre & Fils", "Lefèvbre et fils"),
        ("Glass Works Ltd", "Glassworks"),
    ],
)
def test_names_of_one_company_are_similar(one: str, other: str) -> None:
    assert name_similarity(one, other) >= SIMILAR
    assert name_similarity(other, one) >= SIMILAR


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Agence 12", "Agence 13"),
        ("Garage Martin", "Garage Moreau"),
        ("Boulangerie Martin", "Boucherie Martin"),
        ("Dupont", "Dumont"),
        ("Hotel du Lac", "Hotel du Parc"),
        ("", ""),
        ("SARL", "!!!"),
    ],
)
def test_names_of_different_companies_are_not(one: str, other: str) -> None:
    assert name_similarity(one, other) < SIMILAR
