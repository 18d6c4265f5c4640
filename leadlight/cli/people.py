"""Management of user accounts, on the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from typing import Literal

from cyclopts import App
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from leadlight.accounts import identity_provider, people
from leadlight.accounts.models import User
from leadlight.accounts.readers import SYSTEM
from leadlight.accounts.refusals import Refused
from leadlight.cli.console import Stop, line, migrate, out
from leadlight.presentation import labels

app = App(
    name="user",
    help="Add people, set their password and role, or close their account.",
    help_epilogue="""Examples:
  leadlight user add ana@example.com --first-name Ana --role manager
  leadlight user list
  leadlight user role ana@example.com admin
  leadlight user close ana@example.com""",
)


def user_named(email: str) -> User:
    """Return the user with this email address, ignoring case. Raises Stop if there is none."""
    user = people.user_with_email(email)
    if user is None:
        raise Stop(_("No user has the email address %(email)s.") % {"email": email})
    return user


@app.command
def add(
    email: str,
    *,
    first_name: str = "",
    last_name: str = "",
    role: Literal["admin", "manager", "user"] = "user",
) -> None:
    """Add a user, and ask for the password (or read it from a pipe)."""
    migrate()
    if people.user_with_email(email):
        raise Stop(_("A user with the email address %(email)s already exists.") % {"email": email})
    user = User(email=email, first_name=first_name, last_name=last_name, role=role)
    user.set_password(_password_for(user))
    with _refusals():
        people.add(user, by=SYSTEM)
    out.print(_("%(user)s can sign in.") % {"user": f"{user} <{user.email}>"}, markup=False)


@app.command
def password(email: str) -> None:
    """Ask for a new password of a user (or read it from a pipe), and set it."""
    user = user_named(email)
    people.set_password(user, _password_for(user), by=SYSTEM)
    out.print(_("%(user)s has a new password.") % {"user": user}, markup=False)


@app.command
def role(email: str, role: Literal["admin", "manager", "user"]) -> None:
    """Change the role of a user."""
    user = user_named(email)
    with _refusals():
        people.set_role(user, role, by=SYSTEM)
    out.print(labels.titled(user, user.get_role_display()), markup=False)


@app.command
def close(email: str) -> None:
    """Close a user's account; reports keep their leads and activities."""
    user = user_named(email)
    with _refusals():
        people.deactivate(user, by=SYSTEM)
    out.print(_("%(user)s can no longer sign in.") % {"user": user}, markup=False)


@app.command
def reopen(email: str) -> None:
    """Open the closed account of a user again."""
    user = user_named(email)
    people.reactivate(user, by=SYSTEM)
    out.print(_("%(user)s can sign in.") % {"user": f"{user} <{user.email}>"}, markup=False)


@app.command
def reset_second_factor(email: str) -> None:
    """Remove a user's second factor, after a lost phone or a change of the secret key."""
    user = user_named(email)
    if not people.reset_second_factor(user, by=SYSTEM):
        raise Stop(_("%(user)s has no second factor.") % {"user": user})
    out.print(
        _("%(user)s now signs in with the password only, and can set up a second factor again.")
        % {"user": user},
        markup=False,
    )


@app.command
def allow_passwords() -> None:
    """Let people sign in with passwords again, if the identity provider fails."""
    if not identity_provider.allow_passwords(by=SYSTEM):
        raise Stop(_("Passwords are allowed."))
    out.print(_("Passwords are allowed again."), markup=False)


@app.command(name="list")
def list_() -> None:
    """Print all users: address, role, name."""
    for user in User.objects.all():
        line(user.email, user.role, user if user.is_active else f"{user} (closed)")


@contextmanager
def _refusals() -> Iterator[None]:
    """Raise Stop in place of Refused."""
    try:
        yield
    except Refused as refusal:
        raise Stop(str(refusal)) from refusal


def _password_for(user: User) -> str:
    secret = _typed()
    try:
        validate_password(secret, user)
    except ValidationError as wrong:
        raise Stop(" ".join(wrong.messages)) from wrong
    return secret


def _typed() -> str:
    """Read a password from the terminal without echo, or from a pipe."""
    return getpass(_("Password: ")) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
