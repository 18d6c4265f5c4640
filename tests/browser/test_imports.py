"""A file in a browser: chosen, its columns, the preview, imported in the background, and undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from leadlight.sales import bulk
from leadlight.sales.models import ActivityType, Lead
from leadlight.sales.prospecting.lists import make_list
from leadlight.table_import import jobs
from tests.browser.conftest import DESKTOP_AND_PHONE
from tests.browser.test_frame import assert_fits
from tests.web.conftest import at, small_company

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 250
TEXT = "Titre;Montant;Créé le\n" + "".join(
    f"Maison {row};{row},50;{1 + row % 28:02}/01/2026\n" for row in range(ROWS)
)
NAMES = {
    "en": ("Read the file", "Check the file", "Import", "Undo the import"),
    "fr": ("Lire le fichier", "Vérifier le fichier", "Importer", "Annuler l’importation"),
}


@pytest.fixture
def cast(transactional_db, settings, tmp_path):
    settings.LEADLIGHT_DATA = tmp_path
    return small_company()


def houses() -> int:
    return Lead.objects.filter(title__startswith="Maison", is_deleted=False).count()


@DESKTOP_AND_PHONE
def test_a_file_is_imported_and_undone(size, language, cast, open_page, enter):
    read, check, write, undo = NAMES[language]
    page = enter(open_page(size, language), cast.ada)
    page.goto("/import/new/?kind=leads")
    assert_fits(page)
    file = {"name": "maisons.csv", "mimeType": "text/csv", "buffer": TEXT.encode("cp1252")}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name=read).click()
    expect(page.get_by_label("Créé le", exact=True)).to_have_value("created")
    assert_fits(page)
    page.get_by_role("button", name=check).click()
    state = page.locator("#import")
    expect(state.locator("progress")).to_be_visible()
    jobs.run_unfinished()
    expect(state.locator("dd").first).to_have_text(str(ROWS))
    assert houses() == 0
    assert_fits(page)
    page.get_by_role("button", name=write, exact=True).click()
    expect(state.locator("progress")).to_be_visible()
    jobs.run_unfinished()
    expect(page.get_by_role("button", name=undo)).to_be_visible()
    assert houses() == ROWS
    assert_fits(page)
    page.get_by_role("button", name=undo).click()
    expect(state.locator("progress")).to_be_visible()
    bulk.run_unfinished()
    expect(state.locator("progress")).to_have_count(0)
    assert houses() == 0


def calls(cast) -> tuple[str, str, Callable[[], int]]:
    lead, call = Lead.objects.get(), ActivityType.objects.get()
    text = f"Lead;Date;Type\n{lead.key};2026-02-03;{call}\n{lead.key};2026-02-04;{call}\n"
    return "?kind=activities", text, lead.activities.count


def steps(cast) -> tuple[str, str, Callable[[], int]]:
    lead = Lead.create(
        title="Tower", by=None, key="T", step=cast.steps[1], at=at(5), has_history=False
    )
    text = f"Lead;Step;Date\nT;{cast.steps[0]};2026-01-05\nT;{cast.steps[1]};2026-01-07\n"
    return "?kind=steps", text, lead.events.filter(kind="step").count


def rows(cast) -> tuple[str, str, Callable[[], int]]:
    listed = make_list(cast.ada, "Fair", ["Company", "Email"], [["Lake", "lea@lake.example"]])
    text = "Company;E-mail\nHill;hal@hill.example\nWood;\n"
    return f"?kind=prospects&list={listed.key}", text, listed.prospects.count


@DESKTOP_AND_PHONE
@pytest.mark.parametrize("given", [calls, steps, rows])
def test_rows_of_other_kinds_are_imported_and_undone(given, size, language, cast, open_page, enter):
    read, check, write, undo = NAMES[language]
    address, text, count = given(cast)
    before = count()
    page = enter(open_page(size, language), cast.ada)
    page.goto(f"/import/new/{address}")
    assert_fits(page)
    file = {"name": "rows.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name=read).click()
    assert_fits(page)
    page.get_by_role("button", name=check).click()
    page.get_by_role("button", name=write, exact=True).click()
    expect(page.locator("#import dd").first).to_have_text("2")
    assert count() > before
    assert_fits(page)
    page.get_by_role("button", name=undo).click()
    expect(page.get_by_role("button", name=undo)).to_have_count(0)
    assert count() == before
