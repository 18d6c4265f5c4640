"""Adapter of django-allauth: closed sign-up, refusal of passwords, and mails about accounts."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.stages import AuthenticateStage
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from leadlight.accounts import second_factor
from leadlight.accounts.mails import send_later
from leadlight.accounts.models import IdentityProvider, Organization
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

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Raise ValidationError if passwords are not allowed, or after too many failed sign-ins."""
        provider = IdentityProvider.current()
        if provider.refuses_passwords:
            raise ValidationError(
                _("Your company does not allow passwords. Sign in with %(name)s.")
                % {"name": provider.name}
            )
        super().pre_authenticate(request, **credentials)

    def get_login_stages(self) -> list[str]:
        """Return the stages of a sign-in.

        `CodeUnlessOfProvider` replaces allauth's stage that asks for a code.
        """
        ours, theirs = second_factor.CodeUnlessOfProvider, AuthenticateStage
        return [
            _path(ours) if path == _path(theirs) else path for path in super().get_login_stages()
        ]

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Return whether the password is asked again before a change of the account's security.

        It is not asked again right after a sign-in if that sign-in leads to the set-up of a
        required second factor, or if passwords are not allowed.
        """
        request = context.request
        is_special = (
            second_factor.is_being_set_up(request) or IdentityProvider.current().refuses_passwords
        )
        if is_special and second_factor.has_just_signed_in(request):
            return False
        return bool(super().is_reauthentication_required(app=app, **more))

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


def _path(stage: type) -> str:
    return f"{stage.__module__}.{stage.__qualname__}"
