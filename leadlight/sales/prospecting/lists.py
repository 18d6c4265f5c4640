"""Creation of prospecting lists, and of their columns and rows in great number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models import Prospect, ProspectColumn, ProspectingList
from leadlight.sales.models.prospecting import LONGEST_HEADER, LONGEST_LIST_NAME
from leadlight.sales.models.valid_values import CONTROL, valid_line, valid_text
from leadlight.sales.prospecting.editing import Subject, editing
from leadlight.sales.prospecting.notions import Target, own_fields, target_of
from leadlight.sales.refusals import Refused
from leadlight.sales.search.writing import batches, index_prospects

LONGEST_CELL = 10_000
MOST_COLUMNS = 200
MOST_ROWS = 100_000
ROWS_AT_ONCE = 900

Progress = Callable[[int], None]


def make_list(
    user: User,
    name: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    targets: Sequence[Target | None] = (),
    progress: Progress = lambda _rows: None,
) -> ProspectingList:
    """Create a list of the user with these columns and rows, all or nothing.

    Empty headers get a name, and headers that occur twice a number. `targets` are the meanings of
    the columns; one that is None, or missing, is recognised by its header. A row may be shorter
    than the headers; empty rows are left out. `progress` is given the number of rows written.
    Raises `Refused` for a bad name or text, and for too many columns or rows.
    """
    with transaction.atomic():
        made = ProspectingList.objects.create(name=valid_line(name, LONGEST_LIST_NAME), user=user)
        columns = add_columns(made, headers, targets=targets)
        add_rows(made, columns, rows, progress=progress)
        with editing(made) as edit:
            edit.created(Subject.LIST, made)
    return made


def add_columns(
    prospecting_list: ProspectingList,
    headers: Sequence[str],
    *,
    targets: Sequence[Target | None] = (),
) -> list[ProspectColumn]:
    """Add columns after those of the list, and return them in the order of the headers."""
    present = list(prospecting_list.columns.all())
    if len(present) + len(headers) > MOST_COLUMNS:
        raise Refused(_("A list can have at most %(most)d columns.") % {"most": MOST_COLUMNS})
    fields = own_fields()
    last = max((column.position for column in present), default=0)
    columns = []
    for place, header in enumerate(free_headers(headers, [each.header for each in present])):
        target = targets[place] if place < len(targets) else None
        target = target or target_of(header, fields)
        columns.append(
            ProspectColumn(
                prospecting_list=prospecting_list,
                header=header,
                position=last + place + 1,
                notion=target.notion,
                field=target.field,
            )
        )
    return ProspectColumn.objects.bulk_create(columns)


def add_rows(
    prospecting_list: ProspectingList,
    columns: Sequence[ProspectColumn],
    rows: Iterable[Sequence[str]],
    *,
    user: User | None = None,
    progress: Progress = lambda _rows: None,
) -> list[int]:
    """Add rows after those of the list, by batches, and return their ids; empty rows are left out.

    The texts of a row are those of `columns`, in the same order. Raises `Refused` for a text that
    is too long or contains NUL, and for too many rows. Nothing is logged for an undo.
    """
    keys = [column.cell_key for column in columns]
    room = MOST_ROWS - prospecting_list.prospects.count()
    done: list[int] = []
    with editing(prospecting_list) as edit:
        cells = filter(None, (_cells(keys, row) for row in rows))
        while batch := list(islice(cells, ROWS_AT_ONCE)):
            if len(done) + len(batch) > room:
                raise Refused(_("A list can have at most %(most)d rows.") % {"most": MOST_ROWS})
            made = Prospect.objects.bulk_create(
                Prospect(
                    prospecting_list=prospecting_list, user=user, cells=each, version=edit.version
                )
                for each in batch
            )
            ids = [prospect.pk for prospect in made]
            index_prospects(ids)
            done += ids
            edit.has_new_layout = True
            progress(len(done))
    return done


def renew(prospects: Iterable[int]) -> None:
    """Make open sheets of the lists of these prospects load their rows again."""
    lists: set[int] = set()
    for batch in batches(prospects):
        rows = Prospect.objects.filter(pk__in=batch).order_by()
        lists |= set(rows.values_list("prospecting_list", flat=True).distinct())
    for some in batches(sorted(lists)):
        changed = ProspectingList.objects.filter(pk__in=some)
        changed.update(version=F("version") + 1, layout_version=F("version") + 1)


def free_headers(headers: Iterable[str], taken: Iterable[str]) -> Iterator[str]:
    """Yield headers without those that are taken: empty ones are named, others get a number."""
    used = set(taken)
    for place, written in enumerate(headers, start=len(used) + 1):
        plain = " ".join(CONTROL.sub(" ", written).split())[:LONGEST_HEADER]
        header = named = plain or _("Column %(number)d") % {"number": place}
        number = 2
        while header in used:
            ending = f" {number}"
            header, number = named[: LONGEST_HEADER - len(ending)] + ending, number + 1
        used.add(header)
        yield header


def _cells(keys: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    texts = (valid_text(text, LONGEST_CELL) if text else "" for text in row)
    return {key: text for key, text in zip(keys, texts, strict=False) if text}
