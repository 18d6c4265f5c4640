"""Template filters that format figures in the active language: `{{ lead.amount|money }}`."""

from __future__ import annotations

from django.template import Library

from leadlight.presentation import formats

register = Library()
register.filter("money", formats.money)
register.filter("number", formats.number)
register.filter("percent", formats.percent)
register.filter("days", formats.days)
register.filter("day", formats.day)
register.filter("instant", formats.instant)
