"""Forms of daily work: status, reminder, activities and comments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.presentation import formats, labels
from leadlight.sales.models import ActivityType, Category, Lead, Outcome, Reminder, Tag
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.reminders import LONGEST_REMINDER_NOTE
from leadlight.sales.models.tags import closing_categories
from leadlight.sales.models.valid_values import LONGEST_TEXT, MINUTES_OF_A_DAY
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.leads.forms.comments import text_for_readers
from leadlight.web.leads.forms.values import TagChoices
from leadlight.web.shell.days import start_of, today

# Days from today that a standby offers by one click.
PRESETS = (1, 2, 3, 7, 14, 30)
WON, LOST, CANCELLED = Lead.Status.WON, Lead.Status.LOST, Lead.Status.CANCELLED


class ReminderFields(forms.Form):
    """Fields of a reminder: one of the presets (`in`, a number of days), or `day` with details."""

    day = forms.DateField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )
    time = forms.TimeField(
        label=_("Time"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=_("Without a time, the lead returns at the start of the day."),
    )
    minutes = forms.IntegerField(
        label=_("Duration (minutes)"), required=False, min_value=1, max_value=MINUTES_OF_A_DAY
    )
    activity = forms.ModelChoiceField(
        ActivityType.objects.filter(is_active=True),
        label=_("Planned activity"),
        required=False,
        to_field_name="key",
        empty_label="–",
    )
    note = forms.CharField(
        label=_("Note on the reminder"), required=False, max_length=LONGEST_REMINDER_NOTE
    )

    @property
    def presets(self) -> list[tuple[int, date]]:
        return [(days, today() + timedelta(days=days)) for days in PRESETS]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        preset = self.data.get("in", "")
        if preset:
            if not (preset.isascii() and preset.isdigit() and int(preset) in PRESETS):
                raise ValidationError(gettext("Choose one of the days."))
            given["day"] = today() + timedelta(days=int(preset))
        if not given.get("day") and not self.errors:
            self.add_error("day", gettext("Choose the day on which the lead returns."))
        elif given.get("day") and self._instant(given) <= timezone.now():
            self.add_error("day", gettext("Choose a day and time in the future."))
        return given

    def reminder(self) -> Reminder:
        """Return the valid reminder of the form."""
        given = self.cleaned_data
        return Reminder(
            self._instant(given),
            is_all_day=given["time"] is None,
            minutes=given["minutes"],
            activity_type=given["activity"],
            note=given["note"],
        )

    def _instant(self, given: dict[str, Any]) -> datetime:
        return start_of(given["day"], given.get("time"))


class StandbyForm(ReminderFields, ChangeForm):
    """Standby until a day."""

    title = _("On standby until")
    button = _("Put on standby")
    template = "leads/forms/standby.html"
    names = (Kind.STATUS, Kind.REMINDER)

    def current(self) -> dict[str, Any]:
        reminder = self.lead.reminder
        if reminder is None:
            return {}
        local = reminder.at.astimezone(formats.company().zone)
        return {
            "day": local.date(),
            "time": None if reminder.is_all_day else local.time(),
            "minutes": reminder.minutes,
            "activity": reminder.activity_type and reminder.activity_type.key,
            "note": reminder.note,
        }

    def save(self) -> str:
        self.lead.stand_by(until=self.reminder(), by=self.user)
        return gettext("On standby until %(day)s.") % {"day": formats.day(self.cleaned_data["day"])}


class CloseForm(ChangeForm):
    """Closing of a lead, with the reasons that the company asks for."""

    names = (Kind.STATUS,)
    status: str
    reasons = TagChoices(label=_("Reason"))
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2, "data-draft": ""}),
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.categories = _categories(self.lead, self.status)
        tags = [tag for category in self.categories for tag in category.tags.all()]
        reasons: Any = self.fields["reasons"]
        reasons.offer(tags)
        if not tags:
            del self.fields["reasons"]

    @property
    def button(self) -> str:
        return self.title

    def clean_reasons(self) -> list[Tag]:
        chosen = list(self.cleaned_data["reasons"])
        for category in self.categories:
            if category.is_required and not any(tag.category == category for tag in chosen):
                raise ValidationError(
                    gettext("Choose a reason in “%(category)s”.") % {"category": category}
                )
        return chosen

    def clean_comment(self) -> str:
        return text_for_readers(self.lead, self.cleaned_data["comment"])

    def save(self) -> str:
        given = self.cleaned_data
        if given.get("reasons"):
            self.lead.tag(*given["reasons"], by=self.user)
        if given["comment"].strip():
            self.lead.comment(given["comment"].replace("\r\n", "\n"), by=self.user)
        self.close()
        return gettext("Status: %(status)s.") % {"status": labels.status(self.status)}

    def close(self) -> None:
        verbs = {WON: self.lead.win, LOST: self.lead.lose, CANCELLED: self.lead.cancel}
        verbs[Lead.Status(self.status)](by=self.user)


def _categories(lead: Lead, status: str) -> list[Category]:
    """Return the categories of tags that closing a lead with a status asks for.

    Those are the reasons for this status and, for won leads, the categories in which every lead
    must have a tag and this one has none.
    """
    categories = closing_categories(status)
    if status != WON:
        return categories
    has = {tag.category_id for tag in lead.tags.all()}
    return [each for each in categories if each.pk not in has]


class WinForm(CloseForm):
    status = WON
    title = _("Mark as won")


class LoseForm(CloseForm):
    status = LOST
    title = _("Mark as lost")


class CancelForm(CloseForm):
    status = CANCELLED
    title = _("Mark as cancelled")


class ResumeForm(ChangeForm):
    title = _("Set to “To do”")
    button = title
    names = (Kind.STATUS,)

    def save(self) -> str:
        self.lead.resume(by=self.user)
        return gettext("Status: %(status)s.") % {"status": labels.status(Lead.Status.TODO)}


class ReopenForm(ChangeForm):
    title = _("Reopen")
    button = title
    names = (Kind.STATUS,)

    def save(self) -> str:
        self.lead.reopen(by=self.user)
        return gettext("Lead reopened.")


class StarForm(ChangeForm):
    title = _("Star")
    button = title

    def save(self) -> str:
        self.lead.star(by=self.user)
        return ""


class UnstarForm(ChangeForm):
    title = _("Remove the star")
    button = title

    def save(self) -> str:
        self.lead.unstar(by=self.user)
        return ""


class BinForm(ChangeForm):
    title = _("Move to the bin")
    button = title

    def save(self) -> str:
        self.lead.bin(by=self.user)
        return gettext("“%(lead)s” is in the bin.") % {"lead": self.lead}


@dataclass(frozen=True)
class Result:
    """Button that logs an activity with or without an outcome.

    `value` is the value of `result` in the form; `key` is the keyboard shortcut, "" for none.
    """

    outcome: Outcome | None
    value: str
    key: str


def _results(activity_type: ActivityType, digits: Iterator[str]) -> Iterator[Result]:
    outcomes = activity_type.outcomes.all()
    for outcome in outcomes:
        yield Result(outcome, f"outcome:{outcome.key}", next(digits, ""))
    key = "" if outcomes else next(digits, "")
    yield Result(None, f"type:{activity_type.key}", key)


class ActivityForm(ChangeForm):
    """Log of an activity: a click on a result, with an optional note and time.

    `result` is `outcome:` and the key of an outcome, or `type:` and the key of an activity type.
    """

    title = _("Log an activity")
    button = _("Log")
    template = "leads/forms/activity.html"
    content = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2, "data-draft": ""}),
    )
    at = forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=_("If you leave this empty, the current time is used."),
    )

    @cached_property
    def types(self) -> list[ActivityType]:
        return list(ActivityType.offered())

    @property
    def results(self) -> list[tuple[ActivityType, list[Result]]]:
        """Buttons by activity type; the first nine in all have a digit as keyboard shortcut."""
        digits = iter("123456789")
        return [(each, list(_results(each, digits))) for each in self.types]

    def clean_at(self) -> datetime | None:
        typed: datetime | None = self.cleaned_data["at"]
        return typed and typed.replace(tzinfo=formats.company().zone)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        kind, _colon, key = self.data.get("result", "").partition(":")
        outcome = Outcome.objects.filter(key=key).first() if kind == "outcome" else None
        if outcome and not outcome.is_offered:
            outcome = None
        activity_type = (
            outcome.activity_type
            if outcome
            else ActivityType.objects.filter(key=key, is_active=True).first()
            if kind == "type"
            else None
        )
        if activity_type is None:
            raise ValidationError(gettext("Choose what you did."))
        return given | {"outcome": outcome, "activity_type": activity_type}

    def save(self) -> str:
        given = self.cleaned_data
        self.lead.log_activity(
            given["activity_type"],
            outcome=given["outcome"],
            content=given["content"].replace("\r\n", "\n"),
            at=given["at"],
            by=self.user,
        )
        what = f"{given['activity_type']} · {given['outcome']}" if given["outcome"] else None
        return gettext("Logged: %(activity)s.") % {"activity": what or given["activity_type"]}
