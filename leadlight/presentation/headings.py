"""Headings of columns on pages, in PDF files and on the command line."""

from __future__ import annotations

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.metrics.working_days import WORKING_UNIT
from leadlight.analytics.query.periods import Bucket
from leadlight.analytics.query.phrases import Phrase
from leadlight.analytics.reports.contract import Report
from leadlight.presentation import formats, labels


def title_of(column: Column) -> str:
    """Return the title of a column without its unit; the name of a month is abbreviated."""
    month = column.names.get("month")
    if isinstance(month, Bucket):
        return formats.bucket(month, is_short=True)
    alone = column.names.get("title") if column.unit == WORKING_UNIT else None
    return labels.say(alone if isinstance(alone, Phrase) else column.title_phrase)


def unit_of(column: Column, currency: str) -> str:
    """Return the unit of a column; empty for counts and shares."""
    if column.period is not None:
        return ""  # the heading of the whole period has the unit
    if column.kind in ("money", "range"):
        return formats.currency_symbol(currency).strip()
    if column.unit == WORKING_UNIT:
        return _("working days")
    return _("days") if column.kind == "days" else ""


def adding_up(report: Report, column: Column) -> str:
    """Return the sentence on how the total is computed: from the leads, not from the rows."""
    if not column.has_total:
        return _("This column has no total.")
    if report.total_definition:
        return _(report.total_definition)
    if column.kind == "rate" and column.total_title:
        return _("In the total, this column is “%(title)s”.") % {"title": _(column.total_title)}
    if column.kind in ("rate", "ratio", "multiple"):
        return _(
            "The total is the total numerator ÷ the total denominator, not the average of the rows."
        )
    if column.kind in ("ranks", "share"):
        return _(
            "This figure compares the rows with each other, so there is no figure for the total."
        )
    if column.kind in ("days", "interval", "range", "estimate"):
        return _("The total is computed from all the leads together, not from the rows.")
    return _("In the total, each lead counts once.")
