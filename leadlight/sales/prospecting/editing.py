"""Changes of a prospecting list: one transaction, one version, and the log that undo reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from leadlight.sales.models import (
    Prospect,
    ProspectChange,
    ProspectColumn,
    ProspectingList,
    Tag,
)
from leadlight.sales.models.actions import current_action
from leadlight.sales.refusals import Refused
from leadlight.sales.search.writing import index_prospects

Subject = ProspectChange.Subject
TAGS = "tags"
# Attributes of rows that search words contain.
SEARCHED = frozenset({"cells", "user_id", "converted_at"})


@contextmanager
def editing(prospecting_list: ProspectingList) -> Iterator[Editing]:
    """Lock a list for the changes of the `with` block, and save them at its end."""
    with transaction.atomic():
        held = ProspectingList.objects.select_for_update().filter(pk=prospecting_list.pk).first()
        if held is None:
            raise Refused(_("This list no longer exists."))
        edit = Editing(held)
        yield edit
        edit.save()
        prospecting_list.version = held.version
        prospecting_list.layout_version = held.layout_version


class Editing:
    """Changes of a locked list; `save` writes them with the next version of the list."""

    def __init__(self, prospecting_list: ProspectingList) -> None:
        self.list = prospecting_list
        self.version = prospecting_list.version + 1
        self.changes: list[ProspectChange] = []
        self.has_new_layout = False
        self._rows: dict[int, Prospect] = {}
        self._attributes: set[str] = set()
        self._is_changed = False

    def rows(self, ids: Iterable[int]) -> dict[int, Prospect]:
        """Load rows of the list, and return all loaded rows by id, with the changes so far."""
        missing = [pk for pk in ids if pk not in self._rows]
        for start in range(0, len(missing), 500):
            some = missing[start : start + 500]
            self._rows |= self.list.prospects.in_bulk(some)
        return self._rows

    def set_cell(self, row: Prospect, column: ProspectColumn, text: str) -> None:
        """Set a cell to a valid text; "" empties it."""
        old = row.cells.get(column.cell_key, "")
        if text == old:
            return
        self._log(Subject.CELL, row.pk, column.cell_key, old, text)
        row.cells.pop(column.cell_key, None)
        if text:
            row.cells[column.cell_key] = text
        self._touch(row, "cells")

    def set_row(self, row: Prospect, attribute: str, value: Any) -> None:
        """Set an attribute of a row other than its cells."""
        old = getattr(row, attribute)
        if value != old:
            self._log(Subject.ROW, row.pk, attribute, plain(old), plain(value))
            setattr(row, attribute, value)
            self._touch(row, attribute)

    def set_column(self, column: ProspectColumn, attribute: str, value: Any) -> None:
        old = getattr(column, attribute)
        if value != old:
            self._log(Subject.COLUMN, column.pk, attribute, plain(old), plain(value))
            setattr(column, attribute, value)
            column.save(update_fields=[attribute])
            self.has_new_layout = True

    def set_list(self, attribute: str, value: Any) -> None:
        old = getattr(self.list, attribute)
        if value != old:
            self._log(Subject.LIST, self.list.pk, attribute, plain(old), plain(value))
            setattr(self.list, attribute, value)
            self.list.save(update_fields=[attribute])
            self.has_new_layout = True

    def set_tags(self, ids: Iterable[int]) -> None:
        """Set the tags of the list; ids of tags that no longer exist are left out."""
        old = sorted(self.list.tags.values_list("pk", flat=True))
        new = sorted(Tag.objects.filter(pk__in=list(ids)).values_list("pk", flat=True))
        if new != old:
            self._log(Subject.LIST, self.list.pk, TAGS, old, new)
            self.list.tags.set(new)

    def created(self, subject: str, row: models.Model) -> None:
        """Log the creation of the list, a column or a row."""
        self._log(subject, row.pk, "", None, {"version": self.version})
        self.has_new_layout = True

    def delete(self, subject: str, row: models.Model) -> None:
        """Delete a column or a row, and log its values."""
        self._log(subject, row.pk, "", values_of(row), None)
        self._rows.pop(row.pk, None)
        row.delete()
        self.has_new_layout = True

    def touch(self, row: Prospect) -> None:
        """Give a row the new version and its search words, after a change made elsewhere."""
        self._touch(row, "cells")

    def save(self) -> None:
        changed = [row for row in self._rows.values() if row.version == self.version]
        if not (changed or self.changes or self._is_changed or self.has_new_layout):
            return
        if changed:
            Prospect.objects.bulk_update(changed, sorted(self._attributes), batch_size=200)
        if self._attributes & SEARCHED:
            index_prospects(row.pk for row in changed)
        self.list.version = self.version
        if self.has_new_layout:
            self.list.layout_version = self.version
        self.list.save(update_fields=["version", "layout_version"])
        ProspectChange.objects.bulk_create(self.changes, batch_size=500)

    def _touch(self, row: Prospect, attribute: str) -> None:
        self._rows[row.pk] = row
        self._attributes |= {attribute, "version"}
        row.version = self.version
        self._is_changed = True

    def _log(self, subject: str, pk: int, attribute: str, old: Any, new: Any) -> None:
        self._is_changed = True
        action = current_action()
        if action is not None:
            self.changes.append(
                ProspectChange(
                    action=action,
                    prospecting_list=self.list,
                    subject=subject,
                    changed_id=pk,
                    attribute=attribute,
                    old=old,
                    new=new,
                )
            )


def plain(value: Any) -> Any:
    """Return a value of a database column as a value of JSON."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def values_of(row: models.Model) -> dict[str, Any]:
    """Return the columns of a database row as values of JSON."""
    return {
        field.attname: plain(getattr(row, field.attname)) for field in row._meta.concrete_fields
    }


def from_plain(model: type[models.Model], attribute: str, value: Any) -> Any:
    """Return the value of a database column from its value of JSON; the inverse of `plain`."""
    field = next(one for one in model._meta.concrete_fields if attribute in (one.attname, one.name))
    return value if isinstance(field, models.JSONField) else field.to_python(value)
