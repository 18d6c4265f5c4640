"""Settings pages of webhooks, for admins: the list with a form, and one with its deliveries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.accounts.refusals import Refused
from leadlight.automation import webhooks as verbs
from leadlight.automation.events import EVENTS, title_of
from leadlight.automation.models import LONGEST_ADDRESS, Delivery, Webhook
from leadlight.presentation import formats
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in

DELIVERIES_SHOWN = 50


class WebhookForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        error_messages={"required": gettext_lazy("Enter a name.")},
    )
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=LONGEST_ADDRESS,
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/hook"}),
        error_messages={"required": gettext_lazy("Enter an address.")},
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one event.")},
    )
    includes_imports = forms.BooleanField(
        label=gettext_lazy("Also for imported data"), required=False
    )

    def __init__(self, given: Any = None, **more: Any) -> None:
        super().__init__(given, label_suffix="", auto_id="webhook-%s", **more)
        choices: Any = self.fields["events"]
        choices.choices = [(name, title_of(name)) for name in EVENTS]


@dataclass(frozen=True)
class Line:
    """Delivery as texts in the reader's language."""

    key: str
    instant: str
    events: str
    about: str
    state: str
    state_title: str
    attempts: int
    answer: str
    body: str

    @classmethod
    def of(cls, delivery: Delivery) -> Line:
        status = delivery.answered_with
        parts = [str(status) if status else "", delivery.answer]
        return cls(
            delivery.key,
            formats.instant(delivery.created_at),
            ", ".join(title_of(name) for name in delivery.body["events"]),
            _about(delivery.body),
            delivery.state,
            delivery.get_state_display(),
            delivery.attempts,
            " · ".join(part for part in parts if part),
            json.dumps(delivery.body, ensure_ascii=False, indent=2),
        )


def _about(body: dict[str, Any]) -> str:
    """Return the title or name of the lead, client or prospect that a delivery is about."""
    for kind, name in (("lead", "title"), ("client", "name"), ("prospect", "key")):
        if kind in body:
            return str(body[kind][name])
    return ""


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: ReaderRequest) -> HttpResponse:
    """Show the webhooks with a form for a new one; a POST adds it."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    hook = Webhook()
    if _is_saved(request, form, hook):
        messages.success(request, _("Webhook added."))
        return redirect("webhook", hook.key)
    hooks = [
        (hook, ", ".join(title_of(name) for name in hook.events)) for hook in Webhook.objects.all()
    ]
    context = {"form": form, "hooks": hooks}
    return render(request, "settings/webhooks.html", context, status=400 if form.errors else 200)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a webhook with its last deliveries; a POST changes it."""
    hook = get_object_or_404(Webhook, key=key)
    initial = {name: getattr(hook, name) for name in ("name", "url", "events", "includes_imports")}
    form = WebhookForm(request.POST if request.method == "POST" else None, initial=initial)
    if _is_saved(request, form, hook):
        messages.success(request, _("Webhook saved."))
        return redirect("webhook", hook.key)
    deliveries = hook.deliveries.order_by("-pk")[:DELIVERIES_SHOWN]
    context = {
        "form": form,
        "hook": hook,
        "lines": [Line.of(delivery) for delivery in deliveries],
        "shown": DELIVERIES_SHOWN,
    }
    return render(request, "settings/webhook.html", context, status=400 if form.errors else 200)


@signed_in
@for_admins
@require_POST
def test(request: ReaderRequest, key: str) -> HttpResponse:
    """Send a test message."""
    hook = get_object_or_404(Webhook, key=key)
    if hook.is_active:
        verbs.test(hook)
        messages.success(request, _("The test is on its way. Its result is in the list below."))
    else:
        messages.error(request, _("The webhook is switched off."))
    return redirect("webhook", hook.key)


@signed_in
@for_admins
@require_POST
def switch(request: ReaderRequest, key: str) -> HttpResponse:
    """Switch a webhook on or off."""
    hook = get_object_or_404(Webhook, key=key)
    is_active = request.POST.get("active") == "yes"
    verbs.set_active(hook, by=request.user, is_active=is_active)
    sentence = _("Webhook switched on.") if is_active else _("Webhook switched off.")
    messages.success(request, sentence)
    return redirect("webhook", hook.key)


@signed_in
@for_admins
@require_POST
def renew_secret(request: ReaderRequest, key: str) -> HttpResponse:
    """Replace the secret of a webhook."""
    hook = get_object_or_404(Webhook, key=key)
    verbs.renew_secret(hook, by=request.user)
    messages.success(request, _("New secret made. The earlier one is no longer used."))
    return redirect("webhook", hook.key)


@signed_in
@for_admins
@require_POST
def repeat(request: ReaderRequest, key: str) -> HttpResponse:
    """Send a delivery again."""
    delivery = get_object_or_404(Delivery.objects.select_related("webhook"), key=key)
    if delivery.webhook.is_active:
        verbs.repeat(delivery)
        messages.success(request, _("The message is sent again, with the same id."))
    else:
        messages.error(request, _("The webhook is switched off."))
    return redirect("webhook", delivery.webhook.key)


def _is_saved(request: ReaderRequest, form: WebhookForm, hook: Webhook) -> bool:
    """Save a webhook if the form was sent and is valid; a refusal becomes an error of the form."""
    if not form.is_valid():
        return False
    try:
        verbs.save(hook, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        form.add_error("url", str(refusal))
        return False
    return True
