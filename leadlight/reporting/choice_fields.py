"""Rejection of queries that name an unknown or archived choice field, or an unknown choice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from leadlight.analytics.query.dimensions import FIELD_PREFIX, is_of_field
from leadlight.analytics.query.lead_filter import WITHOUT, LeadFilter
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop
from leadlight.sales.dimensions import choice_fields
from leadlight.sales.models import CustomField

UNKNOWN_FIELD = gettext_noop("There is no choice field “%(key)s” of leads.")
ARCHIVED_FIELD = gettext_noop("The field “%(field)s” is archived.")
UNKNOWN_CHOICE = gettext_noop("The field “%(field)s” has no choice “%(key)s”.")


class UnknownChoice(NamedTuple):
    """Query parameter that names an invalid field or choice, with the error message."""

    name: str
    value: str
    phrase: Phrase


def unknown_choices(lead_filter: LeadFilter, group_by: str | None) -> Iterator[UnknownChoice]:
    """Yield the values of a query that name an unknown or archived field, or an unknown choice."""
    # Parameter, value, field key, choice (None for the value `none` and for `group_by`).
    named: list[tuple[str, str, str, str | None]] = [
        (name, value, name.removeprefix(FIELD_PREFIX), None if value == WITHOUT else value)
        for name in lead_filter.fields
        for value in lead_filter.keys(name)
    ]
    if group_by and is_of_field(group_by):
        named.append(("group_by", group_by, group_by.removeprefix(FIELD_PREFIX), None))
    if not named:
        return
    keys = {key for _name, _value, key, _choice in named}
    fields = {field.key: field for field in choice_fields(with_archived=True).filter(key__in=keys)}
    for name, value, key, choice in named:
        phrase = _refusal(fields.get(key), key, choice)
        if phrase:
            yield UnknownChoice(name, value, phrase)


def _refusal(field: CustomField | None, key: str, choice: str | None) -> Phrase | None:
    """Return the error message for a field and a choice (None: no choice); None if valid."""
    if field is None:
        return Phrase(UNKNOWN_FIELD, {"key": key})
    if field.is_archived:
        return Phrase(ARCHIVED_FIELD, {"field": field.name})
    if choice is not None and choice not in field.choices:
        return Phrase(UNKNOWN_CHOICE, {"field": field.name, "key": choice})
    return None


def refuse_unknown_choices(lead_filter: LeadFilter, group_by: str | None) -> None:
    """Raise BadFilter for the first unknown field or choice of a query."""
    for unknown in unknown_choices(lead_filter, group_by):
        raise BadFilter(unknown.phrase.template, **unknown.phrase.values)
