"""Language of responses.

In order of precedence: the language of the user's account, the one chosen in this browser, the
first supported one of the browser's own languages, and the company's language.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from leadlight.accounts.organization import organization

SUPPORTED: dict[str, str] = dict(settings.LANGUAGES)


def of_reader(request: HttpRequest) -> str:
    return (
        _supported(getattr(request.user, "language", ""))
        or _supported(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
        or of_browser(request)
        or _supported(organization().locale)
        or settings.LANGUAGE_CODE
    )


def of_browser(request: HttpRequest) -> str | None:
    header = request.headers.get("Accept-Language", "")
    codes = (code.split("-")[0] for code, _weight in parse_accept_lang_header(header))
    return next((code for code in codes if code in SUPPORTED), None)


def _supported(code: str) -> str | None:
    return code if code in SUPPORTED else None


class ReadersLanguage(LocaleMiddleware):
    """Middleware that activates the reader's language. Must follow AuthenticationMiddleware."""

    def process_request(self, request: HttpRequest) -> None:
        translation.activate(of_reader(request))
        request.LANGUAGE_CODE = translation.get_language()
