"""Sentences for users, in English, translated where they are shown.

Analytics does not depend on a language: it returns a `Phrase`, and the caller that shows it
translates the template (marked by `gettext_noop`) and formats the values in the user's locale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def gettext_noop(text: str) -> str:
    """Mark a text for translation and return it unchanged."""
    return text


@dataclass(frozen=True)
class Phrase:
    """A template with named placeholders, `%(count)s`, and their values."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.values if self.values else self.template


class BadFilter(ValueError):
    """Invalid query; `phrase` gives the reason. Pages and the API show it with status 400."""

    def __init__(self, template: str, **values: Any) -> None:
        self.phrase = Phrase(template, values)
        super().__init__(str(self.phrase))
