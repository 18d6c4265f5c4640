"""Pages and files with figures state the scope of readers who see only some of the leads."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.web.pages import Page
from tests.web.worked import MONTHS, THEN, html

OWN = "Only your leads."
MANAGED = "Only your leads and those of the teams you manage."
SINCE = "since=2026-03-01T12%3A00%3A00%2B01%3A00"
QUESTION = f"{MONTHS}&{THEN}"
PAGES = [
    f"/reports/company/?{QUESTION}",
    f"/reports/leads/?{QUESTION}&view=work",
    f"/reports/company/leads/?{QUESTION}&column=created_leads",
    f"/reports/company/explain/?{QUESTION}&column=created_leads",
    f"/reports/company/changes/?{QUESTION}&{SINCE}",
    f"/reports/team/credit/?{QUESTION}",
    f"/reports/company/quality/?{QUESTION}",
]
FILES = [
    f"/reports/company/export/xlsx?{QUESTION}",
    f"/reports/company/leads/export/xlsx?{QUESTION}&column=created_leads",
    f"/reports/company/changes/export/xlsx?{QUESTION}&{SINCE}",
    f"/reports/team/credit/export/xlsx?{QUESTION}",
]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_states_the_scope_of_its_reader(address, readers, visit):
    told = {
        name: re.sub(r"\s+", " ", Page.read(html(visit(reader), address)).text)
        for name, reader in (("bo", readers.bo), ("mona", readers.mona), ("ada", readers.ada))
    }
    # On the page, and for reports at the head of the printed page.
    times = 2 if re.match(r"/reports/\w+/\?", address) else 1
    assert told["bo"].count(OWN) == times
    assert told["mona"].count(MANAGED) == times
    assert "Only the leads" not in told["ada"]


@pytest.mark.parametrize("address", FILES)
def test_a_file_states_the_scope_of_its_reader(address, readers, visit):
    def written(reader):
        response = visit(reader).get(address)
        assert response.status_code == 200
        with ZipFile(BytesIO(b"".join(response))) as book:
            return "".join(book.read(name).decode() for name in book.namelist() if "xml" in name)

    assert OWN in written(readers.bo)
    assert MANAGED in written(readers.mona)
    assert "Only the leads" not in written(readers.ada)


def test_with_shared_privacy_no_scope_is_stated(shared, visit):
    assert "Only the leads" not in html(visit(shared.bo), PAGES[0])
