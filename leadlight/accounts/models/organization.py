"""The organisation with its settings, and its holidays."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS

from leadlight.accounts.keys import Keyed


def known_time_zone(name: str) -> None:
    """Validate that a name is an IANA time zone."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


MONDAY, SUNDAY = 1, 7
DEFAULT_COUNTRY = "FR"
TEL = "tel:%s"
DIALLER = re.compile(r"(?:tel|sips?|callto|https?):[!#-;=?-Z_a-z~\[\]]+")


def saturday_and_sunday() -> list[int]:
    return [6, 7]


def a_weekend(days: object) -> None:
    """Validate a list of distinct ISO weekdays in ascending order, fewer than all seven."""
    is_list = isinstance(days, list) and all(type(day) is int for day in days)
    if not is_list or days != sorted({day for day in days if MONDAY <= day <= SUNDAY}):  # type: ignore[attr-defined]
        raise ValidationError(
            _("Enter the days of the week in order, from 1 (Monday) to 7 (Sunday).")
        )
    if len(days) == SUNDAY:
        raise ValidationError(_("At least one day of the week must be a working day."))


def known_country(code: str) -> None:
    """Validate the two-letter code of a country that has phone numbers."""
    if code not in SUPPORTED_REGIONS:
        raise ValidationError(
            _("“%(code)s” is not a country. Write two capital letters, such as FR."),
            params={"code": code},
        )


def country_of_zone(time_zone: str) -> str:
    """Return the country of a time zone, or France if the zone has none, such as UTC."""
    country = get_global("zone_territories").get(time_zone, "")
    return country if country in SUPPORTED_REGIONS else DEFAULT_COUNTRY


def a_dialler(link: str) -> None:
    """Validate a link that contains %s once and has a scheme for calls or web pages."""
    if not DIALLER.fullmatch(link) or link.count("%s") != 1:
        raise ValidationError(
            _(
                "Write a link that starts a call, with %(place)s where the phone number goes, "
                "such as %(examples)s."
            ),
            params={"place": "%s", "examples": "tel:%s, sip:%s@example.com, https://…/?to=%s"},
        )


class Organization(models.Model):
    """The company of this instance, a single row. Local days are in its time zone."""

    class Privacy(models.TextChoices):
        SHARED = "shared", _("Everyone sees all leads")
        OWN = "own", _("Only admins see the leads of everybody")

    class TeamPrivacy(models.TextChoices):
        """Levels of privacy inside a team, for companies in which not everyone sees all leads."""

        ADMINS = "admins", _("Only admins: managers see only their own leads")
        MANAGERS = "managers", _("The managers of the team")
        MEMBERS = "members", _("All members of the team")

    class Holders(models.TextChoices):
        """Roles that have a right."""

        ADMINS = "admins", _("Admins")
        MANAGERS = "managers", _("Admins and managers")
        EVERYBODY = "everybody", _("Everybody")

    class RequiredOf(models.TextChoices):
        """People who must have a second factor."""

        NOBODY = "nobody", _("Nobody")
        ADMINS = "admins", _("Admins")
        EVERYBODY = "everybody", _("Everybody")

    name = models.CharField(_("name"), max_length=200, default="Leadlight")
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[known_time_zone]
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, such as EUR."))],
    )
    locale = models.CharField(
        _("language"), max_length=5, default="en", choices=[("en", "English"), ("fr", "Français")]
    )
    first_weekday = models.PositiveSmallIntegerField(
        _("first day of the week"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(7)],
        help_text=_("1 is Monday, 7 is Sunday."),
    )
    fiscal_year_start_month = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    weekend = models.JSONField(
        _("weekend"),
        default=saturday_and_sunday,
        blank=True,
        validators=[a_weekend],
        help_text=_("Days on which nobody works, from 1 (Monday) to 7 (Sunday)."),
    )
    privacy = models.CharField(
        _("privacy"), max_length=10, choices=Privacy.choices, default=Privacy.SHARED
    )
    team_privacy = models.CharField(
        _("privacy inside a team"),
        max_length=10,
        choices=TeamPrivacy.choices,
        default=TeamPrivacy.MANAGERS,
        db_default=TeamPrivacy.MANAGERS,
    )
    may_assign = models.CharField(
        _("right to assign leads"),
        max_length=10,
        choices=Holders.choices,
        default=Holders.EVERYBODY,
        db_default=Holders.EVERYBODY,
    )
    may_export = models.CharField(
        _("right to export"),
        max_length=10,
        choices=Holders.choices,
        default=Holders.EVERYBODY,
        db_default=Holders.EVERYBODY,
    )
    second_factor = models.CharField(
        _("second factor required"),
        max_length=10,
        choices=RequiredOf.choices,
        default=RequiredOf.NOBODY,
        db_default=RequiredOf.NOBODY,
    )
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        default="",
        db_default="",
        validators=[known_country],
        help_text=_(
            "Country of phone numbers without a country code. "
            "If it is empty, the time zone decides."
        ),
    )
    dialler = models.CharField(
        _("dialler"),
        max_length=200,
        default=TEL,
        db_default=TEL,
        validators=[a_dialler],
        help_text=_("Link that calls a phone number; %s stands for the number."),
    )
    # SHA-256 of a WebP picture in the file store, "" without a logo.
    logo = models.CharField(
        _("logo"),
        max_length=64,
        blank=True,
        default="",
        db_default="",
        validators=[RegexValidator(r"^[0-9a-f]{64}$", _("This is not the digest of a picture."))],
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_organization")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> Organization:
        """Return the organisation, or an unsaved one with default settings."""
        return cls.objects.first() or cls(pk=1)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def phone_country(self) -> str:
        """Country of phone numbers without a country code: two letters."""
        return self.country or country_of_zone(self.time_zone)


class Holiday(Keyed):
    """A day on which nobody works, whatever its weekday."""

    day = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        ordering: ClassVar = ["day"]

    def __str__(self) -> str:
        return self.name
