"""Settings pages of the templates of follow-ups, for admins: the list, and one with its tasks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.accounts.models import User
from leadlight.sales.models import FollowUpTemplate, TemplateStep
from leadlight.sales.models.follow_up_templates import (
    LONGEST_STEP_NOTE,
    LONGEST_TITLE,
    MOST_DAYS,
)
from leadlight.sales.refusals import Refused
from leadlight.web.settings.audited import audited
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.errors import refused
from leadlight.web.shell.people import PersonField

PLACES = {"up": -1, "down": 1}


class TemplateForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_TITLE,
        error_messages={"required": gettext_lazy("Enter a name for the template.")},
    )


class StepForm(forms.Form):
    """Task of a template; without `step`, a new one."""

    title = forms.CharField(
        label=gettext_lazy("Task"),
        max_length=LONGEST_TITLE,
        error_messages={"required": gettext_lazy("Enter a title for the task.")},
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days after the start"), min_value=0, max_value=MOST_DAYS, initial=0
    )
    is_in_working_days = forms.BooleanField(
        label=gettext_lazy("Count working days only"), required=False, initial=True
    )
    owner_rule = forms.ChoiceField(
        label=gettext_lazy("Owner of the task"), choices=TemplateStep.OwnerRule.choices
    )
    person = PersonField(
        label=gettext_lazy("Person"),
        required=False,
        empty_label="–",
        help_text=gettext_lazy("If this person has left, the owner of the lead gets the task."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=LONGEST_STEP_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, by: User, given: Any = None, *, step: TemplateStep) -> None:
        self.step = step
        initial: dict[str, Any] = {}
        if step.pk is not None:
            names = ("title", "days", "is_in_working_days", "owner_rule", "note")
            initial = {name: getattr(step, name) for name in names}
            initial["person"] = step.person and step.person.key
        super().__init__(given, initial=initial, auto_id="step-%s", label_suffix="")
        fields: Any = self.fields
        fields["person"].offer(by, step.person)

    def save(self) -> bool:
        """Save the step; if a value is refused, add an error and return False."""
        given = self.cleaned_data
        note = given["note"].replace("\r\n", "\n")
        try:
            self.step.put(**(given | {"note": note}))
        except Refused as refusal:
            self.add_error(None, str(refusal))
            return False
        return True


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def templates(request: ReaderRequest) -> HttpResponse:
    """Show the templates with a form for a new one; a POST creates it and shows it."""
    form = TemplateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            with audited(request, "template", lambda: _named(name)):
                template = FollowUpTemplate.define(name)
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Template added. Add its tasks."))
            return redirect("follow_up_template", template.key)
    every = list(FollowUpTemplate.objects.annotate(count=Count("steps")))
    context = {
        "form": form,
        "shown": [one for one in every if not one.is_archived],
        "archived": [one for one in every if one.is_archived],
    }
    status = 400 if form.is_bound else 200
    return render(request, "settings/follow_up_templates.html", context, status=status)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def template(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a template with its tasks; a POST renames it."""
    found = get_object_or_404(FollowUpTemplate, key=key)
    given = request.POST if request.method == "POST" else None
    form = TemplateForm(given, initial={"name": found.name})
    if form.is_valid():
        try:
            with audited(request, "template", lambda: _template(key)):
                found.rename(form.cleaned_data["name"])
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Template saved."))
            return redirect("follow_up_template", key)
    return _page(request, found, form=form, status=400 if form.is_bound else 200)


@signed_in
@for_admins
@require_POST
def add_step(request: ReaderRequest, key: str) -> HttpResponse:
    found = get_object_or_404(FollowUpTemplate, key=key)
    form = StepForm(request.user, request.POST, step=TemplateStep(template=found))
    if form.is_valid():
        with audited(request, "template_task", lambda: _tasks(found), subject=found):
            is_saved = form.save()
        if is_saved:
            messages.success(request, _("Task added to the template."))
            return redirect("follow_up_template", key)
    return _page(request, found, step_form=form, status=400)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: ReaderRequest, key: str) -> HttpResponse:
    """Edit one task of a template; follow-ups that were started before do not change."""
    found = get_object_or_404(TemplateStep.objects.select_related("template"), key=key)
    form = StepForm(request.user, request.POST if request.method == "POST" else None, step=found)
    if form.is_valid():
        template = found.template
        with audited(request, "template_task", lambda: _tasks(template), subject=template):
            is_saved = form.save()
        if is_saved:
            messages.success(request, _("Task of the template saved."))
            return redirect("follow_up_template", template.key)
    context = {"step": found, "form": form}
    status = 400 if form.is_bound else 200
    return render(request, "settings/follow_up_step.html", context, status=status)


