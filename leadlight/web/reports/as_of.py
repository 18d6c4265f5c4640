"""Controls of a report as of a past instant: day and time, presets, and return to now."""

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
from leadlight.presentation.links import PageParams, changes_address, report_address
from leadlight.reporting import shortcuts

# Parameter of an instant → parameter of the time of day next to it in forms.
TIMES = {"as_of": "as_of_time", "since": "since_time"}
# Parameters that are ignored when a page is compared with a shortcut.
PAGE_PARAMS = ("as_of", "sort", "rows", "columns", "change")


def with_one_instant(params: QueryParams, zone: Callable[[], ZoneInfo]) -> QueryParams:
    """Combine a day and a time of day into one instant in the company's time zone.

    A time without a day is a time of today. A local time that occurs twice, when clocks go back,
    stands for the first. Invalid values are kept, for `query_params.as_of` to reject.
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
    """Values of the fields for day and time; without a time, the end of the day.

    If the parameter is not an instant, `is_text` is True and `day` holds its text, for the user to
    correct.
    """

    day: str
    time: str
    is_text: bool


def control_of(params: QueryParams, zone: ZoneInfo, name: str = "as_of") -> Control:
    """Return the field values for the instant in a query."""
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
    except OverflowError:  # the local day is before the year 1 or after 9999
        return Control(written, "", True)
    is_end = local.time() == time.max
    return Control(local.date().isoformat(), "" if is_end else _hour(local), False)


def _hour(local: datetime) -> str:
    """Format a time for the field: to the second, or to the millisecond if it has a fraction."""
    return local.time().isoformat("milliseconds" if local.microsecond else "seconds")


def evenings(today: date) -> tuple[tuple[str, date], ...]:
    """Return titles and days of the presets; each preset is the end of its day."""
    return (
        (_("Yesterday evening"), today - timedelta(1)),
        (_("A week ago"), today - timedelta(7)),
        (_("The end of last month"), today.replace(day=1) - timedelta(1)),
    )


@dataclass(frozen=True)
class Preset:
    """Link to a commonly used instant."""

    title: str
    address: str
    is_chosen: bool


@dataclass(frozen=True)
class Opened:
    """Previous opening, by this reader, of the shortcut with the query of the page.

    `changes` is the address of the changes since then; empty if the page is as of an earlier
    instant.
    """

    name: str
    at: datetime
    changes: str


@dataclass(frozen=True)
class AsOfControls:
    """Links of a page to past instants, back to now, and to the changes since its own instant."""

    presets: tuple[Preset, ...]
    now: str
    changes: str
    opened: Opened | None


def as_of_controls(
    user: User, report: Report, filters: Filters, address: str, page_params: PageParams
) -> AsOfControls:
    """Return the links to past instants for a report's page at this address."""
    opened = opened_before(user, report, filters, address)

    def preset(title: str, instant: datetime) -> Preset:
        there = report_address(report, replace(filters, as_of=instant), **page_params)
        return Preset(title, there, filters.as_of == instant)

    today = timezone.now().astimezone(filters.zone).date()
    named = [(title, query_params.end_of(day, filters.zone)) for title, day in evenings(today)]
    if opened:
        named.append((_("When you last opened “%(name)s”") % {"name": opened.name}, opened.at))
    now = replace(filters, as_of=None)
    since = filters.as_of and filters.as_of.astimezone(filters.zone).isoformat()
    return AsOfControls(
        tuple(preset(*one) for one in named),
        report_address(report, now, **page_params),
        changes_address(report, now, since) if since else "",
        opened,
    )


def opened_before(user: User, report: Report, filters: Filters, address: str) -> Opened | None:
    """Return the previous opening of the shortcut with the query of a page, if there is one."""
    params = _question(urlsplit(address).query)
    found = [
        one for one in shortcuts.opened_again(user, report.key) if _question(one.query) == params
    ]
    if not found:
        return None
    last = max(found, key=lambda one: one.last_opened_at)
    at = last.opened_before_at
    since = at.astimezone(filters.zone).isoformat()
    changes = changes_address(report, filters, since) if at < filters.instant else ""
    return Opened(last.name, at, changes)


def _question(query: str) -> list[tuple[str, str]]:
    return sorted(pair for pair in parse_qsl(query) if pair[0] not in PAGE_PARAMS)
