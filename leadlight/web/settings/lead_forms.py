"""Settings pages of public forms, for admins: the list, and one form with its address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.accounts import secret_addresses
from leadlight.accounts.models import User
from leadlight.sales import lead_forms as verbs
from leadlight.sales.models import FormRefusal, LeadForm, Step, Tag
from leadlight.sales.models.lead_forms import (
    LONGEST_FORM_NAME,
    LONGEST_INTRODUCTION,
    STANDARD_FIELDS,
)
from leadlight.web.shell.addresses import secret_url
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.form_values import is_saved
from leadlight.web.shell.steps import offer_steps

HIDDEN, OPTIONAL, REQUIRED = "", "optional", "required"
SHOWN = [
    (HIDDEN, gettext_lazy("not in the form")),
    (OPTIONAL, gettext_lazy("optional")),
    (REQUIRED, gettext_lazy("required")),
]
MONTH = timedelta(days=30)


def _text(label: Any, required: Any = "", **more: Any) -> forms.CharField:
    wrong = {"required": required} if required else {}
    return forms.CharField(label=label, required=bool(required), error_messages=wrong, **more)


class FormOfLeads(forms.Form):
    """Form of the settings of a public form, with a choice and a place for each offered field."""

    name = _text(
        gettext_lazy("Name"),
        gettext_lazy("Enter a name."),
        max_length=LONGEST_FORM_NAME,
        help_text=gettext_lazy("Leads get it as their source. Visitors do not see it."),
    )
    title = _text(
        gettext_lazy("Title"), gettext_lazy("Enter a title."), max_length=LONGEST_FORM_NAME
    )
    introduction = _text(
        gettext_lazy("Introduction"),
        max_length=LONGEST_INTRODUCTION,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=LeadForm.Language.choices, required=False
    )
    step = forms.ModelChoiceField(Step.offered(), label=gettext_lazy("Step"), to_field_name="key")
    owner: Any = forms.ModelChoiceField(
        None,
        label=gettext_lazy("Owner"),
        required=False,
        to_field_name="key",
        empty_label=gettext_lazy("Unassigned"),
    )
    tags: Any = forms.ModelMultipleChoiceField(
        None,
        label=gettext_lazy("Tags"),
        required=False,
        to_field_name="key",
        widget=forms.CheckboxSelectMultiple,
    )
    thanks = _text(
        gettext_lazy("Text after sending"),
        max_length=LONGEST_INTRODUCTION,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    continue_at = _text(
        gettext_lazy("Or the address of a page to continue at"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/thanks"}),
    )
    sites = _text(
        gettext_lazy("Sites that may show the form in a frame"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "https://www.example.com"}),
        help_text=gettext_lazy("One site in each line. None: the form has only its own page."),
    )

    def __init__(self, given: Any, one: LeadForm) -> None:
        super().__init__(given, initial=_initial(one), label_suffix="", auto_id="form-%s")
        fields: Any = self.fields
        offer_steps(fields["step"])
        owner_id = one.owner_id
        fields["owner"].queryset = User.objects.filter(Q(is_active=True) | Q(pk=owner_id))
        tags = Q(is_active=True) | Q(pk__in=one.tags.all() if one.pk else ())
        fields["tags"].queryset = Tag.objects.filter(tags).distinct()
        self.offered = {name: str(title) for name, title in STANDARD_FIELDS.items()}
        self.offered |= {name: field.name for name, field in verbs.own_fields().items()}
        chosen = {each["name"]: each for each in one.fields}
        order = [*(name for name in chosen if name in self.offered)]
        order += [name for name in self.offered if name not in chosen]
        for place, name in enumerate(order, start=1):
            shown = REQUIRED if chosen.get(name, {}).get("required") else OPTIONAL
            self.fields[f"shown {name}"] = forms.ChoiceField(
                label=self.offered[name],
                choices=SHOWN,
                required=False,
                initial=shown if name in chosen else HIDDEN,
            )
            self.fields[f"place {name}"] = forms.IntegerField(
                label=_("Place of “%(field)s”") % {"field": self.offered[name]},
                initial=place,
                min_value=1,
                max_value=1_000,
                required=False,
            )
        self.order = order

    def rows(self) -> list[tuple[Any, Any]]:
        """Return for each offered field its choice and its place."""
        return [(self[f"shown {name}"], self[f"place {name}"]) for name in self.order]

    @property
    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = [name for name in self.order if given[f"shown {name}"] != HIDDEN]
        names.sort(key=lambda name: given[f"place {name}"] or len(self.order))
        fields = [{"name": name, "required": given[f"shown {name}"] == REQUIRED} for name in names]
        values = {name: given[name] for name in self.base_fields}
        return values | {"fields": fields, "sites": given["sites"].split()}


def _initial(one: LeadForm) -> dict[str, Any]:
    names = ("name", "title", "introduction", "language", "thanks", "continue_at")
    initial = {name: getattr(one, name) for name in names} | {"sites": "\n".join(one.sites)}
    if one.step_id:
        initial["step"] = one.step.key
    if one.owner:
        initial["owner"] = one.owner.key
    if one.pk:
        initial["tags"] = [tag.key for tag in one.tags.all()]
    return initial


def new_form() -> LeadForm:
    """Return the form that the page proposes: the fields that most companies ask for."""
    fields = [{"name": name, "required": name in ("name", "email")} for name in STANDARD_FIELDS]
    return LeadForm(title=_("Contact us"), fields=fields)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def lead_forms(request: ReaderRequest) -> HttpResponse:
    """Show the forms with one for a new one; a POST adds it."""
    one = new_form()
    form = FormOfLeads(request.POST if request.method == "POST" else None, one)
    if is_saved(form, lambda: verbs.save(one, by=request.user, **form.values)):
        messages.success(request, _("Form added."))
        return redirect("lead_form", one.key)
    since = timezone.now() - MONTH
    count = Count("entries", filter=Q(entries__received_at__gt=since))
    rows = LeadForm.objects.select_related("step__pipeline", "owner").annotate(received=count)
    context = {"form": form, "forms": rows}
    status = 400 if form.errors else 200
    return render(request, "settings/lead_forms.html", context, status=status)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a form with its address and the counts of what was refused; a POST changes it."""
    one = get_object_or_404(LeadForm.objects.select_related("step", "owner", "address"), key=key)
    form = FormOfLeads(request.POST if request.method == "POST" else None, one)
    if is_saved(form, lambda: verbs.save(one, by=request.user, **form.values)):
        messages.success(request, _("Form saved."))
        return redirect("lead_form", one.key)
    refusals = FormRefusal.objects.filter(form=one, day__gt=timezone.now() - MONTH)
    counts = dict(refusals.values_list("reason").annotate(Sum("count")))
    url = secret_url(request, "public_form", one.address)
    context = {
        "form": form,
        "one": one,
        "url": url,
        "frame": format_html('<iframe src="{}" title="{}"></iframe>', url, one.title),
        "received": one.entries.filter(received_at__gt=timezone.now() - MONTH).count(),
        "refusals": [(title, counts.get(name, 0)) for name, title in FormRefusal.Reason.choices],
    }
    return render(request, "settings/lead_form.html", context, status=400 if form.errors else 200)


@signed_in
@for_admins
@require_POST
def switch(request: ReaderRequest, key: str) -> HttpResponse:
    """Switch a form on or off, or replace its address."""
    one = get_object_or_404(LeadForm.objects.select_related("address"), key=key)
    do = request.POST.get("do")
    if do == "renew" and one.address:
        secret_addresses.renew(one.address, by=request.user, subject=one.name)
        messages.success(request, _("New address made. The earlier one no longer works."))
    elif do in ("on", "off"):
        verbs.set_active(one, by=request.user, is_active=do == "on")
        messages.success(request, _("Form switched on.") if do == "on" else _("Form switched off."))
    return redirect("lead_form", one.key)
