"""Filter of leads by dimensions and their keys.

Reports and lists of leads share this value. It is parsed from a query string, printed back in one
canonical order, described in sentences, and applied to a table of the star. `sales.lead_filter`
applies the same value to the operational database, and a test compares both. Keys are external ids,
or texts if the dimension has no table or is a custom field. The key `none` selects leads without a
value, and the user key `me` stands for the reader: each reader of an address sees their own leads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from ibis.expr.types import BooleanValue, IntegerColumn, StringScalar, Table

from leadlight.analytics.query import query_params
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.dimensions import (
    CREDITED,
    DIMENSIONS,
    FIELD_PREFIX,
    dimension_of,
    field_of,
    is_of_field,
)
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.star.schema import TABLES

WITHOUT = "none"
ME = "me"
SOME = "*"  # placeholder in the shape of a filter: any keys
UNKNOWN = gettext_noop("Unknown %(dimension)s: “%(key)s”.")
ALL_TAGS = gettext_noop("Tags: %(names)s (all of them).")
THE_READER = gettext_noop("me (%(name)s)")
MOST_FIELDS = 20
TOO_MANY_FIELDS = gettext_noop("A report can be filtered by at most %(most)s fields at once.")

Chosen = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class LeadFilter:
    """Filter of leads: the keys chosen in each dimension.

    `chosen` has pairs of a dimension and its sorted keys, in the order of `DIMENSIONS`, custom
    fields last and by key. Dimensions without a pair do not restrict the leads. A lead passes if it
    has any of the keys of each dimension; with `all_tags`, it needs all the chosen tags. `reader`
    is the key of the user for whom `me` stands; "" if `me` is not chosen, or before `for_reader`.
    """

    chosen: Chosen = ()
    all_tags: bool = False
    reader: str = ""

    @classmethod
    def from_params(
        cls,
        params: QueryParams,
        dimensions: Iterable[str],
        *,
        all_tags: bool = False,
        with_fields: bool = False,
    ) -> LeadFilter:
        """Parse the filters of these dimensions from a query string.

        With `with_fields`, parse the filters by custom fields too. Raises BadFilter for more than
        `MOST_FIELDS` of them.
        """
        names = set(dimensions)
        if with_fields:
            names.update(filter(is_of_field, params))
        chosen = (
            (name, query_params.values(params, name)) for name in sorted(names, key=_sort_key)
        )
        lead_filter = cls(tuple((name, keys) for name, keys in chosen if keys), all_tags)
        if len(lead_filter.fields) > MOST_FIELDS:
            raise BadFilter(TOO_MANY_FIELDS, most=MOST_FIELDS)
        return lead_filter

    def keys(self, dimension: str) -> tuple[str, ...]:
        """Return the chosen keys, sorted; empty if there is no filter by this dimension."""
        return dict(self.chosen).get(dimension, ())

    @property
    def fields(self) -> tuple[str, ...]:
        """Dimensions of `chosen` that are custom fields."""
        return tuple(name for name, _keys in self.chosen if is_of_field(name))

    @property
    def chooses_reader(self) -> bool:
        return ME in self.keys("user")

    def for_reader(self, user_key: str) -> LeadFilter:
        """Return the filter in which the key `me` stands for this user."""
        return replace(self, reader=user_key) if self.chooses_reader else self

    def resolved_keys(self, dimension: str) -> tuple[str, ...]:
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
        return self.with_keys("user", tuple(sorted({*self.resolved_keys("user"), *without})))

    def with_keys(self, dimension: str, keys: tuple[str, ...]) -> LeadFilter:
        """Return the filter with the keys of one dimension replaced."""
        chosen = dict(self.chosen) | {dimension: keys}
        names = sorted((name for name in chosen if chosen[name]), key=_sort_key)
        return replace(self, chosen=tuple((name, chosen[name]) for name in names))

    def refuse_unknown(self, unknown: Callable[[str, tuple[str, ...]], Iterable[str]]) -> None:
        """Raise BadFilter for the first key that `unknown(dimension, keys)` returns.

        `unknown` returns the keys that do not exist or that the reader must not see.
        """
        for dimension, _keys in self.chosen:
            for key in unknown(dimension, self.resolved_keys(dimension)):
                raise BadFilter(UNKNOWN, dimension=Phrase(dimension_of(dimension).word), key=key)

    def to_pairs(self) -> list[tuple[str, str]]:
        """Return names and values in canonical order."""
        return [(name, key) for name, keys in self.chosen for key in keys]

    def describe(self, name_of: Callable[[str, str], str]) -> list[Phrase]:
        """Return a sentence per dimension; `name_of(dimension, key)` returns the name of a key.

        The name of a custom field is `name_of("field", key)`.
        """
        return [self._sentence(name, name_of) for name, _ in self.chosen]

    def _sentence(self, name: str, name_of: Callable[[str, str], str]) -> Phrase:
        template = ALL_TAGS if name == "tag" and self.all_tags else dimension_of(name).any_of
        values: dict[str, Any] = {
            "names": [self._name(name, key, name_of) for key in self.keys(name)]
        }
        field = field_of(name)
        if field is not None:
            values["field"] = name_of("field", field)
        return Phrase(template, values)

    def _name(self, dimension: str, key: str, name_of: Callable[[str, str], str]) -> Phrase | str:
        if key == WITHOUT:
            return Phrase(dimension_of(dimension).without)
        if dimension == "user" and key == ME and self.reader:
            return Phrase(THE_READER, {"name": name_of("user", self.reader)})
        return name_of(dimension, key)

    @property
    def shape(self) -> LeadFilter:
        """Filter with the placeholder `SOME` for all keys of a dimension other than `none`.

        A custom field has its number among the chosen fields in place of its key.
        """
        numbered = {name: f"{FIELD_PREFIX}{number}" for number, name in enumerate(self.fields)}
        chosen = tuple(
            (numbered.get(name, name), _shape_of_keys(keys)) for name, keys in self.chosen
        )
        return replace(self, chosen=chosen, reader="")

    # Apply

    def narrow(self, leads: Table) -> Table:
        """Return the leads with the chosen keys of every dimension except the credited ones."""
        for dimension, keys in self.chosen:
            if dimension == "tag":
                leads = self._with_tags(leads, keys)
            elif is_of_field(dimension):
                number = self.fields.index(dimension)
                leads = leads.filter(_has_choice(leads, *FIELDS[number], keys))
            elif dimension not in CREDITED:
                leads = leads.filter(has_key(leads, dimension, keys))
        return leads

    def narrow_credited(self, facts: Table) -> Table:
        """Return the facts credited to the chosen users and teams (`user_id`, `team_id`)."""
        for dimension in CREDITED:
            if keys := self.keys(dimension):
                facts = facts.filter(has_key(facts, dimension, keys))
        return facts

    def _with_tags(self, leads: Table, keys: tuple[str, ...]) -> Table:
        """Return the leads with any of the chosen tags or, with `all_tags`, with all of them.

        A lead has all of them if its number of chosen tags is `TAGS`.
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
    """Return whether there is a key other than `none`."""
    return any(key != WITHOUT for key in keys)


