"""Texts and addresses of the page of changes: how figures changed, by reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from leadlight.accounts.readers import Reader
from leadlight.analytics.export.sheets import About
from leadlight.analytics.insight.changes.changes import Changes, Difference
from leadlight.analytics.insight.changes.reasons import REASON_DEFINITIONS, REASONS
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query import query_params
from leadlight.presentation import formats, labels, values
from leadlight.presentation.choices import query_sentences
from leadlight.presentation.files import about
from leadlight.presentation.links import address_of
from leadlight.web.reports.as_of import Preset, evenings

# Parameters of the page in addition to the filters.
PAGE_PARAMS = ("since", "column", "reason", "page")


def presets(found: Changes) -> tuple[Preset, ...]:
    """Return links to preset days, relative to the day of the later instant."""
    return tuple(
        Preset(title, page_address(found, since=day.isoformat()), _is_end_of(found, day))
        for title, day in evenings(found.filters.today)
    )


def _is_end_of(found: Changes, day: date) -> bool:
    return found.since == query_params.end_of(day, found.filters.zone)


def page_address(found: Changes, **changed: Any) -> str:
    """Return the address of the page with changed parameters; None removes one."""
    said = {
        "since": found.since.astimezone(found.filters.zone).isoformat(),
        "column": found.column.key if found.column else None,
        "reason": found.reason,
    } | changed
    path = reverse("report_changes", args=[found.report.key])
    return address_of(path, found.requested, said)


def about_changes(reader: Reader, found: Changes, origin: str) -> About:
    """Return the metadata of an export, with the address of the page at `origin`."""
    title = f"{_('What changed')}: {_(found.report.title)}"
    question = " ".join(query_sentences(reader, found.filters))
    first, *others = about(title, question, found.filters, origin + page_address(found))
    return (first, (_("Since"), formats.instant(found.since)), *others)


# Table of differences


@dataclass(frozen=True)
class ReasonCell:
    """Difference of a figure by one reason, number of leads, and address of their list."""

    text: str
    count: str
    address: str
    is_here: bool


@dataclass(frozen=True)
class DifferenceRow:
    """A figure with its earlier value, its difference by each reason, and its later value."""

    title: str
    definition: str
    then: str
    steps: tuple[ReasonCell | None, ...]
    difference: str
    now: str


def reasons_of(found: Changes) -> tuple[tuple[str, str, str], ...]:
    """Return the reasons of the differences found: key, title and definition."""
    return tuple(
        (reason, _(REASONS[reason]), _(REASON_DEFINITIONS[reason])) for reason in found.reasons
    )


def lines_of(found: Changes) -> tuple[DifferenceRow, ...]:
    """Return the rows of the sums that changed."""
    return tuple(_line(found, one) for one in found.differences if one.is_sum and one.is_changed)


def _line(found: Changes, one: Difference) -> DifferenceRow:
    return DifferenceRow(
        title=labels.say(one.column.title_phrase),
        definition=labels.say(one.column.definition_phrase),
        then=values.text(one.column.kind, one.then),
        steps=tuple(_step(found, one, reason) for reason in found.reasons),
        difference=signed(one.column, one.by),
        now=values.text(one.column.kind, one.now),
    )


def _step(found: Changes, one: Difference, reason: str) -> ReasonCell | None:
    if reason not in one.reasons:
        return None
    count, by = one.reasons[reason]
    is_here = found.column is not None and found.column.key == one.column.key
    return ReasonCell(
        signed(one.column, by),
        labels.counted(found.subject, count)
        if one.column.kind == "money" or abs(by) != count
        else "",
        page_address(found, column=one.column.key, reason=reason) + "#listed",
        is_here and found.reason == reason,
    )


def others_of(found: Changes) -> tuple[tuple[str, str, str], ...]:
    """Return the changed figures that are not sums: title, earlier value, later value."""
    return tuple(
        (
            labels.say(one.column.title_phrase),
            values.with_parts(one.column, one.then),
            values.with_parts(one.column, one.now),
        )
        for one in found.differences
        if not one.is_sum and one.is_changed
    )


def signed(column: Column, value: Any) -> str:
    """Format a difference with its sign."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{values.text(column.kind, abs(value))}"
