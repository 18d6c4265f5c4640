"""Leads outside the totals of a report, because they lack a value that the report needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.kinds import Kind
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.presentation import formats, labels
from leadlight.presentation.links import ListAddresses


@dataclass(frozen=True)
class IncompleteLeads:
    """Leads of one further row: their number, amount and list."""

    title: str
    definition: str
    number: str
    amount: str
    address: str


def incomplete_leads(result: Result) -> Iterator[IncompleteLeads]:
    """Yield the further rows that have leads whose data must be corrected."""
    lists = ListAddresses(result.report, result.filters)
    for row in result.further_rows:
        further = row.further
        key, number = _first(result, row, "count")
        if further and further.has_incomplete_leads and number:
            _key, amount = _first(result, row, "money")
            yield IncompleteLeads(
                _(further.title),
                _(further.definition),
                labels.counted("lead", cast(int, number)),
                formats.compact_money(cast(Decimal, amount), result.currency) if amount else "",
                lists.address(key, row),
            )


def _first(result: Result, row: Row, kind: Kind) -> tuple[str, Value]:
    """Return key and figure of the first column of a kind over the facts of the row.

    If there is none, they are "" and None.
    """
    facts = row.further.facts if row.further else {}
    keys = [one.key for one in result.columns if one.kind == kind and one.facts in facts]
    return (keys[0], row.cells[keys[0]]) if keys else ("", None)
