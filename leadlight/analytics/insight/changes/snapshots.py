"""Two snapshots of a report, and the contribution of each subject to the figures of both.

The statements are compiled once for each pair of query shapes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
from ibis.expr.types import Table

from leadlight.analytics.engine.compiler import compile_sql, compiled
from leadlight.analytics.engine.queries import facts_of_totals
from leadlight.analytics.insight.changes.reasons import with_reason
from leadlight.analytics.insight.list_columns import LIST_SPECS, cut
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.bound_values import as_then, bound
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.statement import Statement
from leadlight.analytics.reports.contract import Facts, Report, Subject
from leadlight.analytics.star.schema import leads_at


def is_sum(column: Column) -> bool:
    """Return whether the figure is a single count or sum, to which each lead contributes."""
    return column.kind in ("count", "money") and tuple(column.aggregates) == (column.key,)


@dataclass(frozen=True)
class SnapshotPair:
    """Queries of one report at two instants over the same days."""

    report: Report
    then: ReportQuery
    now: ReportQuery

    @property
    def shape(self) -> Hashable:
        """Everything on which the SQL of the pair depends."""
        sums = frozenset(column.key for column in self._columns if is_sum(column))
        return (self.report, self._then, self._now, sums)

    def sums_by_reason(self) -> Iterator[tuple[tuple[str, ...], Table]]:
        """Yield, for each kind of subject, the keys of its sums and a table with a row per reason.

        The table has, for each sum, the `_count` of changed subjects and the difference (`_by`).
        """
        for subject, columns in self._sums_by_subject():
            rows = self._explained(subject, columns)
            sums = rows.group_by("reason").aggregate(
                **{
                    f"{column.key}_{part}": sum_of
                    for column in columns
                    for part, sum_of in (
                        ("count", rows.count(where=_differs(rows, column))),
                        ("by", (rows[f"{column.key}_now"] - rows[f"{column.key}_then"]).sum()),
                    )
                }
            )
            yield tuple(column.key for column in columns), sums

    def list_of(self, column: Column, *, of_reason: bool, is_cut: bool) -> Table:
        """Return the subjects that changed a figure, with their fields, largest change first."""
        subject = self.subject(column)
        rows = self._explained(subject, (column,))
        if of_reason:
            rows = rows.filter(rows.reason == REASON)
        size = (rows[f"{column.key}_now"] - rows[f"{column.key}_then"]).abs()
        rows = rows.mutate(size=size).order_by([ibis.desc("size"), "subject_id"])
        shown = self._shown(column, cut(rows, is_cut=is_cut))
        return shown.order_by([ibis.desc("size"), "subject_id"]).select(
            "reason", f"{column.key}_then", f"{column.key}_now", *LIST_SPECS[subject].keys
        )

    def column(self, key: str) -> Column:
        """Return the sum with this key."""
        return next(one for one in self._columns if one.key == key)

    def subject(self, column: Column) -> Subject:
        return column.distinct or self._facts_now[column.facts].subject

    @cached_property
    def _columns(self) -> tuple[Column, ...]:
        return self.report.columns(self.now)

    @cached_property
    def _then(self) -> ReportQuery:
        return self.report.shape_of(self.then)

    @cached_property
    def _now(self) -> ReportQuery:
        return self.report.shape_of(self.now)

    @cached_property
    def _facts_then(self) -> Facts:
        return self.report.facts(self._then)

    @cached_property
    def _facts_now(self) -> Facts:
        return self.report.facts(self._now)

    def _sums_by_subject(self) -> Iterator[tuple[Subject, tuple[Column, ...]]]:
        """Yield each kind of subject with the sums that count it."""
        facts = self._facts_now
        by_subject: dict[Subject, list[Column]] = {}
        for column in filter(is_sum, self._columns):
            fact = facts[column.facts]
            subject: Subject = column.distinct or fact.subject
            if f"{subject}_id" in fact.rows.columns:
                by_subject.setdefault(subject, []).append(column)
        for subject, columns in by_subject.items():
            yield subject, tuple(columns)

    def _explained(self, subject: Subject, columns: tuple[Column, ...]) -> Table:
        """Return `subject_id` of changed subjects, each figure `_then` and `_now`, and `reason`."""
        rows = _merge_by_subject(
            [
                *map(as_then, self._contributions(self._facts_then, subject, columns, "then")),
                *self._contributions(self._facts_now, subject, columns, "now"),
            ],
            columns,
        )
        differ = [_differs(rows, column) for column in columns]
        rows = rows.filter(ibis.or_(*differ))
        return with_reason(rows, subject, self._then, self._now)

    def _contributions(
        self, facts: Facts, subject: Subject, columns: tuple[Column, ...], when: str
    ) -> Iterator[Table]:
        """Yield the contribution of each subject to the figures, for each kind of facts."""
        for name, fact in facts.items():
            here = [one for one in columns if one.facts == name]
            if not here:
                continue
            rows = facts_of_totals(fact)
            rows = rows.filter(rows[f"{subject}_id"].notnull())
            sums = {
                f"{one.key}_{when}": aggregate(rows)
                for one in here
                for _, aggregate in one.aggregates.values()
            }
            yield rows.group_by(subject_id=rows[f"{subject}_id"]).aggregate(**sums)

    def _shown(self, column: Column, rows: Table) -> Table:
        """Add the fields of the list, as recorded now, or then for subjects deleted since."""
        subject = self.subject(column)
        spec = LIST_SPECS[subject]
        if subject != "lead":
            facts = self._counted(column)
            chosen = facts.filter(facts[f"{subject}_id"].isin(rows.subject_id))
            plain = spec.build_rows(chosen, self._now, leads_at(self._now.instant))
        else:
            now, then = leads_at(self._now.instant), as_then(leads_at(self._then.instant))
            now = now.filter(now.lead_id.isin(rows.subject_id))
            gone = then.filter(then.lead_id.isin(rows.subject_id), then.lead_id.notin(now.lead_id))
            every = ibis.union(now, gone)
            plain = spec.build_rows(every.select("lead_id", user_id="owner_id"), self._now, every)
        named = spec.join_names(plain)
        return rows.inner_join(named, rows.subject_id == named[f"{subject}_id"])

    def _counted(self, column: Column) -> Table:
        """Return the distinct activities, prospects or costs that a figure counts then or now."""
        subject = self.subject(column)
        every = ibis.union(
            as_then(_named_facts(facts_of_totals(self._facts_then[column.facts]), subject)),
            _named_facts(facts_of_totals(self._facts_now[column.facts]), subject),
        )
        return every.group_by(f"{subject}_id").aggregate(
            user_id=every.user_id.max(), lead_id=every.lead_id.max()
        )


def reason_queries(pair: SnapshotPair, dialect: str) -> Mapping[tuple[str, ...], Statement]:
    """Return statements for the differences by reason, keyed by the sums that each contains."""
    return compiled(
        ("reasons", pair.shape, dialect),
        lambda: {keys: compile_sql(sums, dialect) for keys, sums in pair.sums_by_reason()},
    )


REASON = bound("reason", "string")


def list_query(
    pair: SnapshotPair, key: str, *, of_reason: bool, is_cut: bool, dialect: str
) -> Statement:
    """Return the statement of the list behind the difference of a sum."""
    return compiled(
        ("changed", pair.shape, key, of_reason, is_cut, dialect),
        lambda: compile_sql(
            pair.list_of(pair.column(key), of_reason=of_reason, is_cut=is_cut), dialect
        ),
    )


def _named_facts(rows: Table, subject: Subject) -> Table:
    lead_id = rows.lead_id if "lead_id" in rows.columns else ibis.null("int64")
    return rows.select(
        rows[f"{subject}_id"], user_id=rows.user_id.cast("int64"), lead_id=lead_id.cast("int64")
    )


def _merge_by_subject(parts: list[Table], columns: tuple[Column, ...]) -> Table:
    """Return one row per subject, with 0 for figures to which it does not contribute."""
    names = [f"{column.key}_{when}" for column in columns for when in ("then", "now")]
    kinds = {name: part[name].type() for part in parts for name in part.columns if name in names}
    filled = [
        part.select(
            "subject_id",
            **{
                name: part[name] if name in part.columns else ibis.null(kinds.get(name, "int64"))
                for name in names
            },
        )
        for part in parts
    ]
    every = ibis.union(*filled) if len(filled) > 1 else filled[0]
    return every.group_by("subject_id").aggregate(
        **{name: every[name].sum().fill_null(0) for name in names}
    )


def _differs(rows: Table, column: Column) -> Any:
    return rows[f"{column.key}_now"] != rows[f"{column.key}_then"]
