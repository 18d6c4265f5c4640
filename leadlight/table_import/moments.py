"""Person and instant of a row of activities or steps."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.lead_values import Moment
from leadlight.sales.refusals import Refused
from leadlight.table_import import cell_values
from leadlight.table_import.lookups import Names
from leadlight.table_import.planning import Cells, ColumnMapping
from leadlight.tables import Column


def person_of(cells: Cells, mapping: ColumnMapping, people: Names[User]) -> User | None:
    """Return the person that a row names by email address or name, None if it names none."""
    for target in ("user_email", "user"):
        if target in cells.texts:
            return cells.read(mapping.targets[target], lambda text, _column: people.one(text))
    return None


def moment_of(cells: Cells, mapping: ColumnMapping, zone: ZoneInfo) -> Moment:
    """Return the instant of a row, from one cell or from a day and a time of day.

    Raises `Refused` without a day.
    """
    if "occurred_at" not in cells.texts:
        raise Refused(_("The row has no date."))
    time = cells.texts.get("time", "")

    def parse(text: str, column: Column) -> Moment:
        has_time = cell_values.TIME_OF_DAY.search(text) is not None
        return cell_values.moment(text if has_time else f"{text} {time}".strip(), column, zone)

    return cells.read(mapping.targets["occurred_at"], parse)
