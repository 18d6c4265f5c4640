"""Invitations: links with which new people choose their password, or sign in.

The link of a person resets the password; it is valid for `PASSWORD_RESET_TIMEOUT` and works once.
Where passwords are not allowed, the link is the address of the sign-in page.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from leadlight.accounts.audit import record
from leadlight.accounts.models import Identity, IdentityProvider, User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.organization import organization
from leadlight.accounts.origin import at_origin
from leadlight.accounts.refusals import Refused

CONSOLE = "django.core.mail.backends.console.EmailBackend"


def is_mail_configured() -> bool:
    """Return whether mails leave this instance; otherwise admins pass the links on."""
    return bool(settings.EMAIL_BACKEND != CONSOLE)


def days_valid() -> int:
    return int(settings.PASSWORD_RESET_TIMEOUT // (24 * 3600))


def is_waiting(user: User) -> bool:
    """Return whether an active person has neither chosen a password nor used single sign-on."""
    is_new = user.is_active and not user.has_usable_password()
    return is_new and not Identity.objects.filter(user=user).exists()


def invite(user: User, request: HttpRequest, *, by: User) -> str:
    """Mail a link to the first sign-in, in the language of the person, and return the link.

    The mail is sent after the transaction is committed; without a mail server, none is sent.
    Raises `Refused` if the person has signed in before, so that no admin gets a link to an account
    in use.
    """
    if not is_waiting(user):
        raise Refused(_("%(person)s can already sign in.") % {"person": user})
    provider = IdentityProvider.current()
    if provider.refuses_passwords:
        link = at_origin(request.build_absolute_uri(reverse("account_login")))
    else:
        key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
        link = str(get_adapter(request).get_reset_password_from_key_url(key))
    record(Kind.PEOPLE, "invited", by=by, about=user)
    if is_mail_configured():
        context = {
            "request": request,
            "link": link,
            "provider": provider,
            "inviter": by,
            "days": days_valid(),
        }
        transaction.on_commit(partial(_mail, user, context))
    return link


def _mail(user: User, context: dict[str, Any]) -> None:
    company = organization()
    with translation.override(user.language or company.locale):
        adapter = get_adapter(context["request"])
        adapter.send_mail(
            "account/email/invitation", user.email, {"company": company.name, **context}
        )
