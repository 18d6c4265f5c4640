"""People who sign in at the identity provider: their accounts and the links to them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from leadlight.accounts import people
from leadlight.accounts.audit import record
from leadlight.accounts.models import Identity, IdentityProvider, User
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.openid.id_token import Claims
from leadlight.accounts.readers import Reader
from leadlight.accounts.refusals import Refused

LONGEST_NAME = 150


def person_of(claims: Claims, provider: IdentityProvider) -> User:
    """Return the person with this identity, even if their account is closed.

    At the first sign-in, the identity is linked to the account with its verified email address;
    if there is none, an account is created where the domain of the address allows it. Raises
    Refused otherwise.
    """
    found = _with_identity(claims)
    if found is not None:
        return found
    if not claims.email:
        raise Refused(
            _(
                "The identity provider has not confirmed your email address. Ask an admin of your "
                "company, or sign in with a password."
            )
        )
    with transaction.atomic():
        # Two first sign-ins at once: the second one waits here, and finds the identity.
        IdentityProvider.objects.select_for_update().first()
        if (found := _with_identity(claims)) is not None:
            return found
        user = _with_email(claims.email)
        if user is None:
            user = _added(claims, provider)
        elif not user.is_active:
            return user
        elif Identity.objects.filter(user=user, issuer=claims.issuer).exists():
            raise Refused(
                _(
                    "Your account here belongs to another account of the identity provider. "
                    "An admin can remove this link on the page of your account."
                )
            )
        Identity.objects.create(user=user, issuer=claims.issuer, subject=claims.subject)
        record(Kind.PASSWORD, "linked", by=user, about=user, new=claims.subject)
    return user


def unlink(user: User, *, by: Reader) -> bool:
    """Remove the link to the identity provider; return whether there was one."""
    with transaction.atomic():
        links = Identity.objects.filter(user=user).order_by("pk")
        subjects = list(links.values_list("subject", flat=True))
        if not subjects:
            return False
        links.delete()
        record(Kind.PASSWORD, "unlinked", by=by, about=user, old=", ".join(subjects))
    return True


def _with_identity(claims: Claims) -> User | None:
    rows = Identity.objects.filter(issuer=claims.issuer, subject=claims.subject)
    found = rows.select_related("user").first()
    return found.user if found else None


def _with_email(email: str) -> User | None:
    """Return the person with this address, ignoring the case of ASCII letters.

    A database that ignores case also takes some letters for others, such as “ı” for “I”. Addresses
    with letters outside ASCII must therefore be equal.
    """
    user = people.user_with_email(email)
    is_same = user is not None and (user.email == email or (user.email + email).isascii())
    return user if is_same else None


def _added(claims: Claims, provider: IdentityProvider) -> User:
    domain = claims.email.rpartition("@")[2].lower()
    if domain not in provider.domains.split():
        raise Refused(
            _("There is no account for %(email)s here. Ask an admin of your company for one.")
            % {"email": claims.email[:254]}
        )
    user = User(
        email=claims.email,
        first_name=claims.first_name[:LONGEST_NAME],
        last_name=claims.last_name[:LONGEST_NAME],
        role=User.Role.USER,
    )
    return people.add(user, by=user)
