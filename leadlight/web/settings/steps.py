"""Settings pages of the steps of a pipeline, for admins."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.sales import pipeline_settings
from leadlight.sales.models import BulkJob, Pipeline, Step
from leadlight.sales.pipeline_settings import LONGEST_NAME
from leadlight.sales.refusals import Refused
from leadlight.sales.settings_in_words import steps_in_words
from leadlight.web.settings.audited import audited, change_row
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.errors import refused

PLACES = {"up": -1, "down": 1}


class StepForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        error_messages={"required": gettext_lazy("Enter a name for the step.")},
    )
    probability = forms.IntegerField(
        label=gettext_lazy("Probability (%)"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=gettext_lazy(
            "Share of the leads in this step that are won, for forecasts. Reports as of an "
            "earlier day keep the former value."
        ),
    )


class CloseForm(forms.Form):
    """Step that gets the open leads of the closed one."""

    to = forms.ModelChoiceField(
        Step.objects.none(),
        label=gettext_lazy("Move the open leads to"),
        to_field_name="key",
        error_messages={
            "required": gettext_lazy("Choose the step that gets the open leads."),
            "invalid_choice": gettext_lazy("Choose one of the steps."),
        },
    )

    def __init__(self, step: Step, given: Any = None, *, is_empty: bool) -> None:
        super().__init__(given, label_suffix="")
        fields: Any = self.fields
        if is_empty:
            del fields["to"]
            return
        others = Step.offered().exclude(pk=step.pk).select_related("pipeline")
        fields["to"].queryset = others
        fields["to"].choices = [("", "–"), *_by_pipeline(step.pipeline, list(others))]


def _by_pipeline(first: Pipeline, steps: list[Step]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return steps as choices grouped by pipeline, one pipeline before the others."""
    pipelines = sorted({one.pipeline for one in steps}, key=lambda one: (one != first, str(one)))
    return [
        (str(pipeline), [(one.key, str(one)) for one in steps if one.pipeline == pipeline])
        for pipeline in pipelines
    ]


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a step; a POST renames it or sets its probability."""
    found = _found(key)
    initial = {"name": found.name, "probability": found.probability}
    given = request.POST if request.method == "POST" else None
    form = StepForm(given, initial=initial, label_suffix="")
    if form.is_valid():
        sent = form.cleaned_data
        change = partial(
            pipeline_settings.change_step,
            found,
            sent["name"],
            sent["probability"],
            by=request.user,
        )
        try:
            change_row(request, "step", found, change, _("Step saved."))
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("pipeline_edit", found.pipeline.key)
    context = {"step": _found(key), "form": form}
    status = 400 if form.is_bound else 200
    return render(request, "settings/step.html", context, status=status)


@signed_in
@for_admins
@require_POST
def move(request: ReaderRequest, key: str) -> HttpResponse:
    """Move a step one place up or down."""
    found, to = _found(key), request.POST.get("to", "")
    if to not in PLACES:
        return refused(request, _("It can only be moved up or down."))
    move = partial(pipeline_settings.move_step, found, PLACES[to], by=request.user)
    change_row(request, "step", found, move, _("“%(name)s” moved.") % {"name": found})
    return redirect("pipeline_edit", found.pipeline.key)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the form that closes a step and names the step for its open leads; a POST does both."""
    found = _found(key)
    number = pipeline_settings.open_leads_by_step(found.pipeline).get(found.pk, 0)
    given = request.POST if request.method == "POST" else None
    form = CloseForm(found, given, is_empty=not number)
    if form.is_valid():
        try:
            return _closed(request, found, form.cleaned_data.get("to"))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {"step": found, "form": form, "number": number}
    status = 400 if form.is_bound else 200
    return render(request, "settings/step_close.html", context, status=status)


def _closed(request: ReaderRequest, found: Step, to: Step | None) -> HttpResponse:
    """Close a step, and show the job that moves its leads or the pipeline."""
    pipeline = found.pipeline

    def change() -> str:
        with audited(request, "step", lambda: steps_in_words(pipeline), subject=pipeline):
            job = pipeline_settings.close_step(found, to, by=request.user)
        return "" if job else str(_("Step closed."))

    action = act(request, change)
    if BulkJob.objects.filter(action=action).exists():
        return redirect("bulk_job", action.key)
    return redirect("pipeline_edit", pipeline.key)


@signed_in
@for_admins
@require_POST
def reopen(request: ReaderRequest, key: str) -> HttpResponse:
    found = _found(key)
    try:
        with audited(
            request, "step", lambda: steps_in_words(found.pipeline), subject=found.pipeline
        ):
            pipeline_settings.reopen_step(found)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Step reopened."))
    return redirect("pipeline_edit", found.pipeline.key)


@signed_in
@for_admins
@require_POST
def remove(request: ReaderRequest, key: str) -> HttpResponse:
    """Remove a step without history."""
    found = _found(key)
    pipeline = found.pipeline
    try:
        with audited(request, "step", lambda: steps_in_words(pipeline), subject=pipeline):
            pipeline_settings.remove_step(found)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Step removed."))
    return redirect("pipeline_edit", pipeline.key)


def _found(key: str) -> Step:
    return get_object_or_404(Step.objects.select_related("pipeline"), key=key)
