"""The worked company with its readers, for tests of report pages.

Ada is the admin, Mona manages the team South, Ana sells in North and Bo in South. Uma is in no team
and has no leads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from django.test import Client as Browser

from leadlight import importing
from leadlight.accounts.models import Membership, Organization, Team, User
from leadlight.analytics.reports import CATALOGUE
from leadlight.sales.models import Category
from tests.worked_company import write_worked_company

# The three months of the definitions, as recorded up to the middle of March.
MONTHS = "from=2026-01-01&to=2026-03-31&bucket=month"
THEN = "as_of=2026-03-15T12%3A00%3A00%2B01%3A00"
# Headers of the request that htmx sends when a filter changes.
IN_PLACE = {"hx-request": "true", "hx-target": "results"}


def questions(*groupings: str) -> list[tuple[str, str]]:
    """Return each report with each of these groupings that it has; the empty one is the default."""
    return [
        (key, f"{MONTHS}&group_by={grouping}" if grouping else MONTHS)
        for key, report in CATALOGUE.items()
        for grouping in groupings
        if not grouping or grouping in report.groupings
    ]


@dataclass(frozen=True)
class Readers:
    ada: User
    mona: User
    ana: User
    bo: User
    uma: User


def worked_company(folder: Path, privacy: str = "own") -> Readers:
    importing.import_folder(write_worked_company(folder))
    Category.objects.create(key="region", name="Region")
    Organization.objects.update(privacy=privacy)
    mona = _reader("Mona", "manager")
    Membership.objects.create(team=Team.objects.get(key="south"), user=mona, is_manager=True)
    _reader("Ada", "admin")
    _reader("Uma", "user")
    return cast_of_readers()


def cast_of_readers() -> Readers:
    """Return the readers of the worked company that is in the database."""
    return Readers(**User.objects.in_bulk(["ada", "mona", "ana", "bo", "uma"], field_name="key"))


def _reader(name: str, role: str) -> User:
    return User.objects.create_user(
        f"{name.lower()}@example.com", key=name.lower(), first_name=name, role=role
    )


def html(browser: Browser, address: str, status: int = 200, **headers: Any) -> str:
    response = browser.get(address, follow=True, headers=headers)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def report_page(browser: Browser, key: str = "company", query: str = MONTHS) -> str:
    return html(browser, f"/reports/{key}/?{query}&{THEN}" if query else f"/reports/{key}/?{THEN}")


def cells(page: str) -> list[tuple[str, str]]:
    """Return the figures of the table, row by row: the address of their list, and their text."""
    table = page[page.index("<tbody>") : page.index("</tfoot>")]
    found = re.findall(r'<td class="number[^"]*"><a href="([^"]+)"[^>]*>([^<]+)</a>', table)
    return [(unescape(address), unescape(text)) for address, text in found]


def row_names(page: str) -> list[str]:
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    names = re.findall(r'<th scope="row">(.*?)</th>', body)
    return [unescape(re.sub("<span.*?</span>|<[^>]+>", "", name)) for name in names]


def figure(page: str, column: str, row: str | None = None) -> str:
    """Return the text of one cell: of the row with this key, or of the total."""
    place = f"&row={row}" if row else ""
    ending = f"column={column}{place}"
    [text] = [text for address, text in cells(page) if address.endswith(ending)]
    return text
