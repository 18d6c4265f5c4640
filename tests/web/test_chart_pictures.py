"""Pictures of charts, for browsers without scripts and for slow connections.

They are correct and safe, and show only what the reader may see.
"""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from leadlight.accounts.models import Organization, User
from leadlight.presentation.charts.drawings import colours
from tests.web.worked import IN_PLACE, MONTHS

pytestmark = pytest.mark.answers

TIME = f"/reports/company/charts/counts.svg?{MONTHS}"
SELLERS = f"/reports/team/charts/amounts.svg?{MONTHS}"


def texts(svg: bytes) -> list[str]:
    return [text.strip() for text in ET.fromstring(svg).itertext() if text.strip()]


@pytest.mark.parametrize("report", ["company", "team", "pipeline"])
def test_a_page_names_a_picture_for_each_of_its_charts(report, readers, visit):
    browser = visit(readers.ada)
    html = browser.get(f"/reports/{report}/?{MONTHS}", follow=True).content.decode()
    described = re.findall(r'class="chart" role="img" aria-label="([^"]+)"', html)
    pictures = re.findall(r'<img src="([^"]+)" alt="([^"]+)">', html)
    assert [text for _address, text in pictures] == described != []
    for address, _text in pictures:
        response = browser.get(unescape(address))
        assert response.headers["Content-Type"] == "image/svg+xml"
        assert ET.fromstring(response.content).tag.endswith("svg")


def test_a_part_of_the_page_for_htmx_has_no_picture_to_load(readers, visit):
    address = f"/reports/company/?{MONTHS}"
    response = visit(readers.ada).get(
        address, headers={"hx-request": "true", "hx-target": "results"}
    )
    content = response.content.decode()
    assert "data-picture=" in content
    # The picture for the printed page is hidden on screen, so browsers load it only to print it.
    assert content.count("<img") == content.count('<img class="on-paper" loading="lazy"')


@pytest.mark.parametrize(
    ("language", "month"),
    [("en", "Feb 2026"), ("fr", "févr. 2026")],
)
def test_a_picture_is_in_the_language_of_the_reader(language, month, readers, visit):
    words = texts(visit(readers.ada, language).get(TIME).content)
    assert month in words


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_has_the_colours_of_the_scheme_and_the_width_asked_for(scheme, readers, visit):
    response = visit(readers.ada).get(f"{TIME}&scheme={scheme}&width=412")
    root, svg = ET.fromstring(response.content), response.content.decode()
    assert float(root.get("width")) == 412
    assert colours(scheme)["won"] in svg
    assert colours({"light": "dark", "dark": "light"}[scheme])["won"] not in svg
    assert "var(" not in svg


def test_a_picture_has_no_links_styles_or_scripts(readers, visit):
    User.objects.filter(pk=readers.ana.pk).update(first_name="<script>a</script>&\x01")
    svg = visit(readers.ada).get(SELLERS).content
    assert any("<script>a</script>&" in text for text in texts(svg))
    for element in ET.fromstring(svg).iter():
        assert element.tag.rpartition("}")[2] not in ("a", "script", "style", "foreignObject")
        assert not {"style", "href", "{http://www.w3.org/1999/xlink}href"} & {*element.attrib}


def test_a_picture_shows_only_what_its_reader_may_see(readers, visit):
    everybody, own = (texts(visit(user).get(SELLERS).content) for user in (readers.ada, readers.bo))
    assert {"Ana Abreu", "Bo Berg"} <= {*everybody}
    assert "Ana Abreu" not in own


@pytest.mark.parametrize("part", [{}, IN_PLACE])
def test_without_the_right_to_export_pages_name_no_pictures_and_refuse_them(part, readers, visit):
    Organization.objects.update(may_export="admins")
    page = f"/reports/company/?{MONTHS}"
    for user, is_holder in ((readers.ada, True), (readers.bo, False)):
        browser = visit(user)
        assert browser.get(TIME).status_code == (200 if is_holder else 403)
        html = browser.get(page, headers=part).content.decode()
        assert 'class="chart"' in html
        assert (".svg?" in html) == is_holder


def test_a_picture_forbids_caching(readers, visit):
    assert visit(readers.ada).get(TIME).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (("width=412", "width=199"), 400),
        (("width=412", "width=2001"), 400),
        (("width=412", "width=٤١٢"), 400),
        (("width=412", "width=4e2"), 400),
        (("width=412", "width=412&width=413"), 400),
        (("light", "sepia"), 400),
        (("company", "colours"), 404),
        (("counts.svg", "moon.svg"), 404),
        (("counts.svg", "counts.svg?colour=blue&"), 400),
        (("from=2026-01-01", "from=2026-13-01"), 400),
    ],
)
def test_an_unknown_picture_is_refused(change, status, readers, visit):
    address = f"{TIME}&scheme=light&width=412"
    assert visit(readers.ada).get(address).status_code == 200
    assert visit(readers.ada).get(address.replace(*change)).status_code == status
