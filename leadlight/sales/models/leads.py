"""Leads and their verbs. Each verb writes its events in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import Team, User
from leadlight.sales.models.actions import current_action
from leadlight.sales.models.activities import Activity, ActivityType, Outcome
from leadlight.sales.models.clients import Client
from leadlight.sales.models.comments import PINNED, UNPINNED, pin_of, write_mentions
from leadlight.sales.models.event_log import CORRECTIONS, FIELDS, Kind, LeadEvent
from leadlight.sales.models.fields import CustomField
from leadlight.sales.models.lead_changes import (
    changing,
    increment_version,
    locked,
    log_creation,
    log_event,
)
from leadlight.sales.models.lead_row import LONGEST_SOURCE, LONGEST_TITLE, LeadRow
from leadlight.sales.models.pipelines import Pipeline, Step
from leadlight.sales.models.reminders import Reminder, remind
from leadlight.sales.models.tags import Tag
from leadlight.sales.models.valid_values import (
    valid_amount,
    valid_comment,
    valid_day,
    valid_past_instant,
    valid_probability,
    valid_text,
    valid_title,
)
from leadlight.sales.refusals import Refused


class Lead(LeadRow):
    """Sales opportunity. Its fields change only through the methods below, the verbs of a lead.

    Every verb takes `by`, the user who makes the change (None: unknown). Verbs that change fields
    with a history in reports take `at`, the instant of the change (None: now; never in the future).
    A verb raises `Refused` when a business rule forbids the change, and writes nothing when nothing
    changes. Verbs come in pairs that undo each other: win, lose and cancel with reopen, stand_by
    with resume, star with unstar, tag with untag, bin with restore. To undo a verb that sets a
    value, call it with the old value. `leadlight.sales.undo` undoes a whole action.

    A lead on standby has a reminder, unless it was imported without one. At the instant of the
    reminder, `sales.due_reminders` sets the status back to "todo" and keeps the reminder with its
    plan. Closing or resuming a lead removes its reminder.

    Every change increases `version` by one; its events hold the new version.
    """

    # Verbs

    @classmethod
    def create(
        cls,
        *,
        title: str,
        by: User | None,
        step: Step | None = None,
        owner: User | None = None,
        team: Team | None = None,
        amount: Decimal | int | None = None,
        probability: int | None = None,
        estimated_closing_on: date | None = None,
        at: datetime | None = None,
        **details: Any,
    ) -> Lead:
        """Create a lead with status "todo".

        The step defaults to the first step of the default pipeline, the team to the first team of
        the owner. `details` are fields without an opening event: description, client, source, ….
        """
        step = step or Pipeline.default().first_step
        if "description" in details:
            details["description"] = valid_text(details["description"])
        lead = cls(title=valid_title(title, LONGEST_TITLE), created_by=by, **details)
        with transaction.atomic():
            now = lead.updated_at = timezone.now()
            lead.created_at = lead.status_since = lead.step_since = valid_past_instant(at, now)
            opening: dict[str, Any] = {
                Kind.PIPELINE: step.pipeline_id,
                Kind.STEP: step.pk,
                Kind.STATUS: cls.Status.TODO,
                Kind.OWNER: owner and owner.pk,
                Kind.TEAM: _pk(team or (owner and first_team(owner))),
                Kind.AMOUNT: valid_amount(amount),
                Kind.PROBABILITY: valid_probability(probability),
                Kind.ESTIMATED_CLOSING: valid_day(estimated_closing_on),
            }
            for kind, value in opening.items():
                setattr(lead, FIELDS[kind].attribute, value)
            lead.save()
            log_creation(lead, opening, by, now)
        return lead

    def move_to(self, step: Step, *, by: User | None, at: datetime | None = None) -> None:
        """Move the lead to a step of its own pipeline or of another one."""
        with changing(self, by, at) as changes:
            changes[Kind.PIPELINE] = step.pipeline_id
            changes[Kind.STEP] = step.pk

    def win(self, *, by: User | None, at: datetime | None = None) -> None:
        self._close(self.Status.WON, by, at)

    def lose(self, *, by: User | None, at: datetime | None = None) -> None:
        self._close(self.Status.LOST, by, at)

    def cancel(self, *, by: User | None, at: datetime | None = None) -> None:
        self._close(self.Status.CANCELLED, by, at)

    def stand_by(
        self,
        *,
        by: User | None,
        until: Reminder | None = None,
        at: datetime | None = None,
    ) -> None:
        """Put the lead on standby until a reminder; it stays open.

        Without `until`, the lead keeps its reminder, if it has one.
        """
        with changing(self, by, at) as changes:
            self._must_be_open()
            changes[Kind.STATUS] = self.Status.STANDBY
            if until is not None:
                remind(changes, until)

    def resume(self, *, by: User | None, at: datetime | None = None) -> None:
        """End the standby of the lead: its status is "todo" again, without a reminder."""
        with changing(self, by, at) as changes:
            self._must_be_open()
            changes[Kind.STATUS] = self.Status.TODO
            remind(changes, None)

    def return_due(self, *, now: datetime) -> bool:
        """Set the status to "todo" at the reminder of a standby lead; return whether it was due."""
        with locked(self):
            due_at = self.reminder_at
            if self.status != self.Status.STANDBY or due_at is None or due_at > now:
                return False
            limits = self.events.filter(kind__in=(Kind.STATUS, Kind.CLOSED_AT))
            earliest = max(self.created_at, *limits.values_list("occurred_at", flat=True))
            with changing(self, None, max(due_at, earliest)) as changes:
                changes[Kind.STATUS] = self.Status.TODO
        return True

    def reopen(self, *, by: User | None, at: datetime | None = None) -> None:
        """Undo a closing: the status is "todo" again, and the closing counts in no period."""
        with changing(self, by, at) as changes:
            if self.is_open:
                raise Refused(_("“%(lead)s” is already open.") % {"lead": self})
            changes[Kind.STATUS] = self.Status.TODO

    def assign_to(
        self,
        owner: User | None,
        *,
        by: User | None,
        team: Team | None = None,
        at: datetime | None = None,
    ) -> None:
        """Assign the lead to an owner and a team, or to no owner (None).

        Without `team`, the lead keeps its team if the new owner is a member of it or if there is no
        new owner; otherwise it gets the first team of the new owner.
        """
        with changing(self, by, at) as changes:
            if owner is not None and not owner.is_active:
                raise Refused(_("%(user)s is no longer active.") % {"user": owner})
            changes[Kind.OWNER] = owner and owner.pk
            if team is None and owner is not None:
                stays = owner.memberships.filter(team=self.team).exists()
                changes[Kind.TEAM] = self.team_id if stays else _pk(first_team(owner))
            elif team is not None:
                changes[Kind.TEAM] = team.pk

    def set_amount(
        self, amount: Decimal | int | None, *, by: User | None, at: datetime | None = None
    ) -> None:
        with changing(self, by, at) as changes:
            changes[Kind.AMOUNT] = valid_amount(amount)

    def set_probability(
        self, probability: int | None, *, by: User | None, at: datetime | None = None
    ) -> None:
        """Set the lead's win probability in per cent; None: the probability of its step applies."""
        with changing(self, by, at) as changes:
            changes[Kind.PROBABILITY] = valid_probability(probability)

    def set_estimated_closing(
        self, day: date | None, *, by: User | None, at: datetime | None = None
    ) -> None:
        with changing(self, by, at) as changes:
            changes[Kind.ESTIMATED_CLOSING] = valid_day(day)

    def bin(self, *, by: User | None, at: datetime | None = None) -> None:
        """Move the lead to the bin: reports and lists leave it out until it is restored."""
        with changing(self, by, at) as changes:
            changes[Kind.DELETED] = True

    def restore(self, *, by: User | None, at: datetime | None = None) -> None:
        """Take the lead back out of the bin."""
        with changing(self, by, at) as changes:
            changes[Kind.DELETED] = False

    # Verbs without reported history: reports show the current values

    def rename(self, title: str, *, by: User | None) -> None:
        with changing(self, by) as changes:
            changes[Kind.TITLE] = valid_title(title, LONGEST_TITLE)

    def describe(self, description: str, *, by: User | None) -> None:
        with changing(self, by) as changes:
            changes[Kind.DESCRIPTION] = valid_text(description)

    def set_client(self, client: Client | None, *, by: User | None) -> None:
        with changing(self, by) as changes:
            changes[Kind.CLIENT] = _pk(client)

    def set_source(self, source: str, *, by: User | None) -> None:
        with changing(self, by) as changes:
            changes[Kind.SOURCE] = valid_text(source, LONGEST_SOURCE)

    def set_reminder(self, reminder: Reminder | None, *, by: User | None) -> None:
        """Set the reminder without changing the status; None removes it."""
        with changing(self, by) as changes:
            remind(changes, reminder)

    def star(self, *, by: User | None) -> None:
        with changing(self, by) as changes:
            changes[Kind.STARRED] = True

    def unstar(self, *, by: User | None) -> None:
        with changing(self, by) as changes:
            changes[Kind.STARRED] = False

    def set_tags(self, tags: Iterable[Tag], *, by: User | None) -> None:
        with changing(self, by) as changes:
            changes[Kind.TAGS] = frozenset(tag.pk for tag in tags)

    def tag(self, *tags: Tag, by: User | None) -> None:
        with changing(self, by) as changes:
            changes[Kind.TAGS] = self.tag_ids | {tag.pk for tag in tags}

    def untag(self, *tags: Tag, by: User | None) -> None:
        with changing(self, by) as changes:
            changes[Kind.TAGS] = self.tag_ids - {tag.pk for tag in tags}

    def set_field(self, field: CustomField, text: str, *, by: User | None) -> None:
        """Set the value of a custom field; "" removes it."""
        with changing(self, by) as changes:
            changes.of_fields[field] = field.checked(CustomField.Subject.LEAD, text)

    # Activities and comments

    def log_activity(
        self,
        activity_type: ActivityType,
        *,
        by: User | None,
        outcome: Outcome | None = None,
        content: str = "",
        at: datetime | None = None,
    ) -> Activity:
        """Log an activity of `by` on the lead; the outcome must be one of the activity type."""
        if outcome is not None and outcome.activity_type_id != activity_type.pk:
            raise Refused(
                _("“%(outcome)s” is not an outcome of “%(activity)s”.")
                % {"outcome": outcome, "activity": activity_type}
            )
        with locked(self):
            now = timezone.now()
            activity = Activity.objects.create(
                occurred_at=valid_past_instant(at, now),
                recorded_at=now,
                user=by,
                activity_type=activity_type,
                outcome=outcome,
                lead=self,
                content=valid_text(content),
                action=current_action(),
            )
            self.last_activity_at = max(
                self.last_activity_at or activity.occurred_at, activity.occurred_at
            )
            increment_version(self, now)
        return activity

    def comment(self, text: str, *, by: User | None) -> LeadEvent:
        with locked(self):
            comment = log_event(self, Kind.COMMENT, valid_comment(text), by)
            write_mentions(comment, comment.value)
        return comment

    def edit_comment(self, comment: LeadEvent, text: str, *, by: User | None) -> None:
        """Change the text of a comment of this lead; the log keeps the old text."""
        with locked(self):
            self._change_comment(comment, valid_comment(text), by)

    def remove_comment(self, comment: LeadEvent, *, by: User | None) -> None:
        """Remove a comment from the timeline; the log keeps its text, and editing restores it."""
        with locked(self):
            self._change_comment(comment, "", by)

    def restore_comment(self, comment: LeadEvent, text: str, *, by: User | None) -> None:
        """Set the text of a comment to an earlier one, to undo an edit; "" removes the comment."""
        with locked(self):
            self._change_comment(comment, text, by)

    def pin_comment(self, comment: LeadEvent, *, by: User | None) -> None:
        self._set_pin(comment, PINNED, by)

    def unpin_comment(self, comment: LeadEvent, *, by: User | None) -> None:
        self._set_pin(comment, UNPINNED, by)

    # Corrections of the creation and close dates

    def correct_creation(self, created_at: datetime, *, by: User | None) -> None:
        """Correct the instant of creation.

        It cannot be later than the closing or the first event after the creation. Reports as of an
        instant before the correction show the old date. Durations in steps still start at the
        instant when the lead entered the step.
        """
        with changing(self, by) as changes:
            corrected = valid_past_instant(created_at, timezone.now())
            first = self.events.filter(kind=Kind.CREATED).values_list("occurred_at", flat=True)[0]
            later = self.events.exclude(kind__in=CORRECTIONS).filter(occurred_at__gt=first)
            next_one = later.order_by("occurred_at").values_list("occurred_at", flat=True).first()
            limits = [limit for limit in (next_one, self.closed_at) if limit is not None]
            if limits and corrected > min(limits):
                raise Refused(
                    _("“%(lead)s” has earlier events. Choose a creation date before them.")
                    % {"lead": self}
                )
            changes[Kind.CREATED_AT] = corrected

    def correct_closing(self, closed_at: datetime, *, by: User | None) -> None:
        """Correct the instant of closing of a closed lead; it cannot precede the creation."""
        with changing(self, by) as changes:
            if self.is_open:
                raise Refused(_("“%(lead)s” is not closed.") % {"lead": self})
            corrected = valid_past_instant(closed_at, timezone.now())
            if corrected < self.created_at:
                raise Refused(_("“%(lead)s” did not exist on that date.") % {"lead": self})
            changes[Kind.CLOSED_AT] = corrected

    # Private methods

    def _must_have(self, comment: LeadEvent) -> None:
        if comment.lead_id != self.pk or comment.kind != Kind.COMMENT or comment.about:
            raise ValueError(f"{comment!r} is no comment of {self!r}")

    def _set_pin(self, comment: LeadEvent, pin: str, by: User | None) -> None:
        with locked(self):
            self._must_have(comment)
            old = pin_of(comment)
            if pin != (old or UNPINNED):
                log_event(self, Kind.PIN, pin, by, old_value=old, about=comment.key)

    def _change_comment(self, comment: LeadEvent, text: str, by: User | None) -> None:
        self._must_have(comment)
        edits = self.events.filter(kind=Kind.COMMENT, about=comment.key)
        last = edits.order_by("pk").last()
        old = comment.value if last is None else last.value
        if text != old:
            log_event(self, Kind.COMMENT, text, by, old_value=old, about=comment.key)
            write_mentions(comment, text)

    def _close(self, status: str, by: User | None, at: datetime | None) -> None:
        with changing(self, by, at) as changes:
            if self.status == status:
                raise Refused(
                    _("“%(lead)s” already has the status “%(status)s”.")
                    % {"lead": self, "status": self.get_status_display()}
                )
            changes[Kind.STATUS] = status
            remind(changes, None)

    def _must_be_open(self) -> None:
        if self.is_closed:
            raise Refused(_("“%(lead)s” is closed. Reopen it first.") % {"lead": self})


def _pk(row: models.Model | None) -> int | None:
    return None if row is None else row.pk


def first_team(user: User) -> Team | None:
    return user.teams.filter(is_active=True).order_by("memberships").first()
