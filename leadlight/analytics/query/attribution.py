"""Attribution: the user and the team to whom an event of a lead is credited.

The credited user is the owner at the event, the owner now, or the creator (the switch `credit`).
The team follows the same rule; a creator's team is the lead's team at creation. The help text
of the report `company` explains it to users.
"""

from __future__ import annotations

from typing import Literal

from ibis.expr.types import Column, Table

Event = Literal["creation", "closing", "now"]

AT_EVENT: dict[Event, tuple[str, str]] = {
    "creation": ("owner_at_creation_id", "team_at_creation_id"),
    "closing": ("owner_at_closing_id", "team_at_closing_id"),
    "now": ("owner_id", "team_id"),
}
ALWAYS = {
    "owner": ("owner_id", "team_id"),
    "creator": ("creator_id", "team_at_creation_id"),
}


def credited(leads: Table, event: Event, credit: str) -> tuple[Column, Column]:
    """Return the columns of the user and the team credited with this event of each lead."""
    user, team = AT_EVENT[event] if credit == "event" else ALWAYS[credit]
    return leads[user], leads[team]
