"""Clients from a file: created, found by a key, refused, and undone exactly."""

from __future__ import annotations

from typing import Any

import pytest

from leadlight.sales import client_checks
from leadlight.sales.client_values import values_of
from leadlight.sales.models import Client, CustomField, Lead
from tests.table_import.given import Tables, counts, reasons

pytestmark = pytest.mark.database


def clients() -> list[Any]:
    return [(one.pk, one.key, values_of(one)) for one in Client.objects.order_by("pk")]


def test_clients_are_created_and_found_by_search(tables: Tables) -> None:
    field = CustomField.define("client", "Size", "number")
    given = tables.imported(
        "Ref;Nom;Actif;Taille;Notes\n007;Lac;oui;12,5;À voir\n8;Étang;non;;\n",
        ["key", "name", "is_active", f"field:{field.key}", "description"],
        kind="clients",
        key="key",
    )
    assert counts(given) == {"done-new": 2}
    lake = Client.objects.get(key="007")
    assert (lake.name, lake.is_active, lake.description) == ("Lac", True, "À voir")
    assert (lake.field_texts, lake.created_by) == ({field.key: "12.5"}, tables.admin)
    assert not Client.objects.get(key="8").is_active
    assert list(client_checks.differences()) == []


def test_a_client_is_changed_by_its_name_and_set_back_by_undo(tables: Tables) -> None:
    field = CustomField.define("client", "Size", "text")
    lake = Client.create(name="Lake", by=None, description="Old")
    lake.set_field(field, "small")
    Client.create(name="Mill", by=None)
    before = clients()
    given = tables.imported(
        "Name;Text;Active;Size\nLAKE;New;no;large\nMill;;;\nPond;;;\n",
        ["name", "description", "is_active", f"field:{field.key}"],
        kind="clients",
        key="name",
    )
    lake.refresh_from_db()
    assert (lake.name, lake.description, lake.is_active) == ("LAKE", "New", False)
    assert lake.field_texts == {field.key: "large"}
    assert counts(given) == {"done": 1, "unchanged": 1, "done-new": 1}
    tables.undo(given)
    assert clients() == before
    assert list(client_checks.differences()) == []


def test_a_client_that_changed_since_stays(tables: Tables) -> None:
    given = tables.imported("Name\nLake\nPond\n", ["name"], kind="clients")
    Client.objects.get(name="Lake").describe("Called today")
    pond = Client.objects.get(name="Pond")
    Lead.create(title="Roof", by=None, client=pond)
    tables.undo(given)
    assert counts(given) == {"kept-new": 2}
    assert set(Client.objects.values_list("name", flat=True)) == {"Lake", "Pond"}


def test_clients_that_the_page_would_refuse_are_refused(tables: Tables) -> None:
    field = CustomField.define("client", "Mail", "email")
    for name in ("Twin", "twin"):
        Client.create(name=name, by=None)
    given = tables.imported(
        f'Name;Mail;Active\n"{"x" * 301}";;\nBad;nobody;\nOdd;;perhaps\nTWIN;;\n;a@b.example;\n',
        ["name", f"field:{field.key}", "is_active"],
        kind="clients",
        key="name",
    )
    told = reasons(given)
    assert "At most 300 are allowed." in told[2]
    assert told[3] == "Mail: This is not an email address."
    assert told[4] == "Active: Write yes or no."
    assert told[5] == "2 clients have this key."
    assert "“Name” is empty" in told[6]


def test_the_same_file_of_clients_again_creates_nothing(tables: Tables) -> None:
    text = "Name\nLake\nPond\n"
    tables.imported(text, ["name"], kind="clients")
    assert counts(tables.checked(text, ["name"], kind="clients")) == {"skipped-new": 2}
