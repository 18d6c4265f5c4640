"""Forms of the company calendar: weekend, holidays, and French public holidays."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import Holiday, Organization, a_weekend
from leadlight.accounts.public_holidays import french_holidays
from leadlight.replication.working_days import FIRST, LAST


class WeekendForm(forms.Form):
    weekend = forms.TypedMultipleChoiceField(
        label=_("Days off"),
        required=False,
        coerce=int,
        choices=[(number + 1, name) for number, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose a day of the week.")},
    )

    def clean_weekend(self) -> list[int]:
        days = sorted(set(self.cleaned_data["weekend"]))
        a_weekend(days)
        return days


class HolidayForm(forms.ModelForm):
    class Meta:
        model = Holiday
        fields = ("day", "name")
        widgets = {"day": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}
        error_messages = {
            "day": {
                "required": _("Enter the date of the holiday."),
                "invalid": _("This is not a date. Write it as 2026-01-31."),
                "unique": _("This day is already a holiday."),
            },
            "name": {"required": _("Enter a name for the holiday.")},
        }

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not FIRST <= day <= LAST:
            raise ValidationError(gettext("This date is too far away. Choose one closer to today."))
        return day

    def add(self) -> bool:
        """Save the holiday; if another request has added the day, add an error, return False."""
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:
            self.add_error("day", self.fields["day"].error_messages["unique"])
            return False
        return True


class FrenchForm(forms.Form):
    """Range of years, both included, whose French public holidays are added."""

    first = forms.IntegerField(
        label=_("Start year"),
        error_messages={
            "required": _("Enter the start year."),
            "invalid": _("Enter the year as a whole number."),
        },
    )
    last = forms.IntegerField(
        label=_("End year"),
        error_messages={
            "required": _("Enter the end year."),
            "invalid": _("Enter the year as a whole number."),
        },
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if {"first", "last"} <= given.keys() and not (
            FIRST.year <= given["first"] <= given["last"] <= LAST.year
        ):
            text = gettext(
                "Enter years from %(first)d to %(last)d. The start year cannot be after "
                "the end year."
            )
            self.add_error("last", text % {"first": FIRST.year, "last": LAST.year})
        return given

    def add(self) -> int:
        """Add the missing holidays, named in the company's language, and return their number."""
        known = set(Holiday.objects.values_list("day", flat=True))
        with translation.override(Organization.current().locale):
            new = [
                Holiday(day=day, name=gettext(name))
                for year in range(self.cleaned_data["first"], self.cleaned_data["last"] + 1)
                for day, name in french_holidays(year).items()
                if day not in known
            ]
        Holiday.objects.bulk_create(new, ignore_conflicts=True)
        return Holiday.objects.filter(key__in=[one.key for one in new]).count()
