"""Rows of a comparison: one value of two leads or clients, and the choice between them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEPT, OTHER, BOTH = "kept", "other", "both"
DESCRIPTION = "description"
TAKE = "take:"  # prefix of the controls that choose a value
BEFORE = "before:"  # prefix of the hidden fields with the digests of the values on the page


@dataclass(frozen=True)
class Row:
    """Values of one field of two leads or clients; None for no value.

    `choices` are the values of the control, none if there is nothing to choose; `chosen` is the one
    that is checked. `digest` is a hash of both values, and
    `has_changed` is True if it differs from the one that the form sent.
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
class Choices:
    """Rows of a comparison, with what the user chose in them."""

    rows: tuple[Row, ...]

    @property
    def taken(self) -> list[str]:
        """Names of the values that the kept row gets from the other one."""
        return [row.name for row in self.rows if row.chosen == OTHER]

    @property
    def description(self) -> str:
        return next((row.chosen for row in self.rows if row.name == DESCRIPTION), "")

    @property
    def has_changed(self) -> bool:
        return any(row.has_changed for row in self.rows)


def fixed_row(title: str, kept: str | None, other: str | None) -> Row:
    """Return a row without a choice."""
    return Row("", title, kept, other, kept != other)


def value_row(
    sent: Mapping[str, Any],
    name: str,
    title: str,
    texts: tuple[str, str],
    words: tuple[str | None, str | None],
    *,
    is_choosable: bool,
    proposed: str,
) -> Row:
    """Return the row of a value with the choice that a form sent, else the proposed one.

    `texts` are the values of the kept and the other one as stored, `words` as shown.
    """
    digest = hashlib.blake2b("\0".join(texts).encode(), digest_size=8).hexdigest()
    choices: tuple[str, ...] = (KEPT, OTHER, BOTH) if name == DESCRIPTION else (KEPT, OTHER)
    choices = choices if is_choosable else ()
    chosen = sent.get(TAKE + name, proposed)
    return Row(
        name,
        title,
        *words,
        texts[0] != texts[1],
        choices,
        chosen if chosen in choices else KEPT,
        digest,
        sent.get(BEFORE + name, digest) != digest,
    )


def was_shown(sent: Mapping[str, Any], name: str) -> bool:
    """Return whether the form that was sent showed the values of a name."""
    return BEFORE + name in sent
