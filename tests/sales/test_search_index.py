"""Contact points and search words follow every change of the rows."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import pytest
from django.db import connection, transaction

from leadlight.accounts.models import Organization
from leadlight.importing import import_folder
from leadlight.sales.models import (
    Client,
    ContactPoint,
    CustomField,
    Lead,
    LeadWords,
    ProspectingList,
    Tag,
)
from leadlight.sales.search import finding, tables, writing
from leadlight.sales.search.checks import differences
from leadlight.sales.search.finding import Search, clients, leads, matching, prospects
from leadlight.sales.search.words import ACCENTS, MOST_WORDS, joined, words_of
from tests.importing.small import ROWS, with_cells, write_folder
from tests.prospects import add_prospect
from tests.sales.conftest import Company, at


def found(user, text):
    return [str(lead) for lead in leads(user, Search.of(text)).rows]


def lead_of(company: Company, title="Hotel windows", **more):
    return Lead.create(title=title, by=company.ana, owner=company.ana, at=at(1, 5), **more)


@pytest.mark.parametrize("newest_read", [0, 3, 10, 100])
def test_the_newest_leads_are_found_first_wherever_the_index_begins(
    newest_read, company, monkeypatch
):
    monkeypatch.setattr(finding, "NEWEST_READ", newest_read)
    titles = [f"Glass {number}" for number in range(12)]
    for title in titles:
        lead_of(company, title)
        lead_of(company, "Door")
    assert found(company.ana, "glass") == titles[::-1][: finding.SHOWN]
    assert found(company.ana, "glass 0") == ["Glass 0"]
    assert finding.name_candidates("Glass") == [
        lead.pk for lead in Lead.objects.filter(title__startswith="Glass").order_by("-pk")
    ]


def words(lead):
    return set(LeadWords.objects.get(row=lead).words.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hôtel Élysée", ["hotel", "elysee"]),
        ("ŒUVRE Straße Łódź", ["oeuvre", "strasse", "lodz"]),
        ("l’atelier-café_2", ["l", "atelier", "cafe", "2"]),
        ("ﬁn ①", ["fin", "1"]),
        ("שלום عالم", ["שלום", "عالم"]),
        ("東京 Москва", ["東京", "москва"]),
        ("=u1 ^x 'a' \"b\" *", ["u1", "x", "a", "b"]),
        ("😀 !", []),
    ],
)
def test_words_have_no_accents_capitals_or_signs(text, expected):
    assert words_of(text) == expected


def test_every_combining_character_is_an_accent():
    every = range(0x300, sys.maxunicode + 1)
    assert set(ACCENTS) == {code for code in every if unicodedata.combining(chr(code))}


def test_the_words_of_a_row_are_limited_and_the_first_texts_count_most():
    many = joined(["=open"], ["first", " ".join(f"w{number}" for number in range(9_000))]).split()
    assert len(many) == MOST_WORDS + 1
    assert {"=open", "first", "w0"} <= set(many)


def test_every_change_of_a_lead_is_found_at_once(company):
    lead = lead_of(company)
    assert found(company.ana, "hotel") == ["Hotel windows"]
    lead.rename("Doors", by=company.ana)
    assert found(company.ana, "hotel") == []
    assert found(company.ana, "DOOR") == ["Doors"]
    lead.describe("Nom : Zoé Roux\nTél : 06 12 34 56 78", by=company.ana)
    assert found(company.ana, "zoe 0612") == ["Doors"]
    lead.set_source("Salon", by=company.ana)
    assert found(company.ana, "salon") == ["Doors"]
    lead.tag(Tag.objects.create(name="Dépannage"), by=company.ana)
    assert found(company.ana, "depannage") == ["Doors"]
    lead.untag(*Tag.objects.all(), by=company.ana)
    assert found(company.ana, "depannage") == []
    lead.set_client(Client.objects.create(name="Lumière SA"), by=company.ana)
    assert found(company.ana, "lumiere") == ["Doors"]
    lead.bin(by=company.ana)
    assert found(company.ana, "doors") == []
    assert not LeadWords.objects.filter(row=lead).exists()
    lead.restore(by=company.ana)
    assert found(company.ana, "doors") == ["Doors"]
    writing.index_clients(Client.objects.values_list("pk", flat=True))
    assert list(differences()) == []


def test_marks_follow_owner_team_and_status(company):
    lead = lead_of(company)
    assert {"=open", f"=u{company.ana.pk}", f"=t{company.north.pk}", "^hotel"} <= words(lead)
    lead.assign_to(company.bo, by=company.ana)
    lead.win(by=company.bo)
    assert {"=closed", f"=u{company.bo.pk}", f"=t{company.south.pk}"} <= words(lead)
    assert f"=u{company.ana.pk}" not in words(lead)


def test_contact_points_come_from_the_description_and_from_fields(company):
    phone = CustomField.define("lead", "Gardien", "phone")
    mail = CustomField.define("lead", "Facturation", "email")
    lead = lead_of(company, description="Léa Petit\n06 12 34 56 78")
    lead.set_field(phone, "01 42 68 53 00", by=company.ana)
    lead.set_field(mail, "Compta@hotel.example", by=company.ana)
    points = {(one.label_text, one.value, one.name) for one in lead.contact_points.all()}
    assert points == {
        ("Mobile", "+33612345678", "Léa Petit"),
        ("Gardien", "+33142685300", ""),
        ("Facturation", "compta@hotel.example", ""),
    }
    assert found(company.ana, "0142685300") == ["Hotel windows"]
    assert found(company.ana, "compta@hotel.example") == ["Hotel windows"]
    lead.set_field(phone, "", by=company.ana)
    lead.describe("", by=company.ana)
    assert [str(one) for one in lead.contact_points.all()] == ["compta@hotel.example"]
    assert found(company.ana, "0142685300") == []


def test_a_change_of_other_fields_writes_no_words(company, django_assert_num_queries):
    lead = lead_of(company)
    before = LeadWords.objects.get(row=lead).words
    lead.set_amount(100, by=company.ana)
    lead.move_to(company.offer, by=company.ana)
    assert LeadWords.objects.get(row=lead).words == before


def test_a_refused_change_leaves_the_words_as_they_were(company):
    lead = lead_of(company)
    with transaction.atomic():
        lead.rename("Doors", by=company.ana)
        transaction.set_rollback(True)
    assert found(company.ana, "hotel") == ["Hotel windows"]
    assert found(company.ana, "doors") == []


def test_a_renamed_client_or_tag_is_found_by_its_new_name(company):
    client, tag = Client.objects.create(name="Old"), Tag.objects.create(name="Red")
    lead = lead_of(company, client=client)
    lead.tag(tag, by=company.ana)
    Client.objects.update(name="Nouveau")
    Tag.objects.update(name="Bleu")
    writing.index_clients([client.pk])
    writing.index_tags([tag.pk])
    assert found(company.ana, "nouveau bleu") == ["Hotel windows"]
    assert found(company.ana, "old") == found(company.ana, "red") == []
    assert [str(one) for one in clients(company.ana, Search.of("nouv")).rows] == ["Nouveau"]
    assert list(differences()) == []


def test_deleted_rows_leave_the_index(company):
    rows = ProspectingList.objects.create(name="Fair")
    prospect = add_prospect(rows, {"Company": "Ferme"})
    client = Client.objects.create(name="Lumière")
    writing.fill()
    assert [str(one) for one in prospects(company.ana, Search.of("ferme")).rows] == ["Ferme"]
    prospect.delete()
    client.delete()
    assert prospects(company.ana, Search.of("ferme")).rows == ()
    assert clients(company.ana, Search.of("lumiere")).rows == ()
    assert list(differences()) == []


def test_the_check_finds_wrong_words_and_contacts(company):
    lead = lead_of(company, description="06 12 34 56 78")
    assert list(differences()) == []
    Lead.objects.filter(pk=lead.pk).update(title="Doors")
    ContactPoint.objects.all().delete()
    LeadWords.objects.filter(row=lead).update(words="hotel")
    sentences = list(differences())
    assert len(sentences) == 2
    assert sentences[0].startswith(f"Contacts of lead {lead.pk}: () instead of")
    assert sentences[1].startswith(f"LeadWords {lead.pk}: hotel instead of")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="elsewhere the index has no triggers")
def test_the_index_of_sqlite_is_restored_with_its_triggers(company):
    lead_of(company)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER sales_leadwords_fts_update")
    Lead.objects.get().rename("Doors", by=company.ana)
    assert any("sales_leadwords_fts" in sentence for sentence in differences())
    tables.install(connection)
    assert found(company.ana, "doors") == ["Doors"]
    assert list(differences()) == []


def test_rows_older_than_the_index_are_filled_in_by_a_migration(company):
    lead_of(company, description="06 12 34 56 78")
    Client.objects.create(name="Lumière")
    LeadWords.objects.all().delete()
    ContactPoint.objects.all().delete()
    writing.after_migrate("default")
    assert found(company.ana, "0612345678") == ["Hotel windows"]
    assert list(differences()) == []


def test_an_import_writes_the_index(tmp_path: Path, db: None):
    files = ROWS | {"clients": ROWS["clients"]}
    import_folder(write_folder(tmp_path / "f", files))
    assert LeadWords.objects.count() == Lead.objects.filter(is_deleted=False).count() > 0
    assert list(differences()) == []
    changed = with_cells("leads", 3, title="Véranda", description="Mobile : 06 12 34 56 78")
    import_folder(write_folder(tmp_path / "g", changed))
    assert ContactPoint.objects.get(value="+33612345678").lead.title == "Véranda"
    assert list(differences()) == []
    import_folder(write_folder(tmp_path / "h", with_cells("leads", 3, description="")))
    assert not ContactPoint.objects.filter(value="+33612345678").exists()
    assert list(differences()) == []


def test_numbers_are_read_anew_when_the_country_changes(tmp_path: Path, company):
    lead = lead_of(company, description="020 7946 0958")
    assert not lead.contact_points.exists()
    folder = write_folder(tmp_path / "f", {})
    text = (folder / "company.toml").read_text()
    (folder / "company.toml").write_text(f'{text}\ncountry = "GB"\n')
    import_folder(folder)
    assert Organization.current().phone_country == "GB"
    assert lead.contact_points.get().value == "+442079460958"
    assert list(differences()) == []


@pytest.mark.parametrize(
    ("country", "time_zone", "expected"),
    [
        ("", "Europe/Paris", "FR"),
        ("", "Europe/Brussels", "BE"),
        ("", "UTC", "FR"),
        ("GB", "UTC", "GB"),
    ],
)
def test_the_country_is_that_of_the_time_zone_unless_it_is_set(country, time_zone, expected):
    assert Organization(country=country, time_zone=time_zone).phone_country == expected


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("", ["Hôtel", "Doors"]),
        ("  ", ["Hôtel", "Doors"]),
        ("hotel", ["Hôtel"]),
        ("KEY", ["Hôtel"]),
        ("06 12 34 56 78", ["Hôtel"]),
        ("+33612", ["Hôtel"]),
        ("é", []),
        ("%", []),
    ],
)
def test_the_list_finds_what_the_search_finds(company, text, listed):
    lead = lead_of(company, description="06 12 34 56 78", title="Hôtel")
    lead_of(company, title="Doors")
    rows = matching(Lead.objects.order_by("pk"), company.ana, text.replace("KEY", lead.key))
    assert [str(one) for one in rows] == listed
