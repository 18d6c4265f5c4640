"""Two leads side by side: their values, and which lead's value a merge would keep."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from leadlight.presentation import labels
from leadlight.presentation.lead_entries import value_in_words
from leadlight.sales import merging
from leadlight.sales.models import CustomField, Lead
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX, FIELDS, Kind

KEPT, OTHER, BOTH = "kept", "other", merging.BOTH
TAKE = "take:"  # prefix of the controls that choose a value
BEFORE = "before:"  # prefix of the hidden fields that tell which values the page showed


@dataclass(frozen=True)
class Row:
    """Values of both leads under one name; None for no value.

    `choices` are the values of the control, none if there is nothing to choose; `chosen` is the one
    that is checked. `digest` tells the two values apart from others.
    """

    name: str
    title: str
    kept: str | None
    other: str | None
    differs: bool
    choices: tuple[str, ...] = ()
    chosen: str = KEPT
    digest: str = ""
    has_changed: bool = False

    @property
    def control(self) -> str:
        return TAKE + self.name

    @property
    def before(self) -> str:
        return BEFORE + self.name


@dataclass(frozen=True)
class Comparison:
    kept: Lead
    other: Lead
    rows: tuple[Row, ...]

    @property
    def taken(self) -> list[str]:
        """Names of the values that the kept lead gets from the other one."""
        return [row.name for row in self.rows if row.chosen == OTHER]

    @property
    def description(self) -> str:
        return next((row.chosen for row in self.rows if row.name == "description"), "")

    @property
    def has_changed(self) -> bool:
        return any(row.has_changed for row in self.rows)

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


def comparison(kept: Lead, other: Lead, sent: Mapping[str, Any]) -> Comparison:
    """Return the comparison of two leads, with the choices that a form sent, if it did."""
    choosable = merging.choosable(kept, other)
    ours, theirs = merging.texts_of(kept), merging.texts_of(other)
    fields = list(CustomField.objects.filter(subject=CustomField.Subject.LEAD))
    titles = {CUSTOM_FIELD_PREFIX + field.key: field.name for field in fields}
    rows = []
    for name in [*merging.VALUES, *(name for name in titles if ours.get(name) or theirs.get(name))]:
        texts = (ours.get(name, ""), theirs.get(name, ""))
        if merging.is_empty(kept, name) and merging.is_empty(other, name) and not _was(sent, name):
            continue
        digest = hashlib.blake2b("\0".join(texts).encode(), digest_size=8).hexdigest()
        choices = _choices(name) if name in choosable else ()
        chosen = sent.get(TAKE + name, OTHER if merging.is_empty(kept, name) else KEPT)
        rows.append(
            Row(
                name,
                titles.get(name) or str(Kind(merging.VALUES[name][0]).label),
                _in_words(kept, name, texts[0]),
                _in_words(other, name, texts[1]),
                texts[0] != texts[1],
                choices,
                chosen if chosen in choices else KEPT,
                digest,
                sent.get(BEFORE + name, digest) != digest,
            )
        )
    return Comparison(kept, other, (*_fixed(kept, other), *rows))


def _was(sent: Mapping[str, Any], name: str) -> bool:
    """Return whether the form that was sent showed the values of a name."""
    return BEFORE + name in sent


def _choices(name: str) -> tuple[str, ...]:
    return (KEPT, OTHER, BOTH) if name == "description" else (KEPT, OTHER)


def _fixed(kept: Lead, other: Lead) -> list[Row]:
    """Return the rows without a choice: those of the kept lead hold, and tags are united."""
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
    return [
        Row("", title, ours, theirs, ours != theirs) for title, (ours, theirs) in values.items()
    ]


def _in_words(lead: Lead, name: str, text: str) -> str | None:
    if name.startswith(CUSTOM_FIELD_PREFIX):
        return text or None
    if name == "step":
        return f"{lead.pipeline} · {lead.step}"
    kind = merging.VALUES[name][0]
    return value_in_words(kind, FIELDS[kind].write(getattr(lead, FIELDS[kind].attribute)))
