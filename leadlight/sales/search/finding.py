"""Find leads, clients and prospects by words, phone numbers, e-mail addresses and keys.

Access rules are applied twice: in the query of the index, by marks of owners, teams and lists, and
again when the rows are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import RawSQL

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales import access
from leadlight.sales.contact_lines import EMAIL, PHONE
from leadlight.sales.models import (
    Client,
    ClientWords,
    ContactPoint,
    Lead,
    LeadWords,
    Prospect,
    ProspectingList,
    ProspectWords,
)
from leadlight.sales.models.search_words import SearchWords
from leadlight.sales.search import tables
from leadlight.sales.search.words import (
    CLOSED,
    OPEN,
    SHORTEST,
    list_mark,
    owner_mark,
    team_mark,
    words_of,
)
from leadlight.tables.values import phone_number

LONGEST_SEARCH = 200
MOST_WORDS = 12
MOST_MARKS = 30  # of owners and lists; beyond them, a join with the visible rows is faster
MOST_REACHED = 500  # newest leads with the searched contact point that are checked for access
ALIKE = 4  # letters at the beginning of words that similar names share
MOST_COMPARED = 100  # newest leads that one query for similar names returns
NEWEST_READ = 2_000  # rows whose words are compared one by one
SHOWN = 8  # rows of each kind
DIGITS_OF_A_PHONE = range(4, 16)
PHONE_LIKE = re.compile(r"\+?[\d\s().\-/]+")

Groups = list[list[str]]  # alternative words; a row matches if it has a word of each group
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Search:
    """Text of a search, read as words, as a phone number, as an e-mail address and as a key."""

    text: str

    @classmethod
    def of(cls, text: str) -> Search:
        return cls(" ".join(text.replace("\0", " ").split())[:LONGEST_SEARCH])

    @cached_property
    def words(self) -> tuple[str, ...]:
        text = self.text
        if "." in text.partition("@")[2] and " " not in text:
            text = text.rpartition(".")[0]  # nearly every address ends with one of a few words
        return tuple(words_of(text)[:MOST_WORDS])

    @property
    def is_empty(self) -> bool:
        return not self.text

    @property
    def is_too_short(self) -> bool:
        """Whether no word is long enough to be looked up."""
        return not any(len(word) >= SHORTEST for word in self.words)

    @property
    def by_words(self) -> Groups:
        """One group for each word; words of one letter must match entirely."""
        return [[f"{word}*" if len(word) >= SHORTEST else word] for word in self.words]

    @property
    def by_title(self) -> Groups:
        """The groups of `by_words`, and one that requires the first word to begin the title."""
        first = f"^{self.words[0]}" + "*" * (len(self.words) == 1)
        return [[first], *self.by_words]

    @property
    def by_digits(self) -> Groups:
        """One group with the digits of a phone number or of its beginning; none for other texts."""
        if not PHONE_LIKE.fullmatch(self.text):
            return []
        # +33 (0)6 …: the 0 in parentheses is dialled only within the country.
        digits = re.sub(r"\(0\)|\D", "", self.text)
        digits = digits.removeprefix("00")
        return [[f"{digits}*"]] if len(digits) in DIGITS_OF_A_PHONE else []

    @property
    def contacts(self) -> QuerySet[ContactPoint]:
        """Contact points whose value is the whole text."""
        if "@" in self.text:
            return ContactPoint.objects.filter(kind=EMAIL, value=self.text.lower())
        number = phone_number(self.text, organization().phone_country) if self.by_digits else ""
        return (
            ContactPoint.objects.filter(kind=PHONE, value=number)
            if number
            else ContactPoint.objects.none()
        )


@dataclass(frozen=True)
class Found(Generic[Row]):
    """Rows of one kind, best first; `has_more` if there are others."""

    rows: tuple[Row, ...] = ()
    has_more: bool = False


def leads(user: User, search: Search, limit: int = SHOWN) -> Found[Lead]:
    """Return the visible leads that match: open before closed, newest first.

    If the text is a contact point of some of them, only those are returned.
    """
    visible = access.visible_leads(user)
    rows = visible.select_related("client", "owner")
    newest = search.contacts.order_by("-lead").values_list("lead", flat=True)[:MOST_REACHED]
    reached = visible.filter(pk__in=list(newest))
    reached = reached.order_by(F("closed_at").asc(nulls_first=True), "-pk")
    ids = [*reached.values_list("pk", flat=True)[: limit + 1]]
    if ids:
        return _read(rows, ids, limit)
    ids = [*visible.filter(key=search.text).values_list("pk", flat=True)]
    return _found(LeadWords, rows, search, lead_marks(user), limit, ids)


def clients(user: User, search: Search, limit: int = SHOWN) -> Found[Client]:
    """Return the visible clients that match; active ones first."""
    visible = access.visible_clients(user)
    ids = [*visible.filter(key=search.text).values_list("pk", flat=True)]
    within, scope = None, access.lead_scope(user)
    if not scope.sees_all:
        within = access.visible_leads(user).filter(client__isnull=False).values("client_id")
    is_wide = bool(scope.team_ids)
    return _found(ClientWords, visible, search, [], limit, ids, within, is_wide=is_wide)


def prospects(user: User, search: Search, limit: int = SHOWN) -> Found[Prospect]:
    """Return the visible prospects that match; those not yet converted first."""
    visible = access.visible_prospects(user)
    ids = [*visible.filter(key=search.text).values_list("pk", flat=True)]
    rows = visible.select_related("prospecting_list")
    marks = prospect_marks(user)
    if sum(map(len, marks)) <= MOST_MARKS:
        return _found(ProspectWords, rows, search, marks, limit, ids)
    return _found(ProspectWords, rows, search, [], limit, ids, visible.values("pk"))


def prospects_with(
    user: User, alternatives: Sequence[Sequence[str]], *, outside: int, most: int
) -> list[tuple[Prospect, set[str]]]:
    """Return the visible prospects that have all words of an alternative, newest first.

    Each is returned with all its words. Prospects of the list with the id `outside` are left out.
    At most `most` rows of the index are read.
    """
    if not alternatives:
        return []
    table, column = tables.source(ProspectWords, connection.vendor)
    condition, query = tables.any_condition(
        ProspectWords, connection.vendor, alternatives, list_mark(outside), is_without=True
    )
    statement = f"SELECT {column} FROM {table} WHERE {condition}"
    ids = _newest(ProspectWords, statement, [query], column, most)
    visible = access.visible_prospects(user).select_related("prospecting_list")
    rows = visible.in_bulk(ids)
    stored = ProspectWords.objects.filter(row__in=list(rows)).values_list("row_id", "words")
    words = {row_id: set(text.split()) for row_id, text in stored}
    return [(rows[pk], words.get(pk, set())) for pk in sorted(rows, reverse=True)]


def matching(rows: QuerySet[Lead], user: User, searched: str) -> QuerySet[Lead]:
    """Return the leads of a query that match a search, or have the text as their key."""
    search = Search.of(searched)
    if search.is_empty:
        return rows
    parts, params = ["SELECT id FROM sales_lead WHERE key = %s"], [search.text]
    for groups in (search.by_words, search.by_digits):
        if groups:
            statement, query, _column = _statement(LeadWords, [*lead_marks(user), *groups])
            parts.append(statement)
            params += query
    found = RawSQL(" UNION ".join(parts), params)  # noqa: S611 (what a person wrote is a parameter)
    return rows.filter(pk__in=found)


def name_candidates(name: str) -> list[int]:
    """Return the ids of leads that may have a similar name, not in the bin.

    A lead is found if its texts have, for each word of the name, a word with the same beginning, or
    if they have one of the two longest words of the name. Each query returns its newest leads
    first.
    """
    words = sorted({word for word in words_of(name) if len(word) > 1}, key=lambda one: -len(one))
    words = words[:MOST_WORDS]
    ids: dict[int, None] = {}
    for groups in [[[_beginning(word)] for word in words], *([[word]] for word in words[:2])]:
        if groups:
            ids |= dict.fromkeys(_ids(LeadWords, groups, MOST_COMPARED, None, is_wide=False))
    return list(ids)


def _beginning(word: str) -> str:
    """Return the search term for words with the same beginning; a short word must be equal."""
    return f"{word[:ALIKE]}*" if len(word) > ALIKE else word


# Access


def lead_marks(user: User) -> Groups:
    """Return one group with the marks of visible leads; none if the user sees all leads."""
    scope = access.lead_scope(user)
    if scope.sees_all:
        return []
    return [[owner_mark(scope.user_id), *map(team_mark, sorted(scope.team_ids))]]


def prospect_marks(user: User) -> Groups:
    """Return one group with the marks of visible prospects; none if the user sees all leads."""
    if access.lead_scope(user).sees_all:
        return []
    colleagues = access.visible_users(user)
    lists = ProspectingList.objects.filter(user__in=colleagues.values("pk"))
    users = colleagues.order_by("pk").values_list("pk", flat=True)
    return [[*map(owner_mark, users), *map(list_mark, lists.values_list("pk", flat=True))]]


# The index


def _found(
    model: type[SearchWords],
    visible: QuerySet[Row],
    search: Search,
    scope: Groups,
    limit: int,
    exact: Sequence[int],
    within: QuerySet[Any] | None = None,
    *,
    is_wide: bool = False,
) -> Found[Row]:
    ids = dict.fromkeys(exact)

    def add(groups: Groups) -> None:
        for state in (OPEN, CLOSED):
            if len(ids) <= limit:
                most = limit + 1 + len(ids)  # the index may return the same rows again
                found = _ids(model, [[state], *scope, *groups], most, within, is_wide=is_wide)
                ids.update(dict.fromkeys(found))

    if not search.is_too_short:
        if search.by_digits:
            add(search.by_digits)
        wanted = [*scope, *search.by_words]
        few = list(_ids(model, wanted, limit + 1, within, is_wide=is_wide))
        if len(few) <= limit:  # the index has no others
            ids |= dict.fromkeys(_ordered(model, search, few))
        else:
            add(search.by_title)
            add(search.by_words)
    return _read(visible, list(ids), limit)


def _ordered(model: type[SearchWords], search: Search, ids: Sequence[int]) -> list[int]:
    """Order ids as the queries by title and by words would."""
    stored = model._default_manager.filter(pk__in=ids).values_list("pk", "words")
    words = {row_id: text.split() for row_id, text in stored}
    [first], *_rest = search.by_title

    def rank(row_id: int) -> tuple[bool, bool, int]:
        own = words.get(row_id, ())
        begins = any(fnmatchcase(word, first) for word in own if word.startswith("^"))
        return not begins, CLOSED in own, -row_id

    return sorted(ids, key=rank)


def _read(visible: QuerySet[Row], ids: Sequence[int], limit: int) -> Found[Row]:
    """Return the visible rows among these ids, in their order."""
    rows = visible.in_bulk(ids[: limit + 1])
    listed = [rows[one] for one in ids if one in rows]
    return Found(tuple(listed[:limit]), has_more=len(listed) > limit)


def _ids(
    model: type[SearchWords],
    groups: Groups,
    most: int,
    within: QuerySet[Any] | None,
    *,
    is_wide: bool,
) -> Iterable[int]:
    """Return the ids of the newest `most` rows that the index finds.

    `within` are the ids that may be returned. If they are the clients of many leads (`is_wide`),
    each id found is checked, because collecting all of them would take longer.
    """
    statement, params, column = _statement(model, groups)
    if within is not None:
        inner, more = within.query.sql_with_params()
        params = (*params, *more)
        if is_wide:
            table, _column = tables.source(model, connection.vendor)
            statement += f" AND EXISTS ({inner} AND sales_lead.client_id = {table}.{column})"
        else:  # the + keeps SQLite from querying the index once for each of these ids
            statement += f" AND +{column} IN ({inner})"
    return _newest(model, statement, params, column, most)


def _newest(
    model: type[SearchWords], statement: str, params: Sequence[Any], column: str, most: int
) -> list[int]:
    """Return the ids of the newest rows of a statement.

    SQLite reads its index from the newest row on. PostgreSQL does not: it reads either the table
    from the newest row on, which takes seconds for a rare word, or all rows with the word, which
    takes seconds for a common word. So the newest `NEWEST_READ` rows are searched first, and all
    rows only if these contain too few matches.
    """
    newest_first = f"ORDER BY {column} DESC LIMIT {most:d}"
    if connection.vendor != "postgresql":
        return _ids_of(f"{statement} {newest_first}", params)
    table, _column = tables.source(model, connection.vendor)
    is_new = f"{column} > (SELECT max({column}) FROM {table}) - {NEWEST_READ:d}"
    ids = _ids_of(f"{statement} AND {is_new} {newest_first}", params)
    if len(ids) == most:
        return ids
    # `+ 0`, so that PostgreSQL does not read the rows in the order of an index
    return _ids_of(f"{statement} ORDER BY {column} + 0 DESC LIMIT {most:d}", params)


def _ids_of(statement: str, params: Sequence[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [row_id for (row_id,) in cursor.fetchall()]


def _statement(model: type[SearchWords], groups: Groups) -> tuple[str, tuple[Any, ...], str]:
    table, column = tables.source(model, connection.vendor)
    condition, query = tables.condition(model, connection.vendor, groups)
    return f"SELECT {column} FROM {table} WHERE {condition}", (query,), column
