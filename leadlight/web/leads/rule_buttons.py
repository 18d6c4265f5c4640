"""Buttons of rules on the page of a lead."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadlight.automation import rules
from leadlight.automation.models import Rule
from leadlight.sales import access
from leadlight.sales.models.actions import current_action
from leadlight.sales.refusals import Refused
from leadlight.web.leads.lead_page import visible_lead
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act


@signed_in
@require_POST
def run_rule(request: ReaderRequest, rule: str, key: str) -> HttpResponse:
    """Run a rule for a lead as an action of the user, which they can undo."""
    lead = visible_lead(request.user, key)
    if not access.may_edit(request.user, lead):
        raise PermissionDenied
    found = get_object_or_404(Rule, key=rule, is_active=True, trigger=Rule.Trigger.MANUAL)

    def change() -> str:
        action = current_action()
        rules.press(found, lead, action.key if action else "")
        return _("“%(rule)s” is done.") % {"rule": found.name}

    try:
        act(request, change)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("lead", lead.key)
