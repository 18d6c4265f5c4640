"""The current month and the twelve months that end with it, as parameters of reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from leadlight.analytics.query.periods import Bucket, Calendar, bucket_of
from leadlight.presentation.goal_progress import FEWEST_DAYS, Params
from leadlight.reporting.reader import ReportReader

MONTHS = 12


@dataclass(frozen=True)
class Month:
    """The current month up to `today`; `earliest` is the first day with a lead."""

    today: date
    earliest: date

    @classmethod
    def of(cls, reader: ReportReader) -> Month:
        today = reader.clock.day_of(reader.clock.now)
        return cls(today, min(reader.clock.earliest, today))

    @property
    def bucket(self) -> Bucket:
        return bucket_of(self.today, "month", Calendar())

    @property
    def first(self) -> date:
        return self.bucket.first

    @property
    def last(self) -> date:
        return self.bucket.last

    @property
    def elapsed(self) -> Decimal:
        """Share of the days of the month that have passed, today included, from 0 to 1."""
        return Decimal(self.today.day) / self.last.day

    @property
    def is_too_early(self) -> bool:
        """Whether too few days have passed to extrapolate figures to the end of the month."""
        return self.today.day < FEWEST_DAYS

    @property
    def has_month_before(self) -> bool:
        return self.earliest < self.first

    @property
    def to_date(self) -> Params:
        """Parameters of the month, compared with the same days of the month before.

        If the first lead came in this month, there is no comparison.
        """
        compare = ["previous"] if self.has_month_before else []
        return {"period": ["this_month"], "compare": compare}

    @property
    def whole(self) -> Params:
        """Parameters of the whole month, including future days."""
        return {"from": [self.first.isoformat()], "to": [self.last.isoformat()]}

    @property
    def by_month(self) -> Params:
        """Parameters of the last `MONTHS` months by month, the unfinished current one included.

        The first month is not before that of the first lead.
        """
        start = Bucket("month", self.bucket.number - MONTHS + 1, Calendar()).first
        first = max(start, bucket_of(self.earliest, "month", Calendar()).first)
        days = {"from": [first.isoformat()], "to": [self.today.isoformat()]}
        return {**days, "group_by": ["bucket"], "bucket": ["month"]}
