"""Files that Leadlight exports come back equal: nothing changes, or the same values come in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from leadlight.accounts.models import User
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Client,
    CustomField,
    Lead,
    Outcome,
    Prospect,
    ProspectingList,
    Reminder,
    TableImport,
    Tag,
)
from leadlight.sales.prospecting.lists import make_list
from leadlight.sales.prospecting.rows import add_empty_rows, assign_rows
from leadlight.sales.prospecting.work import log_result, set_agreement
from leadlight.table_import import jobs
from leadlight.table_import.files import upload
from tests.sales.conftest import at
from tests.sales.undone_actions import row
from tests.table_import.given import Tables, counts, reasons

pytestmark = pytest.mark.database

KINDS = ("csv", "csv-excel", "xlsx")


@pytest.fixture
def leads(tables: Tables) -> list[Lead]:
    company = tables.company
    hot, cold = Tag.objects.create(name="Hot"), Tag.objects.create(name="Cold, not hot")
    kinds = ("text", "number", "amount", "day", "email", "phone", "link")
    fields = {kind: CustomField.define("lead", f"My {kind}", kind) for kind in kinds}
    texts = {
        "text": "=1+2",
        "number": "-1234.5",
        "amount": "99.90",
        "day": "2026-02-03",
        "email": "Lea@lake.example",
        "phone": "06 12 34 56 78",
        "link": "https://lake.example/?a=b",
    }
    made = [
        Lead.create(
            title=f"{prefix}Lead {number}",
            by=company.ana,
            step=[company.contact, company.offer, company.elsewhere][number % 3],
            owner=company.ana,
            amount=[None, 1234, "0.50"][number % 3] and str([None, 1234, "0.50"][number % 3]),
            probability=[None, 0, 100][number % 3],
            estimated_closing_on=[None, date(2026, 5, 12)][number % 2],
            client=Client.create(name=f"Client {number}; “Ltd”", by=company.ana),
            source=["", "Fair, in Lyon"][number % 2],
            at=at(1, 5 + number, 23),
        )
        for number, prefix in enumerate(["", "=", "-", "00", "é;", "\t"])
    ]
    made[0].tag(hot, cold, by=company.ana)
    made[1].win(by=company.ana)
    made[2].stand_by(until=Reminder(at(12, 24, 9)), by=company.ana)
    made[3].lose(by=company.ana)
    for kind, field in fields.items():
        made[0].set_field(field, texts[kind], by=company.ana)
    return made


def exported(client: Any, user: User, kind: str, language: str, what: str = "leads") -> bytes:
    client.force_login(user)
    answer = client.get(f"/{what}-export/{kind}", headers={"accept-language": language})
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def exported_data(client: Any, user: User, kind: str, language: str, table: str) -> bytes:
    client.force_login(user)
    answer = client.get(f"/export/{kind}?table={table}", headers={"accept-language": language})
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def checked_as_found(
    tables: Tables, content: bytes, kind: str = "leads", *, into: ProspectingList | None = None
) -> TableImport:
    """Upload a file and check it with the columns that are found.

    The only other choice is that of the dates of French Excel, which few rows leave open.
    """
    given = upload(tables.admin, kind, "export", [content], prospecting_list=into)
    given.reading = {"day_order": "dmy"}
    jobs.begin_check(given)
    given.refresh_from_db()
    return given


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_export_of_leads_changes_nothing(
    tables: Tables, leads: list[Lead], client: Any, kind: str, language: str
) -> None:
    before = [row(lead) for lead in leads]
    content = exported(client, tables.admin, kind, language)
    with override(language):
        given = checked_as_found(tables, content)
    assert given.key_target == "key"
    assert reasons(given) == {}
    assert counts(given) == {"unchanged": 6}
    assert [row(lead) for lead in leads] == before


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_of_leads_comes_into_an_empty_instance_with_the_same_values(
    tables: Tables, leads: list[Lead], client: Any, kind: str
) -> None:
    """The columns of the list come back; a closed lead is closed now, for want of its day."""
    names = ("key", "title", "status", "step_id", "owner_id", "team_id", "amount", "probability")
    names = (*names, "estimated_closing_on", "source", "tags", "fields")

    def values() -> list[Any]:
        found = Lead.objects.select_related("client").order_by("key")
        return [
            [row(lead)[name] for name in names] + [str(lead.client), lead.created_at.date()]
            for lead in found
        ]

    before = values()
    content = exported(client, tables.admin, kind, "en")
    Lead.objects.all().delete()
    Client.objects.all().delete()
    given = checked_as_found(tables, content)
    assert counts(given) == {"pending-new": 6}
    jobs.start(given)
    assert counts(given) == {"done-new": 6}
    assert values() == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_export_of_activities_changes_nothing_and_brings_them_back(
    tables: Tables, leads: list[Lead], client: Any, kind: str, language: str
) -> None:
    company = tables.company
    leads[1].rename(leads[0].title, by=None)  # only the key tells them apart
    call = ActivityType.objects.create(name="Call", kind="call")
    mail = ActivityType.objects.create(name="Mail; or “letter”", kind="email", is_active=False)
    reached = Outcome.objects.create(activity_type=call, name="Reached", is_reached=True)
    Outcome.objects.create(activity_type=mail, name="Reached")
    leads[0].log_activity(
        call, outcome=reached, by=company.ana, content="=1+2\n“é”; x", at=at(1, 20, 10, 5)
    )
    leads[0].log_activity(mail, by=None, at=at(10, 25, 0, 30))  # the hour that comes twice
    leads[1].log_activity(call, by=company.bo)
    listed = ProspectingList.objects.create(name="Fair", user=company.ana)
    prospect = Prospect.objects.create(prospecting_list=listed)
    log_result(prospect, call, by=company.ana, content="-2")

    def values() -> list[Any]:
        found = Activity.objects.order_by("key")
        return [
            [getattr(one, name) for name in ("key", "user", "activity_type", "outcome")]
            + [one.lead, one.prospect, one.content, one.occurred_at.replace(microsecond=0)]
            for one in found
        ]

    before = values()
    content = exported_data(client, tables.admin, kind, language, "activities")
    with override(language):
        given = checked_as_found(tables, content, "activities")
        assert given.key_target == "key"
        assert reasons(given) == {}
        assert counts(given) == {"unchanged": 4}
        Activity.objects.all().delete()
        given = checked_as_found(tables, content, "activities")
        assert counts(given) == {"pending-new": 4}
        jobs.start(given)
    assert reasons(given) == {}
    assert values() == before


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_of_clients_changes_nothing_and_comes_into_an_empty_instance(
    tables: Tables, leads: list[Lead], client: Any, kind: str
) -> None:
    field = CustomField.define("client", "Size", "number")
    first = leads[0].client
    assert first is not None
    first.set_field(field, "12.5")
    content = exported(client, tables.admin, kind, "en", "clients")
    assert counts(checked_as_found(tables, content, "clients")) == {"unchanged": 6}

    def values() -> list[Any]:
        return [(one.key, one.name, one.is_active, one.field_texts) for one in Client.objects.all()]

    before = values()
    Lead.objects.all().delete()
    Client.objects.all().delete()
    jobs.start(checked_as_found(tables, content, "clients"))
    assert values() == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_export_of_prospects_changes_nothing_and_brings_them_back(
    tables: Tables, client: Any, kind: str, language: str
) -> None:
    company = tables.company
    headers = ("Company", "Email", "Source", "Note")
    texts = [
        ["=1+2", "lea@lake.example", "Web", "“é”; x\nsecond line"],
        ["-5", "", "", "00123"],
        ["'quoted", "x@y.example", "\u202e", "🦊"],
        ["", "", "", ""],
    ]
    listed = make_list(company.ana, "Fair; “2026”", headers, texts[:3])
    add_empty_rows(listed)
    make_list(company.ana, "Other", ["Company", "Colour"], [["Else", "red"]])
    first, second, third, _empty = listed.prospects.order_by("pk")
    set_agreement(first, call_back_on=date(2199, 5, 12))
    set_agreement(second, is_declined=True)
    assign_rows(listed, [third.pk], company.bo)

    def values() -> list[Any]:
        return [
            [getattr(one, name) for name in ("key", "user", "call_back_on", "is_declined", "state")]
            + [one.texts, one.created_at.replace(microsecond=0)]
            for one in listed.prospects.order_by("pk")
        ]

    before = values()
    content = exported_data(client, tables.admin, kind, language, "prospects")
    with override(language):
        given = checked_as_found(tables, content, "prospects", into=listed)
        assert given.key_target == "key"
        assert counts(given) == {"unchanged": 4, "refused": 1}
        [reason] = reasons(given).values()
        assert "Other" in reason
        listed.prospects.all().delete()
        given = checked_as_found(tables, content, "prospects", into=listed)
        jobs.start(given)
    assert counts(given) == {"done-new": 4, "refused": 1}
    assert values() == before
