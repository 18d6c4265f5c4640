"""Match of the columns of a table to targets, by header and by content. A tie is left to the user.

A header that equals a label of a target takes precedence over one that contains it, and this over
one that misspells it. The content of a column rules out targets of other kinds, and decides if the
header matches no target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from leadlight.tables import contents
from leadlight.tables.header_words import CONTAINED, HeaderWords, header_words, likeness

TEXT, NUMBER, AMOUNT, DAY, INSTANT, YES_NO = "text", "number", "amount", "day", "instant", "yes_no"
EMAIL, PHONE, LINK, ADDRESS, CHOICE = "email", "phone", "link", "address", "choice"
BY_HEADER, BY_CONTENT = "header", "content"
# Kinds that cells show clearly. Phone numbers below “Phone of the director” confirm that the column
# matches the label “Phone”, although its header has more words.
RECOGNISED = (EMAIL, PHONE, LINK)
FEWEST_LETTERS = 4  # of a label of one word that matches a header of several words


@dataclass(frozen=True)
class Target:
    """Field that a column can be matched to.

    `labels` are its headers in every language; case, accents, plural and punctuation are ignored.
    `kind` is the kind of its values: one of the constants above, which include the kinds of custom
    fields. Several columns can be matched to a target with `is_repeatable`, such as a phone number,
    but at most one column to any other target. A target with `is_by_header_only` is never matched
    by the content of a column.
    """

    key: str
    labels: tuple[str, ...]
    kind: str = TEXT
    is_repeatable: bool = False
    is_by_header_only: bool = False


@dataclass(frozen=True)
class Match:
    """Target of one column.

    `target` is its key, "" if none is certain; `by` is `BY_HEADER` or `BY_CONTENT`, "" without a
    target. `candidates` are the keys between which the user has to choose, and `reason` is a
    sentence about that choice.
    """

    position: int
    header: str
    target: str = ""
    by: str = ""
    candidates: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_ambiguous(self) -> bool:
        return bool(self.candidates) and not self.target


@dataclass
class _Column:
    """Column that is being matched.

    `targets` are the targets that its header matches best; `rank` is `EXACT`, `CONTAINED` or
    `MISSPELT` for them, 0 without targets (`header_words`).
    """

    position: int
    header: str
    words: HeaderWords
    cells: list[str]
    targets: list[Target] = field(default_factory=list)
    rank: int = 0


def match_columns(
    headers: Sequence[str], rows: Sequence[Sequence[str]], targets: Sequence[Target]
) -> list[Match]:
    """Return the match of each column, in their order; `rows` are the cells of a sample."""
    labels = [(target, [header_words(label) for label in target.labels]) for target in targets]
    columns = [_column(position, header, rows, labels) for position, header in enumerate(headers)]
    matches = {column.position: Match(column.position, column.header) for column in columns}
    for column in columns:
        matches[column.position] = _match_by_header(column, targets)
    for target in targets:
        if not target.is_repeatable:
            _refuse_ties(target, columns, matches)
    _match_contents(columns, matches, targets)
    _match_last_name(columns, matches, targets)
    return [matches[column.position] for column in columns]


def _column(
    position: int,
    header: str,
    rows: Sequence[Sequence[str]],
    labels: list[tuple[Target, list[HeaderWords]]],
) -> _Column:
    cells = [
        row[position].strip()
        for row in rows[: contents.CELLS_COMPARED]
        if position < len(row) and row[position].strip()
    ]
    column = _Column(position, header, header_words(header), cells)
    best = (0, 0)
    for target, listed in labels:
        for label in listed:
            like = likeness(column.words, label)
            if like == (0, 0) or like < best or not _is_allowed(column, target, label, like):
                continue
            if like > best:
                best, column.targets = like, []
            if target not in column.targets:
                column.targets.append(target)
    column.rank = best[0]
    return column


def _is_allowed(column: _Column, target: Target, label: HeaderWords, like: tuple[int, int]) -> bool:
    """Return whether a header that is like a label may be matched to its target.

    If the label is one word of a longer header, the cells must confirm the kind of the target.
    """
    if contents.contradicts(target.kind, column.cells):
        return False
    if like[0] != CONTAINED or len(label.words) > 1:
        return True
    return (
        target.kind in RECOGNISED
        and len(label.joined) >= FEWEST_LETTERS
        and contents.share_of(target.kind, column.cells) >= contents.CONFIRMING
    )


def _match_by_header(column: _Column, targets: Sequence[Target]) -> Match:
    match = Match(column.position, column.header)
    if not column.targets:
        return match
    keys = tuple(target.key for target in column.targets)
    if len(keys) > 1:
        return replace(match, candidates=keys, reason=_("Several fields match this header."))
    kind = contents.kind_of(column.cells)
    if column.targets[0].kind not in (kind, CHOICE) and kind:
        others = tuple(target.key for target in targets if _is_suggested(target, kind))
        if others and column.targets[0].kind in (TEXT, ADDRESS):
            return replace(
                match,
                candidates=(*keys, *others),
                reason=_("The cells do not match the header."),
            )
    return replace(match, target=keys[0], by=BY_HEADER)


def _refuse_ties(target: Target, columns: list[_Column], matches: dict[int, Match]) -> None:
    """Keep a target for the one column whose header matches it best; for none if several do."""
    claiming = [one for one in columns if matches[one.position].target == target.key]
    if len(claiming) < 2:
        return
    best = max((one.rank, -one.words.number) for one in claiming)
    first = [one for one in claiming if (one.rank, -one.words.number) == best]
    for column in claiming:
        match = Match(column.position, column.header)
        if len(first) > 1:
            reason = _("Several columns could be this field: %(columns)s.") % {
                "columns": ", ".join(one.header for one in claiming)
            }
            matches[column.position] = replace(match, candidates=(target.key,), reason=reason)
        elif column is not first[0]:
            matches[column.position] = replace(match, reason=_taken(first[0].header))


def _match_contents(
    columns: list[_Column], matches: dict[int, Match], targets: Sequence[Target]
) -> None:
    """Match the columns whose headers match no target by the kind of their cells."""
    silent = [one for one in columns if matches[one.position] == Match(one.position, one.header)]
    for kind in RECOGNISED:
        suggested = [target for target in targets if _is_suggested(target, kind)]
        alike = [one for one in silent if contents.kind_of(one.cells) == kind]
        if not suggested or not alike:
            continue
        keys = tuple(target.key for target in suggested)
        taken = [match.header for match in matches.values() if match.target in keys]
        for column in alike:
            match = matches[column.position]
            if len(keys) > 1:
                reason = _("The cells could be values of several fields.")
            elif suggested[0].is_repeatable:
                reason = ""
            elif taken:
                reason = _taken(taken[0])
            elif len(alike) > 1:
                reason = _("Several columns could be this field: %(columns)s.") % {
                    "columns": ", ".join(one.header for one in alike)
                }
            else:
                reason = ""
            matches[column.position] = (
                replace(match, candidates=keys, reason=reason)
                if reason
                else replace(match, target=keys[0], by=BY_CONTENT)
            )


def _match_last_name(
    columns: list[_Column], matches: dict[int, Match], targets: Sequence[Target]
) -> None:
    """Match a column “Name” to the last name if another column is the first name."""
    taken = {match.target for match in matches.values()}
    if "first_name" not in taken or "last_name" in taken:
        return
    if not any(target.key == "last_name" for target in targets):
        return
    for column in columns:
        match = matches[column.position]
        if match.target == "name" and column.words.words in (("nom",), ("name",)):
            matches[column.position] = replace(match, target="last_name")


def _is_suggested(target: Target, kind: str) -> bool:
    return target.kind == kind and not target.is_by_header_only


def _taken(header: str) -> str:
    return _("The column “%(column)s” is already this field.") % {"column": header}
