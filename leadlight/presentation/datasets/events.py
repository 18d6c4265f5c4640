"""Dataset of the event log: every change of a lead, with the value before and after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.accounts.readers import Reader
from leadlight.analytics.query.lead_filter import LeadFilter
from leadlight.presentation import labels
from leadlight.presentation.datasets import leads
from leadlight.presentation.datasets.dataset import (
    Convert,
    DataColumn,
    Dataset,
    labels_of,
    local_instants,
    names_of,
)
from leadlight.sales.models import CustomField, LeadEvent
from leadlight.sales.models.event_log import FIELDS, Channel, Kind


def _found(reader: Reader, lead_filter: LeadFilter) -> QuerySet[LeadEvent]:
    """Return the events of the leads that a reader may see and that pass a filter."""
    if leads.are_all(reader, lead_filter):
        return LeadEvent.objects.filter(lead__is_deleted=False)
    return LeadEvent.objects.filter(lead__in=leads.found(reader, lead_filter).values("pk"))


def _columns(_reader: Reader) -> tuple[DataColumn, ...]:
    return (
        DataColumn("key", _("Key"), "text", "key"),
        DataColumn("lead", _("Key of the lead"), "text", "lead__key"),
        DataColumn("lead_title", _("Lead"), "text", "lead__title"),
        DataColumn("occurred_at", _("Date and time"), "instant", "occurred_at", local_instants),
        DataColumn("recorded_at", _("Recorded"), "instant", "recorded_at", local_instants),
        DataColumn("actor", _("User"), "text", "actor_id", names_of(User)),
        DataColumn("kind", _("Change"), "text", "kind", labels_of(_kind)),
        DataColumn("field", _("Field"), "text", ("kind", "about"), _field_names),
        DataColumn("old_value", _("Before"), "text", ("kind", "old_value"), texts_of_values),
        DataColumn("value", _("After"), "text", ("kind", "value"), texts_of_values),
        DataColumn("channel", _("Channel"), "text", "channel", labels_of(_channel)),
    )


def _kind(kind: str) -> str:
    return str(Kind(kind).label)


def _channel(channel: str) -> str:
    return str(Channel(channel).label)


def _field_names() -> Convert:
    """Convert the kinds of events and what they are about to names of custom fields, or ""."""
    names = dict(CustomField.objects.values_list("key", "name"))
    return lambda values: (
        names.get(about, about) if kind == Kind.FIELD else "" for kind, about in values
    )


def texts_of_values() -> Convert:
    """Convert the kinds and values of events to texts.

    Numbers, days and instants stay as the log has them; ids become names, and statuses their
    labels. The names of a batch are looked up together.
    """
    names: dict[type[Model], dict[int, str]] = defaultdict(dict)

    def convert(values: Sequence[tuple[str, str]]) -> Iterator[str]:
        ids: dict[type[Model], set[int]] = defaultdict(set)
        for kind, text in values:
            if text and (model := _model_of(kind)) is not None:
                ids[model].update(int(number) for number in text.split())
        for model, numbers in ids.items():
            rows = model._default_manager.in_bulk(numbers - names[model].keys())
            names[model].update({pk: str(row) for pk, row in rows.items()})
        return (_text(kind, text, names) for kind, text in values)

    return convert


def _text(kind: str, text: str, names: Mapping[type[Model], Mapping[int, str]]) -> str:
    if not text:
        return ""
    if kind == Kind.STATUS:
        return str(labels.status(text))
    model = _model_of(kind)
    if model is None:
        return text
    return "; ".join(sorted(names[model].get(int(number), number) for number in text.split()))


def _model_of(kind: str) -> type[Model] | None:
    return FIELDS[Kind(kind)].model if kind in FIELDS else None


DATASET = Dataset(
    "events",
    _("History of leads"),
    _("One row for each change of a lead, with the value before and after it."),
    _columns,
    _found,
    {
        "occurred": ("occurred_at", _("Date and time")),
        "recorded": ("recorded_at", _("Recorded")),
    },
)
