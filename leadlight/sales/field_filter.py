"""Filters of leads or clients by custom fields: parsed from a query string, applied to rows.

`field:KEY=x` selects rows by value. A text, email, address or link must contain x, ignoring case;
a phone must contain the digits of x; a choice must equal x, or any x of a repeated parameter.
`field:KEY.from=` and `field:KEY.to=` are inclusive limits of a number, an amount or a day.
`field:KEY=none` selects rows without a value, in addition to those with a matching value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from leadlight.sales.models import CustomField
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import (
    LONGEST_SORT_TEXT,
    LONGEST_VALUE,
    MEASURED,
    FieldKind,
    canonical,
    number_of,
    sort_text,
)
from leadlight.sales.models.field_values import VALUES
from leadlight.sales.models.valid_values import WITHOUT, valid_text
from leadlight.sales.refusals import Refused

RANGED = (*MEASURED, FieldKind.DAY)
FROM, TO = ".from", ".to"
MOST_VALUES = 200
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class FieldFilter:
    """Filter by one custom field.

    `texts` are the values to match; with `is_none`, rows without a value pass as well. `first` and
    `last` are inclusive limits as canonical texts, "" for no limit.
    """

    field: CustomField
    texts: tuple[str, ...] = ()
    is_none: bool = False
    first: str = ""
    last: str = ""

    @property
    def has_values(self) -> bool:
        return bool(self.texts or self.first or self.last)

    def to_pairs(self) -> list[tuple[str, str]]:
        """Return the query-string pairs of this filter."""
        word = CUSTOM_FIELD_PREFIX + self.field.key
        pairs = [(word, text) for text in self.texts]
        pairs += [(word, WITHOUT)] if self.is_none else []
        limits = ((word + FROM, self.first), (word + TO, self.last))
        return pairs + [pair for pair in limits if pair[1]]


def parsed(
    words: Mapping[str, Sequence[str]],
    fields: Iterable[CustomField],
    subject: str = CustomField.Subject.LEAD,
) -> tuple[FieldFilter, ...]:
    """Parse the filters by custom fields in a query string.

    `words` maps parameter names to values; other parameters and empty values are ignored. `fields`
    are the fields of `subject` that may be filtered by. Raises `Refused` for an unknown field or an
    invalid value.
    """
    known = {field.key: field for field in fields}
    parts_by_key: dict[str, dict[str, Sequence[str]]] = {}
    for word, values in words.items():
        given = [value for value in values if value.strip()]
        if word.startswith(CUSTOM_FIELD_PREFIX) and given:
            key, end = _key_and_end(word.removeprefix(CUSTOM_FIELD_PREFIX), known, subject)
            parts_by_key.setdefault(key, {})[end] = given
    return tuple(_filter(known[key], parts) for key, parts in parts_by_key.items())


def narrowed(rows: QuerySet[Row], filters: Iterable[FieldFilter]) -> QuerySet[Row]:
    """Return the leads or clients that pass every filter."""
    for one in filters:
        condition: Any = Q()
        if one.has_values:
            condition |= Q(pk__in=_matching(one).values("owner"))
        if one.is_none:
            condition |= ~Exists(_values(one.field).filter(owner=OuterRef("pk"), field=one.field))
        rows = rows.filter(condition)
    return rows


def _values(field: CustomField) -> QuerySet[Any]:
    return VALUES[field.subject]._default_manager.all()


def _key_and_end(word: str, known: Mapping[str, CustomField], subject: str) -> tuple[str, str]:
    for end in (FROM, TO):
        if word.endswith(end) and word.removesuffix(end) in known:
            return word.removesuffix(end), end
    if word not in known:
        sentences = {
            CustomField.Subject.LEAD: _("Leads have no field “%(key)s”."),
            CustomField.Subject.CLIENT: _("Clients have no field “%(key)s”."),
        }
        raise Refused(sentences[CustomField.Subject(subject)] % {"key": word})
    return word, ""


def _filter(field: CustomField, parts: Mapping[str, Sequence[str]]) -> FieldFilter:
    values = parts.get("", ())
    texts = tuple(_text(field, value) for value in values if value != WITHOUT)
    if len(texts) > MOST_VALUES or (len(texts) > 1 and field.kind != FieldKind.CHOICE):
        raise Refused(
            _("The filter on the field “%(field)s” has too many values. Remove some of them.")
            % {"field": field}
        )
    return FieldFilter(
        field,
        texts,
        is_none=WITHOUT in values,
        first=_limit(field, parts.get(FROM, ())),
        last=_limit(field, parts.get(TO, ())),
    )


def _text(field: CustomField, value: str) -> str:
    if field.kind in RANGED:
        raise Refused(
            _("Filter the field “%(field)s” by a first and a last value.") % {"field": field}
        )
    if field.kind == FieldKind.CHOICE:
        return _canonical(field, value)
    text = _checked(field, valid_text, value, LONGEST_VALUE)
    if not sort_text(field, text):
        raise Refused(_("Enter digits to search the field “%(field)s”.") % {"field": field})
    return text


def _limit(field: CustomField, values: Sequence[str]) -> str:
    if not values:
        return ""
    if field.kind not in RANGED:
        raise Refused(_("The field “%(field)s” cannot be filtered by a range.") % {"field": field})
    if len(values) > 1:
        raise Refused(
            _("The filter on the field “%(field)s” has too many values. Remove some of them.")
            % {"field": field}
        )
    return _canonical(field, values[0])


def _canonical(field: CustomField, value: str) -> str:
    return _checked(field, canonical, field, value)


def _checked(field: CustomField, check: Any, *given: Any) -> str:
    """Return the result of a check; prefix the message of a `Refused` with the field's name."""
    try:
        return str(check(*given))
    except Refused as refusal:
        params = {"field": field, "reason": refusal}
        raise Refused(_("Field “%(field)s”: %(reason)s") % params) from refusal


def _matching(one: FieldFilter) -> QuerySet[Any]:
    """Return the field values that pass a filter; the query uses an index of their model."""
    values = _values(one.field).filter(field=one.field)
    if one.field.kind == FieldKind.CHOICE:
        begin = [sort_text(one.field, text) for text in one.texts]
        return values.filter(sort_text__in=begin, text__in=one.texts)
    if one.field.kind in RANGED:
        return values.filter(**_limits(one))
    if one.field.kind == FieldKind.PHONE:
        return values.filter(sort_text__contains=sort_text(one.field, one.texts[0]))
    # If `sort_text` is cut off, search the whole `text`; SQLite then ignores case in ASCII only.
    having = Q(size=LONGEST_SORT_TEXT, text__icontains=one.texts[0])
    folded = one.texts[0].casefold()
    if len(folded) <= LONGEST_SORT_TEXT:
        having |= Q(sort_text__contains=folded)
    return values.alias(size=Length("sort_text")).filter(having)


def _limits(one: FieldFilter) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for text, sign in ((one.first, "gte"), (one.last, "lte")):
        if text and one.field.kind in MEASURED:
            limits[f"number__{sign}"] = number_of(one.field, text)
        elif text:
            limits[f"sort_text__{sign}"] = text
    return limits
