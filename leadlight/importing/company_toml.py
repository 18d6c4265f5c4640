"""Import and export of the organisation's settings in `company.toml`."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from leadlight.accounts.models import TEL, Organization, saturday_and_sunday
from leadlight.importing.company_folder import COMPANY
from leadlight.importing.problems import Ledger
from leadlight.tables.encodings import not_utf_8
from leadlight.tables.opening import Unreadable, opened

KEYS = (
    "name",
    "time_zone",
    "currency",
    "locale",
    "first_weekday",
    "fiscal_year_start_month",
    "weekend",
    "country",
    "dialler",
    "logo",
)
UNPRINTABLE = "…"
LARGEST_COMPANY = 10_000  # bytes; parsing a few hundred thousand bytes of TOML can take gigabytes
# Values that are not exported, so that a folder without the setting is the same after an import and
# an export.
DEFAULTS = {"weekend": saturday_and_sunday(), "country": "", "dialler": TEL, "logo": ""}


def read_company(folder: Path, ledger: Ledger) -> Organization:
    """Return the organisation with the folder's settings applied, unsaved.

    Settings that the file does not contain keep their value.
    """
    organization = Organization.current()
    path = folder / COMPANY
    if os.path.lexists(path):
        _Reader(path, ledger).apply(organization)
    elif not Organization.objects.exists():
        ledger.problem(
            COMPANY,
            0,
            "",
            "",
            _("This file is missing. It is required because the database has no company yet."),
        )
    return organization


def write_company(folder: Path) -> None:
    organization = Organization.current()
    settings = {key: getattr(organization, key) for key in KEYS}
    lines = [
        f"{key} = {_toml(value)}\n" for key, value in settings.items() if value != DEFAULTS.get(key)
    ]
    (folder / COMPANY).write_text("".join(lines), encoding="utf-8", newline="\n")


def _toml(value: str | int | list[int]) -> str:
    # TOML strings and lists have the syntax of JSON, except that TOML also escapes DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


TYPES: dict[type[models.Field], type] = {
    models.PositiveSmallIntegerField: int,
    models.JSONField: list,
}


class _Reader:
    def __init__(self, path: Path, ledger: Ledger) -> None:
        self.path = path
        self.ledger = ledger

    def apply(self, organization: Organization) -> None:
        for key, value in self._settings().items():
            sentence = self._refusal(key, value)
            if sentence:
                self.ledger.problem(COMPANY, self._line(key), key, _quoted(value), sentence)
            else:
                setattr(organization, key, value)

    def _settings(self) -> dict[str, Any]:
        self.text = ""
        content = b""
        try:
            content = self._content()
            self.text = content.decode("utf-8-sig")
            return tomllib.loads(self.text)
        except Unreadable as reason:
            self._refuse(str(reason))
        except UnicodeDecodeError:
            line, sentence = not_utf_8(content.splitlines(keepends=True))
            self.ledger.problem(COMPANY, line, "", "", sentence)
        except RecursionError:
            self._refuse(_("Lists and tables are nested too deeply here."))
        except ValueError as error:  # also raised for numbers with thousands of digits
            self._refuse(_("The TOML is not valid: %(reason)s.") % {"reason": error})
        except OSError as error:
            self._refuse(_("The file cannot be read: %(reason)s.") % {"reason": error})
        return {}

    def _content(self) -> bytes:
        with opened(self.path) as (binary, _position):
            content = binary.read(LARGEST_COMPANY + 1)
        if len(content) > LARGEST_COMPANY:
            sentence = _("This file is larger than %(most)d bytes. A few lines are enough.")
            raise Unreadable(sentence % {"most": LARGEST_COMPANY})
        return content

    def _refuse(self, sentence: str) -> None:
        self.ledger.problem(COMPANY, 0, "", "", sentence)

    def _refusal(self, key: str, value: Any) -> str:
        """Return the message about an invalid setting; "" for a valid one."""
        if key not in KEYS:
            return _("Unknown setting. The settings are: %(settings)s.") % {
                "settings": ", ".join(KEYS)
            }
        model_field = _field(key)
        expected = TYPES.get(type(model_field), str)
        if type(value) is not expected:
            return {
                int: _("Enter a whole number."),
                str: _("Enter some text."),
                list: _("Enter a list of days, such as [6, 7]."),
            }[expected]
        if _quoted(value) == UNPRINTABLE:
            return _("A number in this file has too many digits.")
        try:
            model_field.clean(value, None)
        except ValidationError as error:
            return " ".join(error.messages)
        return _("This text contains a NUL character. Remove it.") if "\0" in str(value) else ""

    def _line(self, key: str) -> int:
        """Return the line of the key, found by a regular expression; 0 if not found."""
        match = re.search(rf"""^[ \t]*["']?{re.escape(key)}["']?[ \t]*[=.]""", self.text, re.M)
        return self.text.count("\n", 0, match.start()) + 1 if match else 0


def _quoted(value: Any) -> str:
    """Format a value for a problem report; `UNPRINTABLE` for too many digits or nested tables."""
    try:
        return str(value)
    except (ValueError, RecursionError):
        return UNPRINTABLE


def _field(key: str) -> models.Field:
    found = Organization._meta.get_field(key)
    if not isinstance(found, models.Field):
        raise FieldDoesNotExist(key)
    return found
