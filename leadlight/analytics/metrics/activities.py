"""Columns about sales activities: their number, their outcomes, and the effort per won lead.

Facts: `activities`, done in the period; `closed`, the leads won in the period; `on_wins`, all
activities on these leads up to closing. Each activity type and outcome has its own columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.columns import Column, Predicate, count, rate, ratio
from leadlight.analytics.metrics.predicates import is_any
from leadlight.analytics.query.phrases import gettext_noop

Rows = Sequence[tuple[Any, ...]]

ACTIVITIES = count(
    "activities",
    "activities",
    is_any,
    gettext_noop("Activities"),
    gettext_noop("Activities done in this period."),
    unit_override="activities",
)
LEADS_TOUCHED = count(
    "leads_touched",
    "activities",
    lambda facts: facts.lead_id.notnull(),
    gettext_noop("Leads worked on"),
    gettext_noop("Number of leads with at least one activity in this period."),
    distinct="lead",
)
PROSPECTS_TOUCHED = count(
    "prospects_touched",
    "activities",
    lambda facts: facts.prospect_id.notnull(),
    gettext_noop("Prospects contacted"),
    gettext_noop("Number of prospects with at least one activity in this period."),
    distinct="prospect",
    unit_override="prospects",
)
WITH_OUTCOME = count(
    "with_outcome",
    "activities",
    lambda facts: facts.outcome_id.notnull(),
    gettext_noop("With an outcome"),
    gettext_noop("Activities in this period with a recorded outcome."),
    higher_is_better=None,
    unit_override="activities",
)
WITHOUT_OUTCOME = count(
    "without_outcome",
    "activities",
    lambda facts: facts.outcome_id.isnull(),
    gettext_noop("Without outcome"),
    gettext_noop("Activities in this period without a recorded outcome."),
    higher_is_better=None,
    unit_override="activities",
)
ON_WINS = count(
    "on_wins",
    "on_wins",
    is_any,
    gettext_noop("Activities on won leads"),
    gettext_noop("All activities, up to closing, on the leads won in this period."),
    unit_override="activities",
)
EFFORT_PER_WIN = ratio(
    "effort_per_win",
    ACTIVITIES,
    deals.WON_LEADS,
    gettext_noop("Activities per won lead"),
    gettext_noop("Activities in this period ÷ leads won in this period."),
    higher_is_better=False,
)
ACTIVITIES_ON_WINS = ratio(
    "activities_on_wins",
    ON_WINS,
    deals.WON_LEADS,
    gettext_noop("Activities on each won lead"),
    gettext_noop("Average number of activities on a lead won in this period, up to closing."),
    higher_is_better=False,
)


def results(outcomes: Rows) -> tuple[Column, Column]:
    """Return the columns of activities that reached someone, and of those that did not.

    The company sets which outcomes count as reached; activities without outcome are in neither.
    """
    ids = [row_id for row_id, *_, is_reached in outcomes if is_reached]
    reached = count(
        "reached_activities",
        "activities",
        lambda facts: facts.outcome_id.isin(ids).fill_null(False),
        gettext_noop("Reached"),
        gettext_noop("Activities that were done in this period and reached someone."),
        unit_override="activities",
    )
    not_reached = count(
        "not_reached_activities",
        "activities",
        lambda facts: facts.outcome_id.notnull() & ~facts.outcome_id.isin(ids),
        gettext_noop("Not reached"),
        gettext_noop("Activities that were done in this period and reached nobody."),
        higher_is_better=False,
        unit_override="activities",
    )
    return reached, not_reached


def reach_rate(reached: Column) -> Column:
    return rate(
        "reach_rate",
        reached,
        WITH_OUTCOME,
        gettext_noop("Reach rate"),
        gettext_noop("Activities that reached someone ÷ activities with an outcome."),
    )


def is_of_type(type_id: int) -> Predicate:
    def condition(facts: Table) -> BooleanValue:
        return facts.activity_type_id == type_id

    return condition


def of_type(type_id: int, key: str, name: str) -> Column:
    """Return the column of the activities of one type."""
    return count(
        f"activities:{key}",
        "activities",
        is_of_type(type_id),
        gettext_noop("%(activity_type)s"),
        gettext_noop("Activities of type “%(activity_type)s” done in this period."),
        names={"activity_type": name},
        unit_override="activities",
    )


def effort_of_type(type_id: int, key: str, name: str) -> Column:
    return ratio(
        f"effort_per_win:{key}",
        of_type(type_id, key, name),
        deals.WON_LEADS,
        gettext_noop("%(activity_type)s per won lead"),
        gettext_noop(
            "Activities of type “%(activity_type)s” in this period ÷ leads won in this period."
        ),
        names={"activity_type": name},
        higher_is_better=False,
    )


def on_wins_of_type(type_id: int, key: str, name: str) -> Column:
    done = count(
        f"on_wins:{key}", "on_wins", is_of_type(type_id), "", "", unit_override="activities"
    )
    return ratio(
        f"activities_on_wins:{key}",
        done,
        deals.WON_LEADS,
        gettext_noop("%(activity_type)s on each won lead"),
        gettext_noop(
            "Average number of activities of type “%(activity_type)s” on a lead won in this "
            "period, up to closing."
        ),
        names={"activity_type": name},
        higher_is_better=False,
    )


def of_outcomes(outcomes: Rows) -> Iterator[Column]:
    """Yield a column for each outcome; the title includes the type if outcomes share the name."""
    names = [name for _id, _key, name, *_ in outcomes]
    for outcome_id, key, name, type_name, _reached in outcomes:
        is_ambiguous = names.count(name) > 1
        yield count(
            f"outcome:{key}",
            "activities",
            _has_outcome(outcome_id),
            gettext_noop("%(activity_type)s: %(outcome)s")
            if is_ambiguous
            else gettext_noop("%(outcome)s"),
            gettext_noop(
                "Activities of type “%(activity_type)s” in this period with the outcome "
                "“%(outcome)s”."
            ),
            names={"activity_type": type_name, "outcome": name},
            higher_is_better=None,
            unit_override="activities",
        )


def _has_outcome(outcome_id: int) -> Predicate:
    def condition(facts: Table) -> BooleanValue:
        return facts.outcome_id == outcome_id

    return condition
