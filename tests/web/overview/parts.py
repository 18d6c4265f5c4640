"""Parts of the overview page, as tests read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

# At the end of this day half of the days of February are over.
MID_FEBRUARY = datetime(2026, 2, 14, 11, tzinfo=UTC)
MID_MARCH = datetime(2026, 3, 15, 11, tzinfo=UTC)


def plain(part):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())


def card(page, title):
    """Return the HTML of the card of a figure."""
    for part in page[page.index("month-cards") :].split('<li class="card figure">')[1:]:
        part = part.partition("</li>")[0]
        if plain(part.partition("</h2>")[0]) == title:
            return part
    raise LookupError(title)


def figure(page, title):
    return re.search(r'<p class="value[^"]*"><a [^>]*>([^<]+)<', card(page, title))[1]


def section(page, name):
    start = page.index(f'aria-labelledby="{name}"')
    return page[start : page.index("</section>", start)]


def goal_lines(page):
    return plain(section(page, "goals").partition("</h2>")[2])


def tabs(page):
    """Return the perspectives to choose from: title → address."""
    if "Show figures of" not in page:
        return {}
    part = page[page.index('aria-label="Show figures of"') :].partition("</nav>")[0]
    return {
        title: address for address, title in re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)', part)
    }
