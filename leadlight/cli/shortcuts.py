"""Shortcuts on the command line."""

from __future__ import annotations

from urllib.parse import parse_qs

from django.utils.translation import gettext as _

from leadlight.accounts.readers import SYSTEM, Reader
from leadlight.cli.console import Stop
from leadlight.reporting import shortcuts as rules
from leadlight.sales.models import Shortcut
from leadlight.sales.models.shortcuts import LEADS

QueryParams = dict[str, list[str]]

# Parameters of a shortcut that are not filters: the order and number of the rows, the columns, and
# the form of changes.
PAGE_PARAMS = ("sort", "rows", "columns", "change")
DAYS = ("from", "to", "period")


def shortcut_named(reader: Reader, name: str) -> Shortcut:
    """Return the shortcut of a report with this key or name that is visible to the reader.

    The reader's own shortcut takes precedence. Raises Stop for the system reader, and if no
    shortcut or more than one matches.
    """
    if reader is SYSTEM:
        raise Stop(_("A shortcut belongs to a person. Name the person with --as."))
    seen = list(rules.visible(reader).exclude(report=LEADS))
    found = [one for one in seen if one.key == name] or [
        one for one in seen if one.name.casefold() == name.casefold()
    ]
    found = [one for one in found if one.owner_id == reader.pk] or found
    if not found:
        raise Stop(
            _("%(email)s has no shortcut “%(name)s”.") % {"name": name, "email": reader.email}
        )
    if len(found) > 1:
        keys = ", ".join(sorted(one.key for one in found))
        raise Stop(
            _("Several shortcuts are called “%(name)s”. Choose one by its key: %(keys)s.")
            % {"name": name, "keys": keys}
        )
    return found[0]


def with_options(shortcut: Shortcut, given: QueryParams) -> QueryParams:
    """Return the shortcut's parameters, overridden by the given options.

    `from`, `to` and `period` are overridden together.
    """
    overridden = {name for name, values in given.items() if values}
    if overridden.intersection(DAYS):
        overridden.update(DAYS)
    rest = {
        name: values for name, values in parse_qs(shortcut.query).items() if name not in overridden
    }
    return {**given, **rest}
