"""Steps of all pipelines as the choices of a form."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from leadlight.sales.models import Pipeline, Step


def offer_steps(choices: Any, current: Step | None = None) -> None:
    """Offer the steps of all pipelines in use, grouped by pipeline, and the current step.

    Closed steps are not offered.
    """
    steps = Step.offered_or(current)
    choices.queryset = steps
    pipelines = Pipeline.objects.filter(Exists(steps.filter(pipeline=OuterRef("pk"))))
    choices.choices = [
        (str(pipeline), [(step.key, str(step)) for step in pipeline.steps.all()])
        for pipeline in pipelines.prefetch_related(Prefetch("steps", steps))
    ]
