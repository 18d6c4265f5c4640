"""Comparison of two leads: their values, and the lead whose value a merge would keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.presentation import labels
from leadlight.presentation.lead_entries import value_in_words
from leadlight.sales import merging
from leadlight.sales.models import CustomField, Lead
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX, FIELDS, Kind
from leadlight.web.duplicates.rows import (
    KEPT,
    OTHER,
    Choices,
    Row,
    fixed_row,
    value_row,
    was_shown,
)


@dataclass(frozen=True)
class Comparison(Choices):
    kept: Lead
    other: Lead

    @property
    def are_both_won(self) -> bool:
        return self.kept.status == self.other.status == Lead.Status.WON

    @property
    def drops_open_lead(self) -> bool:
        return self.kept.is_closed and self.other.is_open

    @property
    def keeps_prospect_apart(self) -> bool:
        return self.kept.prospect_id is not None and self.other.prospect_id is not None

    @property
    def activities(self) -> int:
        return self.other.activities.count()


def comparison(kept: Lead, other: Lead, sent: Mapping[str, Any], *, by: User) -> Comparison:
    """Return the comparison of two leads for a user, with the choices of the form `sent`."""
    choosable = merging.choosable(kept, other, by=by)
    ours, theirs = merging.texts_of(kept), merging.texts_of(other)
    fields = list(CustomField.objects.filter(subject=CustomField.Subject.LEAD))
    titles = {CUSTOM_FIELD_PREFIX + field.key: field.name for field in fields}
    rows = []
    for name in [*merging.VALUES, *(name for name in titles if ours.get(name) or theirs.get(name))]:
        texts = (ours.get(name, ""), theirs.get(name, ""))
        are_empty = merging.is_empty(kept, name) and merging.is_empty(other, name)
        if are_empty and not was_shown(sent, name):
            continue
        rows.append(
            value_row(
                sent,
                name,
                titles.get(name) or str(Kind(merging.VALUES[name][0]).label),
                texts,
                (_in_words(kept, name, texts[0]), _in_words(other, name, texts[1])),
                is_choosable=name in choosable,
                proposed=OTHER if merging.is_empty(kept, name) else KEPT,
            )
        )
    return Comparison((*_fixed(kept, other), *rows), kept, other)


def _fixed(kept: Lead, other: Lead) -> list[Row]:
    """Return the rows without a choice: the values of the kept lead stay, and it gets all tags."""
    both = (kept, other)
    values: dict[str, list[str | None]] = {
        _("Status"): [labels.status(one.status) for one in both],
        _("Created on"): [
            value_in_words(Kind.CREATED_AT, one.created_at.isoformat()) for one in both
        ],
        _("Tags (those of both are kept)"): [
            value_in_words(Kind.TAGS, FIELDS[Kind.TAGS].write(one.tag_ids)) for one in both
        ],
    }
    return [fixed_row(title, ours, theirs) for title, (ours, theirs) in values.items()]


def _in_words(lead: Lead, name: str, text: str) -> str | None:
    if name.startswith(CUSTOM_FIELD_PREFIX):
        return text or None
    if name == "step":
        return f"{lead.pipeline} · {lead.step}"
    kind = merging.VALUES[name][0]
    return value_in_words(kind, FIELDS[kind].write(getattr(lead, FIELDS[kind].attribute)))
