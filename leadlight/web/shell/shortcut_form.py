"""Form of a shortcut: name, sharing, pin and default."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import Team, User
from leadlight.reporting import shortcuts
from leadlight.sales.models import Shortcut
from leadlight.sales.models.shortcuts import LONGEST_NAME

Sharing = Shortcut.Sharing
TEAM = "team:"


class ShortcutForm(forms.Form):
    """Name and sharing of a shortcut, with the choices of `user`.

    `shortcut` is the shortcut to change; None for a new one.
    """

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        error_messages={
            "required": _("Enter a name for the shortcut."),
            "max_length": _(
                "This name has %(show_value)d characters. Enter at most %(limit_value)d."
            ),
        },
    )
    sharing = forms.ChoiceField(
        label=_("Who sees it"),
        error_messages={"invalid_choice": _("You cannot share the shortcut with these people.")},
    )

    def __init__(
        self, user: User, data: Any = None, *, shortcut: Shortcut | None = None, **more: Any
    ) -> None:
        super().__init__(data, auto_id="shortcut-%s", **more)
        self.user, self.shortcut = user, shortcut
        self.fields["sharing"].choices = _choices(user, shortcut)  # type: ignore[attr-defined]
        if shortcut:
            self.initial = {"name": shortcut.name, "sharing": sharing_of(shortcut)}

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        owner = self.shortcut.owner if self.shortcut else self.user
        if shortcuts.is_name_taken(owner, name, but=self.shortcut):
            raise _taken(name)
        return name

    def save_to(self, shortcut: Shortcut) -> bool:
        """Save the form's data to a shortcut.

        Return False, with a form error, if another shortcut got the same name meanwhile.
        """
        sharing, _colon, team = self.cleaned_data["sharing"].partition(":")
        shortcut.name, shortcut.sharing = self.cleaned_data["name"], sharing
        shortcut.team = Team.objects.get(key=team) if team else None
        try:
            with transaction.atomic():
                shortcut.save()
        except IntegrityError:
            self.add_error("name", _taken(shortcut.name))
            return False
        return True


class SaveForm(ShortcutForm):
    """Form of a new shortcut, with options to pin it and to make it the default."""

    is_pinned = forms.BooleanField(label=_("Pin to my menu"), required=False, initial=True)
    is_default = forms.BooleanField(
        label=_("Use these filters when I open the report from my menu"), required=False
    )


def _taken(name: str) -> forms.ValidationError:
    sentence = gettext("A shortcut named “%(name)s” already exists. Choose another name.")
    return forms.ValidationError(sentence, params={"name": name})


def sharing_of(shortcut: Shortcut) -> str:
    """Return the form value of a shortcut's sharing; private if its team was deleted."""
    if shortcut.sharing != Sharing.TEAM:
        return shortcut.sharing
    return f"{TEAM}{shortcut.team.key}" if shortcut.team else Sharing.PRIVATE.value


def sharing_in_words(shortcut: Shortcut) -> str:
    if shortcut.sharing == Sharing.TEAM and shortcut.team:
        return gettext("Team %(team)s") % {"team": shortcut.team}
    is_shared = shortcut.sharing == Sharing.EVERYONE
    return str((Sharing.EVERYONE if is_shared else Sharing.PRIVATE).label)


def _choices(user: User, shortcut: Shortcut | None) -> list[tuple[str, str]]:
    """Return the sharing choices of a user, with the current choice of the shortcut."""
    choices = {Sharing.PRIVATE.value: str(Sharing.PRIVATE.label)}
    for team in shortcuts.teams_to_share_with(user):
        choices[f"{TEAM}{team.key}"] = gettext("Team %(team)s") % {"team": team}
    if shortcuts.may_share_with_everyone(user):
        choices[Sharing.EVERYONE.value] = str(Sharing.EVERYONE.label)
    if shortcut:
        choices[sharing_of(shortcut)] = sharing_in_words(shortcut)
    return list(choices.items())
