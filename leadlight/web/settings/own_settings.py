"""Settings of one user: the question after a win, and the end of all their sessions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.accounts.audit import record
from leadlight.accounts.models import User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.sessions import end_sessions
from leadlight.sales.models import NoFollowUpQuestion
from leadlight.web.shell.addresses import page_to_return_to
from leadlight.web.shell.auth import ReaderRequest, signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def own_settings(request: ReaderRequest) -> HttpResponse:
    """Show the settings of the user; a POST saves them."""
    if request.method == "POST":
        NoFollowUpQuestion.switch(request.user, is_asked=request.POST.get("asks") == "yes")
        messages.success(request, _("Settings saved."))
        return redirect("own_settings")
    context = {"is_asked": NoFollowUpQuestion.is_asked(request.user)}
    return render(request, "settings/own.html", context)


@signed_in
@require_POST
def follow_up_question(request: ReaderRequest) -> HttpResponse:
    """Switch off the question after a win, and return to the page that asked it."""
    NoFollowUpQuestion.switch(request.user, is_asked=False)
    messages.success(request, _("You will not be asked again. “My settings” brings it back."))
    return redirect(page_to_return_to(request))


@signed_in
@require_POST
def sign_out_everywhere(request: ReaderRequest) -> HttpResponse:
    """End all sessions of the user, this one included."""
    user = User.objects.get(pk=request.user.pk)
    with transaction.atomic():
        record(Kind.SIGN_IN, "signed_out_everywhere", by=user, about=user)
        end_sessions([user.pk])
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("account_login")
