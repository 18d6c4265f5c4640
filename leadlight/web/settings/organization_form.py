"""Form of the organisation's settings. Each field says what a change does to reports."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import get_currency_name, get_territory_currencies
from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS

from leadlight.accounts.models import Organization
from leadlight.presentation import formats
from leadlight.sales.logos import LARGEST_LOGO, stored_logo
from leadlight.sales.models.client_names import sort_name
from leadlight.sales.refusals import Refused

LOGO, NO_LOGO = "logo_file", "no_logo"


class OrganizationForm(forms.Form):
    """Settings of the organisation.

    Each field is sent with the value that the page showed, so that only what the user changed is
    saved, and not what somebody else has changed meanwhile.
    """

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        show_hidden_initial=True,
        help_text=_("At the top of each page, in mails and in files."),
    )
    logo_file = forms.FileField(
        label=_("Logo"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    no_logo = forms.BooleanField(label=_("Remove the logo"), required=False)
    time_zone = forms.CharField(
        label=_("Time zone"),
        show_hidden_initial=True,
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
        help_text=_(
            "Type a city to search, such as Paris. Days begin at midnight in this time zone. "
            "When it changes, all reports, including past ones, use the days of the new time "
            "zone: an event around midnight can move to the day before or after."
        ),
    )
    currency = forms.CharField(
        label=_("Currency"),
        show_hidden_initial=True,
        widget=forms.TextInput(attrs={"list": "currencies", "autocomplete": "off"}),
        help_text=_(
            "Three letters, such as EUR. Amounts are not converted when the currency changes: "
            "100 stays 100, with the new symbol, in all reports, including past ones."
        ),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        show_hidden_initial=True,
        help_text=_(
            "Country of phone numbers without a country code. When it changes, all numbers are "
            "processed again, which takes minutes for a million leads. Reports do not change."
        ),
    )
    locale = forms.ChoiceField(
        label=_("Language"),
        choices=[("en", "English"), ("fr", "Français")],
        show_hidden_initial=True,
        help_text=_("For people who have not chosen a language, and for mails to them."),
    )
    first_weekday = forms.TypedChoiceField(
        label=_("First day of the week"),
        coerce=int,
        choices=[(number + 1, name) for number, name in WEEKDAYS.items()],
        show_hidden_initial=True,
        help_text=_("Weeks begin on this day in all reports, including past ones."),
    )
    fiscal_year_start_month = forms.TypedChoiceField(
        label=_("First month of the fiscal year"),
        coerce=int,
        choices=list(MONTHS.items()),
        show_hidden_initial=True,
        help_text=_(
            "Quarters and years begin with this month in all reports, including past ones. "
            "Goals keep their start date."
        ),
    )
    dialler = forms.CharField(
        label=_("Dialler"),
        max_length=200,
        show_hidden_initial=True,
        help_text=_("Link that calls a phone number; %s stands for the number."),
    )

    def __init__(
        self,
        organization: Organization,
        given: Any = None,
        files: Any = None,
        *,
        dropped: bool = False,
    ) -> None:
        self.dropped = dropped
        names = [name for name in self.base_fields if name not in (LOGO, NO_LOGO)]
        initial = {name: getattr(organization, name) for name in names}
        super().__init__(given, files, initial=initial, label_suffix="")
        fields: Any = self.fields
        fields["country"].choices = [("", _("By the time zone")), *countries(formats.language())]
        fields[LOGO].help_text = _("PNG, JPEG or WebP, at most %(most)d MB.") % {
            "most": LARGEST_LOGO // 1_000_000
        }
        if not organization.logo:
            del fields[NO_LOGO]

    def clean_logo_file(self) -> str:
        """Store the logo and return its digest, "" without one."""
        file = self.cleaned_data[LOGO]
        if self.dropped:
            raise ValidationError(_("This file is too large."))
        if not file:
            return ""
        try:
            return stored_logo(file.file, file.size)
        except Refused as refusal:
            raise ValidationError(str(refusal)) from refusal

    @property
    def changes(self) -> dict[str, Any]:
        """Setting → new value, of the settings that the user changed."""
        given = self.cleaned_data
        changed = {name: given[name] for name in self.changed_data if name not in (LOGO, NO_LOGO)}
        if given[LOGO]:
            changed["logo"] = given[LOGO]
        elif given.get(NO_LOGO):
            changed["logo"] = ""
        return changed

    def add_errors(self, wrong: ValidationError) -> None:
        for name, errors in wrong.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


@lru_cache
def time_zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones() - {"Factory", "localtime"}))


@lru_cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """Return code and name of the countries, by name."""
    names = Locale(language).territories
    every = [(code, names.get(code, code)) for code in SUPPORTED_REGIONS]
    return tuple(sorted(every, key=lambda one: sort_name(one[1])))


@lru_cache
def currencies(language: str) -> tuple[tuple[str, str], ...]:
    """Return code and name of the currencies in use, by code."""
    codes = {code for region in SUPPORTED_REGIONS for code in get_territory_currencies(region)}
    return tuple((code, get_currency_name(code, locale=language)) for code in sorted(codes))
