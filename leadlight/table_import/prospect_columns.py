"""Match of the columns of a file with those of a prospecting list, and addition of new ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from leadlight.sales.models import TableImport
from leadlight.sales.prospecting.editing import editing
from leadlight.sales.prospecting.lists import add_columns
from leadlight.table_import.targets import NEW_COLUMN, NOT_IMPORTED, Target
from leadlight.tables import matching
from leadlight.tables.matching import Match


def match_columns(
    headers: Sequence[str], rows: Sequence[Sequence[str]], targets: Iterable[Target]
) -> list[Match]:
    """Return the match of each column: the target with its name, else that of `tables.matching`.

    A name of two targets, and two columns with one name, are matched to neither.
    """
    listed = [target for target in targets if not target.key.startswith(NEW_COLUMN)]
    names = [(one, set(map(str.casefold, one.names))) for one in (*listed, *NOT_IMPORTED)]
    found = [_of_same_name(position, header, names) for position, header in enumerate(headers)]
    claimed = Counter(match.target for match in found if match.target)
    for match in found:
        if claimed[match.target] > 1:
            found[match.position] = replace(match, target="", by="", candidates=(match.target,))
    places = [match.position for match in found if not match.target and not match.candidates]
    others = matching.match_columns(
        [headers[place] for place in places],
        [[row[place] for place in places if place < len(row)] for row in rows],
        [target.matched for target in listed if target.key not in claimed],
    )
    for place, match in zip(places, others, strict=True):
        found[place] = replace(match, position=place)
    return found


def remapped(
    given: TableImport, mapping: Mapping[str, str], known: Container[str]
) -> dict[str, str]:
    """Return a saved mapping for the columns of an import: column number → target.

    A column that the earlier import added to the list is mapped to this column of the list.
    """
    present: dict[str, str] = {}
    if given.prospecting_list is not None:
        columns = given.prospecting_list.columns.all()
        present = {column.header: column.cell_key for column in columns}
    found: dict[str, str] = {}
    for position, column in enumerate(given.columns):
        header = column["header"]
        target = mapping.get(header, "")
        if target.startswith(NEW_COLUMN):
            target = present.get(header, f"{NEW_COLUMN}{position}")
        if target in known and target not in found.values():
            found[str(position)] = target
    return found


def add_new_columns(given: TableImport) -> list[int]:
    """Add the new columns of a mapping to the list, and map to them; return their ids.

    Raises `Refused` if the list would have too many columns.
    """
    places = [place for place, target in given.mapping.items() if target.startswith(NEW_COLUMN)]
    prospecting_list = given.prospecting_list
    if not places or prospecting_list is None:
        return []
    with editing(prospecting_list) as edit:
        headers = [given.columns[int(place)]["header"] for place in places]
        made = add_columns(prospecting_list, headers)
        edit.has_new_layout = True
    given.mapping |= {place: one.cell_key for place, one in zip(places, made, strict=True)}
    given.save(update_fields=["mapping"])
    return [column.pk for column in made]


def _of_same_name(position: int, header: str, names: Sequence[tuple[Target, set[str]]]) -> Match:
    match = Match(position, header)
    by_code = [target.key for target, _names in names if target.code == header]
    named = [target for target, known in names if header.casefold() in known]
    keys = by_code or [target.key for target in named if target not in NOT_IMPORTED]
    if keys and not by_code and len(named) > 1:
        reason = _("Several fields match this header.")
        return replace(match, candidates=tuple(keys), reason=reason)
    return replace(match, target=keys[0], by=matching.BY_HEADER) if keys else match
