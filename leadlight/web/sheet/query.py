"""Rows of a sheet that a user sees, with the filters of the address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, QueryDict

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.contact_lines import EMAIL, PHONE, WEB
from leadlight.sales.models import Prospect, ProspectColumn, ProspectingList
from leadlight.sales.models.prospecting import CELL
from leadlight.sales.prospecting.duplicate_marks import marks
from leadlight.web.sheet.links import address_of

KINDS: dict[str, str] = {
    ProspectColumn.Notion.EMAIL: EMAIL,
    ProspectColumn.Notion.PHONE: PHONE,
    ProspectColumn.Notion.MOBILE: PHONE,
    ProspectColumn.Notion.WEB: WEB,
}
MOST_ROWS = 300  # of one answer
LONGEST_FILTER = 200
OWNER, STATE = "user", "state"
NOBODY = "none"


@dataclass
class Sheet:
    """A prospecting list as one user sees it."""

    prospecting_list: ProspectingList
    user: User

    @classmethod
    def of(cls, user: User, key: str) -> Sheet:
        """Return the sheet of a list, or raise Http404 if the user may not see the list."""
        found = access.visible_prospecting_lists(user).select_related("user").filter(key=key)
        if (listed := found.first()) is None:
            raise Http404
        return cls(listed, user)

    @cached_property
    def columns(self) -> list[ProspectColumn]:
        return list(self.prospecting_list.columns.select_related("field"))

    @cached_property
    def is_editable(self) -> bool:
        """Whether the user may change columns, settings and all rows."""
        lists = access.editable_prospecting_lists(self.user)
        return lists.filter(pk=self.prospecting_list.pk).exists()

    @property
    def visible_rows(self) -> QuerySet[Prospect]:
        rows = self.prospecting_list.prospects
        if access.sees_all_leads(self.user):
            return rows.all()
        return rows.filter(pk__in=access.visible_prospects(self.user).values("pk"))

    def rows(self, filters: QueryDict) -> QuerySet[Prospect]:
        """Return the visible rows that match the filters, in the order of the sheet.

        `state` is a state, `user` the key of a user or "none", and `c12` a text that the cells of
        the column with this `cell_key` contain. Unknown values match no row.
        """
        rows = self.visible_rows
        if state := filters.get(STATE, ""):
            rows = rows.filter(state=state.replace("\0", ""))
        if owner := filters.get(OWNER, "").replace("\0", ""):
            rows = rows.filter(user=None) if owner == NOBODY else rows.filter(user__key=owner)
        for column in self.columns:
            sought = filters.get(column.cell_key, "").replace("\0", "").strip()[:LONGEST_FILTER]
            if sought:
                rows = rows.filter(**{f"cells__{column.cell_key}__icontains": sought})
        return rows.order_by("pk")

    def described_columns(self) -> list[dict[str, Any]]:
        return [
            {
                "id": column.pk,
                "key": column.cell_key,
                "header": column.header,
                "meaning": column.field.name if column.field else column.get_notion_display(),
                "target": f"field:{column.field.key}" if column.field else column.notion,
                "kind": column.field.kind if column.field else column.notion,
                "hidden": column.is_hidden,
            }
            for column in self.columns
        ]

    def described(self, rows: list[Prospect]) -> list[dict[str, Any]]:
        """Return rows as the script of the sheet reads them."""
        found = marks(rows, self.columns, self.user)
        editable = self._editable(rows)
        return [
            {
                "id": row.pk,
                "key": row.key,
                "version": row.version,
                "cells": {key: row.cells[key] for key in row.cells if key.startswith(CELL)},
                "state": row.state,
                "day": row.call_back_on and row.call_back_on.isoformat(),
                "user": str(row.user) if row.user else "",
                "marks": [str(mark) for mark in found.get(row.pk, ())],
                "links": self._links(row),
                "edit": row.pk in editable,
            }
            for row in rows
        ]

    def _links(self, row: Prospect) -> dict[str, str]:
        """Return the address that a cell of a known column links to, by its key."""
        addresses = {
            column.cell_key: address_of(KINDS[column.notion], row.cells[column.cell_key])
            for column in self.columns
            if column.notion in KINDS and column.cell_key in row.cells
        }
        return {key: address for key, address in addresses.items() if address}

    def _editable(self, rows: list[Prospect]) -> set[int]:
        ids = {row.pk for row in rows}
        if self.is_editable or not ids:
            return ids
        own = access.editable_prospects(self.user).filter(pk__in=ids)
        return set(own.values_list("pk", flat=True))


def visible_prospect(user: User, key: str) -> Prospect:
    """Return a row that the user may see, or raise Http404."""
    rows = access.visible_prospects(user).filter(key=key)
    found = rows.select_related("prospecting_list", "user").first()
    if found is None:
        raise Http404
    return found


def may_edit_row(user: User, row: Prospect) -> bool:
    return access.editable_prospects(user).filter(pk=row.pk).exists()
