"""Filter bar of a report: its controls, and a chip for each active filter.

The controls show the raw query parameters, so that users can correct invalid ones in the bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.analytics.query.dimensions import FIELD_PREFIX
from leadlight.analytics.query.filters import COMPARISONS, NO_COMPARISON, Filters
from leadlight.analytics.query.periods import UNITS
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.query.switches import SWITCHES
from leadlight.analytics.reports.contract import Report
from leadlight.presentation import formats, labels
from leadlight.presentation.choices import (
    Chip,
    Choice,
    Choices,
    field_choices,
    offered_choices,
)
from leadlight.presentation.links import report_address
from leadlight.sales.dimensions import choice_fields
from leadlight.sales.models import Category, CustomField

CUSTOM = "custom"
PERIOD_PARAMS = ("period", "from", "to", "compare")
MAIN_SWITCHES = ("monthly", "share_of")  # they choose the figure, beside the control of rows
DIMENSIONS = ("team", "user", "pipeline", "tag", "source", "prospecting_list", "client")


@dataclass(frozen=True)
class Select:
    """A control with one value; the default choice comes first, usually with an empty value."""

    name: str
    title: str
    choices: tuple[Choice, ...]

    @property
    def is_changed(self) -> bool:
        return not self.choices[0].is_chosen

    @property
    def chosen_text(self) -> str:
        return next((choice.text for choice in self.choices if choice.is_chosen), "")

    @property
    def options(self) -> SafeString:
        """Options as HTML. A loop in a template would be ten times slower, on every page."""
        return mark_safe(  # noqa: S308 - values and texts are escaped
            "\n".join(
                f'<option value="{escape(choice.value)}"{" selected" * choice.is_chosen}>'
                f"{escape(choice.text)}</option>"
                for choice in self.choices
            )
        )


@dataclass(frozen=True)
class Bar:
    """Controls of the filter bar; those that would change nothing are left out.

    `period` is None if the report is about the present; `kept` has the parameters of the period,
    which are kept for its other views. `bucket` has an effect if the control of rows has the value
    `bucket_when`, or always if `bucket_when` is None. `figures` are switches that choose the figure
    to show; `dimensions` and the other `switches` are in the menu of filters.
    """

    action: str
    choices_at: str
    view: str
    period: Select | None
    first: str
    last: str
    compare: Select | None
    grouping: Select | None
    bucket: Select | None
    bucket_when: str | None
    kept: tuple[tuple[str, str], ...]
    figures: tuple[Select, ...]
    dimensions: tuple[Choices, ...]
    switches: tuple[Select, ...]

    @property
    def changes(self) -> int:
        """Number of controls in the menu of filters that differ from their default."""
        used = sum(len(choices.chosen) for choices in self.dimensions)
        return used + sum(select.is_changed for select in self.switches)


def filter_bar(user: User, report: Report, params: QueryParams) -> Bar:
    """Return the filter bar of a report, with the controls set by the query."""
    has_period = not report.is_about_now
    fields = list(choice_fields())
    grouping = _grouping(report, fields, params)
    dimensions = (*_dimensions(user, params, DIMENSIONS), *_of_fields(fields, params))
    if report.is_of_one_pipeline:
        dimensions = tuple(
            replace(one, is_single=True) if one.dimension == "pipeline" else one
            for one in dimensions
        )
    return Bar(
        action=reverse("report", args=[report.key]),
        choices_at=reverse("report_choices", args=[report.key, "of"]).removesuffix("of/"),
        view=report.view or "",
        period=_period(report, params) if has_period else None,
        first=_value(params, "from"),
        last=_value(params, "to"),
        compare=_compare(params) if has_period and report.has_comparison else None,
        grouping=grouping if len(grouping.choices) > 1 else None,
        bucket=_bucket(params) if _has_buckets(report) else None,
        bucket_when=_bucket_when(report),
        kept=tuple((name, _value(params, name)) for name in PERIOD_PARAMS if _value(params, name)),
        dimensions=dimensions,
        figures=tuple(_figure(name, params) for name in MAIN_SWITCHES if name in report.switches),
        switches=tuple(
            _switch(name, params)
            for name in SWITCHES
            if name in _switches_of(report, params) and name not in MAIN_SWITCHES
        ),
    )


def _has_buckets(report: Report) -> bool:
    """Return whether the length of buckets can change the table, in at least one grouping."""
    return report.unit is None and ("bucket" in report.groupings or report.trend is not None)


def _bucket_when(report: Report) -> str | None:
    """Return the value of the control of rows for which buckets have an effect; None if always."""
    if report.trend is not None:
        return None
    return "" if report.groupings[0] == "bucket" else "bucket"


def _value(params: QueryParams, name: str) -> str:
    return next((value for value in params.get(name, ()) if value), "")


def _select(
    name: str, title: str, words: Iterable[tuple[str, str | Promise]], chosen: str
) -> Select:
    return Select(
        name, title, tuple(Choice(value, str(text), value == chosen) for value, text in words)
    )


def _period(report: Report, params: QueryParams) -> Select:
    is_custom = _value(params, "from") or _value(params, "to")
    chosen = CUSTOM if is_custom else _value(params, "period") or report.preset
    offered = report.presets
    if chosen in labels.PRESETS and chosen not in offered:  # from the address of another report
        offered = (chosen, *offered)
    words = [(preset, labels.PRESETS[preset]) for preset in offered]
    return _select("period", _("Period"), [*words, (CUSTOM, _("Between two days"))], chosen)


def _compare(params: QueryParams) -> Select:
    words = [("", _("No comparison")), *((name, labels.COMPARISONS[name]) for name in COMPARISONS)]
    chosen = _value(params, "compare")
    return _select("compare", _("Compare"), words, "" if chosen == NO_COMPARISON else chosen)


def _bucket(params: QueryParams) -> Select:
    words = [("", _("Automatic interval")), *((unit, labels.UNITS[unit]) for unit in UNITS)]
    return _select("bucket", _("Group by"), words, _value(params, "bucket"))


def _grouping(report: Report, fields: Iterable[CustomField], params: QueryParams) -> Select:
    """Return the control of rows: the groupings, with one for each category of tags and each field.

    The first is the default.
    """
    words: list[tuple[str, str]] = []
    for name in report.groupings:
        if name == "category":
            words += [
                (f"category:{category.key}", str(category)) for category in Category.objects.all()
            ]
            words += [(FIELD_PREFIX + field.key, field.name) for field in fields]
        else:
            words.append((name if words else "", str(labels.GROUPINGS[name])))
    chosen = _value(params, "group_by")
    words = [(value, _("Rows: %(title)s") % {"title": title}) for value, title in words]
    return _select("group_by", _("Rows"), words, "" if chosen == report.groupings[0] else chosen)


def _switches_of(report: Report, params: QueryParams) -> Sequence[str]:
    """Return the switches that have an effect, or that are set.

    The switch on tags has an effect if several tags are chosen. Where the figure can be chosen, the
    switch on the win rate has an effect only on that figure.
    """
    has_tags = len([key for key in params.get("tag", ()) if key]) > 1 or _value(params, "tags")
    switches = (*report.switches, "tags") if has_tags else report.switches
    if "monthly" not in switches or _value(params, "monthly") == "win_rate":
        return switches
    unused = {"leave_cancelled_out"} - params.keys()
    return tuple(name for name in switches if name not in unused)


def _switch(name: str, params: QueryParams) -> Select:
    title, words = labels.SWITCHES[name]
    default = SWITCHES[name][0]
    entries = [("" if value == default else value, text) for value, text in words.items()]
    chosen = _value(params, name)
    return _select(name, str(title), entries, "" if chosen == default else chosen)


def _figure(name: str, params: QueryParams) -> Select:
    """Return the control of a switch outside the menu; its choices include the title."""
    select = _switch(name, params)
    choices = (replace(one, text=labels.titled(select.title, one.text)) for one in select.choices)
    return replace(select, choices=tuple(choices))


def _dimensions(user: User, params: QueryParams, names: Iterable[str]) -> tuple[Choices, ...]:
    every = (
        offered_choices(user, name, [key for key in params.get(name, ()) if key]) for name in names
    )
    return tuple(choices for choices in every if choices.is_worth_showing)


def _of_fields(fields: Iterable[CustomField], params: QueryParams) -> Iterable[Choices]:
    for field in fields:
        yield field_choices(field, params.get(FIELD_PREFIX + field.key, ()))


# Chips


def chips(
    report: Report, filters: Filters, names: Mapping[tuple[str, str], str], **page_params: Any
) -> tuple[Chip, ...]:
    """Return a chip for each active filter; a filter that the report needs cannot be removed."""

    def chip(text: str, left: Filters) -> Chip:
        return Chip(text, report_address(report, left, **page_params))

    found = []
    for dimension, keys in filters.chosen:
        filter_title = labels.filter_title(dimension, names)
        for key in keys:
            left = tuple(other for other in keys if other != key)
            text = labels.titled(filter_title, names.get((dimension, key), key))
            is_needed = dimension in report.needs and len(keys) == 1
            found.append(
                Chip(text, "") if is_needed else chip(text, filters.with_keys(dimension, left))
            )
    for name, value in filters.chosen_switches:
        others = tuple(switch for switch in filters.chosen_switches if switch[0] != name)
        title, words = labels.SWITCHES[name]
        found.append(
            chip(labels.titled(title, words[value]), replace(filters, chosen_switches=others))
        )
    if filters.as_of:
        text = _("As of %(instant)s") % {"instant": formats.instant(filters.as_of)}
        found.append(chip(text, replace(filters, as_of=None)))
    return tuple(found)
