"""Columns of the list of leads, other than custom fields: titles and contents of their cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadlight.presentation import formats, labels
from leadlight.sales.models import Lead

NONE = formats.NONE


@dataclass(frozen=True)
class Column:
    """Column with a title.

    `cell` returns the content of a cell as text or HTML. `change` is the form that edits it, "" for
    none. `has_label` is True if a cell shows the title on a phone.
    """

    key: str
    title: Any
    cell: Callable[[Lead, datetime], str]
    change: str = ""
    is_number: bool = False
    has_label: bool = True


def status_chip(lead: Lead) -> str:
    return format_html('<span class="chip {}">{}</span>', lead.status, labels.status(lead.status))


def _owner(lead: Lead, _now: datetime) -> str:
    if lead.owner is None:
        return format_html('<span class="muted">{}</span>', _("Unassigned"))
    return format_html("<bdi>{}</bdi>", lead.owner)


def _named(value: object) -> str:
    return format_html("<bdi>{}</bdi>", value) if value else NONE


def reminder_text(lead: Lead) -> str:
    """Return the day of the reminder, with its time if it has one."""
    if lead.reminder_at is None:
        return NONE
    return _local_day(lead.reminder_at) if lead.reminder_is_all_day else _time(lead.reminder_at)


def _reminder(lead: Lead, now: datetime) -> str:
    is_late = lead.reminder_at is not None and lead.is_open and lead.reminder_at <= now
    zone = formats.company().zone
    is_today = lead.reminder_at is not None and (
        lead.reminder_at.astimezone(zone).date() == now.astimezone(zone).date()
    )
    text = reminder_text(lead) if is_today else _local_day(lead.reminder_at)
    return format_html('<span class="due">{}</span>', text) if is_late else text


def _time(instant: datetime) -> str:
    return formats.instant(instant)


def _local_day(instant: datetime | None) -> str:
    return formats.day(instant and instant.astimezone(formats.company().zone).date())


def _days_since(instant: datetime, now: datetime) -> str:
    return formats.number(max(0, (now - instant).days))


def _tags(lead: Lead, _now: datetime) -> str:
    tags = list(lead.tags.all())
    if not tags:
        return NONE
    return format_html_join(
        " ", '<span class="chip"><bdi>{}</bdi></span>', ((tag,) for tag in tags)
    )


COLUMNS: dict[str, Column] = {
    one.key: one
    for one in (
        Column(
            "client",
            gettext_lazy("Client"),
            lambda lead, _now: _named(lead.client),
            "client",
            has_label=False,
        ),
        Column(
            "status",
            gettext_lazy("Status"),
            lambda lead, _now: status_chip(lead),
            "status",
            has_label=False,
        ),
        Column(
            "step",
            gettext_lazy("Step"),
            lambda lead, _now: _named(lead.step),
            "step",
            has_label=False,
        ),
        Column("owner", gettext_lazy("Owner"), _owner, "owner", has_label=False),
        Column("team", gettext_lazy("Team"), lambda lead, _now: _named(lead.team)),
        Column(
            "amount",
            gettext_lazy("Amount"),
            lambda lead, _now: formats.money(lead.amount),
            "amount",
            is_number=True,
            has_label=False,
        ),
        Column(
            "probability",
            gettext_lazy("Probability"),
            lambda lead, _now: formats.probability(lead.probability),
            "probability",
            is_number=True,
        ),
        Column(
            "expected",
            gettext_lazy("Expected close date"),
            lambda lead, _now: formats.day(lead.estimated_closing_on),
            "expected-day",
            is_number=True,
        ),
        Column("reminder", gettext_lazy("Reminder"), _reminder, "standby", is_number=True),
        Column(
            "created",
            gettext_lazy("Created on"),
            lambda lead, _now: _local_day(lead.created_at),
            is_number=True,
            has_label=False,
        ),
        Column(
            "updated",
            gettext_lazy("Last change"),
            lambda lead, _now: _local_day(lead.updated_at),
            is_number=True,
        ),
        Column(
            "activity",
            gettext_lazy("Last activity"),
            lambda lead, _now: _local_day(lead.last_activity_at),
            is_number=True,
        ),
        Column(
            "status_days",
            gettext_lazy("Days in the status"),
            lambda lead, now: _days_since(lead.status_since, now),
            is_number=True,
        ),
        Column(
            "step_days",
            gettext_lazy("Days in the step"),
            lambda lead, now: _days_since(lead.step_since, now),
            is_number=True,
        ),
        Column(
            "postponements",
            gettext_lazy("Postponements"),
            lambda lead, _now: formats.number(lead.postponements),
            is_number=True,
        ),
        Column("source", gettext_lazy("Source"), lambda lead, _now: _named(lead.source), "source"),
        Column("tags", gettext_lazy("Tags"), _tags, "tags"),
    )
}
DEFAULT = ("client", "status", "step", "owner", "amount", "expected", "reminder", "created")
