"""A file in a browser: chosen, its columns, the preview, imported in the background, and undone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from leadlight.sales import bulk
from leadlight.sales.models import Lead
from leadlight.table_import import jobs
from tests.browser.conftest import DESKTOP_AND_PHONE
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company

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
