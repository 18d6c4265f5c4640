"""Query of the audit log: the parsed query string, and the entries it finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from leadlight.accounts.models import AuditEntry
from leadlight.accounts.models.audit_entries import Kind
from leadlight.analytics.query import query_params
from leadlight.bounds import FIRST_DAY, LAST_DAY
from leadlight.presentation import formats
from leadlight.web.settings.people import found, searched_for

PARAMS = ("person", "kind", "from", "to", "before")
AT_ONCE = 500


@dataclass(frozen=True)
class AuditQuery:
    """Filters of the audit log; `first` and `last` are local days, both included.

    `person` are words in the name or address of the person who acted, or whom an entry is about.
    `before` is the id of the last entry of the page before, 0 on the first page.
    """

    person: str = ""
    kind: str = ""
    first: date | None = None
    last: date | None = None
    before: int = 0

    @classmethod
    def from_params(cls, params: Mapping[str, Sequence[str]]) -> AuditQuery:
        """Parse a query string. Raises BadFilter for an invalid parameter."""
        query_params.refuse_unknown_names(params, PARAMS)
        before = query_params.one(params, "before") or ""
        return cls(
            searched_for(" ".join(params.get("person", ()))),
            query_params.one_of(params, "kind", Kind.values) or "",
            query_params.day(params, "from"),
            query_params.day(params, "to"),
            int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else 0,
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Query-string pairs of the filters."""
        days = {"from": self.first, "to": self.last}
        texts = {"person": self.person, "kind": self.kind} | {
            name: day.isoformat() for name, day in days.items() if day
        }
        return [(name, text) for name, text in texts.items() if text]

    def query_string(self, **more: str) -> str:
        pairs = [*self.pairs, *more.items()]
        return f"?{urlencode(pairs)}" if pairs else ""

    def found(self) -> QuerySet[AuditEntry]:
        """Return the entries that pass the filters, newest first."""
        entries = AuditEntry.objects.select_related("actor", "about")
        if self.person:
            people = found(self.person).order_by().values("pk")
            entries = entries.filter(Q(actor__in=people) | Q(about__in=people))
        if self.kind:
            entries = entries.filter(kind=self.kind)
        if self.first and self.first > FIRST_DAY:
            entries = entries.filter(recorded_at__gte=_midnight(self.first))
        if self.last and self.last < LAST_DAY:
            entries = entries.filter(recorded_at__lt=_midnight(self.last + timedelta(days=1)))
        return entries

    def page(self, size: int) -> tuple[list[AuditEntry], bool]:
        """Return a page of entries, and whether older ones follow."""
        last = AuditEntry.objects.filter(pk=self.before).first() if self.before else None
        entries = _after(self.found(), last, size + 1)
        return entries[:size], len(entries) > size

    def every(self) -> Iterator[AuditEntry]:
        """Yield all entries found, read in batches."""
        batch = _after(self.found(), None, AT_ONCE)
        while batch:
            yield from batch
            batch = _after(self.found(), batch[-1], AT_ONCE)


def _after(entries: QuerySet[AuditEntry], last: AuditEntry | None, most: int) -> list[AuditEntry]:
    """Return the entries that follow `last`, which are older; from the newest one if it is None."""
    if last is not None:
        same = Q(recorded_at=last.recorded_at, pk__lt=last.pk)
        entries = entries.filter(recorded_at__lte=last.recorded_at).filter(
            Q(recorded_at__lt=last.recorded_at) | same
        )
    return list(entries[:most])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), formats.company().zone)
