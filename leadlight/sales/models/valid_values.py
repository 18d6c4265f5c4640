"""Validation of values. Each check returns the value as it is stored, or raises `Refused`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from leadlight.bounds import FIRST_DAY, LAST_DAY, holds_day, holds_instant
from leadlight.sales.refusals import Refused

LARGEST_AMOUNT = Decimal("999999999999.99")
LONGEST_TEXT = 100_000
MINUTES_OF_A_DAY = 24 * 60
LONGEST_CHOICE, MOST_CHOICES = 100, 200
# Separator of lists in company folders, and the filter value for rows without a value.
SEPARATOR, WITHOUT = ";", "none"
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def valid_past_instant(at: datetime | None, now: datetime) -> datetime:
    """Return the instant of a past event; None means `now`."""
    if at is not None and at > now:
        raise Refused(_("This date is in the future. Choose a past one."))
    if at is not None and not holds_instant(at):
        raise Refused(_("This date is too long ago. Choose a later one."))
    return at or now


def valid_instant(at: datetime | None) -> datetime | None:
    if at is not None and not holds_instant(at):
        raise Refused(_day_is_needed())
    return at


def valid_day(day: date | None) -> date | None:
    if day is not None and not holds_day(day):
        raise Refused(_day_is_needed())
    return day


def day_of(text: str) -> date:
    """Parse a day written as 2026-01-31."""
    if not ISO_DAY.fullmatch(text):
        raise Refused(_("Write a date as 2026-01-31."))
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused(_("This date does not exist.")) from error
    if not holds_day(day):
        raise Refused(_day_is_needed())
    return day


def _day_is_needed() -> str:
    return _("Enter a date from %(first)s to %(last)s.") % {
        "first": FIRST_DAY,
        "last": LAST_DAY,
    }


def valid_amount(amount: Decimal | int | None) -> Decimal | None:
    if amount is None:
        return None
    exact = Decimal(amount).quantize(Decimal("0.01"))
    if exact != Decimal(amount) or abs(exact) > LARGEST_AMOUNT:
        raise Refused(
            _("An amount can have at most twelve digits before the point and two decimals.")
        )
    return exact


def valid_probability(probability: int | None) -> int | None:
    if probability is not None and not 0 <= probability <= 100:
        raise Refused(_("A probability must be between 0 and 100."))
    return probability


def valid_minutes(minutes: int | None) -> int | None:
    """Return a duration in minutes, at most one day."""
    if minutes is not None and not 0 < minutes <= MINUTES_OF_A_DAY:
        raise Refused(_("A duration must be between 1 minute and 24 hours."))
    return minutes


def valid_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text of any number of lines, without surrounding white space."""
    if "\0" in text:
        raise Refused(_("Text cannot contain the NUL character."))
    valid = text.strip()
    if len(valid) > longest:
        raise Refused(
            _("This text has %(count)d characters. At most %(most)d are allowed.")
            % {"most": longest, "count": len(valid)}
        )
    return valid


def valid_comment(text: str) -> str:
    valid = valid_text(text)
    if not valid:
        raise Refused(_("Enter a text for the comment."))
    return valid


def valid_title(title: str, longest: int) -> str:
    """Return a text that is not empty."""
    valid = valid_text(title, longest)
    if not valid:
        raise Refused(_("Enter a title for the lead."))
    return valid


def valid_line(text: str, longest: int) -> str:
    """Return a name: a text of one line that is not empty."""
    if CONTROL.search(text):
        raise Refused(_("A name cannot contain line breaks, tabs or other control characters."))
    valid = valid_text(text, longest)
    if not valid:
        raise Refused(_("Enter a name."))
    return valid


def valid_choices(choices: Iterable[str]) -> list[str]:
    """Return the choices of a field in their order; refuse two that differ only in case."""
    valid = [valid_line(choice, LONGEST_CHOICE) for choice in choices]
    if not valid:
        raise Refused(_("A field of type “Choice” needs at least one choice."))
    if len(valid) > MOST_CHOICES:
        raise Refused(_("A field can have at most %(most)d choices.") % {"most": MOST_CHOICES})
    seen = set[str]()
    for choice in valid:
        if SEPARATOR in choice:
            raise Refused(_("A choice cannot contain “;”: “%(choice)s”.") % {"choice": choice})
        if choice == WITHOUT:
            raise Refused(
                _(
                    "“none” cannot be a choice, because filters use it for rows without a "
                    "value. Choose another word."
                )
            )
        if choice.casefold() in seen:
            raise Refused(_("“%(choice)s” is listed twice. Remove one.") % {"choice": choice})
        seen.add(choice.casefold())
    return valid
