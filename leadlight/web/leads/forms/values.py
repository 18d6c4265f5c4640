"""Forms of the fields of a lead."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import Team
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.models import Client, Lead, Step, Tag
from leadlight.sales.models.client_names import LONGEST_NAME as LONGEST_CLIENT
from leadlight.sales.models.client_names import sort_name
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_row import LONGEST_SOURCE, LONGEST_TITLE
from leadlight.sales.models.valid_values import LONGEST_TEXT, valid_line
from leadlight.web.leads.forms.amount_field import AmountField
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.shell.people import PersonField
from leadlight.web.shell.steps import offer_steps

SAVE = _("Save")
LONGEST_TAG = 200
DAY_INPUT = {"type": "date"}
INSTANT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class TitleForm(ChangeForm):
    title = _("Title")
    button = SAVE
    names = (Kind.TITLE,)
    text = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)

    def current(self) -> dict[str, Any]:
        return {"text": self.lead.title}

    def save(self) -> str:
        self.lead.rename(self.cleaned_data["text"], by=self.user)
        return gettext("Title changed.")


class DescriptionForm(ChangeForm):
    title = _("Description")
    button = SAVE
    names = (Kind.DESCRIPTION,)
    text = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 10, "data-draft": ""}),
    )

    def current(self) -> dict[str, Any]:
        return {"text": self.lead.description}

    def save(self) -> str:
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        self.lead.describe(text, by=self.user)
        return gettext("Description changed.")


class AmountForm(ChangeForm):
    title = _("Amount")
    button = SAVE
    names = (Kind.AMOUNT,)
    amount = AmountField(label=_("Amount"))

    def current(self) -> dict[str, Any]:
        return {"amount": self.lead.amount}

    def save(self) -> str:
        self.lead.set_amount(self.cleaned_data["amount"], by=self.user)
        return gettext("Amount changed.")


class ProbabilityForm(ChangeForm):
    title = _("Probability")
    button = SAVE
    names = (Kind.PROBABILITY,)
    probability = forms.IntegerField(
        label=_("Probability (%)"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=_("If you leave this empty, the probability of the step applies."),
    )

    def current(self) -> dict[str, Any]:
        return {"probability": self.lead.probability}

    def save(self) -> str:
        self.lead.set_probability(self.cleaned_data["probability"], by=self.user)
        return gettext("Probability changed.")


class ExpectedDayForm(ChangeForm):
    title = _("Expected close date")
    button = SAVE
    names = (Kind.ESTIMATED_CLOSING,)
    day = forms.DateField(
        label=_("Expected close date"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs=DAY_INPUT),
        input_formats=["%Y-%m-%d"],
    )

    def current(self) -> dict[str, Any]:
        return {"day": self.lead.estimated_closing_on}

    def save(self) -> str:
        day: date | None = self.cleaned_data["day"]
        self.lead.set_estimated_closing(day, by=self.user)
        return gettext("Expected close date changed.")


class OwnerForm(ChangeForm):
    title = _("Owner")
    button = _("Assign")
    names = (Kind.OWNER, Kind.TEAM)
    owner = PersonField(label=_("Owner"), required=False, empty_label=_("Unassigned"))
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=_("Team"),
        required=False,
        to_field_name="key",
        empty_label=_("Automatic"),
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        fields: Any = self.fields
        fields["owner"].offer(self.user)
        fields["team"].queryset = access.assignable_teams(self.user)

    def current(self) -> dict[str, Any]:
        return {"owner": self.lead.owner and self.lead.owner.key}

    def save(self) -> str:
        owner = self.cleaned_data["owner"]
        self.lead.assign_to(owner, by=self.user, team=self.cleaned_data["team"])
        if owner is None:
            return gettext("Lead unassigned.")
        return gettext("Lead assigned to %(user)s.") % {"user": owner}


class ClientForm(ChangeForm):
    title = _("Client")
    button = SAVE
    names = (Kind.CLIENT,)
    client = forms.CharField(
        label=_("Client"),
        required=False,
        max_length=LONGEST_CLIENT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-choices": "client"}),
        help_text=_("A name that does not exist yet creates a new client."),
    )

    def current(self) -> dict[str, Any]:
        return {"client": self.lead.client.name if self.lead.client else ""}

    def save(self) -> str:
        client = client_named(self.user, self.cleaned_data["client"])
        self.lead.set_client(client, by=self.user)
        return gettext("Client changed.")


def client_named(user: Any, name: str) -> Client | None:
    """Return the active client with this name that the user may see; create it if there is none.

    Case and accents do not matter. Of several clients with the name, the oldest is returned; None
    for an empty name.
    """
    if not name.strip():
        return None
    valid = valid_line(name, LONGEST_CLIENT)
    clients = access.visible_clients(user).filter(is_active=True, sort_name=sort_name(valid))
    return clients.order_by("pk").first() or Client.create(name=valid, by=user)


class SourceForm(ChangeForm):
    title = _("Source")
    button = SAVE
    names = (Kind.SOURCE,)
    source = forms.CharField(label=_("Source"), required=False, max_length=LONGEST_SOURCE)

    def current(self) -> dict[str, Any]:
        return {"source": self.lead.source}

    def save(self) -> str:
        self.lead.set_source(self.cleaned_data["source"], by=self.user)
        return gettext("Source changed.")


class TagChoices(forms.ModelMultipleChoiceField):
    """Tags as check boxes, grouped by category."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            None,
            required=False,
            to_field_name="key",
            widget=forms.CheckboxSelectMultiple,
            **more,
        )

    def offer(self, tags: list[Tag]) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for tag in tags:
            title = str(tag.category) if tag.category else gettext("Without a category")
            groups.setdefault(title, []).append((tag.key, str(tag)))
        self.queryset = Tag.objects.filter(pk__in=[tag.pk for tag in tags])
        self.choices = list(groups.items())


