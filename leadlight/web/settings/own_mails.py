"""Mails of one person: morning mail, shortcuts, notifications, and the link that stops a mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadlight.accounts.invitations import is_mail_configured
from leadlight.analytics.reports import CATALOGUE
from leadlight.automation import notifications, scheduled_mails
from leadlight.automation.models import NotificationChoice, ScheduledMail
from leadlight.reporting import shortcuts
from leadlight.sales import access
from leadlight.web.shell.auth import ReaderRequest, signed_in

Rhythm, Stop, Format = ScheduledMail.Rhythm, ScheduledMail.Stop, ScheduledMail.Format
Wins = NotificationChoice.Wins


class ScheduleForm(forms.Form):
    """Form of a schedule. The morning mail has no choice but its time."""

    rhythm = forms.ChoiceField(label=gettext_lazy("Send"), choices=Rhythm.choices)
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Day of a weekly mail"),
        coerce=int,
        choices=[(number + 1, name) for number, name in WEEKDAYS.items()],
    )
    at = forms.TimeField(
        label=gettext_lazy("Time"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={
            "required": gettext_lazy("Enter a time."),
            "invalid": gettext_lazy("This is not a time. Write it as 07:30."),
        },
    )
    formats = forms.MultipleChoiceField(
        label=gettext_lazy("Attached files"),
        choices=Format.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, given: Any, mail: ScheduledMail, *, may_export: bool) -> None:
        initial = {name: getattr(mail, name) for name in ("rhythm", "weekday", "at", "formats")}
        super().__init__(given, initial=initial, label_suffix="", auto_id="mail-%s")
        if mail.shortcut is None:
            for name in ("rhythm", "weekday", "formats"):
                del self.fields[name]
        elif not may_export:
            del self.fields["formats"]

    @property
    def schedule(self) -> dict[str, Any]:
        return {
            "rhythm": self.cleaned_data.get("rhythm", Rhythm.WORKING_DAYS),
            "weekday": self.cleaned_data.get("weekday", 1),
            "at": self.cleaned_data["at"],
            "formats": self.cleaned_data.get("formats", []),
        }


@signed_in
@require_safe
def own_mails(request: ReaderRequest) -> HttpResponse:
    """Show the morning mail, the notifications and the shortcuts that the user gets by mail."""
    mails = request.user.scheduled_mails.select_related("shortcut").order_by("shortcut__name")
    choice = notifications.choice_of(request.user)
    context = {
        "choice": choice,
        "wins": [(value, title, value == choice.wins) for value, title in Wins.choices],
        "morning": scheduled_mails.of_person(request.user, None),
        "mails": [mail for mail in mails if mail.shortcut],
        "is_mail_configured": is_mail_configured(),
    }
    return render(request, "settings/own_mails.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def morning(request: ReaderRequest) -> HttpResponse:
    """Show the schedule of the morning mail; a POST starts or stops it."""
    return _schedule(request, scheduled_mails.of_person(request.user, None), _("Morning mail"))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def shortcut_mail(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the schedule of a shortcut by mail; a POST starts or stops it."""
    shortcut = get_object_or_404(shortcuts.visible(request.user), key=key)
    if shortcut.report not in CATALOGUE:  # a list of leads
        raise Http404
    return _schedule(request, scheduled_mails.of_person(request.user, shortcut), shortcut.name)


def _schedule(request: ReaderRequest, mail: ScheduledMail, title: str) -> HttpResponse:
    may_export = access.may_export(request.user)
    is_sent = request.method == "POST"
    if is_sent and request.POST.get("do") == "stop":
        if mail.pk:
            scheduled_mails.stop(mail, Stop.OWN)
        messages.success(request, _("“%(name)s” is no longer sent.") % {"name": title})
        return redirect("own_mails")
    form = ScheduleForm(request.POST if is_sent else None, mail, may_export=may_export)
    if form.is_valid():
        scheduled_mails.start(mail, **form.schedule)
        messages.success(request, _("“%(name)s” is sent from now on.") % {"name": title})
        return redirect("own_mails")
    context = {"form": form, "mail": mail, "title": title, "may_export": may_export}
    return render(request, "settings/mail.html", context, status=400 if form.errors else 200)


@signed_in
@require_POST
def notification_choice(request: ReaderRequest) -> HttpResponse:
    """Save the kinds of changes of leads that the user gets a mail about."""
    wins = request.POST.get("wins", "")
    notifications.choose(
        request.user,
        mentions=request.POST.get("mentions") == "yes",
        assignments=request.POST.get("assignments") == "yes",
        wins=wins if wins in Wins.values else "",
        same_day=request.POST.get("same_day") == "yes",
    )
    messages.success(request, _("Settings saved."))
    return redirect("own_mails")


@csrf_exempt  # mail programs send the POST, without a session (RFC 8058); the token is signed
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to stop a mail; a POST stops it.

    A program that scans mails and follows the link sends a GET, which stops nothing.
    """
    mail = scheduled_mails.stopped_by(token)
    user = mail.user if mail else notifications.stopped_by(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        if mail is None:
            notifications.choose(user, mentions=False, assignments=False, wins="")
        elif mail.is_on:
            scheduled_mails.stop(mail, Stop.LINK)
    is_on = mail.is_on if mail else notifications.is_on(user)
    with translation.override(user.language or translation.get_language()):
        title = _("Notifications")
        if mail:
            title = mail.shortcut.name if mail.shortcut else _("Morning mail")
        context = {"is_on": is_on, "title": title, "email": user.email}
        return render(request, "settings/stop_mail.html", context)
