"""`company.toml`: the organisation's settings that a company folder carries."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from leadlight.accounts.models import Organization, saturday_and_sunday
from leadlight.importing.company_folder import COMPANY
from leadlight.importing.encodings import not_utf_8
from leadlight.importing.problems import Ledger

KEYS = (
    "name",
    "time_zone",
    "currency",
    "locale",
    "first_weekday",
    "fiscal_year_start_month",
    "weekend",
)
# Told only where it is another, so that older folders go out as they came in.
USUAL = {"weekend": saturday_and_sunday()}


def read_company(folder: Path, ledger: Ledger) -> Organization:
    """The organisation as the folder wants it, not saved; what is not told stays as it is."""
    organization = Organization.current()
    path = folder / COMPANY
    if path.exists():
        _Reader(path, ledger).apply(organization)
    elif not Organization.objects.exists():
        ledger.problem(COMPANY, 0, "", "", _("This file is missing, and no company is here yet."))
    return organization


def write_company(folder: Path) -> None:
    organization = Organization.current()
    settings = {key: getattr(organization, key) for key in KEYS}
    lines = [
        f"{key} = {_toml(value)}\n" for key, value in settings.items() if value != USUAL.get(key)
    ]
    (folder / COMPANY).write_text("".join(lines), encoding="utf-8", newline="\n")


def _toml(value: str | int | list[int]) -> str:
    # TOML's strings and lists are JSON's, save that they also escape DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


WANTED: dict[type[models.Field], type] = {
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
                self.ledger.problem(COMPANY, self._line(key), key, value, sentence)
            else:
                setattr(organization, key, value)

    def _settings(self) -> dict[str, Any]:
        self.text = ""
        try:
            self.text = self.path.read_bytes().decode("utf-8-sig")
            return tomllib.loads(self.text)
        except UnicodeDecodeError:
            line, sentence = not_utf_8(self.path.read_bytes().splitlines(keepends=True))
            self.ledger.problem(COMPANY, line, "", "", sentence)
        except tomllib.TOMLDecodeError as error:
            sentence = _("This is not well-formed TOML: %(reason)s.") % {"reason": error}
            self.ledger.problem(COMPANY, 0, "", "", sentence)
        except OSError as error:
            sentence = _("The file cannot be read: %(reason)s.") % {"reason": error}
            self.ledger.problem(COMPANY, 0, "", "", sentence)
        return {}

    def _refusal(self, key: str, value: Any) -> str:
        if key not in KEYS:
            return _("There is no such setting; the settings are: %(settings)s.") % {
                "settings": ", ".join(KEYS)
            }
        model_field = _field(key)
        wanted = WANTED.get(type(model_field), str)
        if type(value) is not wanted:
            return {
                int: _("A whole number is needed."),
                str: _("A text is needed."),
                list: _("A list of days is needed, as [6, 7]."),
            }[wanted]
        try:
            model_field.clean(value, None)
        except ValidationError as error:
            return " ".join(error.messages)
        return _("This contains a NUL character, which no text has.") if "\0" in str(value) else ""

    def _line(self, key: str) -> int:
        """Where the key stands, as far as that can be told from the text."""
        match = re.search(rf"""^[ \t]*["']?{re.escape(key)}["']?[ \t]*[=.]""", self.text, re.M)
        return self.text.count("\n", 0, match.start()) + 1 if match else 0


def _field(key: str) -> models.Field:
    found = Organization._meta.get_field(key)
    if not isinstance(found, models.Field):
        raise FieldDoesNotExist(key)
    return found
