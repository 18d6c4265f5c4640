"""Full-text index of the words of rows, in SQLite and PostgreSQL.

SQLite: an FTS5 table for each table of words, kept up to date by triggers. PostgreSQL: a GIN index
of the words as lexemes. Neither splits nor folds the words any further, so both find the same, and
PostgreSQL needs no extension.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from leadlight.sales.models.search_words import WORDS, SearchWords

# Lengths of the prefixes that FTS5 indexes; longer prefixes are ranges of few words.
PREFIXES = "2 3 4 5"
VECTOR = "array_to_tsvector(string_to_array(words, ' '))"


def fts_table(model: type[SearchWords]) -> str:
    return f"{model._meta.db_table}_fts"


def statements(model: type[SearchWords], vendor: str) -> dict[str, str]:
    """Return the objects of a table of words: name → CREATE statement."""
    table, fts = model._meta.db_table, fts_table(model)
    if vendor == "postgresql":
        return {fts: f"CREATE INDEX {fts} ON {table} USING gin ({VECTOR})"}
    add = f"INSERT INTO {fts} (rowid, words) VALUES (NEW.row_id, NEW.words);"
    remove = f"INSERT INTO {fts} ({fts}, rowid, words) VALUES ('delete', OLD.row_id, OLD.words);"
    bodies = {"insert": add, "delete": remove, "update": remove + " " + add}
    return {
        fts: (
            f"CREATE VIRTUAL TABLE {fts} USING fts5 (words, content='{table}', "
            f"content_rowid='row_id', detail=none, columnsize=0, prefix='{PREFIXES}', "
            "tokenize=\"ascii tokenchars '=^'\")"
        )
    } | {
        f"{fts}_{event}": (
            f"CREATE TRIGGER {fts}_{event} AFTER {event.upper()} ON {table} BEGIN {body} END"
        )
        for event, body in bodies.items()
    }


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the missing objects of the index, and fill a new one with the words of the tables."""
    with connection.cursor() as cursor:
        for model in WORDS:
            wanted = statements(model, connection.vendor)
            if connection.vendor == "postgresql":
                _install_on_postgresql(cursor, model, wanted)
            else:
                _install_on_sqlite(cursor, model, wanted)


def _install_on_postgresql(cursor: Any, model: type[SearchWords], wanted: dict[str, str]) -> None:
    for name, sql in wanted.items():
        cursor.execute("SELECT to_regclass(%s) IS NULL", [name])
        if cursor.fetchone()[0]:
            cursor.execute(sql)


def _install_on_sqlite(cursor: Any, model: type[SearchWords], wanted: dict[str, str]) -> None:
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE name LIKE %s", [f"{model._meta.db_table}%"]
    )
    present = dict(cursor.fetchall())
    changed = [name for name, sql in wanted.items() if present.get(name) != sql]
    for name in changed:
        kind = "TRIGGER" if name.endswith(("insert", "delete", "update")) else "TABLE"
        cursor.execute(f"DROP {kind} IF EXISTS {name}")
        cursor.execute(wanted[name])
    if changed:  # without its triggers, the index may have missed changes
        rebuild(cursor, model)


def rebuild(cursor: Any, model: type[SearchWords]) -> None:
    """Fill the FTS5 table anew from the table of words."""
    fts = fts_table(model)
    cursor.execute(f"INSERT INTO {fts} ({fts}) VALUES ('rebuild')")


def condition(
    model: type[SearchWords], vendor: str, required: Sequence[Sequence[str]]
) -> tuple[str, str]:
    """Return the SQL condition for rows with a word of each group, and its parameter.

    A word that ends with * stands for all words that begin with it. The words consist of letters,
    digits and the signs of marks.
    """
    if vendor == "postgresql":
        groups = [" | ".join(_lexeme(word) for word in group) for group in required]
        query = " & ".join(f"({group})" for group in groups)
        return f"{VECTOR} @@ %s::tsquery", query
    groups = [" OR ".join(_phrase(word) for word in group) for group in required]
    return f"{fts_table(model)} MATCH %s", " AND ".join(f"({group})" for group in groups)


def any_condition(
    model: type[SearchWords],
    vendor: str,
    alternatives: Iterable[Sequence[str]],
    mark: str,
    *,
    is_without: bool = False,
) -> tuple[str, str]:
    """Return the SQL condition for rows with all words of an alternative, and its parameter.

    The rows must also have the word `mark`, or with `is_without`, must not have it.
    """
    if vendor == "postgresql":
        any_of = " | ".join(f"({' & '.join(map(_lexeme, words))})" for words in alternatives)
        operator = "& !" if is_without else "& "
        return f"{VECTOR} @@ %s::tsquery", f"({any_of}) {operator}{_lexeme(mark)}"
    any_of = " OR ".join(f"({' AND '.join(map(_phrase, words))})" for words in alternatives)
    operator = "NOT" if is_without else "AND"
    return f"{fts_table(model)} MATCH %s", f"({any_of}) {operator} {_phrase(mark)}"


def _lexeme(word: str) -> str:
    return f"'{word[:-1]}':*" if word.endswith("*") else f"'{word}'"


def _phrase(word: str) -> str:
    return f'"{word[:-1]}" *' if word.endswith("*") else f'"{word}"'


def source(model: type[SearchWords], vendor: str) -> tuple[str, str]:
    """Return the table that a search reads, and its column of row ids."""
    if vendor == "postgresql":
        return model._meta.db_table, "row_id"
    return fts_table(model), "rowid"
