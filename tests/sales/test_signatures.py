"""Proposals from invented e-mail signatures and business cards, French and English."""

from __future__ import annotations

import pytest

from leadlight.sales.signatures import MOST_LINES, read_signature

SIGNATURES = [
    (
        "FR",
        """Bien cordialement,

        Claire Fontaine
        Directrice des achats
        Toitures Martin SARL
        12 rue des Lilas
        69003 Lyon
        Tél : 04 78 00 11 22
        Mob : 06 12 34 56 78
        claire.fontaine@toitures-martin.example
        www.toitures-martin.example""",
        {
            "name": "Claire Fontaine",
            "job": "Directrice des achats",
            "company": "Toitures Martin SARL",
            "phone": "04 78 00 11 22",
            "mobile": "06 12 34 56 78",
            "email": "claire.fontaine@toitures-martin.example",
            "web": "https://www.toitures-martin.example",
            "address": "12 rue des Lilas, 69003 Lyon",
        },
    ),
    (
        "FR",
        "Paul Leroy | Responsable commercial | Verrières du Lac\npaul.leroy@verrieresdulac.example",
        {
            "name": "Paul Leroy",
            "job": "Responsable commercial",
            "company": "Verrières du Lac",
            "email": "paul.leroy@verrieresdulac.example",
        },
    ),
    (
        "FR",
        "GARAGE MOREAU\nJulie Moreau\nGérante\nTel. 02.40.11.22.33\njulie.moreau@gmail.com",
        {
            "name": "Julie Moreau",
            "job": "Gérante",
            "company": "GARAGE MOREAU",
            "phone": "02 40 11 22 33",
            "email": "julie.moreau@gmail.com",
        },
    ),
    (
        "FR",
        "Nom : Dubois\nPrénom : Anne\nSociété : Atelier du Verre\nPortable : 06 98 76 54 32",
        {"name": "Anne Dubois", "company": "Atelier du Verre", "mobile": "06 98 76 54 32"},
    ),
    (
        "FR",
        "Marc Petit\nImprimerie Petit SAS\nZA des Prés\n44000 Nantes\nFax : 02 40 00 00 01",
        {
            "name": "Marc Petit",
            "company": "Imprimerie Petit SAS",
            "fax": "02 40 00 00 01",
            "address": "ZA des Prés, 44000 Nantes",
        },
    ),
    (
        "FR",
        "-- \nSophie Garnier\nChargée d'affaires\nligne directe : +33 1 42 68 53 00",
        {
            "name": "Sophie Garnier",
            "job": "Chargée d'affaires",
            "phone": "01 42 68 53 00",
        },
    ),
    (
        "FR",
        "Envoyé depuis mon téléphone\n\nLuc Faure\n06 11 22 33 44",
        {"name": "Luc Faure", "mobile": "06 11 22 33 44"},
    ),
    (
        "FR",
        "Société : Hôtel du Lac\nAdresse : 3 quai Blanc, 74000 Annecy\nE-mail : a@hotel.example",
        {
            "company": "Hôtel du Lac",
            "address": "3 quai Blanc, 74000 Annecy",
            "email": "a@hotel.example",
        },
    ),
    (
        "FR",
        "Élodie Guérin – Architecte\nCabinet Guérin & Associés\nelodie@cabinet-guerin.example",
        {
            "name": "Élodie Guérin",
            "job": "Architecte",
            "email": "elodie@cabinet-guerin.example",
        },
    ),
    (
        "FR",
        "* Thomas Blanc *\n* PDG *\n* Blanc Électricité S.A. *\n* 8 bis avenue Foch, 13008 Lyon *",
        {
            "name": "Thomas Blanc",
            "job": "PDG",
            "company": "Blanc Électricité S.A.",
            "address": "8 bis avenue Foch, 13008 Lyon",
        },
    ),
    (
        "GB",
        """Kind regards,

        Jo Walker
        Sales Director
        Walker Glassworks Ltd
        14 High Street
        Leeds LS1 4AB
        T: 0113 496 0000
        M: 07700 900123
        E: jo@walkerglass.example
        W: www.walkerglass.example""",
        {
            "name": "Jo Walker",
            "job": "Sales Director",
            "company": "Walker Glassworks Ltd",
            "phone": "0113 496 0000",
            "mobile": "07700 900123",
            "email": "jo@walkerglass.example",
            "web": "https://www.walkerglass.example",
            "address": "14 High Street, Leeds LS1 4AB",
        },
    ),
    (
        "GB",
        "Sam Hughes • Head of Procurement • Hughes Foods\nsam.hughes@hughesfoods.example",
        {
            "name": "Sam Hughes",
            "job": "Head of Procurement",
            "company": "Hughes Foods",
            "email": "sam.hughes@hughesfoods.example",
        },
    ),
    (
        "US",
        "Dana Fletcher\nFounder\nFletcher Software Inc.\n(212) 555-0123\ndana@fletcher.example",
        {
            "name": "Dana Fletcher",
            "job": "Founder",
            "company": "Fletcher Software Inc.",
            "phone": "(212) 555-0123",
            "email": "dana@fletcher.example",
        },
    ),
    (
        "GB",
        "Best,\nAlex Barrett\n+33 6 12 34 56 78",
        {"name": "Alex Barrett", "mobile": "+33 6 12 34 56 78"},
    ),
    (
        "GB",
        "Name: Kim Coleman\nCompany: Coleman Logs\nPhone: 020 7946 0000\nWebsite: coleman.example",
        {
            "name": "Kim Coleman",
            "company": "Coleman Logs",
            "phone": "020 7946 0000",
            "web": "https://coleman.example",
        },
    ),
    (
        "GB",
        "EDWARDS BAKERY\nPat Edwards, Owner\npat@gmail.com",
        {
            "name": "Pat Edwards",
            "job": "Owner",
            "company": "EDWARDS BAKERY",
            "email": "pat@gmail.com",
        },
    ),
    (
        "GB",
        "Robin Müller\nMüller GmbH\nHauptstr. 5\n10115 Berlin\n+49 30 901820",
        {"name": "Robin Müller", "company": "Müller GmbH", "address": "10115 Berlin"},
    ),
    (
        "FR",
        "Thanks!\n\nNina Rousseau\nCEO, Rousseau Conseil\nnina@rousseau-conseil.example",
        {
            "name": "Nina Rousseau",
            "job": "CEO, Rousseau Conseil",
            "email": "nina@rousseau-conseil.example",
        },
    ),
    (
        "FR",
        "Boulangerie Lefebvre\nPlace du Marché\n59000 Lille\n03 20 11 22 33",
        {"phone": "03 20 11 22 33", "address": "59000 Lille"},
    ),
    (
        "FR",
        "Bonjour,\nMerci de me rappeler au 06 55 44 33 22.\nCordialement,\nHugo Simon",
        {"mobile": "06 55 44 33 22", "name": "Hugo Simon"},
    ),
    ("FR", "Please call me back tomorrow.", {}),
    ("FR", "", {}),
]


@pytest.mark.parametrize(("country", "text", "expected"), SIGNATURES)
def test_a_signature_proposes_its_lines(country: str, text: str, expected: dict[str, str]) -> None:
    found = {one.kind: one.value for one in read_signature(text, country)}
    assert {kind: found.get(kind) for kind in expected} == expected
    assert expected or not found


def test_a_long_text_is_searched_for_contacts_only() -> None:
    text = "\n".join(["Une ligne de texte"] * MOST_LINES + ["Jo Walker", "jo@example.com"])
    assert [one.kind for one in read_signature(text, "FR")] == ["email"]


@pytest.mark.parametrize("text", ["\0" * 50, "‮" * 300, "|" * 20_000, "@" * 20_000, "1 " * 10_000])
def test_any_text_is_read(text: str) -> None:
    assert len(read_signature(text, "FR")) < 60
