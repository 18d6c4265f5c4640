"""Settings page of the company calendar, for admins: weekend and holidays."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.accounts import audit
from leadlight.accounts.models import Holiday, Organization
from leadlight.accounts.models.audit_entries import Kind
from leadlight.presentation import formats
from leadlight.web.settings.working_days_form import FrenchForm, HolidayForm, WeekendForm
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in

YEARS_TO_COME = 2


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def working_days(request: ReaderRequest) -> HttpResponse:
    """Show the calendar with its forms; a POST sets the weekend."""
    if request.method != "POST":
        return _page(request)
    form = WeekendForm(request.POST)
    if not form.is_valid():
        return _page(request, weekend=form)
    with transaction.atomic():
        organization = Organization.current()
        old, organization.weekend = organization.weekend, form.cleaned_data["weekend"]
        organization.save()
        if old != organization.weekend:
            old_days, new_days = _weekdays(old), _weekdays(organization.weekend)
            _record(request, "weekend", old=old_days, new=new_days)
    messages.success(request, _("Weekend days saved."))
    return redirect("working_days")


@signed_in
@for_admins
@require_POST
def add(request: ReaderRequest) -> HttpResponse:
    """Add one holiday."""
    form = HolidayForm(request.POST, auto_id="holiday-%s")
    with transaction.atomic():
        is_added = form.is_valid() and form.add()
        if is_added:
            _record(request, "holiday", new=_described(form.instance))
    if not is_added:
        return _page(request, holiday=form)
    messages.success(request, _("Holiday added."))
    return redirect("working_days")


@signed_in
@for_admins
@require_POST
def add_french(request: ReaderRequest) -> HttpResponse:
    """Add the French public holidays of a range of years."""
    form = FrenchForm(request.POST, auto_id="french-%s")
    if not form.is_valid():
        return _page(request, french=form)
    with transaction.atomic():
        count = form.add()
        if count:
            years = f"{form.cleaned_data['first']}–{form.cleaned_data['last']}"
            _record(request, "holiday", new=f"{count} ({years})")
    sentence = ngettext("%(count)d holiday added.", "%(count)d holidays added.", count)
    messages.success(request, sentence % {"count": count})
    return redirect("working_days")


@signed_in
@for_admins
@require_POST
def remove(request: ReaderRequest, key: str) -> HttpResponse:
    """Remove a holiday; this changes working days in reports on past periods too."""
    holiday = get_object_or_404(Holiday, key=key)
    with transaction.atomic():
        _record(request, "holiday", old=_described(holiday))
        holiday.delete()
    messages.success(request, _("Holiday removed."))
    return redirect("working_days")


def _record(request: ReaderRequest, action: str, *, old: str = "", new: str = "") -> None:
    audit.record(Kind.SETTINGS, action, by=request.user, old=old, new=new)


def _weekdays(days: list[int]) -> str:
    return ", ".join(str(WEEKDAYS[day - 1]) for day in days)


def _described(holiday: Holiday) -> str:
    return f"{holiday.day:%Y-%m-%d} {holiday.name}"


def _page(request: ReaderRequest, **sent: Any) -> HttpResponse:
    """Render the page with the forms that were submitted; other forms show the saved values."""
    year = timezone.now().astimezone(formats.company().zone).year
    years = {"first": year, "last": year + YEARS_TO_COME}
    context = {
        "weekend": WeekendForm(initial={"weekend": Organization.current().weekend}),
        "holiday": HolidayForm(auto_id="holiday-%s"),
        "french": FrenchForm(initial=years, auto_id="french-%s"),
        "holidays": Holiday.objects.order_by("-day"),
    }
    return render(request, "working_days.html", context | sent, status=400 if sent else 200)
