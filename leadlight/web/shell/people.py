"""Choice of people in forms: a list of a few people, or a search among many.

Up to `FEW` people are listed. For more, a form shows those that are chosen, some others, and a
search field whose results replace the others. Without scripts, a name is typed into a further field
and looked up when the form is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.accounts.names import LONGEST_SEARCH, named
from leadlight.sales import access, goals
from leadlight.web.shell.auth import ReaderRequest, signed_in

FEW = 50
MOST_FOUND = 10
MOST_CHOSEN = 100
TYPED = "-typed"  # end of the name of the field for a typed name
FIELD = re.compile(r"[a-z_]{1,40}", re.ASCII)
# Sets of people that a user may choose from, by their names in addresses.
GROUPS: dict[str, Callable[[User], QuerySet[User]]] = {
    "assignable": access.assignable_users,
    "owners": access.possible_owners,
    "distributable": access.distributable_users,
    "settable": goals.settable_users,
}


class TypedName(str):
    """Name that was typed without scripts, in the place of the key of a user."""

    __slots__ = ()


@dataclass(frozen=True)
class Control:
    """Control of a choice of people: the name of its field, and its labels.

    `empty` is the label for nobody, "" if the choice is required. `but` is the key of a user who
    cannot be chosen.
    """

    name: str
    is_single: bool
    title: str
    empty: str = ""
    but: str = ""

    @property
    def params(self) -> str:
        """Query string from which `from_request` reads the control."""
        single = "1" if self.is_single else ""
        given = {"field": self.name, "single": single, "empty": self.empty, "but": self.but}
        return urlencode({**{name: text for name, text in given.items() if text}, "t": self.title})

    @classmethod
    def from_request(cls, request: ReaderRequest) -> Control:
        """Read the query string. Raises Http404 without the name of a field."""
        sent = {name: request.GET.get(name, "")[:LONGEST_SEARCH] for name in request.GET}
        name = sent.get("field", "")
        if not FIELD.fullmatch(name):
            raise Http404
        texts = (sent.get(one, "") for one in ("t", "empty", "but"))
        return cls(name, sent.get("single") == "1", *texts)


@dataclass(frozen=True)
class Found:
    """Chosen people as pairs of key and name, search results, and the number of further ones."""

    control: Control
    chosen: Sequence[tuple[str, str]]
    results: Sequence[tuple[str, str]]
    hidden_count: int


def found_by(
    users: QuerySet[User], control: Control, chosen: Sequence[tuple[str, str]], searched: str
) -> Found:
    """Search users other than the chosen ones."""
    keys = [key for key, _name in chosen]
    rest = named(users.exclude(key__in=[*keys, control.but]), searched)
    shown = list(rest[: MOST_FOUND + 1])
    hidden_count = rest.count() - MOST_FOUND if len(shown) > MOST_FOUND else 0
    results = [(user.key, _described(user, searched)) for user in shown[:MOST_FOUND]]
    return Found(control, chosen, results, hidden_count)


def _described(user: User, searched: str) -> str:
    """Return the name of a user, with the e-mail address if the search found that."""
    name = str(user)
    is_named = all(word in name.casefold() for word in searched.casefold().split())
    return name if is_named else f"{name} · {user.email}"


def _names(users: QuerySet[User], keys: Sequence[str]) -> list[tuple[str, str]]:
    return [(user.key, str(user)) for user in users.filter(key__in=keys)]


class PeopleSearch(forms.Widget):
    """Search field with results to choose from, for one or several of many people."""

    def __init__(self, users: QuerySet[User], group: str, control: Callable[[str], Control]):
        super().__init__()
        self.users, self.group, self.control = users, group, control

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        values = [values] if isinstance(values, str) else list(values)
        typed = str(data.get(name + TYPED, "")).strip()[:LONGEST_SEARCH]
        if not self.control(name).is_single:
            return [*values, *(TypedName(one.strip()) for one in typed.split(",") if one.strip())]
        return TypedName(typed) if typed else next(iter(values), None)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False  # unchecked controls send nothing

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        values = [value] if isinstance(value, str) else list(value or ())
        typed = ", ".join(one for one in values if isinstance(one, TypedName))
        keys = [one for one in values if one and not isinstance(one, TypedName)]
        control = self.control(name)
        context = {
            "found": found_by(self.users, control, _names(self.users, keys), typed),
            "id": (attrs or {}).get("id", ""),
            "is_focused": "autofocus" in {**self.attrs, **(attrs or {})},
            "typed": typed,
            "typed_name": name + TYPED,
            "address": f"{reverse('people_search', args=[self.group])}?{control.params}",
        }
        return mark_safe(render_to_string("forms/people.html", context))  # noqa: S308 - a template


class PersonField(forms.ModelChoiceField):
    """Choice of one user of a group, after `offer`."""

    def __init__(self, group: str = "assignable", **more: Any) -> None:
        self.group = group
        super().__init__(User.objects.none(), to_field_name="key", **more)

    def offer(self, user: User, present: User | None = None) -> None:
        """Offer the people whom a user may choose, and the present one."""
        users = GROUPS[self.group](user)
        if present is not None:
            users = User.objects.filter(Q(pk__in=users.order_by().values("pk")) | Q(pk=present.pk))
        empty = "" if self.required else str(self.empty_label)
        blank = [] if self.empty_label is None else [("", self.empty_label)]
        _offer(self, users, blank, lambda name: Control(name, True, str(self.label), empty))

    def to_python(self, value: Any) -> Any:
        return super().to_python(_key_of(self.queryset, value))


class PeopleField(forms.ModelMultipleChoiceField):
    """Choice of several users of a group, after `offer`."""

    def __init__(self, group: str, **more: Any) -> None:
        self.group = group
        widget = forms.CheckboxSelectMultiple
        super().__init__(User.objects.none(), to_field_name="key", widget=widget, **more)

    def offer(self, user: User, but: User | None = None) -> None:
        """Offer the people whom a user may choose, but one."""
        users, left_out = GROUPS[self.group](user), ""
        if but is not None:
            users, left_out = users.exclude(pk=but.pk), but.key
        _offer(self, users, [], lambda name: Control(name, False, str(self.label), but=left_out))

    def clean(self, value: Any) -> Any:
        return super().clean([_key_of(self.queryset, one) for one in value or ()])


def _offer(
    field: Any, users: QuerySet[User], blank: list[Any], control: Callable[[str], Control]
) -> None:
    field.queryset = users
    first = list(users[: FEW + 1])
    if len(first) <= FEW:
        field.choices = [*blank, *((user.key, str(user)) for user in first)]
    else:
        attrs = field.widget.attrs
        field.widget = PeopleSearch(users, field.group, control)
        field.widget.attrs = attrs


def _key_of(users: Any, value: Any) -> Any:
    """Return the key of the user with a typed name; any other value as it is."""
    if not isinstance(value, TypedName):
        return value
    found = list(named(users, value)[: FEW + 1])
    exact = [user for user in found if str(user).casefold() == value.casefold()]
    if len(exact or found) == 1:
        return (exact or found)[0].key
    if not found:
        raise ValidationError(_("Nobody has the name “%(name)s”.") % {"name": value})
    raise ValidationError(_("“%(name)s” can be several people. Choose one.") % {"name": value})


@signed_in
@require_safe
def people(request: ReaderRequest, group: str) -> HttpResponse:
    """Show the people of a group whose names contain the words searched for, as controls."""
    if group not in GROUPS:
        raise Http404
    control = Control.from_request(request)
    keys = [key.replace("\0", "") for key in request.GET.getlist(control.name) if key]
    keys = keys[:MOST_CHOSEN]
    known = dict(_names(access.visible_users(request.user), keys))
    # The form may offer a present owner whose name the user does not see elsewhere.
    chosen = [(key, known.get(key, _("Current choice"))) for key in keys]
    searched = request.GET.get("search", "")
    found = found_by(GROUPS[group](request.user), control, chosen, searched)
    return render(request, "forms/people_found.html", {"found": found})
