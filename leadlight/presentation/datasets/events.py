"""Dataset of the event log: every change of a lead, with the value before and after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.analytics.query.lead_filter import EVERY_LEAD, LeadFilter
from leadlight.presentation import labels
from leadlight.presentation.datasets import leads
from leadlight.presentation.datasets.dataset import (
    Convert,
    DataColumn,
    Dataset,
    instant_of,
    labels_of,
    local_instants,
    names_of,
)
from leadlight.sales.models import CustomField, LeadEvent, Pipeline, Step
from leadlight.sales.models.event_log import FIELDS, Channel, Kind
from leadlight.sales.past_names import PastNames

# Lookup paths of an event: its instant, its lead, its key, and the key of the comment it edits.
ABOUT = ("occurred_at", "lead_id", "key", "about")
Value = tuple[str, str, datetime | str, int, str, str]


def _found(reader: Reader, lead_filter: LeadFilter) -> QuerySet[LeadEvent]:
    """Return the events of the leads that a reader may see and that pass a filter."""
    if leads.are_all(reader, lead_filter):
        return LeadEvent.objects.filter(lead__is_deleted=False)
    return LeadEvent.objects.filter(lead__in=leads.found(reader, lead_filter).values("pk"))


def _columns(reader: Reader) -> tuple[DataColumn, ...]:
    return (
        DataColumn("key", _("Key"), "text", "key"),
        DataColumn("lead", _("Key of the lead"), "text", "lead__key"),
        DataColumn("lead_title", _("Lead"), "text", "lead__title"),
        DataColumn("occurred_at", _("Date and time"), "instant", "occurred_at", local_instants),
        DataColumn("recorded_at", _("Recorded"), "instant", "recorded_at", local_instants),
        DataColumn("actor", _("User"), "text", "actor_id", names_of(User)),
        DataColumn("kind", _("Change"), "text", "kind", labels_of(_kind)),
        DataColumn("field", _("Field"), "text", ("kind", "about"), _field_names),
        DataColumn(
            "old_value", _("Before"), "text", ("kind", "old_value", *ABOUT), _shown_texts(reader)
        ),
        DataColumn("value", _("After"), "text", ("kind", "value", *ABOUT), _shown_texts(reader)),
        DataColumn("channel", _("Channel"), "text", "channel", labels_of(_channel)),
    )


def _kind(kind: str) -> str:
    return str(Kind(kind).label)


def _channel(channel: str) -> str:
    return str(Channel(channel).label)


def _field_names() -> Convert:
    """Convert pairs (kind, about) of events to the names of the changed custom fields, or ""."""
    names = dict(CustomField.objects.values_list("key", "name"))
    return lambda values: (
        names.get(about, about) if kind == Kind.FIELD else "" for kind, about in values
    )


def _shown_texts(reader: Reader) -> Callable[[], Convert]:
    """Return the conversion of values to the texts that a reader may see.

    As on the pages, a comment has only its latest text, and a lead that another one follows is
    named only if the reader may see it. `SYSTEM` gets every text as it is in the log.
    """

    def conversion() -> Convert:
        texts_of = texts_of_values()

        def convert(values: Sequence[Value]) -> Iterable[str]:
            if reader is SYSTEM:
                return texts_of([value[:3] for value in values])
            comments = _latest_texts(values)
            followed = _visible_keys(reader, values)
            return texts_of(
                [
                    (kind, _hidden(kind, text, key, comments, followed), at)
                    for kind, text, at, _lead, key, _about in values
                ]
            )

        return convert

    return conversion


def _hidden(
    kind: str, text: str, key: str, comments: Mapping[str, str], followed: Container[str]
) -> str:
    if kind == Kind.COMMENT:
        return comments.get(key, "") if text else ""
    if kind == Kind.FOLLOWS:
        return text if text.partition(":")[2] in followed else ""
    return text


def _latest_texts(values: Sequence[Value]) -> dict[str, str]:
    """Return the latest texts of comments made by these events, by key; "" for removed ones."""
    made = {
        key: (lead, text)
        for kind, text, _at, lead, key, about in values
        if kind == Kind.COMMENT and not about
    }
    if not made:
        return {}
    edits = LeadEvent.objects.filter(
        lead__in={lead for lead, _text in made.values()}, kind=Kind.COMMENT, about__in=made
    )
    edited = dict(edits.order_by("occurred_at", "pk").values_list("about", "value"))
    return {key: text for key, (_lead, text) in made.items()} | edited


def _visible_keys(reader: Reader, values: Sequence[Value]) -> frozenset[str]:
    """Return the keys of the followed leads that the reader may see."""
    keys = {text.partition(":")[2] for kind, text, *_rest in values if kind == Kind.FOLLOWS}
    if not keys:
        return frozenset()
    visible = leads.found(reader, EVERY_LEAD).filter(key__in=keys)
    return frozenset(visible.values_list("key", flat=True))


def texts_of_values() -> Convert:
    """Convert the kinds, values and instants of events to texts.

    Numbers, days and instants stay as the log has them; ids become names, and statuses their
    labels. Steps and pipelines have their names at the instant. The names of a batch are looked up
    together.
    """
    names: dict[type[Model], dict[int, str]] = defaultdict(dict)

    def convert(values: Sequence[tuple[str, str, datetime | str]]) -> Iterator[str]:
        ids: dict[type[Model], set[int]] = defaultdict(set)
        for kind, text, _at in values:
            if text and (model := _model_of(kind)) is not None:
                ids[model].update(int(number) for number in text.split())
        for model, numbers in ids.items():
            rows = model._default_manager.in_bulk(numbers - names[model].keys())
            names[model].update({pk: str(row) for pk, row in rows.items()})
        past = PastNames(ids[Step], ids[Pipeline])
        return (_text(kind, text, instant_of(at), names, past) for kind, text, at in values)

    return convert


def _text(
    kind: str,
    text: str,
    at: datetime,
    names: Mapping[type[Model], Mapping[int, str]],
    past: PastNames,
) -> str:
    if not text:
        return ""
    if kind == Kind.STATUS:
        return str(labels.status(text))
    model = _model_of(kind)
    if model is None:
        return text
    return "; ".join(
        sorted(
            past.at(model, int(number), at) or names[model].get(int(number), number)
            for number in text.split()
        )
    )


def _model_of(kind: str) -> type[Model] | None:
    return FIELDS[Kind(kind)].model if kind in FIELDS else None


DATASET = Dataset(
    "events",
    _("History of leads"),
    _("One row for each change to a lead, with the value before and after it."),
    _columns,
    _found,
    {
        "occurred": ("occurred_at", _("Date and time")),
        "recorded": ("recorded_at", _("Recorded")),
    },
)
