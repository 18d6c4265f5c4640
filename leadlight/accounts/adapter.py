"""Who may have an account, and what the mails about it say."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from leadlight.accounts.models import Organization

# Words of the sign-in forms that are said elsewhere: named here, they are translated in our words.
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
    """Accounts are made by an admin of the organisation, never by a stranger."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return f"[{Organization.current().name}] {subject}"
