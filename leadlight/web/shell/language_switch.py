"""Language switch in the header."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadlight.web.shell.addresses import page_to_return_to
from leadlight.web.shell.errors import refused
from leadlight.web.shell.languages import SUPPORTED

A_YEAR = 365 * 24 * 3600


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Set the language in this browser, and in the account of a signed-in user."""
    language = request.POST.get("language", "")
    if language not in SUPPORTED:
        sentence = _("The language “%(code)s” is not available.") % {"code": language}
        return refused(request, sentence)
    if request.user.is_authenticated:
        request.user.language = language
        request.user.save(update_fields=["language"])
    response = HttpResponseRedirect(page_to_return_to(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
