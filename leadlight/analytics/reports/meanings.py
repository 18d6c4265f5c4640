"""Meanings that give columns a colour in charts: the same one on pages and in files."""

from __future__ import annotations

from typing import Literal

Meaning = Literal["won", "lost", "cancelled", "open", "weighted", "goal"]

MEANINGS: dict[str, Meaning] = {
    "won_leads": "won",
    "won_amount": "won",
    "won": "won",
    "lost_leads": "lost",
    "lost_amount": "lost",
    "lost": "lost",
    "cancelled_leads": "cancelled",
    "cancelled": "cancelled",
    "open_amount": "open",
    "open_leads": "open",
    "still_here": "open",
    "weighted_amount": "weighted",
    "goal": "goal",
}
