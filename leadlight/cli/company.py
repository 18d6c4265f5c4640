"""Settings of the company, on the command line."""

from __future__ import annotations

from typing import Literal

from django.core.exceptions import ValidationError

from leadlight.accounts.models import Organization
from leadlight.accounts.readers import SYSTEM
from leadlight.cli.console import Stop, migrate, out
from leadlight.presentation import labels
from leadlight.sales import organization_settings


def company(
    *,
    name: str | None = None,
    time_zone: str | None = None,
    currency: str | None = None,
    locale: Literal["en", "fr"] | None = None,
    first_weekday: int | None = None,
    fiscal_year_start_month: int | None = None,
    privacy: Literal["shared", "own"] | None = None,
    country: str | None = None,
    dialler: str | None = None,
) -> None:
    """Show the company's settings, after changing those that are given.

    Parameters
    ----------
    time_zone
        For example Europe/Paris. Reports use the local days of this zone.
    currency
        Three letters, for example EUR.
    first_weekday
        1 is Monday, 7 is Sunday.
    fiscal_year_start_month
        1 is January.
    privacy
        shared: everybody sees every lead; own: users see their own leads, and those of the teams
        that they manage.
    country
        Country of phone numbers without a country code, for example FR.
    dialler
        Link that calls a phone number, for example tel:%s; %s stands for the number.
    """
    given = {
        "name": name,
        "time_zone": time_zone,
        "currency": currency,
        "locale": locale,
        "first_weekday": first_weekday,
        "fiscal_year_start_month": fiscal_year_start_month,
        "privacy": privacy,
        "country": country,
        "dialler": dialler,
    }
    migrate()
    changes = {setting: value for setting, value in given.items() if value is not None}
    if changes:
        try:
            organization_settings.change(changes, by=SYSTEM)
        except ValidationError as wrong:
            raise Stop(_sentence(wrong)) from wrong
    organization = Organization.current()
    for setting in given:
        out.print(f"{setting} = {getattr(organization, setting)}", markup=False)


def _sentence(wrong: ValidationError) -> str:
    """Return the first error of each setting, with the name of its option."""
    return " ".join(
        labels.titled(f"--{setting.replace('_', '-')}", messages[0])
        for setting, messages in wrong.message_dict.items()
    )
