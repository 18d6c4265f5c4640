"""Translated texts of the reports: phrases of analytics, names of filters and their choices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.readers import Reader
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.dimensions import DIMENSIONS, dimension_of, field_of, is_of_field
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.grouping import category_of, without_label
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.query.periods import Bucket, Period
from leadlight.analytics.query.phrases import Phrase
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.contract import Row, Subject
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.models import Category, CustomField, Lead

Words = Mapping[str, str | Promise]
Names = Mapping[tuple[str, str], str]  # (dimension, key) → name


def say(phrase: Phrase) -> str:
    """Translate a phrase, with its values formatted in the active language."""
    text = gettext(phrase.template)
    values = {name: _value_text(value) for name, value in phrase.values.items()}
    return text % values if values else text


def _value_text(value: Any) -> str:
    if isinstance(value, Phrase):
        return say(value)
    if isinstance(value, list | tuple):
        return formats.listed([_value_text(one) for one in value])
    if isinstance(value, Period):
        return formats.period(value)
    if isinstance(value, Bucket):
        return formats.bucket(value)
    if isinstance(value, datetime):
        return formats.instant(value)
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, Rate):
        return formats.percent(value.value)
    if isinstance(value, float):
        return formats.number(value, 1)
    return formats.number(value) if isinstance(value, int) else str(value)


def filter_sentences(filters: Filters, names: Names) -> list[str]:
    """Return the filters in sentences; a key without a name is shown as it is."""
    return [
        say(phrase) for phrase in filters.describe(lambda *chosen: names.get(chosen, chosen[1]))
    ]


def whose(scope: Scope) -> list[str]:
    """Return the sentence for a restricted scope; empty if the reader sees everything."""
    return [] if scope.sees_all else [say(scope.phrase)]


def row_label(row: Row, grouping: str) -> str:
    """Return the label of a row: its bucket, its name, or the label for rows without one."""
    if row.bucket:
        return formats.bucket(row.bucket)
    if row.further:
        return gettext(row.further.title)
    return gettext(without_label(grouping)) if row.label is None else row.label


SHARES_BY_AGE = {
    "won": _("Share won, by age of the leads"),
    "lost": _("Share lost, by age of the leads"),
    "cancelled": _("Share cancelled, by age of the leads"),
    "closed": _("Share closed, by age of the leads"),
}


def titled(title: object, value: object) -> str:
    """Return a title and its value, as “Team: North”."""
    return gettext("%(filter)s: %(value)s") % {"filter": title, "value": value}


def grouping_title(grouping: str) -> str:
    """Return the heading of the column of row labels."""
    category, field = category_of(grouping), field_of(grouping)
    if category is not None:
        return str(Category.objects.filter(key=category).first() or category)
    if field is not None:
        return str(CustomField.objects.filter(key=field).first() or field)
    return str(GROUPINGS[grouping])


def filter_title(dimension: str, names: Names) -> str:
    """Return the title of a filter; for a custom field, its name in `names`, or its key."""
    field = field_of(dimension)
    return str(GROUPINGS[dimension]) if field is None else names.get(("field", field), field)


def without_choice(dimension: str) -> str:
    """Return the label of the choice of leads without a value; empty if a value is required."""
    declared = dimension_of(dimension)
    return "" if declared.is_required else gettext(declared.without_title)


def name_of(reader: Reader, dimension: str, key: str) -> str:
    """Return the name for a row's key if the reader may see it; otherwise the key."""
    if key == WITHOUT:
        return without_choice(dimension) or key
    if dimension == "source" or is_of_field(dimension):
        return key
    found = access.choices(reader, dimension).filter(key=key).first()
    return str(found) if found else key


PRESETS: Words = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "this_week": _("This week"),
    "last_week": _("Last week"),
    "this_month": _("This month"),
    "last_month": _("Last month"),
    "this_quarter": _("This quarter"),
    "last_quarter": _("Last quarter"),
    "this_year": _("This year"),
    "last_year": _("Last year"),
    "last_7_days": _("Last 7 days"),
    "last_30_days": _("Last 30 days"),
    "last_90_days": _("Last 90 days"),
    "last_365_days": _("Last 365 days"),
    "all_time": _("All time"),
    "next_7_days": _("Next 7 days"),
    "next_30_days": _("Next 30 days"),
    "next_8_weeks": _("This week and next 8"),
    "next_3_months": _("This month and next 3"),
    "next_6_months": _("This month and next 6"),
    "next_12_months": _("This month and next 12"),
}
COMPARISONS: Words = {
    "previous": _("vs previous period"),
    "last_year": _("vs last year"),
}
UNITS: Words = {
    "day": _("By day"),
    "week": _("By week"),
    "month": _("By month"),
    "quarter": _("By quarter"),
    "year": _("By year"),
}
GROUPINGS: Words = {"bucket": _("Period")} | {
    key: _(dimension.title) for key, dimension in DIMENSIONS.items()
}
SWITCHES: Mapping[str, tuple[str | Promise, Words]] = {
    "credit": (
        _("Attribution"),
        {
            "event": _("Owner at the time"),
            "owner": _("Current owner"),
            "creator": _("Creator"),
        },
    ),
    "leave_cancelled_out": (
        _("Win rate"),
        {"no": _("Of all closed leads"), "yes": _("Without cancelled leads")},
    ),
    "include_cancelled": (
        _("Losses"),
        {"no": _("Lost leads"), "yes": _("Lost and cancelled leads")},
    ),
    "tags": (_("Tags"), {"any": _("Any of the tags"), "all": _("All of the tags")}),
    "days": (
        _("Durations"),
        {"calendar": _("In calendar days"), "working": _("In working days")},
    ),
    "skipping": (
        _("A step counts as entered"),
        {
            "reached": _("When it or a later one is reached"),
            "visited": _("Only if the lead was moved to it"),
        },
    ),
    "activities_on": (
        _("Activities with"),
        {"both": _("Leads and prospects"), "leads": _("Leads"), "prospects": _("Prospects")},
    ),
    "prospects_by": (
        _("The period applies to"),
        {"list": _("Import date of the list"), "event": _("Date of each event")},
    ),
    "share_of": (
        _("Share of leads"),
        {
            "won": _("Won"),
            "lost": _("Lost"),
            "cancelled": _("Cancelled"),
            "closed": _("Closed"),
        },
    ),
    "monthly": (
        _("Figure"),
        {
            "won_amount": _("Won amount"),
            "won_leads": _("Won leads"),
            "win_rate": _("Win rate"),
            "created_leads": _("Created leads"),
        },
    ),
}


def status(code: str) -> str:
    """Return the label of a lead's status."""
    return str(Lead.Status(code).label)


def counted(subject: Subject, count: int) -> str:
    """Return a count of leads, activities, prospects or costs, with its unit."""
    number = {"number": formats.number(count)}
    if subject == "activity":
        return ngettext("%(number)s activity", "%(number)s activities", count) % number
    if subject == "prospect":
        return ngettext("%(number)s prospect", "%(number)s prospects", count) % number
    if subject == "cost":
        return ngettext("%(number)s cost", "%(number)s costs", count) % number
    return ngettext("%(number)s lead", "%(number)s leads", count) % number
