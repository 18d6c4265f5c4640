"""Kinds of entries that the feed can be filtered by, and the events that make them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leadlight.sales.models import ActivityType, Lead, LeadEvent
from leadlight.sales.models.event_log import OPEN, Kind

ACTIVITY = "activity"
ACTIVITY_PREFIX = "activity:"  # then the key of an activity type


@dataclass(frozen=True)
class EventSource:
    """Events of one kind; with `fits`, only those that fulfil this condition.

    The condition is not part of the search in the database: see `moments`. With `or_first_value`,
    events without an old value fit too, unless they are part of the creation of the lead.
    """

    kind: str
    fits: Q | None = None
    or_first_value: bool = False

    @property
    def condition(self) -> Q | None:
        if not self.or_first_value:
            return self.fits
        creation = LeadEvent.objects.filter(
            kind=Kind.CREATED, recorded_at=OuterRef("recorded_at"), lead=OuterRef("lead")
        )
        return ~Q(old_value="") | ~Q(Exists(creation))


def _closing(status: str) -> tuple[EventSource, ...]:
    return (EventSource(Kind.STATUS, Q(value=status)),)


def _first_value_or_change(*kinds: str) -> tuple[EventSource, ...]:
    return tuple(EventSource(kind, or_first_value=True) for kind in kinds)


# Kinds of events that no other choice covers. A new pipeline always comes with a new step, so that
# PIPELINE is not among them.
OTHER_KINDS = (
    Kind.CREATED_AT,
    Kind.CLOSED_AT,
    Kind.TITLE,
    Kind.DESCRIPTION,
    Kind.CLIENT,
    Kind.SOURCE,
    Kind.TAGS,
    Kind.REMINDER,
    Kind.STARRED,
    Kind.FIELD,
    Kind.DELETED,
    Kind.FOLLOWS,
    Kind.RELATED,
)
KINDS: dict[str, tuple[EventSource, ...]] = {
    "created": (EventSource(Kind.CREATED),),
    "won": _closing(Lead.Status.WON),
    "lost": _closing(Lead.Status.LOST),
    "cancelled": _closing(Lead.Status.CANCELLED),
    "moved": (EventSource(Kind.STEP, ~Q(old_value="")),),
    "assigned": _first_value_or_change(Kind.OWNER, Kind.TEAM),
    "comment": (EventSource(Kind.COMMENT, Q(about="")),),
    "file": (EventSource(Kind.FILE),),
    "task": (EventSource(Kind.TASK),),
    "other": (
        *_first_value_or_change(Kind.AMOUNT, Kind.PROBABILITY, Kind.ESTIMATED_CLOSING),
        EventSource(Kind.STATUS, Q(value__in=OPEN) & ~Q(old_value="")),
        *(EventSource(kind) for kind in OTHER_KINDS),
    ),
}
TITLES: dict[str, str | Promise] = {
    "created": _("Created"),
    "won": _("Won"),
    "lost": _("Lost"),
    "cancelled": _("Cancelled"),
    "moved": _("Step change"),
    "assigned": _("Assigned"),
    "comment": _("Comment"),
    "file": _("File"),
    "task": pgettext_lazy("changes of tasks", "Tasks"),
    "other": _("Other changes"),
    ACTIVITY: _("Any activity"),
}


def event_sources(kinds: tuple[str, ...]) -> tuple[EventSource, ...]:
    """Return the sources of the events of these kinds of entries."""
    return tuple(source for kind in kinds for source in KINDS.get(kind, ()))


def activity_types(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of the activity types among these kinds of entries."""
    return tuple(
        kind.removeprefix(ACTIVITY_PREFIX) for kind in kinds if kind.startswith(ACTIVITY_PREFIX)
    )


def titles_with_activities() -> dict[str, str]:
    """Return all kinds of entries with their titles, those of the activity types last."""
    titles = {kind: str(title) for kind, title in TITLES.items()}
    types = ActivityType.objects.values_list("key", "name")
    return titles | {ACTIVITY_PREFIX + key: name for key, name in types}
