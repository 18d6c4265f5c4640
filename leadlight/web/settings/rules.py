"""Settings pages of rules, for admins: the list, one rule, its runs, and a trial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadlight.accounts.models import User
from leadlight.analytics.query.dimensions import LEAD_FILTERS
from leadlight.analytics.query.lead_filter import ME
from leadlight.analytics.query.phrases import BadFilter
from leadlight.automation import rules as verbs
from leadlight.automation.models import Rule, RuleRun
from leadlight.automation.rule_actions import ACTIONS
from leadlight.presentation import formats, labels
from leadlight.presentation.choices import Choices
from leadlight.presentation.lead_choices import lead_choices
from leadlight.web.settings.audited import audited
from leadlight.web.settings.rule_form import RuleForm, conditions_in
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in

RUNS_SHOWN = 50
LEADS_SHOWN = 20


@dataclass(frozen=True)
class Line:
    """Rule in the list, with its trigger and actions in words."""

    rule: Rule
    when: str
    actions: str


@signed_in
@for_admins
@require_safe
def rules(request: ReaderRequest) -> HttpResponse:
    """List the rules."""
    lines = [
        Line(rule, str(rule.get_trigger_display()), in_words(rule.actions))
        for rule in Rule.objects.all()
    ]
    return render(request, "settings/rules.html", {"lines": lines})


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ReaderRequest) -> HttpResponse:
    """Show the form of a new rule; a POST adds it."""
    return _form(request, Rule(), _("Rule added."))


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a rule with its last runs; a POST changes it."""
    return _form(request, get_object_or_404(Rule, key=key), _("Rule saved."))


@signed_in
@for_admins
@require_POST
def switch(request: ReaderRequest, key: str) -> HttpResponse:
    """Switch a rule on or off."""
    rule = get_object_or_404(Rule, key=key)
    is_active = request.POST.get("active") == "yes"
    with audited(request, "rule", lambda: _described(rule), rule.name):
        rule.is_active = is_active
        if is_active:
            rule.switched_on_at = timezone.now()
        rule.save(update_fields=["is_active", "switched_on_at"])
    messages.success(request, _("Rule switched on.") if is_active else _("Rule switched off."))
    return redirect("rule", rule.key)


@signed_in
@for_admins
@require_safe
def trial(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the leads of the last 30 days for which the rule would have run."""
    rule = get_object_or_404(Rule, key=key)
    found = verbs.dry_run(rule)
    prefetch_related_objects(found[:LEADS_SHOWN], "lead")
    leads = [(formats.instant(event.recorded_at), event.lead) for event in found[:LEADS_SHOWN]]
    context = {"rule": rule, "leads": leads, "count": len(found), "shown": LEADS_SHOWN}
    return render(request, "settings/rule_trial.html", context)


def _form(request: ReaderRequest, rule: Rule, sentence: str) -> HttpResponse:
    is_sent = request.method == "POST"
    form = RuleForm(request.POST if is_sent else None, rule)
    if is_sent:
        rule.conditions = conditions_in(request.POST)
    if form.is_valid():
        with audited(request, "rule", lambda: _described(rule), form.cleaned_data["name"]):
            rule.name, rule.trigger = form.cleaned_data["name"], form.cleaned_data["trigger"]
            rule.value, rule.actions = form.value, form.actions
            rule.per_hour = form.cleaned_data["per_hour"]
            rule.save()
        messages.success(request, sentence)
        return redirect("rule", rule.key)
    runs = rule.runs.select_related("lead").order_by("-pk")[:RUNS_SHOWN] if rule.pk else []
    context: dict[str, Any] = {
        "form": form,
        "rule": rule,
        "conditions": _choices(request.user, rule),
        "runs": [(formats.instant(run.created_at), run, _reason(run)) for run in runs],
    }
    return render(request, "settings/rule.html", context, status=400 if form.errors else 200)


def _choices(user: User, rule: Rule) -> list[Choices]:
    """Return the choices of conditions, without “Me”, because a rule has no reader."""
    try:
        conditions = verbs.conditions_of(rule)
    except BadFilter:
        conditions = verbs.conditions_of(Rule())
    return [
        Choices(
            one.dimension,
            one.title,
            tuple(choice for choice in one.shown if choice.value != ME),
            one.hidden_count,
        )
        for one in lead_choices(user, conditions, LEAD_FILTERS)
    ]


def _reason(run: RuleRun) -> str:
    """Return why a run did nothing: the conditions that the lead did not meet, or a refusal."""
    if run.state != RuleRun.State.NOT_MET:
        return run.reason
    names = run.reason.split(", ")
    return ", ".join(str(labels.GROUPINGS.get(name, name)) for name in names if name)


def in_words(actions: dict[str, Any]) -> str:
    """Return the titles of actions, in their order."""
    return ", ".join(str(title) for name, (title, _act) in ACTIONS.items() if name in actions)


def _described(rule: Rule) -> str:
    """Return a rule in words, as it is in the database; "" for one that is not saved."""
    stored = Rule.objects.filter(pk=rule.pk).first()
    if stored is None:
        return ""
    parts = [
        stored.name,
        str(stored.get_trigger_display()),
        stored.value,
        stored.conditions,
        in_words(stored.actions),
        "" if stored.is_active else _("switched off"),
    ]
    return " · ".join(part for part in parts if part)