def has_key(table: Table, dimension: str, keys: tuple[str, ...]) -> BooleanValue:
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


def lead_choices_in(field: StringScalar) -> Table:
    """Return the choices that leads have in the custom field with this key."""
    fields, lead_choices = TABLES["fields"], TABLES["lead_choices"]
    its_id = fields.filter(fields.field_key == field).field_id
    return lead_choices.filter(lead_choices.field_id.isin(its_id))


def _has_choice(leads: Table, field: StringScalar, choices: Any, keys: tuple[str, ...]) -> Any:
    """Return whether a lead has one of the choices in a field, or no value if `none` is a key."""
    values = lead_choices_in(field)
    has_one = leads.lead_id.isin(values.filter(choices.contains(values.choice)).lead_id)
    if WITHOUT not in keys:
        return has_one
    has_none = leads.lead_id.notin(values.lead_id)
    return has_none | has_one if has_named(keys) else has_none


def _chosen_tags() -> Table:
    lead_tags = TABLES["lead_tags"]
    return lead_tags.filter(lead_tags.tag_id.isin(_ids("tag")))


def _ids(dimension: str) -> IntegerColumn:
    rows = TABLES[cast(str, DIMENSIONS[dimension].table)]
    chosen = rows.filter(KEYS[dimension].contains(rows[f"{dimension}_key"]))
    return cast(IntegerColumn, chosen[f"{dimension}_id"])


SORT_ORDER = {name: place for place, name in enumerate(DIMENSIONS)}


def _sort_key(name: str) -> tuple[int, str]:
    """Return the sort key of a dimension in `chosen`."""
    return SORT_ORDER[dimension_of(name).key], name


def _shape_of_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        key for key in (SOME, WITHOUT) if (has_named(keys) if key == SOME else key in keys)
    )


# Bound values


def _resolved_keys(dimension: str) -> Callable[[Any], list[str]]:
    return lambda query: list(query.filters.resolved_keys(dimension))


KEYS = {
    dimension: bound(f"{dimension}_keys", "array<string>", _resolved_keys(dimension))
    for dimension in DIMENSIONS
}
TAGS = bound("tags", "int64", lambda query: len(_resolved_keys("tag")(query)))


def _bound_field(number: int) -> tuple[Any, Any]:
    """Return, as bound values, the key and the choices of the chosen field with this number."""

    def dimension(query: Any) -> str:
        return [name for name, _keys in query.filters.chosen if is_of_field(name)][number]

    return (
        bound(f"field_{number}", "string", lambda query: field_of(dimension(query))),
        bound(
            f"field_{number}_choices",
            "array<string>",
            lambda query: _resolved_keys(dimension(query))(query),
        ),
    )


FIELDS = tuple(_bound_field(number) for number in range(MOST_FIELDS))
