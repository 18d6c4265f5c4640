"""Page of a new lead that follows another one: an upsell, or a renewal."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.contact_lines import contacts_in
from leadlight.sales.lead_links import follow
from leadlight.sales.models import Lead, Reminder
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_row import LONGEST_TITLE
from leadlight.sales.refusals import Refused
from leadlight.web.leads.lead_page import visible_lead
from leadlight.web.leads.new_lead import NewLeadForm
from leadlight.web.leads.tasks.forms import day_field
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.days import start_of, today

MONTHS_TO_RENEWAL, MONTHS_TO_REMINDER = 12, 11
TITLES = {Lead.Link.UPSELL: _("New upsell"), Lead.Link.RENEWAL: _("New renewal")}


class FollowingLeadForm(NewLeadForm):
    """New lead of the client of another one, with its tags and a link to it."""

    expected_day = day_field(_("Expected close date"))
    remind_on = day_field(_("Standby until"))

    def __init__(self, user: User, data: Any = None, *, followed: Lead, link: str) -> None:
        self.followed, self.link = followed, link
        super().__init__(user, data, initial=initial_of(user, followed, link))
        self.fields["remind_on"].help_text = gettext(
            "The lead returns on this day. Without a day, it is to do now."
        )

    def clean_remind_on(self) -> date | None:
        day: date | None = self.cleaned_data["remind_on"]
        if day is not None and day <= today():
            raise forms.ValidationError(gettext("Choose a day in the future."))
        return day

    def create(self, user: User) -> Lead:
        given = self.cleaned_data
        lead = super().create(user)
        lead.tag(*self.followed.tags.all(), by=user)
        lead.set_estimated_closing(given["expected_day"], by=user)
        follow(lead, self.followed, self.link, by=user)
        if given["remind_on"]:
            reminder = Reminder(start_of(given["remind_on"]), is_all_day=True)
            lead.stand_by(until=reminder, by=user)
        return lead


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def following_lead(request: ReaderRequest, link: str, key: str) -> HttpResponse:
    """Show the form of an upsell or a renewal of a lead; a POST creates it and shows it."""
    user = request.user
    if link not in Lead.Link.values:
        raise Http404
    followed = visible_lead(user, key)
    data = request.POST if request.method == "POST" else None
    form = FollowingLeadForm(user, data, followed=followed, link=link)

    def create() -> str:
        form.create(user)
        return gettext("Lead created.")

    if form.is_valid():
        try:
            action = act(request, create)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("lead", action.events.get(kind=Kind.CREATED).lead.key)
    context = {
        "form": form,
        "title": TITLES[Lead.Link(link)],
        "followed": followed,
        "address": reverse("following_lead", args=[link, key]),
    }
    return render(request, "leads/new.html", context, status=400 if data is not None else 200)


def initial_of(user: User, lead: Lead, link: str) -> dict[str, Any]:
    """Return the initial values of the form: those of the lead that is followed."""
    is_renewal = link == Lead.Link.RENEWAL
    named = gettext("Renewal: %(lead)s") if is_renewal else gettext("Upsell: %(lead)s")
    country = formats.company().phone_country
    lines = [line for line in lead.description.splitlines() if contacts_in(line, country)]
    is_assignable = lead.owner_id and access.possible_owners(user).filter(pk=lead.owner_id).exists()
    owner = lead.owner if lead.owner and is_assignable else user
    return {
        "title": (named % {"lead": lead.title})[:LONGEST_TITLE],
        "description": "\n".join(lines),
        "client": lead.client.name if lead.client else "",
        "client_key": lead.client.key if lead.client else "",
        "amount": lead.amount if is_renewal else None,
        "step": lead.pipeline.first_step.key,
        "owner": owner.key,
        "expected_day": _after_closing(lead, MONTHS_TO_RENEWAL) if is_renewal else None,
        "remind_on": _after_closing(lead, MONTHS_TO_REMINDER) if is_renewal else None,
    }


def _after_closing(lead: Lead, months: int) -> date | None:
    """Return the day that is a number of months after the closing; None if it is past."""
    if lead.closed_at is None:
        return None
    closed_on = lead.closed_at.astimezone(formats.company().zone).date()
    day = later(closed_on, months)
    return day if day > today() else None


def later(day: date, months: int) -> date:
    """Return the same day of a later month, or the last one of a month without that day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
