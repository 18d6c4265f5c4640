"""Settings proposed to a new company: a pipeline, activity types and reasons for losing leads."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from leadlight.accounts.models import User
from leadlight.sales import pipeline_settings
from leadlight.sales.models import ActivityType, Category, Outcome, Pipeline, Tag

PIPELINE = gettext_noop("Sales")
# Steps with their win probability in per cent.
STEPS = (
    (gettext_noop("First contact"), 10),
    (gettext_noop("Need confirmed"), 30),
    (gettext_noop("Offer sent"), 50),
    (gettext_noop("Negotiation"), 70),
    (gettext_noop("Agreement in principle"), 90),
)
# Activity types with their kind, and their outcomes with whether the contact was reached.
ACTIVITY_TYPES = (
    (
        gettext_noop("Call"),
        ActivityType.Kind.CALL,
        (
            (gettext_noop("Reached"), True),
            (gettext_noop("No answer"), False),
            (gettext_noop("Voicemail"), False),
        ),
    ),
    (
        gettext_noop("Meeting"),
        ActivityType.Kind.MEETING,
        ((gettext_noop("Held"), True), (gettext_noop("Called off"), False)),
    ),
    (gettext_noop("Email"), ActivityType.Kind.EMAIL, ()),
)
REASONS = gettext_noop("Loss reason")
REASON_NAMES = (
    gettext_noop("Price"),
    gettext_noop("Competitor"),
    gettext_noop("No budget"),
    gettext_noop("Project put off"),
    gettext_noop("No answer any more"),
)


def is_needed() -> bool:
    """Return whether the company lacks a pipeline or activity types, which all work needs."""
    return not (Pipeline.objects.exists() and ActivityType.objects.exists())


@transaction.atomic
def propose(*, by: User) -> None:
    """Create the proposed settings of each kind that the company does not have yet.

    Names are in the active language.
    """
    if not Pipeline.objects.exists():
        _add_pipeline(by)
    if not ActivityType.objects.exists():
        _add_activity_types()
    if not Category.objects.exclude(reason_for="").exists():
        _add_reasons()


def _add_pipeline(by: User) -> None:
    (first, chance), *others = STEPS
    pipeline = pipeline_settings.define(_(PIPELINE), _(first), by=by)
    pipeline.steps.get().set_probability(chance, by=by)
    for name, probability in others:
        pipeline_settings.add_step(pipeline, _(name), by=by, probability=probability)


def _add_activity_types() -> None:
    for name, kind, outcomes in ACTIVITY_TYPES:
        activity_type = ActivityType.define(_(name), kind=kind)
        for outcome, is_reached in outcomes:
            Outcome.define(_(outcome), activity_type=activity_type, is_reached=is_reached)


def _add_reasons() -> None:
    reasons = Category.define(_(REASONS), reason_for=Category.Closing.BOTH)
    for name in REASON_NAMES:
        Tag.define(_(name), category=reasons)
