"""Form of a new client."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.sales.models import Client
from leadlight.sales.models.client_names import LONGEST_NAME
from leadlight.sales.models.valid_values import valid_line, valid_text
from leadlight.sales.similar_clients import similar_clients
from leadlight.web.shell.form_values import value_or_error


class NewClientForm(forms.Form):
    """Name and description of a new client.

    `compared` is the name for which the form has already shown similar clients. If the form is sent
    again with this name, the client is created.
    """

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        error_messages={
            "required": _("Enter a name for the client."),
            "max_length": _("This name is too long. Enter a shorter one."),
        },
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("You can enter contacts here too, such as “Phone: 01 42 68 53 00”."),
    )

    def __init__(self, user: User, given: Any = None) -> None:
        super().__init__(given, auto_id="client-%s")
        self.user = user
        self.similar: list[Client] = []

    def clean_name(self) -> str:
        return value_or_error(valid_line, self.cleaned_data["name"], LONGEST_NAME)

    def clean_description(self) -> str:
        return value_or_error(valid_text, self.cleaned_data["description"].replace("\r\n", "\n"))

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        name = given.get("name", "")
        if not self.errors and self.data.get("compared") != name:
            self.similar = similar_clients(self.user, name)
        return given

    def create(self) -> Client | None:
        """Create the client; return None if the user has to look at similar clients first."""
        if self.similar:
            return None
        given = self.cleaned_data
        return Client.create(name=given["name"], description=given["description"], by=self.user)
