"""Template filters that format figures in the active language: `{{ lead.amount|money }}`."""

from __future__ import annotations

from typing import Any

from django.template import Library

from leadlight.presentation import formats, values

register = Library()
register.filter("money", formats.money)
register.filter("compact_money", formats.compact_money)
register.filter("number", formats.number)
register.filter("percent", formats.percent)
register.filter("days", formats.days)
register.filter("day", formats.day)
register.filter("instant", formats.instant)
register.filter("local_time", formats.time_of_day)
register.filter("weekday_and_day", formats.weekday_and_day)


@register.filter
def value_text(value: Any, kind: str) -> str:
    """Format a value of any kind: `{{ change.after|value_text:"money" }}`."""
    return values.text(kind, value)
