"""Filters of the list of leads by state, reminder, expected close date, amount and age."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from leadlight.analytics.query import query_params
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.presentation import formats, labels
from leadlight.presentation.typed_numbers import amount_of
from leadlight.sales import lead_conditions as conditions
from leadlight.sales.models import Lead, LeadEvent
from leadlight.sales.models.valid_values import valid_amount
from leadlight.sales.refusals import Refused
from leadlight.web.shell.days import start_of

COUNT = re.compile(r"[1-9]\d{0,3}", re.ASCII)
YEARS = range(1900, 3000)
CHOICE, DAY, AMOUNT, DAYS, TIMES = "choice", "day", "amount", "days", "times"
ACTION = "action"  # key of an action; only links set it
ACTION_KEY = re.compile(r"[!-~]{1,40}", re.ASCII)
YES = "yes"


@dataclass(frozen=True)
class Moment:
    """Instant at which a filter is applied, and its day in the company's time zone."""

    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(formats.company().zone).date()

    def day(self, days: int) -> datetime:
        """Return the start of today, or of a day some days later."""
        return start_of(self.today + timedelta(days=days))

    @property
    def days_left_of_week(self) -> int:
        """Number of days until the end of the week, with today; weeks end on Sunday."""
        return 7 - self.today.weekday()

    def month(self, months: int) -> date:
        """Return the first day of this month, or of a month some months later."""
        first = self.today.replace(day=1)
        for _month in range(months):
            first = (first + timedelta(days=31)).replace(day=1)
        return first


@dataclass(frozen=True)
class Criterion:
    """Filter with one value; `condition` returns the condition (Q) for a value at a moment.

    `choices` are the possible values with their labels, for the kind "choice".
    """

    name: str
    title: Any
    kind: str
    condition: Callable[[Any, Moment], Any]
    choices: tuple[tuple[str, Any], ...] = ()

    def value_of(self, text: str) -> Any:
        """Parse a value. Raises BadFilter."""
        if self.kind == DAY:
            return _day(self.name, text)
        if self.kind == AMOUNT:
            return _amount(text)
        if self.kind == ACTION:
            if not ACTION_KEY.fullmatch(text):
                raise BadFilter(gettext_noop("“%(value)s” is not a change to leads."), value=text)
            return text
        if self.kind in (DAYS, TIMES):
            if not COUNT.fullmatch(text):
                raise BadFilter(
                    gettext_noop(
                        "“%(value)s” is not possible here. Enter a number from 1 to 9999."
                    ),
                    value=text,
                )
            return int(text)
        keys = [key for key, _label in self.choices]
        return query_params.one_of({self.name: [text]}, self.name, keys)

    def text_of(self, value: Any) -> str:
        """Return a value as people read it."""
        if self.kind == CHOICE:
            return str(dict(self.choices)[value])
        if self.kind == DAY:
            return formats.day(value)
        if self.kind == AMOUNT:
            return formats.money(value)
        return value if self.kind == ACTION else formats.number(value)

    def chip_of(self, value: Any) -> str:
        if self.kind == ACTION:
            return str(self.title)
        is_flag = self.kind == CHOICE and len(self.choices) == 1
        return self.text_of(value) if is_flag else labels.titled(self.title, self.text_of(value))


def _day(name: str, text: str) -> date | None:
    found = query_params.day({name: [text]}, name)
    if found and found.year not in YEARS:
        raise BadFilter(gettext_noop("%(day)s is too far in the past or future."), day=text)
    return found


def _amount(text: str) -> Decimal | None:
    try:
        return valid_amount(amount_of(text[:40]))
    except (ValueError, Refused) as error:
        raise BadFilter(
            gettext_noop("“%(value)s” is not an amount. Enter a number, such as 1200."), value=text
        ) from error


