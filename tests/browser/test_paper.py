"""A printed page and the PDF of a report: the same blocks, in the same order, on the same paper."""

from __future__ import annotations

import io
import re
from unicodedata import normalize
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from leadlight.sales.models import Lead
from tests.web.worked import MONTHS, THEN

# Real transactions: the server's thread must see the rows too.
pytestmark = pytest.mark.django_db(transaction=True)

A4 = (595, 842)
BLOCKS = """() => [...document.querySelectorAll(
    ".paper-head p, .report-cards > li, .drawing h2, .drawing figcaption p, .keys li, .table tr, "
    + ".results > p.on-paper, .report-notes li, .paper-end p"
  )].filter((one) => one.getClientRects().length).map((one) => one.innerText)"""
COMPARED = "from=2026-02-01&to=2026-03-15&bucket=week&compare=previous"


def printed(page: Page, address: str) -> PdfReader:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))


def downloaded(page: Page, language: str) -> PdfReader:
    """Return the PDF of the report that the page shows."""
    here = urlsplit(page.url)
    response = page.request.get(
        f"{here.path}export/pdf?{here.query}", headers={"Accept-Language": language}
    )
    assert response.status == 200
    return PdfReader(io.BytesIO(response.body()))


def blocks(page: Page) -> list[str]:
    """Return the texts of the blocks that are printed, in their order."""
    page.emulate_media(media="print")
    found = page.evaluate(BLOCKS)
    page.emulate_media(media="screen")
    return found


def plain(text: str) -> str:
    """Return a text without ligatures, and without spaces and hyphens, on which lines break."""
    return re.sub(r"[\s\N{SOFT HYPHEN}-]+", "", normalize("NFKC", text))


def text_of(pdf: PdfReader) -> str:
    return plain("".join(page.extract_text() for page in pdf.pages))


def missing(texts: list[str], whole: str) -> list[str]:
    """Return the texts that are not in the whole, each after the one before it."""
    place, left = 0, []
    for text in texts:
        found = whole.find(plain(text), place)
        if found < 0:
            left.append(text)
        else:
            place = found + len(plain(text))
    return left


def sizes(pdf: PdfReader) -> set[tuple[int, int]]:
    return {(round(page.mediabox.width), round(page.mediabox.height)) for page in pdf.pages}


@pytest.mark.parametrize(
    ("address", "language"),
    [
        (f"/reports/company/?{MONTHS}&{THEN}&columns=won_leads&columns=win_rate", "en"),
        (f"/reports/team/?{COMPARED}", "fr"),
        (f"/reports/activities/?view=goals&{THEN}", "en"),
        (f"/reports/pipeline/?{MONTHS}", "fr"),
        (f"/reports/team/?view=ranking&{MONTHS}", "en"),
    ],
)
def test_the_printed_page_and_the_pdf_have_the_same_blocks_in_the_same_order(
    address, language, open_page, readers, enter
):
    page = enter(open_page(language=language, color_scheme="dark"), readers.ada)
    paper = printed(page, address)
    file = downloaded(page, language)
    texts = blocks(page)
    assert len(texts) > 10
    assert missing(texts, text_of(paper)) == []
    assert missing(texts, text_of(file)) == []
    assert sizes(paper) == sizes(file)
    [size] = sizes(paper)
    assert size in (A4, A4[::-1])


def test_nothing_that_is_for_the_screen_alone_is_printed(page, readers, enter):
    enter(page, readers.ada)
    text = text_of(printed(page, f"/reports/company/?{MONTHS}"))
    page.goto(f"/reports/company/?{MONTHS}")
    on_screen = plain(page.locator("body").inner_text())
    for said in ["Save as shortcut", "Export", "How to read this table", "Data quality", "Filters"]:
        assert plain(said) in on_screen
        assert plain(said) not in text


def test_every_printed_page_of_a_long_table_repeats_the_headings(page, readers, enter):
    enter(page, readers.ada)
    paper = printed(page, "/reports/company/?from=2025-12-01&to=2026-03-15&bucket=day&rows=all")
    texts = [one.extract_text() for one in paper.pages]
    with_days = [text for text in texts if re.search(r"\d+ (Dec|Jan|Feb|Mar) 202\d\s", text)]
    assert len(with_days) > 1
    assert all("Cancelled" in text for text in with_days)
    assert sum("\nTotal" in text for text in texts) == 1


def test_the_picture_of_a_chart_for_paper_is_loaded_only_to_print(page, readers, enter):
    enter(page, readers.ada)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/reports/company/?{MONTHS}")
    page.locator(".chart svg").first.wait_for()
    pictures = page.locator(".drawing > img.on-paper").evaluate_all(
        "(images) => images.map((image) => image.src)"
    )
    assert pictures
    # Pictures for the screen, until the script has arrived, have other addresses.
    assert not set(pictures) & set(asked)
    text = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages[0].extract_text()
    assert set(pictures) <= set(asked)
    assert text.count("Jan 2026 Feb 2026 Mar 2026") == len(pictures)


def test_a_list_is_printed_whole_with_its_headings_and_without_controls(page, readers, enter):
    """Sixty leads need several pages, and more columns than a portrait page has room for."""
    for number in range(60):
        Lead.create(title=f"Pane {number:02}", by=readers.bo, owner=readers.bo)
    enter(page, readers.ada)
    paper = printed(page, "/reports/company/leads/?period=all_time&column=created_leads")
    texts = [one.extract_text() for one in paper.pages]
    assert sizes(paper) == {A4[::-1]}
    assert len(texts) > 1
    whole = plain("".join(texts))
    assert [number for number in range(60) if plain(f"Pane {number:02}") not in whole] == []
    assert all(plain("Expected close date") in plain(text) for text in texts)
    assert plain("Export") not in whole
    assert plain("Explain this number") not in whole
