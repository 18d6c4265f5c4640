"""Tasks on leads and follow-ups: the work after a sale, or after a lead was lost.

A task has no history of its own: each change is an event of kind "task" in the log of its lead,
with the key of the task in `about` and its state, as text, in `value`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.follow_up_templates import LONGEST_TITLE, FollowUpTemplate
from leadlight.sales.models.lead_changes import locked, log_event
from leadlight.sales.models.plain_values import plain_instant
from leadlight.sales.models.valid_values import valid_day, valid_text
from leadlight.sales.refusals import Refused

LONGEST_NOTE = 10_000
# Parts of the state of a task that can change, as they are named in the log.
TEXTS = ("title", "note", "status")


class FollowUp(Keyed):
    """Tasks of one lead that were started together from a template.

    `name` is the name that the template had at the start. A follow-up whose tasks were all removed,
    because its start was undone, is not shown.
    """

    lead = models.ForeignKey("sales.Lead", models.CASCADE, related_name="follow_ups")
    template = models.ForeignKey(
        FollowUpTemplate, models.PROTECT, related_name="follow_ups", db_index=False
    )
    name = models.CharField(gettext_lazy("name"), max_length=LONGEST_TITLE)
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering: ClassVar = ["-started_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["-started_at", "-id"], name="follow_ups_by_start"),
            models.Index(fields=["template", "-started_at", "-id"], name="follow_ups_of_template"),
        ]

    def __str__(self) -> str:
        return self.name


class Task(Keyed):
    """Task on a lead, of a follow-up or by itself. It changes only through the methods below.

    A task on standby was postponed; it is due on `due_on`, like a task to do. An open task whose
    `due_on` is past is late. Verbs take `by`, the user who makes the change (None: unknown), and
    write nothing when nothing changes. A removed task is kept, so that its removal can be undone.
    """

    class Status(models.TextChoices):
        TODO = "todo", pgettext_lazy("status of a task", "To do")
        STANDBY = "standby", pgettext_lazy("status of a task", "Postponed")
        DONE = "done", pgettext_lazy("status of a task", "Done")

    lead = models.ForeignKey("sales.Lead", models.CASCADE, related_name="tasks")
    follow_up = models.ForeignKey(
        FollowUp, models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    position = models.PositiveIntegerField()
    title = models.CharField(gettext_lazy("title"), max_length=LONGEST_TITLE)
    note = models.TextField(gettext_lazy("note"), max_length=LONGEST_NOTE, blank=True)
    status = models.CharField(
        gettext_lazy("status"), max_length=10, choices=Status.choices, default=Status.TODO
    )
    due_on = models.DateField(gettext_lazy("due on"))
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="tasks", db_index=False
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    is_removed = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["due_on", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "status", "due_on"], name="tasks_of_an_owner"),
            # Open tasks by template and by client.
            models.Index(fields=["status", "follow_up"], name="tasks_by_status"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status="done", done_at__isnull=False)
                | models.Q(status__in=("todo", "standby"), done_at__isnull=True),
                name="done_tasks_have_an_instant",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status != self.Status.DONE

    def is_late(self, today: date) -> bool:
        return self.is_open and self.due_on < today

    # Verbs

    @classmethod
    def add(
        cls,
        lead: Any,
        title: str,
        *,
        by: User | None,
        due_on: date,
        owner: User | None = None,
        note: str = "",
    ) -> Task:
        """Add a task without a follow-up to a lead."""
        task = cls(lead=lead, position=0, created_by=by, owner=owner)
        task._set(title, note, due_on)
        with locked(lead):
            task.save_new(by)
        return task

    def save_new(self, by: User | None, now: datetime | None = None) -> None:
        """Save and log a new task; the caller holds the lock of its lead."""
        self.created_at = now or timezone.now()
        self.save(force_insert=True)
        log_event(self.lead, Kind.TASK, self.state, by, about=self.key, now=self.created_at)

    def finish(self, *, by: User | None) -> None:
        with self._changing(by):
            if not self.is_open:
                raise Refused(_("“%(task)s” is already done.") % {"task": self})
            self.status, self.done_at, self.done_by = self.Status.DONE, timezone.now(), by

    def reopen(self, *, by: User | None) -> None:
        with self._changing(by):
            if self.is_open:
                raise Refused(_("“%(task)s” is not done.") % {"task": self})
            self.status, self.done_at, self.done_by = self.Status.TODO, None, None

    def postpone(self, until: date, *, by: User | None) -> None:
        """Put an open task on standby until a day."""
        with self._changing(by):
            if not self.is_open:
                raise Refused(_("“%(task)s” is already done.") % {"task": self})
            self.status, self.due_on = self.Status.STANDBY, valid_due_day(until)

    def assign_to(self, owner: User | None, *, by: User | None) -> None:
        with self._changing(by):
            if owner is not None and not owner.is_active:
                raise Refused(_("%(user)s is no longer active.") % {"user": owner})
            self.owner = owner

    def edit(self, title: str, note: str, due_on: date, *, by: User | None) -> None:
        with self._changing(by):
            self._set(title, note, due_on)

    def remove(self, *, by: User | None) -> None:
        with self._changing(by):
            self.is_removed = True

    def restore(self, state: str, *, by: User | None) -> None:
        """Set an earlier state, to undo a change; "" removes the task."""
        with self._changing(by):
            self.is_removed = not state
            if state:
                self._read(state)

    # State as text

    @property
    def state(self) -> str:
        """State of the task as it is logged: JSON, "" for a removed task."""
        if self.is_removed:
            return ""
        values = {name: getattr(self, name) for name in TEXTS} | {
            "due_on": self.due_on.isoformat(),
            "owner": self.owner.key if self.owner else "",
            "done_at": plain_instant(self.done_at),
            "done_by": self.done_by.key if self.done_by else "",
            "follow_up": self.follow_up.key if self.follow_up else "",
        }
        return state_text(values)

    def _read(self, state: str) -> None:
        values = state_values(state)
        for name in TEXTS:
            setattr(self, name, values.get(name, ""))
        self.due_on = date.fromisoformat(values["due_on"])
        done_at = values.get("done_at")
        self.done_at = datetime.fromisoformat(done_at) if done_at else None
        self.owner, self.done_by = _user(values.get("owner")), _user(values.get("done_by"))

    # Private methods

    def _set(self, title: str, note: str, due_on: date) -> None:
        self.title = valid_task_title(title)
        self.note = valid_text(note, LONGEST_NOTE)
        self.due_on = valid_due_day(due_on)

    @contextmanager
    def _changing(self, by: User | None) -> Iterator[None]:
        """Lock the lead, reload the task, and write and log what the `with` block changes."""
        lead = self.lead
        with locked(lead):
            self.refresh_from_db()
            self.lead = lead
            before = self.state
            yield
            after = self.state
            if after != before:
                self.save()
                log_event(lead, Kind.TASK, after, by, old_value=before, about=self.key)


def state_text(values: dict[str, str]) -> str:
    """Return the state of a task as text, without empty values."""
    filled = {name: value for name, value in values.items() if value}
    return json.dumps(filled, ensure_ascii=False, sort_keys=True)


def state_values(text: str) -> dict[str, str]:
    """Parse the state of a task; {} for "", a removed task. Raises ValueError for other texts."""
    values = json.loads(text) if text else {}
    if not isinstance(values, dict) or not all(isinstance(one, str) for one in values.values()):
        raise ValueError(text)
    return values


def checked_state(text: str) -> None:
    """Raise ValueError if a text is not the state of a task, as the log keeps it."""
    values = state_values(text)
    if text and (values.get("status") not in Task.Status.values or not values.get("title")):
        raise ValueError(text)
    if text:
        date.fromisoformat(values.get("due_on", ""))
    if values.get("done_at"):
        datetime.fromisoformat(values["done_at"])


def valid_task_title(title: str) -> str:
    valid = valid_text(title, LONGEST_TITLE)
    if not valid:
        raise Refused(_("Enter a title for the task."))
    return valid


def valid_due_day(day: date | None) -> date:
    valid = valid_day(day)
    if valid is None:
        raise Refused(_("Choose the day on which the task is due."))
    return valid


def _user(key: str | None) -> User | None:
    return User.objects.get(key=key) if key else None
