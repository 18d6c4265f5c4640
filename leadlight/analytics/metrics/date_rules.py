"""Date rules: sentences for the day on which a fact counts, by kind of facts."""

from __future__ import annotations

from collections.abc import Mapping

from leadlight.analytics.query.phrases import gettext_noop

CREATED = gettext_noop("A lead counts on the local day it was created.")
CLOSED = gettext_noop("A closed lead counts on the local day it was closed.")
DONE = gettext_noop("An activity counts on the local day it was done.")
ENTERED = gettext_noop("A lead counts on the local day it first entered the step.")
FIRST_DAY = gettext_noop("A lead counts as it was at the end of the first day of the period.")
AS_IT_IS = gettext_noop("A lead counts as it is now, or at the instant asked about.")
EXPECTED = gettext_noop("An open lead counts on the local day it is expected to be closed.")
SPREAD = gettext_noop("A goal counts evenly on the local days of its month, quarter or year.")
CLOSED_OF_LATE = gettext_noop(
    "A closed lead counts if it was closed in the last 365 days, from %(first)s to %(last)s."
)
AS_SET = gettext_noop("A step counts with the probability set for it now, or at that instant.")
IMPORTED = gettext_noop("Everything counts on the local day on which the list was imported.")
IN_ITS_TIME = gettext_noop(
    "What is done for a goal counts on its local day, from the start of the goal's week, month, "
    "quarter or year."
)
ON_ITS_OWN = {
    "prospects": gettext_noop("A prospect counts on the local day its row came."),
    "worked": gettext_noop("A prospect counts on the local day something was first done on it."),
    "reached": gettext_noop("A prospect counts on the local day it was first reached."),
    "turned": gettext_noop("A prospect counts on the local day it was turned into a lead."),
    "open": gettext_noop("An open lead counts on the local day its prospect was turned into it."),
    "lists": gettext_noop("A list counts on the local day it was imported."),
}
WITH_ITS_LIST = dict.fromkeys((*ON_ITS_OWN, "activities", "closed"), IMPORTED)

# Sentence by the name of the facts. A report with another rule for a name has `date_rules`.
DAYS: Mapping[str, str] = {
    "created": CREATED,
    "closed": CLOSED,
    "open": gettext_noop("An open lead counts at the end of the last day of the row or period."),
    "activities": DONE,
    "on_wins": gettext_noop("An activity counts on the local day its lead was won."),
    "goals": gettext_noop("A goal counts as it stands on the last day of the period."),
    "entered": ENTERED,
    "first": gettext_noop("A lead counts on the local day it first entered the first step."),
    "stays": gettext_noop("A stay in a step counts on the local day it began."),
    "moves": gettext_noop("A move counts on the local day it was made."),
    "start": FIRST_DAY,
    "stayed": FIRST_DAY,
    "end": gettext_noop("A lead counts as it is at the end of the last day of the period."),
}
