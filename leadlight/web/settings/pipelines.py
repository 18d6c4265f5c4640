"""Settings pages of pipelines, for admins: the list, and one pipeline with its steps."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.sales import pipeline_settings
from leadlight.sales.models import Pipeline
from leadlight.sales.pipeline_settings import LONGEST_NAME
from leadlight.sales.refusals import Refused
from leadlight.sales.settings_in_words import pipeline_in_words, steps_in_words
from leadlight.web.settings.audited import audited, change_row
from leadlight.web.settings.steps import StepForm
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in


class NameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        error_messages={"required": gettext_lazy("Enter a name for the pipeline.")},
    )


class PipelineForm(NameForm):
    """New pipeline with its first step."""

    first_step = forms.CharField(
        label=gettext_lazy("First step"),
        max_length=LONGEST_NAME,
        error_messages={"required": gettext_lazy("Enter a name for the step.")},
        help_text=gettext_lazy("New leads begin here. You can add more steps."),
    )


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def pipelines(request: ReaderRequest) -> HttpResponse:
    """Show the pipelines with a form for a new one; a POST creates it and shows it."""
    form = PipelineForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        name, first = form.cleaned_data["name"], form.cleaned_data["first_step"]
        try:
            with audited(request, "pipeline", lambda: _named(name)):
                made = pipeline_settings.define(name, first, by=request.user)
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Pipeline added. Add its steps."))
            return redirect("pipeline_edit", made.key)
    rows = Pipeline.objects.annotate(count=Count("steps", filter=Q(steps__is_closed=False)))
    context = {"form": form, "pipelines": rows.order_by("is_archived", "-is_default", "name", "pk")}
    status = 400 if form.is_bound else 200
    return render(request, "settings/pipelines.html", context, status=status)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def pipeline(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a pipeline with its steps; a POST renames it."""
    found = get_object_or_404(Pipeline, key=key)
    given = request.POST if request.method == "POST" else None
    form = NameForm(given, initial={"name": found.name}, label_suffix="")
    if form.is_valid():
        try:
            _rename(request, found, form.cleaned_data["name"])
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("pipeline_edit", key)
    shown = get_object_or_404(Pipeline, key=key) if form.is_bound else found
    return _page(request, shown, form=form, status=400 if form.is_bound else 200)


def _rename(request: ReaderRequest, found: Pipeline, name: str) -> None:
    def verb() -> None:
        pipeline_settings.rename(found, name, by=request.user)

    change_row(request, "pipeline", found, verb, _("Pipeline renamed."))


@signed_in
@for_admins
@require_POST
def add_step(request: ReaderRequest, key: str) -> HttpResponse:
    found = get_object_or_404(Pipeline, key=key)
    form = StepForm(request.POST, label_suffix="", auto_id="step-%s")
    if form.is_valid():
        given = form.cleaned_data
        try:
            with audited(request, "step", lambda: steps_in_words(found), subject=found):
                pipeline_settings.add_step(
                    found, given["name"], by=request.user, probability=given["probability"]
                )
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Step added. Move it to its place."))
            return redirect("pipeline_edit", key)
    return _page(request, found, step_form=form, status=400)


@signed_in
@for_admins
@require_POST
def default(request: ReaderRequest, key: str) -> HttpResponse:
    """Make a pipeline the default one."""
    return _changed(request, key, pipeline_settings.make_default, _("Default pipeline changed."))


@signed_in
@for_admins
@require_POST
def archive(request: ReaderRequest, key: str) -> HttpResponse:
    """Archive a pipeline; its closed leads and its reports stay."""
    return _changed(request, key, pipeline_settings.archive, _("Pipeline archived."))


@signed_in
@for_admins
@require_POST
def restore(request: ReaderRequest, key: str) -> HttpResponse:
    return _changed(request, key, pipeline_settings.restore, _("Pipeline restored."))


def _changed(
    request: ReaderRequest, key: str, verb: Callable[[Pipeline], None], sentence: str
) -> HttpResponse:
    found = get_object_or_404(Pipeline, key=key)
    try:
        with audited(request, "pipeline", lambda: pipeline_in_words(Pipeline.objects.get(key=key))):
            verb(found)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, sentence)
    return redirect("pipeline_edit", key)


def _named(name: str) -> str:
    """Return the pipeline with a name in words, "" if there is none."""
    found = Pipeline.objects.filter(name=name.strip()).first()
    return pipeline_in_words(found) if found else ""


def _page(
    request: ReaderRequest,
    found: Pipeline,
    *,
    form: NameForm | None = None,
    step_form: StepForm | None = None,
    status: int = 200,
) -> HttpResponse:
    numbers = pipeline_settings.open_leads_by_step(found)
    rows = [(step, numbers.get(step.pk, 0)) for step in found.steps.order_by("position", "pk")]
    context = {
        "pipeline": found,
        "rows": rows,
        "form": form or NameForm(initial={"name": found.name}, label_suffix=""),
        "step_form": step_form or StepForm(label_suffix="", auto_id="step-%s"),
    }
    return render(request, "settings/pipeline.html", context, status=status)
