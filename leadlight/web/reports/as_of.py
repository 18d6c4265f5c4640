"""Looking at the past: the control that says up to when, its presets, and the way back to now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.analytics.query import query_params
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.reports.contract import Report
from leadlight.presentation.links import changes_address, report_address
from leadlight.reporting import shortcuts

# Instants in addresses, each with the time of day that its control has beside the day.
TIMES = {"as_of": "as_of_time", "since": "since_time"}
# What is no part of the question that a shortcut keeps.
PAGE_PARAMS = ("as_of", "sort", "rows")


def with_one_instant(params: QueryParams, zone: Callable[[], ZoneInfo]) -> QueryParams:
    """A day and a time beside it are an instant of the company's zone; a time alone is of today.

    Of a local time that comes twice, when clocks go back, the first is meant. What cannot be read
    is left for `query_params.as_of` to refuse.
    """
    for name, time_param in TIMES.items():
        if time_param in params:
            params = _with_one(params, name, time_param, zone)
    return params


def _with_one(
    params: QueryParams, name: str, time_param: str, zone: Callable[[], ZoneInfo]
) -> QueryParams:
    left = {other: values for other, values in params.items() if other != time_param}
    hour = next((value for value in params[time_param] if value), "")
    if not hour:
        return left
    days = [value for value in params.get(name, ()) if value]
    day = days[0] if days else timezone.now().astimezone(zone()).date().isoformat()
    return left | {name: [_instant(day, hour, zone()), *days[1:]]}


def _instant(day: str, hour: str, zone: ZoneInfo) -> str:
    try:
        local = datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), zone)
    except ValueError:
        return f"{day}T{hour}"
    return local.isoformat()


@dataclass(frozen=True)
class Control:
    """A day, and a time of it; without one, its last moment is meant.

    What was written and is no instant stands as a text in `day`, to be mended.
    """

    day: str
    time: str
    is_text: bool


def control_of(params: QueryParams, zone: ZoneInfo, name: str = "as_of") -> Control:
    """The control of an instant as the query says."""
    written = next((value for value in params.get(name, ()) if value), "")
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        return Control(written, "", bool(written))
    if len(written) == len("2026-01-31"):
        return Control(written, "", False)
    if instant.tzinfo is None:
        return Control(written, "", True)
    try:
        local = instant.astimezone(zone)
    except OverflowError:  # in the zone it is before the year 1, or after 9999
        return Control(written, "", True)
    is_end = local.time() == time.max
    return Control(local.date().isoformat(), "" if is_end else _hour(local), False)


def _hour(local: datetime) -> str:
    """As browsers take it: to the second, or to the thousandth where there is more."""
    return local.time().isoformat("milliseconds" if local.microsecond else "seconds")


def evenings(today: date) -> tuple[tuple[str, date], ...]:
    """The days whose last moment is often asked about, by their names."""
    return (
        (_("Yesterday evening"), today - timedelta(1)),
        (_("A week ago"), today - timedelta(7)),
        (_("The end of last month"), today.replace(day=1) - timedelta(1)),
    )


@dataclass(frozen=True)
class Preset:
    """An instant that is often asked about."""

    title: str
    address: str
    is_chosen: bool


@dataclass(frozen=True)
class Opened:
    """When the reader last opened the shortcut whose question this is, before this time."""

    name: str
    at: datetime
    changes: str


@dataclass(frozen=True)
class AsOfControls:
    """How a page looks back: where to, and the ways from there."""

    presets: tuple[Preset, ...]
    now: str
    changes: str
    opened: Opened | None


def as_of_controls(
    user: User, report: Report, filters: Filters, address: str, sort: str | None
) -> AsOfControls:
    """The presets of a report's page at this address, and its way back to now."""
    opened = opened_before(user, report, filters, address)

    def preset(title: str, instant: datetime) -> Preset:
        there = report_address(report, replace(filters, as_of=instant), sort=sort)
        return Preset(title, there, filters.as_of == instant)

    today = timezone.now().astimezone(filters.zone).date()
    named = [(title, query_params.end_of(day, filters.zone)) for title, day in evenings(today)]
    if opened:
        named.append((_("When you last opened “%(name)s”") % {"name": opened.name}, opened.at))
    now = replace(filters, as_of=None)
    since = filters.as_of and filters.as_of.astimezone(filters.zone).isoformat()
    return AsOfControls(
        tuple(preset(*one) for one in named),
        report_address(report, now, sort=sort),
        changes_address(report, now, since) if since else "",
        opened,
    )


def opened_before(user: User, report: Report, filters: Filters, address: str) -> Opened | None:
    """The shortcut whose question a page asks, if the reader had opened it before this time."""
    asked = _question(urlsplit(address).query)
    found = [
        one for one in shortcuts.opened_again(user, report.key) if _question(one.query) == asked
    ]
    if not found:
        return None
    last = max(found, key=lambda one: one.last_opened_at)
    at = last.opened_before_at
    since = at.astimezone(filters.zone).isoformat()
    changes = changes_address(report, filters, since) if at < filters.asked_at else ""
    return Opened(last.name, at, changes)


def _question(query: str) -> list[tuple[str, str]]:
    return sorted(pair for pair in parse_qsl(query) if pair[0] not in PAGE_PARAMS)
