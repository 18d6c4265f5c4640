"""Contact points and search words of the rows that an import writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from leadlight.importing.company_folder import FILE
from leadlight.importing.custom_fields import definitions
from leadlight.importing.key_map import KeyMap, batches
from leadlight.importing.planning import Plan
from leadlight.importing.problems import Progress
from leadlight.importing.staging import Staged
from leadlight.sales.models import ContactPoint
from leadlight.sales.search import writing

ROWS_AT_ONCE = 2_000


class SearchWriter:
    """Writer of the search data of an import, in two steps like `FileWriter`.

    Contacts, which take longest, are recognised before the lock is taken. The words are computed
    from the rows after these were written.
    """

    def __init__(self, plan: Plan, key_map: KeyMap, country: str, progress: Progress) -> None:
        self.plan = plan
        self.key_map = key_map
        self.country = country
        self.progress = progress
        fields = plan["fields"]
        self.fields = definitions([*fields.created, *(new for _id, new, _old in fields.updated)])
        self.columns: list[Any] = [
            ContactPoint._meta.get_field(name) for name in ("lead", *writing.CONTACT_COLUMNS)
        ]
        self.staged = Staged("contact_points", ContactPoint, self.columns)

    def prepare(self) -> None:
        self.staged.fill(batches(self._contacts(), ROWS_AT_ONCE))

    def write(self) -> None:
        """Write the contacts and words of the created and updated rows.

        The rows must be in the database already.
        """
        leads = {number for number, row, old in self.plan["leads"].updated if _differs(row, old)}
        for batch in batches(sorted(leads)):
            ContactPoint.objects.filter(lead__in=batch).delete()
        self.staged.insert()
        for name, index in (
            ("prospects", writing.index_prospects),
            ("clients", writing.index_clients),
            ("tags", writing.index_tags),
            ("leads", writing.write_lead_words),
        ):
            ids = self._written(name)
            for done, batch in enumerate(batches(ids, writing.BATCH)):
                self.progress(_("Writing the search index"), done * writing.BATCH, len(ids))
                index(batch)

    def drop_staged(self) -> None:
        self.staged.drop()

    def _written(self, name: str) -> list[int]:
        """Return the ids of the created and updated rows. For tags: the ids of the renamed ones."""
        file, changes = FILE[name], self.plan[name]
        if name == "tags":
            return [number for number, row, old in changes.updated if row.name != old.name]
        keys = (file.key_of(row) for row in changes.created)
        created = [self.key_map.id_of(name, self.key_map.of(name, key) or 0) for key in keys]
        return [*created, *(number for number, _row, _old in changes.updated)]

    def _contacts(self) -> Iterator[list[Any]]:
        for row in self.plan["leads"].created:
            number = self.key_map.of("leads", row.lead) or 0
            yield from self._of(self.key_map.id_of("leads", number), row)
        for number, row, old in self.plan["leads"].updated:
            if _differs(row, old):
                yield from self._of(number, row)

    def _of(self, lead_id: int, row: Any) -> Iterator[list[Any]]:
        values = [
            (key, str(self.fields[key].kind), text)
            for key, text in sorted(row.cells.items())
            if self.fields[key].kind in writing.FIELD_KINDS
        ]
        for point in writing.points(row.description, values, self.country):
            yield [
                column.get_db_prep_save(value, connection)
                for column, value in zip(self.columns, (lead_id, *point), strict=True)
            ]


def _differs(row: Any, old: Any) -> bool:
    """Return whether the update of a lead can change its contacts."""
    return (row.description, row.cells) != (old.description, old.cells)
