"""The words in which filters describe themselves, by dimension and by switch."""

from __future__ import annotations

from leadlight.analytics.query.phrases import gettext_noop

UNKNOWN = gettext_noop("There is no %(dimension)s “%(key)s”.")
DIMENSION_WORDS = {
    "user": gettext_noop("user"),
    "team": gettext_noop("team"),
    "pipeline": gettext_noop("pipeline"),
    "tag": gettext_noop("tag"),
    "source": gettext_noop("source"),
    "prospecting_list": gettext_noop("prospecting list"),
    "client": gettext_noop("client"),
}
WITHOUT_WORDS = {
    "user": gettext_noop("nobody"),
    "team": gettext_noop("no team"),
    "pipeline": gettext_noop("no pipeline"),
    "tag": gettext_noop("no tag"),
    "source": gettext_noop("no source"),
    "prospecting_list": gettext_noop("no prospecting list"),
    "client": gettext_noop("no client"),
}
ANY_OF = {
    "user": gettext_noop("Credited to %(names)s."),
    "team": gettext_noop("Credited to the team %(names)s."),
    "pipeline": gettext_noop("In the pipeline %(names)s."),
    "tag": gettext_noop("Tagged %(names)s (any of them)."),
    "source": gettext_noop("From the source %(names)s."),
    "prospecting_list": gettext_noop("From the prospecting list %(names)s."),
    "client": gettext_noop("Of the client %(names)s."),
}
ALL_OF = gettext_noop("Tagged %(names)s (all of them).")
SWITCH_SENTENCES = {
    ("credit", "owner"): gettext_noop("Everything is credited to the current owner."),
    ("credit", "creator"): gettext_noop("Everything is credited to who created the lead."),
    ("leave_cancelled_out", "yes"): gettext_noop("The win rate leaves cancelled leads out."),
    ("days", "working"): gettext_noop("Durations are in working days."),
    ("skipping", "visited"): gettext_noop("A step that was skipped was not entered."),
    ("activities_on", "leads"): gettext_noop("Only activities on leads."),
    ("activities_on", "prospects"): gettext_noop("Only activities on prospects."),
    ("prospects_by", "event"): gettext_noop("Each event counts on its own day."),
    ("share_of", "lost"): gettext_noop("The share of leads lost."),
    ("share_of", "cancelled"): gettext_noop("The share of leads cancelled."),
    ("share_of", "closed"): gettext_noop("The share of leads closed."),
}
