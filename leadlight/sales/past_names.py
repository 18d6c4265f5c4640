"""Names of steps and pipelines as they were at an instant."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import Model, Q

from leadlight.sales.models import PastName, Pipeline, Step


class PastNames:
    """Former names of these steps and pipelines, read with one query."""

    def __init__(self, steps: Collection[int], pipelines: Collection[int]) -> None:
        self._names: dict[tuple[type[Model], int], list[tuple[datetime, str]]] = defaultdict(list)
        if not steps and not pipelines:
            return
        rows = PastName.objects.filter(Q(step__in=steps) | Q(pipeline__in=pipelines))
        fields = ("step_id", "pipeline_id", "replaced_at", "name")
        for step, pipeline, replaced_at, name in rows.values_list(*fields):
            row = (Step, step) if step else (Pipeline, pipeline)
            self._names[row].append((replaced_at, name))

    def at(self, model: type[Model] | None, pk: int, instant: datetime) -> str | None:
        """Return the name that a row had at an instant; None if it is the current one."""
        names = self._names.get((model, pk), []) if model else []
        place = bisect_right(names, instant, key=lambda past: past[0])
        return names[place][1] if place < len(names) else None
