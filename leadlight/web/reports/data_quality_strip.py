"""Data-quality problems in words: number of leads, and effect on the report's headlines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from leadlight.analytics.insight import data_quality
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.reports.contract import Report
from leadlight.presentation import labels, values
from leadlight.presentation.links import ListAddresses
from leadlight.reporting.reader import ReportReader


@dataclass(frozen=True)
class Fault:
    """One kind of problem: number and amount of the leads, their list, effects on the headlines."""

    title: str
    definition: str
    count: str
    amount: str
    address: str
    effects: tuple[str, ...]


def faults(reader: ReportReader, report: Report, filters: Filters) -> tuple[Fault, ...]:
    """Return the problems found in the leads of a report within the reader's scope."""
    return tuple(_faults(reader, report, filters))


def _faults(reader: ReportReader, report: Report, filters: Filters) -> Iterator[Fault]:
    found = reader.data_quality(report, filters)
    totals = found.faults.totals
    columns = {column.key: column for column in found.faults.columns}
    lists = ListAddresses(data_quality.TABLE, found.faults.filters)
    for key, effects in found.effects.items():
        column, amount = columns[key], data_quality.FAULTS[key]
        yield Fault(
            title=labels.say(column.title_phrase),
            definition=labels.say(column.definition_phrase),
            count=values.text(column.kind, totals[key]),
            amount=values.glance("money", totals[amount]) if amount else "",
            address=lists.address(key),
            effects=tuple(sentences_of(effects)),
        )


def sentences_of(effects: Iterable[data_quality.Effect]) -> Iterator[str]:
    """Yield the effects as sentences, except those whose two figures have the same text.

    The texts are compared because the order of summation can change the last bits of a mean.
    """
    for effect in effects:
        now, without = (
            values.text(effect.column.kind, one) for one in (effect.now, effect.without)
        )
        if now != without:
            yield _("%(figure)s: %(without)s instead of %(now)s") % {
                "figure": labels.say(effect.column.title_phrase),
                "without": without,
                "now": now,
            }
