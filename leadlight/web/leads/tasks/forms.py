"""Forms that change a task, one for each verb."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales.models import Task
from leadlight.sales.models.follow_up_templates import LONGEST_TITLE
from leadlight.sales.models.tasks import LONGEST_NOTE
from leadlight.sales.refusals import Refused
from leadlight.web.shell.days import today
from leadlight.web.shell.people import PersonField

# Days from today until which a click postpones a task.
PRESETS = (1, 2, 3, 7, 14, 30)
# Template of changes without input: pages show their buttons, and errors beside them.
AT_ONCE = "tasks/forms/at_once.html"


class ChangedMeanwhile(Refused):
    """Change refused, because somebody else changed the task since the form was shown."""


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )


class TaskForm(forms.Form):
    """Form that changes one task; `save` makes the change and returns the sentence to show."""

    title: ClassVar[Any] = ""
    button: ClassVar[Any] = ""
    template = "tasks/forms/change.html"

    def __init__(self, task: Task, user: User, data: Any = None) -> None:
        self.task, self.user = task, user
        super().__init__(data, initial=self.current(), auto_id="task-%s", label_suffix="")

    def current(self) -> dict[str, Any]:
        return {}

    def save(self) -> str:
        raise NotImplementedError


class DoneForm(TaskForm):
    title = button = _("Done")
    template = AT_ONCE

    def save(self) -> str:
        self.task.finish(by=self.user)
        return gettext("Task done: %(task)s.") % {"task": self.task}


class ReopenForm(TaskForm):
    title = button = _("Not done")
    template = AT_ONCE

    def save(self) -> str:
        self.task.reopen(by=self.user)
        return gettext("Task reopened: %(task)s.") % {"task": self.task}


class RemoveForm(TaskForm):
    title = button = _("Remove")
    template = AT_ONCE

    def save(self) -> str:
        self.task.remove(by=self.user)
        return gettext("Task removed: %(task)s.") % {"task": self.task}


class PostponeForm(TaskForm):
    """Standby until one of the presets (`in`, a number of days), or until `day`."""

    title = _("Postpone until")
    button = _("Postpone")
    template = "tasks/forms/postpone.html"
    day = day_field(_("Day"))

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
        if not self.errors and (not given.get("day") or given["day"] <= today()):
            self.add_error("day", gettext("Choose a day in the future."))
        return given

    def save(self) -> str:
        self.task.postpone(self.cleaned_data["day"], by=self.user)
        until = formats.day(self.cleaned_data["day"])
        return gettext("Task postponed until %(day)s.") % {"day": until}


class TaskFields(forms.Form):
    """Fields of a task that its form and the one of a new task share."""

    text = forms.CharField(
        label=_("Task"),
        max_length=LONGEST_TITLE,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-draft": ""}),
        error_messages={"required": _("Enter a title for the task.")},
    )
    due_on = day_field(_("Due on"))
    owner = PersonField(label=_("Owner of the task"), required=False, empty_label=_("Nobody"))
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2, "data-draft": ""}),
    )

    def offer_owners(self, user: User, present: User | None) -> None:
        """Offer the users to whom `user` may assign, and the present owner."""
        owner: Any = self.fields["owner"]
        owner.offer(user, present)

    def clean_due_on(self) -> date:
        return self.cleaned_data["due_on"] or today()

    def clean_note(self) -> str:
        return str(self.cleaned_data["note"]).replace("\r\n", "\n")


class EditForm(TaskFields, TaskForm):
    title = _("Task")
    button = _("Save")
    # State of the task when the form was shown.
    before = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, task: Task, user: User, data: Any = None) -> None:
        super().__init__(task, user, data)
        self.offer_owners(user, task.owner)

    def current(self) -> dict[str, Any]:
        task = self.task
        return {
            "text": task.title,
            "due_on": task.due_on,
            "owner": task.owner and task.owner.key,
            "note": task.note,
            "before": task.state,
        }

    def save(self) -> str:
        given, task = self.cleaned_data, self.task
        task.refresh_from_db()
        before = given["before"].replace("\r\n", "\n")
        if before and before != task.state:
            raise ChangedMeanwhile(
                gettext("Someone else changed this task in the meantime. The form has your values.")
            )
        if given["owner"] != task.owner:
            task.assign_to(given["owner"], by=self.user)
        task.edit(given["text"], given["note"], given["due_on"], by=self.user)
        return gettext("Task changed.")


FORMS: dict[str, type[TaskForm]] = {
    "done": DoneForm,
    "reopen": ReopenForm,
    "postpone": PostponeForm,
    "edit": EditForm,
    "remove": RemoveForm,
}
