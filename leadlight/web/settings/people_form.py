"""Forms of people: invitation, and the account of one person."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts import people, teams
from leadlight.accounts.lines import one_line
from leadlight.accounts.models import Team, User
from leadlight.accounts.refusals import Refused

MOST_INVITED = 100
LONGEST_LINES = 40_000
LANGUAGES = [("", _("Automatic")), ("en", "English"), ("fr", "Français")]


def _teams(**more: Any) -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        Team.objects.none(),
        label=_("Teams"),
        required=False,
        to_field_name="key",
        widget=forms.CheckboxSelectMultiple,
        **more,
    )


def _role(**more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Role"),
        choices=User.Role.choices,
        help_text=_(
            "Users work on leads. Managers also see and change those of the teams that they "
            "manage, and set goals. Admins see everything and change settings."
        ),
        **more,
    )


@dataclass(frozen=True)
class Address:
    """One line of an invitation: an email address, with a name or without."""

    email: str
    first_name: str = ""
    last_name: str = ""

    @classmethod
    def of(cls, line: str) -> Address:
        """Parse a line such as “ana@example.com” or “Ana Martin <ana@example.com>”."""
        name, email = parseaddr(line) if "<" in line else ("", line)
        first, _space, last = one_line(name).partition(" ")
        return cls(email.strip(), first[:150], last[:150])

    @property
    def is_valid(self) -> bool:
        try:
            validate_email(self.email)
        except ValidationError:
            return False
        return len(self.email) <= 254


class InvitationForm(forms.Form):
    emails = forms.CharField(
        label=_("Email addresses"),
        max_length=LONGEST_LINES,
        widget=forms.Textarea(attrs={"rows": 6, "autofocus": True}),
        help_text=_("One per line, with a name if you like: Ana Martin <ana@example.com>"),
        error_messages={"required": _("Enter at least one email address.")},
    )
    role = _role(initial=User.Role.USER)
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=LANGUAGES,
        help_text=_("Of the mail and of the pages; each person can change it."),
    )
    teams = _teams()

    def __init__(self, given: Any = None) -> None:
        super().__init__(given, label_suffix="")
        fields: Any = self.fields
        fields["teams"].queryset = Team.objects.filter(is_active=True)

    def clean_emails(self) -> list[Address]:
        """Return the addresses, each once; refuse them all if one is not an address."""
        lines = [line for line in self.cleaned_data["emails"].splitlines() if line.strip()]
        addresses = {one.email.lower(): one for one in map(Address.of, lines)}
        wrong = [one.email or "…" for one in addresses.values() if not one.is_valid]
        if wrong:
            sentence = gettext("These are not email addresses: %(lines)s.")
            raise ValidationError(sentence % {"lines": ", ".join(wrong[:10])})
        if len(addresses) > MOST_INVITED:
            sentence = gettext("Invite at most %(most)d people at once.")
            raise ValidationError(sentence % {"most": MOST_INVITED})
        return list(addresses.values())


class PersonForm(forms.Form):
    """Account of one person. Only what the user changed on the page is saved."""

    first_name = forms.CharField(
        label=_("First name"), max_length=150, required=False, show_hidden_initial=True
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=150, required=False, show_hidden_initial=True
    )
    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        show_hidden_initial=True,
        help_text=_("The person signs in with it from now on."),
    )
    role = _role(show_hidden_initial=True)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=LANGUAGES, show_hidden_initial=True
    )
    teams = _teams(show_hidden_initial=True)

    def __init__(self, person: User, by: User, given: Any = None) -> None:
        self.person, self.by = person, by
        names = ("first_name", "last_name", "email", "role", "language")
        initial = {name: getattr(person, name) for name in names}
        own = list(person.teams.all())
        super().__init__(given, initial=initial | {"teams": own}, label_suffix="")
        fields: Any = self.fields
        active = Team.objects.filter(is_active=True)
        fields["teams"].queryset = active | Team.objects.filter(pk__in=[team.pk for team in own])
        if person == by:
            fields["role"].disabled = True
            fields["role"].help_text = _("You cannot change your own role. Ask another admin.")

    def save(self) -> bool:
        """Save what changed, within a transaction; if a value is refused, add an error.

        Returns whether nothing was refused.
        """
        given, person, by = self.cleaned_data, self.person, self.by
        changed = set(self.changed_data)
        try:
            names = {name: given[name] for name in people.NAMES if name in changed}
            people.set_names(person, by=by, **names)
            if "email" in changed:
                people.set_email(person, given["email"], by=by)
            if "role" in changed:
                people.set_role(person, given["role"], by=by)
            if "teams" in changed:
                self._set_teams(given["teams"])
        except Refused as refusal:
            self.add_error(None, str(refusal))
        return not self.errors

    def _set_teams(self, chosen: Any) -> None:
        before = set(self.person.teams.all())
        for team in before - set(chosen):
            teams.set_place(team, self.person, teams.NONE, by=self.by)
        for team in chosen:
            if team not in before:
                teams.set_place(team, self.person, teams.MEMBER, by=self.by)
