"""Switches: choices between definitions of a report, and the sentences that describe them."""

from __future__ import annotations

from leadlight.analytics.query.phrases import gettext_noop

# Name → choices, the default first.
SWITCHES: dict[str, tuple[str, ...]] = {
    "credit": ("event", "owner", "creator"),
    "leave_cancelled_out": ("no", "yes"),
    # Losses: whether cancelled leads count too.
    "include_cancelled": ("no", "yes"),
    "tags": ("any", "all"),
    # Unit of durations.
    "days": ("calendar", "working"),
    # Pipeline: whether a lead also enters the steps that it skips.
    "skipping": ("reached", "visited"),
    # Activities: those on leads, on prospects or both.
    "activities_on": ("both", "leads", "prospects"),
    # Prospecting: whether a fact counts on the day of its list, or of its own event.
    "prospects_by": ("list", "event"),
    # Cohorts and win curves: the outcome whose share is shown.
    "share_of": ("won", "lost", "cancelled", "closed"),
    # Team: the figure of each month.
    "monthly": ("won_amount", "won_leads", "win_rate", "created_leads"),
}
SENTENCES = {
    ("credit", "owner"): gettext_noop("Everything is credited to the current owner."),
    ("credit", "creator"): gettext_noop("Everything is credited to the creator of the lead."),
    ("leave_cancelled_out", "yes"): gettext_noop("The win rate leaves cancelled leads out."),
    ("include_cancelled", "yes"): gettext_noop("Cancelled leads are counted as well as lost ones."),
    ("days", "working"): gettext_noop("Durations are in working days."),
    ("skipping", "visited"): gettext_noop("Skipped steps are not counted as entered."),
    ("activities_on", "leads"): gettext_noop("Only activities on leads."),
    ("activities_on", "prospects"): gettext_noop("Only activities on prospects."),
    ("prospects_by", "event"): gettext_noop("Each event counts on its own day."),
    ("share_of", "lost"): gettext_noop("Share of leads lost."),
    ("share_of", "cancelled"): gettext_noop("Share of leads cancelled."),
    ("share_of", "closed"): gettext_noop("Share of leads closed."),
    ("monthly", "won_leads"): gettext_noop("The figure is the number of leads won."),
    ("monthly", "win_rate"): gettext_noop("The figure is the win rate."),
    ("monthly", "created_leads"): gettext_noop("The figure is the number of leads created."),
}