class TagsForm(ChangeForm):
    title = _("Tags")
    button = SAVE
    names = (Kind.TAGS,)
    tags = TagChoices(label=_("Tags"))
    new = forms.CharField(
        label=_("New tag"), required=False, max_length=LONGEST_TAG, help_text=_("Without category.")
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        choices: Any = self.fields["tags"]
        choices.offer(all_tags(self.lead))

    def current(self) -> dict[str, Any]:
        return {"tags": [tag.key for tag in self.lead.tags.all()]}

    def save(self) -> str:
        tags = list(self.cleaned_data["tags"])
        if self.cleaned_data["new"].strip():
            tags.append(_tag_named(valid_line(self.cleaned_data["new"], LONGEST_TAG)))
        self.lead.set_tags(tags, by=self.user)
        return gettext("Tags changed.")


def all_tags(lead: Lead | None = None) -> list[Tag]:
    """Return the tags to offer, by category: the active ones, and those that a lead has."""
    is_offered = Q(is_active=True) & (Q(category=None) | Q(category__is_active=True))
    if lead is not None:
        is_offered |= Q(pk__in=lead.tags.values("pk"))
    order = ("category__position", "category__name", "category", "position", "name", "pk")
    return list(Tag.objects.filter(is_offered).select_related("category").order_by(*order))


def _tag_named(name: str) -> Tag:
    found = Tag.objects.filter(name__iexact=name, is_active=True)
    return found.order_by("category_id", "pk").first() or Tag.define(name)


class StepForm(ChangeForm):
    """Step of the lead, in its pipeline or in another one."""

    title = _("Step")
    button = _("Move")
    names = (Kind.STEP,)
    step = forms.ModelChoiceField(Step.offered(), label=_("Step"), to_field_name="key")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        offer_steps(self.fields["step"], self.lead.step)

    def current(self) -> dict[str, Any]:
        return {"step": self.lead.step.key}

    def save(self) -> str:
        step = self.cleaned_data["step"]
        self.lead.move_to(step, by=self.user)
        return gettext("Moved to “%(step)s”.") % {"step": step}


class InstantForm(ChangeForm):
    """Correction of a day and time, in the company's time zone."""

    button = SAVE
    instant = forms.DateTimeField(
        label=_("Day and time"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=INSTANT_FORMATS,
    )

    def local(self, instant: datetime | None) -> datetime | None:
        """Return an instant as the naive local one that the control shows."""
        return instant and instant.astimezone(formats.company().zone).replace(tzinfo=None)

    def clean_instant(self) -> datetime:
        typed: datetime = self.cleaned_data["instant"]
        return typed.replace(tzinfo=formats.company().zone)


class CreationForm(InstantForm):
    title = _("Created on")
    names = (Kind.CREATED_AT,)

    def current(self) -> dict[str, Any]:
        return {"instant": self.local(self.lead.created_at)}

    def save(self) -> str:
        self.lead.correct_creation(self.cleaned_data["instant"], by=self.user)
        return gettext("Creation date corrected. Reports use the new date.")


class ClosingForm(InstantForm):
    title = _("Closed on")
    names = (Kind.CLOSED_AT,)

    def current(self) -> dict[str, Any]:
        return {"instant": self.local(self.lead.closed_at)}

    def save(self) -> str:
        self.lead.correct_closing(self.cleaned_data["instant"], by=self.user)
        return gettext("Close date corrected. Reports use the new date.")
