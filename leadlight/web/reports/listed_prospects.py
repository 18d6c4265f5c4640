"""Names, phone numbers and email addresses of the prospects in a list behind a figure.

The replica has only the keys of prospects. The texts come from the database, and only for the
prospects that the reader may open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from leadlight.accounts.models import User
from leadlight.sales.access import visible_prospects
from leadlight.sales.models import Prospect, ProspectColumn

Notion = ProspectColumn.Notion
PHONES = (Notion.PHONE, Notion.MOBILE)


@dataclass(frozen=True)
class ListedProspect:
    """A prospect with the address of its page; texts that the row does not have are empty."""

    name: str
    address: str
    phone: str
    email: str


def listed_prospects(user: User, rows: Iterable[Mapping[str, Any]]) -> dict[str, ListedProspect]:
    """Return the prospects of these rows that the user may open, by key.

    Runs no query for rows without prospects.
    """
    keys = {row["prospect"] for row in rows if row.get("prospect")}
    if not keys:
        return {}
    prospects = list(visible_prospects(user).filter(key__in=keys))
    lists = {one.prospecting_list_id for one in prospects}
    columns = list(
        ProspectColumn.objects.filter(
            prospecting_list__in=lists, notion__in=(*PHONES, Notion.EMAIL)
        )
    )
    return {one.key: _listed(one, columns) for one in prospects}


def _listed(prospect: Prospect, columns: Iterable[ProspectColumn]) -> ListedProspect:
    def text(*notions: str) -> str:
        keys = (column.cell_key for column in columns if column.notion in notions)
        return next((prospect.cells[key] for key in keys if prospect.cells.get(key)), "")

    return ListedProspect(
        str(prospect), reverse("prospect", args=[prospect.key]), text(*PHONES), text(Notion.EMAIL)
    )