def _reminded(which: str, moment: Moment) -> Q:
    day, week = moment.day, moment.days_left_of_week
    limits: dict[str, Q] = {
        "late": Q(reminder_at__lt=day(0)),
        "today": Q(reminder_at__gte=day(0), reminder_at__lt=day(1)),
        "week": Q(reminder_at__gte=day(0), reminder_at__lt=day(week)),
        "later": Q(reminder_at__gte=day(week)),
        "none": Q(reminder_at__isnull=True),
    }
    return limits[which] & conditions.is_open()


def _expected(which: str, moment: Moment) -> Q:
    month = moment.month
    column = "estimated_closing_on"
    if which == "none":
        return Q(**{f"{column}__isnull": True})
    if which == "past":
        return Q(**{f"{column}__lt": moment.today}) & conditions.is_open()
    months = {"this_month": 0, "next_month": 1}[which]
    return Q(**{f"{column}__gte": month(months), f"{column}__lt": month(months + 1)})


def _since(column: str, value: date, moment: Moment) -> Q:
    return Q(**{f"{column}__gte": start_of(value)})


def _until(column: str, value: date, moment: Moment) -> Q:
    return Q(**{f"{column}__lt": start_of(value + timedelta(days=1))})


def _at_least(column: str, value: Any, moment: Moment) -> Q:
    return Q(**{f"{column}__gte": value})


def _at_most(column: str, value: Any, moment: Moment) -> Q:
    return Q(**{f"{column}__lte": value})


def _state(value: str, moment: Moment) -> Q:
    return conditions.is_open() if value == "open" else conditions.is_closed()


def _age(condition: Callable[[int, datetime], Q], value: int, moment: Moment) -> Q:
    return condition(value, moment.now)


def _follows(value: str, moment: Moment) -> Q:
    follows = Q(follows__isnull=False)
    return follows if value == YES else follows & Q(follows_as=value)


def _changed_by(action: str, moment: Moment) -> Q:
    return Q(pk__in=LeadEvent.objects.filter(action__key=action).values("lead"))


EXPECTED = "estimated_closing_on"
CRITERIA: dict[str, Criterion] = {
    one.name: one
    for one in (
        Criterion(
            "state",
            gettext_lazy("State"),
            CHOICE,
            _state,
            (
                ("open", pgettext_lazy("leads", "Open")),
                ("closed", pgettext_lazy("leads", "Closed")),
            ),
        ),
        Criterion(
            "starred",
            gettext_lazy("Starred"),
            CHOICE,
            lambda _value, _moment: Q(is_starred=True),
            ((YES, gettext_lazy("Starred")),),
        ),
        Criterion(
            "untouched",
            gettext_lazy("Untouched"),
            CHOICE,
            lambda _value, _moment: conditions.is_untouched(),
            ((YES, gettext_lazy("Untouched since assignment")),),
        ),
        Criterion(
            "follows",
            gettext_lazy("Follows another lead"),
            CHOICE,
            _follows,
            (
                (YES, gettext_lazy("Upsell or renewal")),
                *((str(link), link.label) for link in Lead.Link),
            ),
        ),
        Criterion(
            "reminder",
            gettext_lazy("Reminder"),
            CHOICE,
            _reminded,
            (
                ("late", pgettext_lazy("reminder", "Late")),
                ("today", pgettext_lazy("reminder", "Today")),
                ("week", pgettext_lazy("reminder", "This week")),
                ("later", pgettext_lazy("reminder", "After this week")),
                ("none", pgettext_lazy("reminder", "None")),
            ),
        ),
        Criterion(
            "expected",
            gettext_lazy("Expected close date"),
            CHOICE,
            _expected,
            (
                ("past", pgettext_lazy("expected close date", "In the past")),
                ("this_month", pgettext_lazy("expected close date", "This month")),
                ("next_month", pgettext_lazy("expected close date", "Next month")),
                ("none", pgettext_lazy("expected close date", "None")),
            ),
        ),
        Criterion(
            "expected.from", gettext_lazy("Expected from"), DAY, partial(_at_least, EXPECTED)
        ),
        Criterion("expected.to", gettext_lazy("Expected up to"), DAY, partial(_at_most, EXPECTED)),
        Criterion("amount.from", gettext_lazy("Amount from"), AMOUNT, partial(_at_least, "amount")),
        Criterion("amount.to", gettext_lazy("Amount up to"), AMOUNT, partial(_at_most, "amount")),
        Criterion("created.from", gettext_lazy("Created from"), DAY, partial(_since, "created_at")),
        Criterion("created.to", gettext_lazy("Created up to"), DAY, partial(_until, "created_at")),
        Criterion(
            "todo_days",
            gettext_lazy("Minimum days in “To do”"),
            DAYS,
            partial(_age, conditions.to_do_for),
        ),
        Criterion(
            "step_days",
            gettext_lazy("Minimum days in the step"),
            DAYS,
            partial(_age, conditions.in_step_for),
        ),
        Criterion(
            "postponed",
            gettext_lazy("Minimum postponements"),
            TIMES,
            partial(_age, conditions.postponed),
        ),
        Criterion(
            "idle_days",
            gettext_lazy("Minimum days without an activity"),
            DAYS,
            partial(_age, conditions.idle_for),
        ),
        Criterion("change", gettext_lazy("Leads of one change"), ACTION, _changed_by),
    )
}
# Criteria by which leads drag on: they leave out leads with a reminder in the future.
DRAGGING = ("todo_days", "step_days", "postponed", "idle_days")


