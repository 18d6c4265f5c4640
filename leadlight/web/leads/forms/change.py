"""Base of the forms that change a lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property

from leadlight.accounts.models import User
from leadlight.sales.conflicts import Conflict, current_texts, refuse_conflicts
from leadlight.sales.models import Lead

BEFORE = "before:"


@dataclass(frozen=True)
class Before:
    """Hidden field of a form: the value of a field of the lead when the form was shown."""

    name: str
    text: str


class ChangeForm(forms.Form):
    """Form that changes one lead.

    `title` is its heading and `button` the label of its button. `names` are the fields that it
    changes and that the page shows, by kind of event: if someone else changes one of them while the
    form is open, the change is refused as a conflict. `save` makes the change and returns the
    sentence to show, "" for none.
    """

    title: ClassVar[Any] = ""
    button: ClassVar[Any] = ""
    names: ClassVar[Sequence[str]] = ()
    template = "leads/forms/change.html"
    # Query string of the address of the form, after the name of the change.
    query: str = ""

    def __init__(self, lead: Lead, user: User, data: Any = None) -> None:
        self.lead = lead
        self.user = user
        self.conflicts: list[Conflict] = []
        super().__init__(data, initial=self.current(), auto_id="change-%s", label_suffix="")

    def current(self) -> dict[str, Any]:
        """Return the initial values: those of the lead."""
        return {}

    def focus(self) -> None:
        """Let the browser put the focus on the first control with an error, or on the first one."""
        visible = [field for field in self.visible_fields() if not field.is_hidden]
        wrong = [field for field in visible if field.errors] if self.is_bound else []
        for field in [*wrong, *visible][:1]:
            field.field.widget.attrs["autofocus"] = True

    def changed_names(self) -> Sequence[str]:
        """Return the names of the fields of the lead that the form changes."""
        return self.names

    @cached_property
    def before(self) -> list[Before]:
        """Hidden fields of the values that the form shows; after a conflict, the current ones."""
        texts = current_texts(self.lead, list(self.changed_names()))
        return [Before(BEFORE + name, text) for name, text in texts.items()]

    def apply(self) -> str:
        """Make the change on the locked lead; raise `Refused` if it is not possible.

        Raises `Conflicting` if someone else changed the same field since the form was shown.
        """
        sent = {
            name: self.data[BEFORE + name].replace("\r\n", "\n")
            for name in self.changed_names()
            if BEFORE + name in self.data
        }
        refuse_conflicts(self.lead, sent)
        return self.save()

    def save(self) -> str:
        raise NotImplementedError
