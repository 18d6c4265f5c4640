"""Sign-in at the identity provider: the redirect to it, and its callback."""

from __future__ import annotations

import logging

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core.ratelimit import consume_or_429
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from leadlight.accounts.audit import record
from leadlight.accounts.identities import person_of
from leadlight.accounts.models import IdentityProvider
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.openid import flow
from leadlight.accounts.openid.fetching import Unreachable
from leadlight.accounts.refusals import Refused
from leadlight.accounts.second_factor import OPENID
from leadlight.web.shell.addresses import page_of_this_site
from leadlight.web.shell.sign_in import redirect_uri

log = logging.getLogger(__name__)


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Redirect to the sign-in of the identity provider."""
    provider = _provider()
    next_page = page_of_this_site(request, request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(next_page)
    if (too_many := consume_or_429(request, action="login", limit_get=True)) is not None:
        return too_many
    try:
        url = flow.authorization_url(
            provider, request.session, redirect_uri=redirect_uri(request), next_page=next_page
        )
    except Refused as refusal:
        return _refused(request, provider, refusal)
    return HttpResponseRedirect(url)


@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Sign in the person whom the identity provider sent back, or show why that is refused."""
    provider = _provider()
    if request.user.is_authenticated:
        return redirect("home")
    try:
        claims, next_page = flow.claims_of_answer(
            provider, request.session, request.GET, redirect_uri=redirect_uri(request)
        )
        user = person_of(claims, provider)
    except flow.NotStarted as refusal:
        return _refused(request, provider, refusal)
    except Refused as refusal:
        record(Kind.SIGN_IN, "provider_failed", by=None, subject=str(refusal))
        return _refused(request, provider, refusal)
    record_authentication(request, user, method=OPENID, issuer=provider.issuer)
    return perform_login(request, Login(user=user, email=user.email, redirect_url=next_page))


def _provider() -> IdentityProvider:
    provider = IdentityProvider.current()
    if not provider.is_on:
        raise Http404
    return provider


def _refused(request: HttpRequest, provider: IdentityProvider, refusal: Refused) -> HttpResponse:
    """Return the page with the reason; status 503 if the provider does not answer."""
    is_outage = isinstance(refusal, Unreachable)
    log.warning("Single sign-on refused: %s", refusal)
    context = {"sentence": str(refusal), "provider": provider}
    status = 503 if is_outage else 400
    return render(request, "single_sign_on/refused.html", context, status=status)
