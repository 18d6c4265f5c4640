"""Notes of a result: facts counted as 0 or left out, and limits of the scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leadlight.analytics.query.grouping import category_of
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.contract import Note, Report, Result

Sums = Mapping[str, Any]


def notes_of(
    report: Report, query: ReportQuery, totals: Sums, grouping: str, scope: Scope
) -> Iterable[Note]:
    """Yield the report's warnings and notes, then notes on its tags and its scope."""
    for column in report.warnings:
        count = column.value(totals, totals)
        if count:
            phrase = Phrase(str(column.note), {"count": count})
            yield Note(column.key, phrase, count, column.key)
    yield from report.notes(query)
    if category_of(grouping):
        yield Note("several_tags", Phrase(SEVERAL_TAGS))
    if not scope.sees_all:
        yield Note("scope", Phrase(OWN_LEADS_ONLY))


def length_notes(result: Result, before: Result) -> Iterable[Note]:
    """Yield a note if the compared period has another number of days."""
    if result.period.days != before.period.days:
        values = {"days": result.period.days, "compared_days": before.period.days}
        yield Note("compared_length", Phrase(COMPARED_LENGTH, values))


SEVERAL_TAGS = gettext_noop(
    "A lead with several tags of this category counts in each of their rows and once in the total."
)
OWN_LEADS_ONLY = gettext_noop("Only the leads you have access to are counted.")
COMPARED_LENGTH = gettext_noop(
    "%(days)s days are compared with %(compared_days)s days, "
    "because the months have different lengths."
)
