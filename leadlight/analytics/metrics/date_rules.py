"""Date rules: sentences that say on which day a fact counts."""

from __future__ import annotations

from collections.abc import Mapping

from leadlight.analytics.query.phrases import gettext_noop

CREATED = gettext_noop("A lead counts on the day it was created.")
CLOSED = gettext_noop("A closed lead counts on the day it was closed.")
DONE = gettext_noop("An activity counts on the day it was done.")
ENTERED = gettext_noop("A lead counts on the day it first entered the step.")
FIRST_DAY = gettext_noop("A lead counts as it was at the end of the first day of the period.")
AS_IT_IS = gettext_noop("A lead counts as it is now, or as it was at the past date chosen.")
EXPECTED = gettext_noop("An open lead counts on its expected close date.")
SPREAD = gettext_noop("A goal is spread evenly over the days of its month, quarter or year.")
CLOSED_OF_LATE = gettext_noop(
    "A closed lead counts if it was closed in the last 365 days, from %(first)s to %(last)s."
)
AS_SET = gettext_noop(
    "A step counts with the probability set for it now, or at the past date chosen."
)
COST = gettext_noop("A cost counts in equal parts on each of its days, until today.")
IMPORTED = gettext_noop("Everything counts on the day the list was imported.")
IN_ITS_TIME = gettext_noop(
    "Progress counts on the day it was made, starting with the first day of "
    "the goal's month, quarter or year."
)
ON_ITS_OWN = {
    "prospects": gettext_noop("A prospect counts on the day they were added."),
    "worked": gettext_noop("A prospect counts on the day of the first activity with them."),
    "reached": gettext_noop("A prospect counts on the day they were first reached."),
    "turned": gettext_noop("A prospect counts on the day they were converted into a lead."),
    "open": gettext_noop("An open lead counts on the day its prospect was converted."),
    "lists": gettext_noop("A list counts on the day it was imported."),
}
WITH_ITS_LIST = {
    **dict.fromkeys((*ON_ITS_OWN, "activities", "closed"), IMPORTED),
    "costs": gettext_noop(
        "The cost of a list counts on the day the list was imported. The cost of a source counts "
        "in equal parts on each of its days, until today."
    ),
}

# Name of facts → date rule. The `date_rules` of a report replace these rules.
DAYS: Mapping[str, str] = {
    "created": CREATED,
    "closed": CLOSED,
    "open": gettext_noop("An open lead counts at the end of the last day of the row or period."),
    "activities": DONE,
    "on_wins": gettext_noop("An activity counts on the day its lead was won."),
    "goals": gettext_noop("A goal counts with the value it has on the last day of the period."),
    "entered": ENTERED,
    "first": gettext_noop("A lead counts on the day it first entered the first step."),
    "stays": gettext_noop("A stay in a step counts on the day it began."),
    "moves": gettext_noop("A move counts on the day it was made."),
    "start": FIRST_DAY,
    "stayed": FIRST_DAY,
    "costs": COST,
    "closed_with_cost": CLOSED,
    "undivided_costs": COST,
    "end": gettext_noop("A lead counts as it is at the end of the last day of the period."),
}
