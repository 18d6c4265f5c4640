"""Names, contact details, state and owner of the prospects in a list behind a figure.

The replica has only the keys of prospects. The texts come from the database, and only for the
prospects that the reader may open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from leadlight.accounts.models import User
from leadlight.analytics.export.sheets import Heading, Sheet
from leadlight.sales.access import visible_prospects
from leadlight.sales.models import Prospect, ProspectColumn

Notion = ProspectColumn.Notion
PHONES = (Notion.PHONE, Notion.MOBILE)
NAMES = (Notion.NAME, Notion.FIRST_NAME, Notion.LAST_NAME)
NOTIONS = (*PHONES, *NAMES, Notion.EMAIL, Notion.COMPANY)
ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class ListedProspect:
    """A prospect with the address of its page; texts that the row does not have are empty."""

    name: str
    address: str
    phone: str
    email: str
    company: str
    contact: str
    state: str
    owner: str


def listed_prospects(user: User, rows: Iterable[Mapping[str, Any]]) -> dict[str, ListedProspect]:
    """Return the prospects of these rows that the user may open, by key.

    Runs no query for rows without prospects.
    """
    keys = {row["prospect"] for row in rows if row.get("prospect")}
    if not keys:
        return {}
    prospects = list(visible_prospects(user).filter(key__in=keys).select_related("user"))
    lists = {one.prospecting_list_id for one in prospects}
    columns = list(ProspectColumn.objects.filter(prospecting_list__in=lists, notion__in=NOTIONS))
    return {one.key: _listed(one, columns) for one in prospects}


def _listed(prospect: Prospect, columns: Iterable[ProspectColumn]) -> ListedProspect:
    own = [one for one in columns if one.prospecting_list_id == prospect.prospecting_list_id]

    def text(*notions: str) -> str:
        keys = (column.cell_key for column in own if column.notion in notions)
        return next((prospect.cells[key] for key in keys if prospect.cells.get(key)), "")

    return ListedProspect(
        name=str(prospect),
        address=reverse("prospect", args=[prospect.key]),
        phone=text(*PHONES),
        email=text(Notion.EMAIL),
        company=text(Notion.COMPANY),
        contact=text(Notion.NAME) or " ".join(filter(None, map(text, NAMES[1:]))),
        state=prospect.state,
        owner=str(prospect.user) if prospect.user else "",
    )


# Files


def with_prospects(sheet: Sheet, user: User, *, is_for_people: bool) -> Sheet:
    """Return the sheet of a list with the columns of its prospects; other sheets unchanged.

    The cells of a prospect that the user may not open are empty. The state is a label for people,
    else a code.
    """
    places = [place for place, one in enumerate(sheet.headings) if one.key == "prospect"]
    if not places:
        return sheet
    columns = {
        "name": _("Prospect"),
        "company": _("Company"),
        "contact": pgettext("of a person", "Name"),
        "phone": _("Phone"),
        "email": _("Email"),
        "state": _("State"),
        "owner": _("Owner"),
    }
    headings = tuple(Heading(f"prospect_{key}", title, "text") for key, title in columns.items())
    after = places[0] + 1

    def cells(listed: ListedProspect | None) -> tuple[str | None, ...]:
        if listed is None:
            return (None,) * len(columns)
        texts = (getattr(listed, key) for key in columns)
        return tuple(
            str(Prospect.State(text).label) if key == "state" and is_for_people else text or None
            for key, text in zip(columns, texts, strict=True)
        )

    def rows() -> Iterator[tuple[Any, ...]]:
        left = iter(sheet.rows)
        while batch := list(islice(left, ROWS_AT_ONCE)):
            known = listed_prospects(user, ({"prospect": row[places[0]]} for row in batch))
            for row in batch:
                yield (*row[:after], *cells(known.get(row[places[0]])), *row[after:])

    whole = (*sheet.headings[:after], *headings, *sheet.headings[after:])
    key = replace(whole[places[0]], title=_("Key of the prospect"))
    return replace(sheet, headings=(*whole[: places[0]], key, *whole[after:]), rows=rows())
