"""Filter of leads by dimensions and their keys.

Lists of leads and reports share this value. It is parsed from a query string, printed back in one
canonical order, described in sentences, and applied to a table of the star. `sales.lead_filter`
applies the same value to the operational database, and a test compares both. Keys are external ids,
or texts if the dimension has no table; `none` selects leads without a value, and the user `me` is
the reader: each reader of an address sees their own leads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from ibis.expr.types import BooleanValue, IntegerColumn, Table

from leadlight.analytics.query import query_params
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.dimensions import CREDITED, DIMENSIONS
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.star.schema import TABLES

WITHOUT = "none"
ME = "me"
SOME = "*"  # placeholder in the shape of a filter: any keys
UNKNOWN = gettext_noop("There is no %(dimension)s “%(key)s”.")
ALL_TAGS = gettext_noop("Tagged %(names)s (all of them).")
THE_READER = gettext_noop("me (%(name)s)")

Chosen = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class LeadFilter:
    """Filter of leads; `chosen` are pairs (dimension, keys), sorted, in the order of `DIMENSIONS`.

    A dimension that is not in `chosen` does not restrict the leads. A lead passes if it has any of
    the keys of each dimension; with `all_tags`, it needs all the chosen tags. `reader` is the key
    of the user for whom `me` stands, if it is chosen.
    """

    chosen: Chosen = ()
    all_tags: bool = False
    reader: str = ""

    @classmethod
    def from_params(
        cls, params: QueryParams, dimensions: Iterable[str], *, all_tags: bool = False
    ) -> LeadFilter:
        """Parse the filters of these dimensions from a query string."""
        names = [name for name in DIMENSIONS if name in dimensions]
        chosen = ((name, query_params.values(params, name)) for name in names)
        return cls(tuple((name, keys) for name, keys in chosen if keys), all_tags)

    def keys(self, dimension: str) -> tuple[str, ...]:
        """Return the chosen keys, sorted; empty if there is no filter by this dimension."""
        return dict(self.chosen).get(dimension, ())

    @property
    def chooses_reader(self) -> bool:
        return ME in self.keys("user")

    def read_by(self, user_key: str) -> LeadFilter:
        """Return the filter for a reader, for whom `me` stands."""
        return replace(self, reader=user_key) if self.chooses_reader else self

    def named(self, dimension: str) -> tuple[str, ...]:
        """Return the chosen keys other than `none`, with the key of the reader in place of `me`."""
        keys = {key for key in self.keys(dimension) if key != WITHOUT}
        if dimension == "user" and self.reader and ME in keys:
            keys = keys - {ME} | {self.reader}
        return tuple(sorted(keys))

    @property
    def resolved(self) -> LeadFilter:
        """The same filter with the key of the reader in place of `me`."""
        if not self.chooses_reader:
            return self
        without = {WITHOUT} & set(self.keys("user"))
        return self.choosing("user", tuple(sorted({*self.named("user"), *without})))

    def choosing(self, dimension: str, keys: tuple[str, ...]) -> LeadFilter:
        """Return the filter with these keys of a dimension instead."""
        chosen = dict(self.chosen) | {dimension: keys}
        return replace(
            self, chosen=tuple((name, chosen[name]) for name in DIMENSIONS if chosen.get(name))
        )

    def refuse_unknown(self, unknown: Callable[[str, tuple[str, ...]], Iterable[str]]) -> None:
        """Raise BadFilter for the keys that `unknown(dimension, keys)` returns.

        Those are keys that do not exist or that the reader must not see.
        """
        for dimension, _keys in self.chosen:
            for key in unknown(dimension, self.named(dimension)):
                raise BadFilter(UNKNOWN, dimension=Phrase(DIMENSIONS[dimension].word), key=key)

    def to_pairs(self) -> list[tuple[str, str]]:
        """Return names and values in canonical order."""
        return [(name, key) for name, keys in self.chosen for key in keys]

    def describe(self, name_of: Callable[[str, str], str]) -> list[Phrase]:
        """Return a sentence per dimension; `name_of(dimension, key)` returns the name of a key."""
        return [self._sentence(DIMENSIONS[name].any_of, name, name_of) for name, _ in self.chosen]

    def _sentence(self, any_of: str, name: str, name_of: Callable[[str, str], str]) -> Phrase:
        names = [self._name(name, key, name_of) for key in self.keys(name)]
        return Phrase(ALL_TAGS if name == "tag" and self.all_tags else any_of, {"names": names})

    def _name(self, dimension: str, key: str, name_of: Callable[[str, str], str]) -> Phrase | str:
        if key == WITHOUT:
            return Phrase(DIMENSIONS[dimension].without)
        if dimension == "user" and key == ME and self.reader:
            return Phrase(THE_READER, {"name": name_of("user", self.reader)})
        return name_of(dimension, key)

    @property
    def shape(self) -> LeadFilter:
        """Filter without its keys: only whether each dimension has keys, and whether `none`."""
        chosen = tuple((name, _shape_of_keys(keys)) for name, keys in self.chosen)
        return replace(self, chosen=chosen, reader="")

    # Apply

    def narrow(self, leads: Table) -> Table:
        """Return the leads with the chosen keys of every dimension except the credited ones."""
        for dimension, keys in self.chosen:
            if dimension == "tag":
                leads = self._with_tags(leads, keys)
            elif dimension not in CREDITED:
                leads = leads.filter(having(leads, dimension, keys))
        return leads

    def narrow_credited(self, facts: Table) -> Table:
        """Return the facts credited to the chosen users and teams (`user_id`, `team_id`)."""
        for dimension in CREDITED:
            if keys := self.keys(dimension):
                facts = facts.filter(having(facts, dimension, keys))
        return facts

    def _with_tags(self, leads: Table, keys: tuple[str, ...]) -> Table:
        """Return the leads with any of the tags, or with all.

        A lead has all the tags if it has as many of the chosen tags as there are chosen tags.
        """
        if not self.all_tags:
            return leads.filter(tagged(leads, keys))
        if WITHOUT in keys:
            leads = leads.filter(tagged(leads, (WITHOUT,)))
        if has_named(keys):
            found = _chosen_tags().group_by("lead_id").aggregate(tags=lambda rows: rows.count())
            leads = leads.filter(leads.lead_id.isin(found.filter(found.tags == TAGS).lead_id))
        return leads


EVERY_LEAD = LeadFilter()


def has_named(keys: tuple[str, ...]) -> bool:
    """Return whether any key is other than `none`."""
    return any(key != WITHOUT for key in keys)


def having(table: Table, dimension: str, keys: tuple[str, ...]) -> BooleanValue:
    """Return whether a row has one of the chosen keys in this dimension.

    The row is compared by id, or by text if the dimension has no table. With `none` among the keys,
    a null also passes.
    """
    has_table = DIMENSIONS[dimension].table is not None
    column = table[f"{dimension}_id" if has_table else dimension]
    found = column.isin(_ids(dimension)) if has_table else KEYS[dimension].contains(column)
    if WITHOUT not in keys:
        return found
    return column.isnull() | found if has_named(keys) else column.isnull()


def tagged(leads: Table, keys: tuple[str, ...]) -> BooleanValue:
    """Return whether a lead has one of the chosen tags, or no tag if `none` is one of them."""
    has_one = leads.lead_id.isin(_chosen_tags().lead_id)
    if WITHOUT not in keys:
        return has_one
    untagged = leads.lead_id.notin(TABLES["lead_tags"].lead_id)
    return untagged | has_one if has_named(keys) else untagged


def _chosen_tags() -> Table:
    lead_tags = TABLES["lead_tags"]
    return lead_tags.filter(lead_tags.tag_id.isin(_ids("tag")))


def _ids(dimension: str) -> IntegerColumn:
    rows = TABLES[cast(str, DIMENSIONS[dimension].table)]
    chosen = rows.filter(KEYS[dimension].contains(rows[f"{dimension}_key"]))
    return cast(IntegerColumn, chosen[f"{dimension}_id"])


def _shape_of_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        key for key in (SOME, WITHOUT) if (has_named(keys) if key == SOME else key in keys)
    )


# Bound values


def _named(dimension: str) -> Callable[[Any], list[str]]:
    return lambda query: list(query.filters.named(dimension))


KEYS = {
    dimension: bound(f"{dimension}_keys", "array<string>", _named(dimension))
    for dimension in DIMENSIONS
}
TAGS = bound("tags", "int64", lambda query: len(_named("tag")(query)))
