"""Form of a goal: holder, measure, period, first day and target."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import Organization, Team, User
from leadlight.analytics.query.periods import EARLIEST, LATEST, Calendar, Unit, bucket_of
from leadlight.presentation import formats
from leadlight.sales import goals
from leadlight.sales.models import ActivityType, Goal
from leadlight.web.shell.people import PeopleSearch, PersonField

COMPANY = "company"
# Values of holders: one user by key, and the user in the field `person`.
USER, PERSON = "user:", "person"
Measure = Goal.Measure


class GoalForm(forms.Form):
    """Form with the holders for whom `user` may set goals.

    Managers: themselves, their teams and the members of their teams. Admins: everybody. `holder`
    offers the people if they are few; otherwise they are searched in the field `person`.
    """

    holder = forms.ChoiceField(
        label=_("Goal for"),
        error_messages={
            "required": _("Choose a person, a team or the whole company."),
            "invalid_choice": _("You cannot set goals for this person or team."),
        },
    )
    person = PersonField("settable", label=_("Person"), required=False, empty_label=_("Nobody"))
    counted = forms.ChoiceField(
        label=_("Measure"),
        error_messages={
            "required": _("Choose what counts towards the goal."),
            "invalid_choice": _(
                "This cannot be counted towards a goal. Choose one of the options."
            ),
        },
    )
    period = forms.ChoiceField(
        label=_("Goal period"),
        choices=Goal.Period.choices,
        error_messages={
            "required": _("Choose month, quarter or year."),
            "invalid_choice": _("Choose month, quarter or year."),
        },
    )
    starts_on = forms.DateField(
        label=_("First day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": _("Enter the first day of the goal."),
            "invalid": _("This is not a date. Write it as 2026-01-31."),
        },
    )
    target = forms.DecimalField(
        label=_("Target"),
        max_digits=14,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"min": "0", "step": "any"}),
        error_messages={
            "required": _("Enter a target."),
            "invalid": _("This is not a number. Enter digits only."),
            "max_digits": _("This target is too high. Enter a smaller one."),
            "max_whole_digits": _("This target is too high. Enter a smaller one."),
            "max_decimal_places": _("Enter a target with at most two decimals."),
        },
    )

    def __init__(self, user: User, data: Any = None, **more: Any) -> None:
        super().__init__(data, auto_id="goal-%s", **more)
        fields: Any = self.fields
        person = fields["person"]
        person.offer(user)
        if isinstance(person.widget, PeopleSearch):
            people: list[Any] = [(PERSON, gettext("One person"))]
            holder = self.initial.get("holder", "")
            if holder.startswith(USER):
                self.initial.update(holder=PERSON, person=holder.removeprefix(USER))
        else:
            named = [(USER + key, name) for key, name in person.choices if key]
            people = [(gettext("People"), named)] if named else []
            del fields["person"]
        fields["holder"].choices = [*_companies_and_teams(user), *people]
        fields["counted"].choices = _counted()

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(
                gettext("This date is too far away. Choose one closer to today.")
            )
        return day

    def clean_target(self) -> Decimal:
        target: Decimal = self.cleaned_data["target"]
        if target <= 0:
            raise forms.ValidationError(gettext("Enter a target above 0."))
        return target

    def clean(self) -> dict[str, Any]:
        """Validate rules that involve several fields."""
        given = self.cleaned_data
        if given.get("holder") == PERSON and not self.errors.get("person"):
            if given.get("person") is None:
                self.add_error("person", gettext("Choose a person."))
            else:
                given["holder"] = USER + given["person"].key
        if {"starts_on", "period"} <= given.keys():
            first = first_day(given["period"], given["starts_on"])
            if first != given["starts_on"]:
                text = gettext(
                    "A goal starts on the first day of a month, quarter or year, such as %(day)s."
                )
                self.add_error("starts_on", text % {"day": formats.day(first)})
        is_number = given.get("counted") not in (None, Measure.WON_AMOUNT)
        if is_number and given.get("target", Decimal(0)) % 1:
            self.add_error("target", gettext("Enter a whole number for leads or activities."))
        return given

    def goal(self) -> Goal:
        """Return an unsaved goal with the form's data."""
        given = self.cleaned_data
        kind, _colon, key = given["holder"].partition(":")
        measure, _colon, type_key = given["counted"].partition(":")
        return Goal(
            user=User.objects.get(key=key) if kind == "user" else None,
            team=Team.objects.get(key=key) if kind == "team" else None,
            measure=measure,
            activity_type=ActivityType.objects.get(key=type_key) if type_key else None,
            period=given["period"],
            starts_on=given["starts_on"],
            target=given["target"],
        )


def calendar() -> Calendar:
    company: Organization = formats.company()
    return Calendar(company.first_weekday, company.fiscal_year_start_month)


def first_day(period: Unit, day: date) -> date:
    """Return the first day of the month, fiscal quarter or fiscal year of a day."""
    return bucket_of(day, period, calendar()).first


def like(goal: Goal, starts_on: date) -> dict[str, Any]:
    """Return the initial form data to replace a goal from `starts_on`."""
    holder = goal.user or goal.team
    kind = "user" if goal.user else "team"
    return {
        "holder": f"{kind}:{holder.key}" if holder else COMPANY,
        "counted": f"{goal.measure}:{goal.activity_type.key}"
        if goal.activity_type
        else goal.measure,
        "period": goal.period,
        "starts_on": starts_on,
        "target": goal.target.normalize() if goal.target % 1 else int(goal.target),
    }


def _companies_and_teams(user: User) -> list[Any]:
    """Return the choices of holders who are no users: for admins the company, then teams."""
    teams = [(f"team:{team.key}", str(team)) for team in goals.settable_teams(user)]
    company = [(COMPANY, gettext("The whole company"))] if user.is_admin else []
    return [*company, (gettext("Teams"), teams)] if teams else company


def _counted() -> list[tuple[str, str]]:
    types = [
        (f"{Measure.ACTIVITIES.value}:{one.key}", gettext("Activities: %(type)s") % {"type": one})
        for one in ActivityType.objects.filter(is_active=True)
    ]
    return [
        (Measure.WON_LEADS.value, str(Measure.WON_LEADS.label)),
        (Measure.WON_AMOUNT.value, str(Measure.WON_AMOUNT.label)),
        (Measure.ACTIVITIES.value, gettext("Activities of all types")),
        *types,
    ]
