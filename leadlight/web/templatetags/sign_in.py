"""Template tags of signing in."""

from __future__ import annotations

from django.http import HttpRequest
from django.template import Context, Library

from leadlight.accounts import second_factor
from leadlight.accounts.models import IdentityProvider

register = Library()


@register.simple_tag
def identity_provider() -> IdentityProvider:
    """Return the settings of the single sign-on."""
    return IdentityProvider.current()


@register.simple_tag(takes_context=True)
def must_set_up(context: Context) -> bool:
    """Return whether the user must set up a second factor before anything else."""
    request: HttpRequest = context["request"]
    return second_factor.is_missing(request)
