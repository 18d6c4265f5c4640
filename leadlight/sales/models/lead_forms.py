"""Public forms that make leads, partners who send leads, and the submissions of both."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import SecretAddress, User
from leadlight.sales.models.pipelines import Step
from leadlight.sales.models.tags import Tag

LONGEST_FORM_NAME = 100
LONGEST_INTRODUCTION = 2_000
LONGEST_SUBJECT = 200
# Fields that every form can have, beside the company's own fields of leads.
NAME, COMPANY, EMAIL, PHONE, MESSAGE = "name", "company", "email", "phone", "message"
STANDARD_FIELDS = {
    NAME: _("Your name"),
    COMPANY: _("Company"),
    EMAIL: _("Email"),
    PHONE: _("Phone"),
    MESSAGE: _("Message"),
}
OWN_FIELD = "field:"  # prefix of the key of a custom field


class LeadForm(Keyed):
    """Form at a secret address, with which visitors without an account create leads.

    `fields` are the shown fields in order, as dictionaries with `name` (a key of `STANDARD_FIELDS`,
    or `OWN_FIELD` and the key of a custom field) and `required`. `language` is "" for that of the
    visitor. `sites` are the origins of the websites that may show the form in a frame.
    """

    class Language(models.TextChoices):
        VISITOR = "", _("the visitor's")
        ENGLISH = "en", "English"
        FRENCH = "fr", "Français"

    name = models.CharField(_("name"), max_length=LONGEST_FORM_NAME, unique=True)
    title = models.CharField(_("title"), max_length=LONGEST_FORM_NAME)
    introduction = models.TextField(_("introduction"), max_length=LONGEST_INTRODUCTION, blank=True)
    thanks = models.TextField(_("thanks"), max_length=LONGEST_INTRODUCTION, blank=True)
    continue_at = models.CharField(_("continue at"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, blank=True)
    fields = models.JSONField(default=list)
    sites = models.JSONField(default=list)
    step = models.ForeignKey(Step, models.PROTECT, verbose_name=_("step"), related_name="+")
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, verbose_name=_("owner"), related_name="+"
    )
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), related_name="+")
    address = models.OneToOneField(
        SecretAddress, models.SET_NULL, null=True, related_name="lead_form"
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Partner(Keyed):
    """Somebody outside the company who sends leads, by a form at an address of their own.

    `page` is the address at which the partner sees what became of these leads.
    """

    name = models.CharField(_("name"), max_length=LONGEST_FORM_NAME, unique=True)
    form = models.ForeignKey(
        LeadForm, models.PROTECT, verbose_name=_("form"), related_name="partners"
    )
    address = models.OneToOneField(
        SecretAddress, models.SET_NULL, null=True, related_name="partner_form"
    )
    page = models.OneToOneField(
        SecretAddress, models.SET_NULL, null=True, related_name="partner_page"
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class FormEntry(Keyed):
    """Submission of a form: the lead that it created or, without `is_new`, was added to.

    `nonce` is that of the sent page: a page that is sent twice is one entry. `sender` is a digest
    of the IP address, by which the entries of one visitor are counted.
    """

    form = models.ForeignKey(LeadForm, models.CASCADE, related_name="entries", db_index=False)
    partner = models.ForeignKey(
        Partner, models.SET_NULL, null=True, related_name="entries", db_index=False
    )
    lead = models.ForeignKey("sales.Lead", models.CASCADE, related_name="form_entries")
    subject = models.CharField(max_length=LONGEST_SUBJECT)
    is_new = models.BooleanField()
    nonce = models.CharField(max_length=40, unique=True)
    sender = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["form", "received_at"], name="entries_of_a_form"),
            models.Index(fields=["sender", "received_at"], name="entries_of_a_sender"),
            models.Index(
                fields=["partner", "-received_at"],
                name="entries_of_a_partner",
                condition=models.Q(partner__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class FormRefusal(models.Model):
    """Number of submissions of a form that were refused on one day, for one reason."""

    class Reason(models.TextChoices):
        TRAP = "trap", _("hidden field filled in")
        TIME = "time", _("sent too fast or too late")
        RATE = "rate", _("too many from one sender or in all")
        INVALID = "invalid", _("invalid values")

    form = models.ForeignKey(LeadForm, models.CASCADE, related_name="refusals")
    day = models.DateField()
    reason = models.CharField(max_length=10, choices=Reason)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form", "day", "reason"], name="refusals_of_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.day} {self.reason}: {self.count}"
