"""Template tags of rights of the user, so that pages show no control that would be refused."""

from __future__ import annotations

from django.template import Context, Library

from leadlight.sales import access

register = Library()


@register.simple_tag(takes_context=True)
def may_assign(context: Context) -> bool:
    """Return whether the user may assign leads."""
    return access.may_assign(context["user"])


@register.simple_tag(takes_context=True)
def may_export(context: Context) -> bool:
    """Return whether the user may download lists and reports."""
    return access.may_export(context["user"])
