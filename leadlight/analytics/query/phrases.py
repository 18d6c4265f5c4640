"""Sentences that a reader will see, said once, in English, and translated where they are shown.

Analytics knows no language. It returns a `Phrase`; whoever shows it translates the template (which
`gettext_noop` marked) and writes the values in the reader's format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def gettext_noop(text: str) -> str:
    """Mark a text for translation, and leave it as it is."""
    return text


@dataclass(frozen=True)
class Phrase:
    """A template with named places, `%(count)s`, and what stands in them."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.values if self.values else self.template


class BadFilter(ValueError):
    """A question that cannot be answered; the phrase says why. Shown with status 400."""

    def __init__(self, template: str, **values: Any) -> None:
        self.phrase = Phrase(template, values)
        super().__init__(str(self.phrase))
