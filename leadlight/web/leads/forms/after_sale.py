"""Forms of the work after a sale: a new task on a lead, and the start of a follow-up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales.follow_ups import offered_templates, start
from leadlight.sales.models import FollowUpTemplate, Lead, NoFollowUpQuestion, Task
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.leads.tasks.forms import TaskFields
from leadlight.web.shell.days import today

# Parameter of the pages of a lead and of Today that opens a form, and its value after a win.
ASK, FOLLOW_UP = "ask", "follow-up"
KEYS = "123456789"


def asks_for_follow_up(user: User) -> bool:
    """Return whether the user is asked to start a follow-up after a win.

    False if no template is offered, or if the user has switched the question off.
    """
    is_off = NoFollowUpQuestion.objects.filter(user=user)
    return offered_templates().filter(~Exists(is_off)).exists()


class NewTaskForm(TaskFields, ChangeForm):
    """New task without a follow-up; by default the user owns it, and it is due today."""

    title = _("Add a task")
    button = title

    def __init__(self, lead: Lead, user: User, data: Any = None) -> None:
        super().__init__(lead, user, data)
        self.auto_id = "new-task-%s"
        self.offer_owners(user, user)

    def current(self) -> dict[str, Any]:
        return {"due_on": today(), "owner": self.user.key}

    def clean_owner(self) -> User | None:
        """Return the chosen owner, None for nobody; a form without the field means the user."""
        owner: User | None = self.cleaned_data["owner"]
        return owner if self.add_prefix("owner") in self.data else self.user

    def save(self) -> str:
        given = self.cleaned_data
        Task.add(
            self.lead,
            given["text"],
            note=given["note"],
            due_on=given["due_on"],
            owner=given["owner"],
            by=self.user,
        )
        return gettext("Task added.")


class FollowUpForm(ChangeForm):
    """Start of a follow-up by a click on its template."""

    title = _("Start a follow-up")
    button = title
    template = "leads/forms/follow_up.html"
    # Not named `template`, because forms have an attribute of this name.
    start_from = forms.ModelChoiceField(
        FollowUpTemplate.objects.none(),
        to_field_name="key",
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _("This template is no longer offered.")},
    )

    def __init__(self, lead: Lead, user: User, data: Any = None) -> None:
        super().__init__(lead, user, data)
        chosen: Any = self.fields["start_from"]
        chosen.queryset = offered_templates()

    @cached_property
    def templates(self) -> list[tuple[FollowUpTemplate, str]]:
        """Templates with their keyboard shortcuts, "" for those after the ninth."""
        offered = list(offered_templates())
        return [(each, KEYS[place : place + 1]) for place, each in enumerate(offered)]

    def save(self) -> str:
        follow_up = start(self.lead, self.cleaned_data["start_from"], by=self.user)
        count = follow_up.tasks.count()
        return ngettext(
            "“%(follow_up)s” started: %(count)s task.",
            "“%(follow_up)s” started: %(count)s tasks.",
            count,
        ) % {"follow_up": follow_up, "count": formats.number(count)}
