"""Middleware that redirects people without the required second factor to its set-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from leadlight.accounts.second_factor import is_missing

SET_UP = "mfa_activate_totp"
# Names of the URL patterns that stay allowed: those that the set-up needs, and signing out.
ALLOWED = {
    SET_UP,
    "account_reauthenticate",
    "account_login",
    "account_logout",
    "language",
    "logo",
    "sign_out_everywhere",
}


class RequiredFactor:
    """Refuse all views but `ALLOWED`. Must follow AuthenticationMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if (match and match.view_name in ALLOWED) or not is_missing(request):
            return None
        if getattr(request, "htmx", False):  # the set-up would become a part of the page
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return redirect(SET_UP)
