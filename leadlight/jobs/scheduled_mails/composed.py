"""Content of a mail before it is rendered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Composed:
    """Subject and content of a mail; `template` names those of its text and of its HTML.

    `chart` is a PNG that the HTML shows; `attachments` are names with contents and types.
    """

    subject: str
    template: str
    context: dict[str, Any]
    chart: bytes | None = None
    attachments: list[tuple[str, bytes, str]] = field(default_factory=list)
