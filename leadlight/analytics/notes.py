"""What the reader must know of the numbers: what was counted as 0, left out, or cannot be seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leadlight.analytics import grouping as by
from leadlight.analytics.phrases import Phrase, gettext_noop
from leadlight.analytics.question import Question
from leadlight.analytics.report import Note, Report, Result
from leadlight.analytics.scope import Scope

Sums = Mapping[str, Any]


def notes_of(
    report: Report, question: Question, totals: Sums, grouping: str, scope: Scope
) -> Iterable[Note]:
    for column in report.noted:
        count = column.value(totals, totals)
        if count:
            phrase = Phrase(str(column.note), {"count": count})
            yield Note(column.key, phrase, count, column.key)
    yield from report.remarks(question)
    if by.category_of(grouping):
        yield Note("several_tags", Phrase(SEVERAL_TAGS))
    if not scope.sees_all:
        yield Note("scope", Phrase(OWN_LEADS_ONLY))


def length_notes(result: Result, before: Result) -> Iterable[Note]:
    if result.period.days != before.period.days:
        values = {"days": result.period.days, "compared_days": before.period.days}
        yield Note("compared_length", Phrase(COMPARED_LENGTH, values))


SEVERAL_TAGS = gettext_noop(
    "A lead with several tags of this category counts in each of their rows and once in the total."
)
OWN_LEADS_ONLY = gettext_noop("These are only the leads that you may see.")
COMPARED_LENGTH = gettext_noop(
    "These are %(days)s days, compared with %(compared_days)s: the months are not equally long."
)
