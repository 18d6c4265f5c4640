"""Adapter of django-allauth: closed sign-up and the mails about accounts."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from leadlight.accounts.mails import send_later
from leadlight.accounts.models import Organization
from leadlight.accounts.origin import at_origin

# Labels from allauth's and Django's forms, listed here so that our catalogue translates them.
FORM_WORDS = (
    gettext_noop("Email"),
    gettext_noop("Email address"),
    gettext_noop("Remember Me"),
    gettext_noop("Forgot your password?"),
    gettext_noop("Authenticator code"),
    gettext_noop("Use authenticator app or code"),
    gettext_noop("Please type your current password."),
)


class ClosedSignup(DefaultAccountAdapter):
    """Adapter without sign-up: only an admin of the organisation creates accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return f"[{Organization.current().name}] {subject}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        return at_origin(super().get_reset_password_from_key_url(key))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render a mail now, in the active language, and send it in the background."""
        request = context["request"]
        address = at_origin(request.build_absolute_uri("/")).rstrip("/")
        context_values = {"email": email, "site_address": address, **context}
        send_later(self.render_mail(template_prefix, email, context_values))
