"""Creation of prospecting lists, of their columns, and of many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models import Prospect, ProspectColumn, ProspectingList, ProspectWords
from leadlight.sales.models.prospecting import LONGEST_HEADER, LONGEST_LIST_NAME
from leadlight.sales.models.valid_values import CONTROL, valid_line, valid_text
from leadlight.sales.prospecting.editing import Editing, Subject, editing
from leadlight.sales.prospecting.notions import Target, own_fields, target_of
from leadlight.sales.refusals import Refused
from leadlight.sales.search.writing import batches, words_of_new_prospects

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
    done: list[int] = []
    iterator = iter(rows)
    with editing(prospecting_list) as edit:
        while batch := list(islice(iterator, ROWS_AT_ONCE)):
            done += write(edit, prepare(prospecting_list, keys, batch, user=user))
            progress(len(done))
    return done


def check_rows(rows: Iterable[Sequence[str]]) -> None:
    """Refuse rows that `add_rows` would refuse for a new list."""
    count = 0
    for row in rows:
        texts = [valid_text(text, LONGEST_CELL) for text in row if text]
        count += any(texts)
        if count > MOST_ROWS:
            raise too_many_rows()


@dataclass(frozen=True)
class PreparedRows:
    """New rows that are not in the database yet, with the search words of each."""

    rows: Sequence[Prospect]
    words: Sequence[str]


def prepare(
    prospecting_list: ProspectingList,
    keys: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    user: User | None = None,
) -> PreparedRows:
    """Prepare rows without a lock: recognising their phone numbers takes longer than writing them.

    `keys` are the keys of their cells; texts with the key "" are left out, and so are empty rows.
    Raises `Refused` for a text that is too long or contains NUL.
    """
    cells = filter(None, (_cells(keys, row) for row in rows))
    made = [Prospect(prospecting_list=prospecting_list, user=user, cells=each) for each in cells]
    return PreparedRows(made, words_of_new_prospects(made))


def write(edit: Editing, prepared: PreparedRows) -> list[int]:
    """Add prepared rows to a list, and return their ids. Raises `Refused` if they are too many."""
    if edit.list.prospects.count() + len(prepared.rows) > MOST_ROWS:
        raise too_many_rows()
    for row in prepared.rows:
        row.version = edit.version
    made = Prospect.objects.bulk_create(prepared.rows)
    ProspectWords.objects.bulk_create(
        ProspectWords(row_id=row.pk, words=words)
        for row, words in zip(made, prepared.words, strict=True)
    )
    edit.has_new_layout = True
    return [row.pk for row in made]


def too_many_rows() -> Refused:
    return Refused(_("A list can have at most %(most)d rows.") % {"most": MOST_ROWS})


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
    """Yield distinct headers outside `taken`: an empty one gets a name, a repeated one a number."""
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
    return {key: text for key, text in zip(keys, texts, strict=False) if key and text}