@dataclass(frozen=True)
class WorkFilter:
    """Values of the criteria of a filter, by name, in the order of `CRITERIA`."""

    values: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def from_params(cls, params: query_params.QueryParams) -> WorkFilter:
        """Parse a query string. Raises BadFilter for an invalid value."""
        texts = ((name, query_params.one(params, name)) for name in CRITERIA)
        values = tuple((name, CRITERIA[name].value_of(text)) for name, text in texts if text)
        return cls(tuple((name, value) for name, value in values if value is not None))

    def to_pairs(self) -> list[tuple[str, str]]:
        """Return the query-string pairs of this filter."""
        return [(name, _plain(value)) for name, value in self.values]

    def narrowed(self, leads: QuerySet[Lead], ordered_by: str = "") -> QuerySet[Lead]:
        """Return the leads that meet all criteria now.

        `ordered_by` is the column by which a query reads them in order, "" for a query without
        order.
        """
        moment = Moment(timezone.now())
        for name, value in self.values:
            condition = CRITERIA[name].condition(value, moment)
            if ordered_by:
                leads = conditions.scanned(leads, condition, ordered_by)
            else:
                leads = leads.filter(condition)
        return leads

    def value(self, name: str) -> Any:
        return dict(self.values).get(name)

    def with_value(self, name: str, value: Any) -> WorkFilter:
        """Return the filter with another value of one criterion; None removes it."""
        values = dict(self.values) | {name: value}
        kept = ((each, values[each]) for each in CRITERIA if values.get(each) is not None)
        return replace(self, values=tuple(kept))

    @property
    def drags_on(self) -> bool:
        return any(name in DRAGGING for name, _value in self.values)


def _plain(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True)
class Control:
    """Form control of one criterion, with its current value as text."""

    criterion: Criterion
    text: str

    @property
    def html_id(self) -> str:
        return f"work-{self.criterion.name.replace('.', '-')}"

    @property
    def input_type(self) -> str:
        kinds = {DAY: "date", AMOUNT: "text", DAYS: "number", TIMES: "number"}
        return kinds[self.criterion.kind]


def controls_of(chosen: WorkFilter, names: Iterable[str]) -> Iterator[Control]:
    texts = dict(chosen.to_pairs())
    for name in names:
        yield Control(CRITERIA[name], texts.get(name, ""))


def note_on_dragging() -> str:
    """Return the sentence on leads with a reminder, for lists of leads that drag on."""
    return _(
        "Leads with a reminder in the future are left out, because their next action is planned."
    )