@signed_in
@for_admins
@require_POST
def move_step(request: ReaderRequest, key: str) -> HttpResponse:
    """Move a task of a template one place up or down."""
    found = get_object_or_404(TemplateStep.objects.select_related("template"), key=key)
    template = found.template
    with audited(request, "template_task", lambda: _tasks(template), subject=template):
        return _moved(request, found, "follow_up_template", template.key)


@signed_in
@for_admins
@require_POST
def remove_step(request: ReaderRequest, key: str) -> HttpResponse:
    found = get_object_or_404(TemplateStep.objects.select_related("template"), key=key)
    template = found.template
    with audited(request, "template_task", lambda: _tasks(template), subject=template):
        found.delete()
    messages.success(request, _("Task removed from the template."))
    return redirect("follow_up_template", found.template.key)


@signed_in
@for_admins
@require_POST
def move(request: ReaderRequest, key: str) -> HttpResponse:
    """Move a template one place up or down."""
    found = get_object_or_404(FollowUpTemplate, key=key, is_archived=False)
    with audited(request, "template", lambda: _template(key)):
        return _moved(request, found, "follow_up_templates")


@signed_in
@for_admins
@require_POST
def archive(request: ReaderRequest, key: str) -> HttpResponse:
    """Archive a template; its running follow-ups continue."""
    found = get_object_or_404(FollowUpTemplate, key=key)
    with audited(request, "template", lambda: _template(key)):
        found.archive()
    messages.success(request, _("Template archived. Its follow-ups go on."))
    return redirect("follow_up_templates")


@signed_in
@for_admins
@require_POST
def restore(request: ReaderRequest, key: str) -> HttpResponse:
    found = get_object_or_404(FollowUpTemplate, key=key)
    with audited(request, "template", lambda: _template(key)):
        found.restore()
    messages.success(request, _("Template restored."))
    return redirect("follow_up_templates")


def _named(name: str) -> str:
    """Return the template with a name in words, "" if there is none."""
    template = FollowUpTemplate.objects.filter(name=name).order_by("-pk").first()
    return f"{template.position}. {template}" if template else ""


def _template(key: str) -> str:
    """Return a template in words, for the audit log."""
    template = FollowUpTemplate.objects.get(key=key)
    archived = _("archived") if template.is_archived else ""
    return " · ".join(filter(None, [f"{template.position}. {template}", archived]))


def _tasks(template: FollowUpTemplate) -> str:
    """Return the tasks of a template in words, for the audit log."""
    steps = template.steps.select_related("person").order_by("position", "pk")
    return "; ".join(
        f"{step.title} (+{step.days}, {step.person or step.get_owner_rule_display()})"
        for step in steps
    )


def _moved(
    request: ReaderRequest, row: FollowUpTemplate | TemplateStep, *page: str
) -> HttpResponse:
    to = request.POST.get("to", "")
    if to not in PLACES:
        return refused(request, _("It can only be moved up or down."))
    row.move(PLACES[to])
    return redirect(*page)


def _page(
    request: ReaderRequest,
    found: FollowUpTemplate,
    *,
    form: TemplateForm | None = None,
    step_form: StepForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "template": FollowUpTemplate.objects.get(pk=found.pk),
        "steps": found.steps.select_related("person"),
        "form": form or TemplateForm(initial={"name": found.name}),
        "step_form": step_form or StepForm(request.user, step=TemplateStep(template=found)),
    }
    return render(request, "settings/follow_up_template.html", context, status=status)
