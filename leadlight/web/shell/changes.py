"""Changes that users make on pages: one action per form, and an offer to undo it."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadlight.accounts import audit
from leadlight.accounts.keys import new_key
from leadlight.sales import organization_settings
from leadlight.sales.bulk_undo import begin_undo
from leadlight.sales.models import Action, BulkItem, BulkJob, ProspectChange
from leadlight.sales.models.actions import AlreadyDone, acting
from leadlight.sales.refusals import Refused
from leadlight.sales.undo import undo
from leadlight.web.shell.addresses import page_to_return_to
from leadlight.web.shell.auth import ReaderRequest, signed_in

# Field of a form that holds the key of its action, and the form of such keys.
ACTION = "action"
KEY = re.compile(r"[0-9a-f]{20,40}")


def act(request: ReaderRequest, change: Callable[[], str]) -> Action:
    """Call `change` as one action of the user, and show the sentence it returns, with *Undo*.

    Returns the action. If the form was sent before, that is the action of the first time, and
    `change` is not called. `Refused` errors of `change` pass through; then nothing is changed.
    """
    key = request.POST.get(ACTION, "")
    try:
        action_key = key if KEY.fullmatch(key) else new_key()
        with acting(action_key, request.user) as action, audit.in_change(action.key):
            sentence = change()
    except AlreadyDone as done:
        return done.action
    if sentence:
        can_undo = action.has_parts or organization_settings.can_undo(action.key)
        messages.success(request, sentence, extra_tags=action.key if can_undo else "")
    return action


@signed_in
@require_POST
def undo_action(request: ReaderRequest, key: str) -> HttpResponse:
    """Undo an action of the user and return to the page that they saw."""
    action = get_object_or_404(Action, key=key, user=request.user)
    try:
        if BulkJob.objects.filter(action=action).exists():
            return _undo_job(request, action)
        if organization_settings.is_change(action.key):
            organization_settings.undo(action.key, by=request.user)
            messages.success(request, _("Undone."))
            return redirect(page_to_return_to(request))
        created = action.prospect_changes.filter(subject=ProspectChange.Subject.LIST, attribute="")
        is_of_new_list = created.exists()
        leads = undo(action, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(page_to_return_to(request))
    messages.success(request, _("Undone."))
    is_of_clients = action.client_merges.exists()
    if any(lead.is_deleted for lead in leads) and not is_of_clients:  # the page of a lead is gone
        return redirect("leads")
    if is_of_new_list:  # the page of the list is gone
        return redirect("prospecting")
    return redirect(page_to_return_to(request))


def _undo_job(request: ReaderRequest, action: Action) -> HttpResponse:
    """Undo a bulk job, and redirect to the page before.

    If the undo is unfinished or left rows unchanged, redirect to the page of the job.
    """
    job = begin_undo(action, by=request.user)
    if job.is_finished and not job.items.filter(state=BulkItem.State.KEPT).exists():
        messages.success(request, _("Undone."))
        return redirect(page_to_return_to(request))
    return redirect("bulk_job", action.key)
