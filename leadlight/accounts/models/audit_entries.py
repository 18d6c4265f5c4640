"""Entries of the audit log, which are only ever added."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models.identities import IdentityProvider
from leadlight.accounts.models.organization import Organization
from leadlight.accounts.models.people import User


class Kind(models.TextChoices):
    """Kinds of entries, by which the log can be filtered."""

    SIGN_IN = "sign-in", _("Signing in")
    PASSWORD = "password", _("Passwords and second factors")
    PEOPLE = "people", _("People")
    TEAMS = "teams", _("Teams")
    ORGANIZATION = "organization", _("Organisation")
    PROVIDER = "provider", _("Single sign-on")
    SETTINGS = "settings", _("Other settings")
    ADDRESSES = "addresses", _("Secret addresses")
    EXPORT = "export", _("Exports")
    IMPORT = "import", _("Imports")


# Kind → action → title of the action. `record` refuses every other kind and action.
ACTIONS: dict[str, dict[str, Any]] = {
    Kind.SIGN_IN: {
        "signed_in": _("Signed in"),
        "signed_out": _("Signed out"),
        "signed_out_everywhere": _("Signed out everywhere"),
        "failed": _("Sign-in refused: wrong email or password"),
        "code_failed": _("Sign-in refused: wrong code"),
        "provider_failed": _("Single sign-on refused"),
    },
    Kind.PASSWORD: {
        "changed": _("Password changed"),
        "reset": _("Password reset by email link"),
        "factor_added": _("Second factor set up"),
        "factor_removed": _("Second factor removed"),
        "codes_renewed": _("New recovery codes"),
        "linked": _("Linked to the identity provider"),
        "unlinked": _("Link to the identity provider removed"),
    },
    Kind.PEOPLE: {
        "added": _("Person added"),
        "invited": _("Invitation sent"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "email": _("Email"),
        "role": _("Role"),
        "language": _("Language"),
        "deactivated": _("Account deactivated"),
        "reactivated": _("Account reactivated"),
    },
    Kind.TEAMS: {
        "created": _("Team created"),
        "name": _("Team renamed"),
        "member": _("Membership"),
        "deactivated": _("Team deactivated"),
        "reactivated": _("Team reactivated"),
    },
    Kind.ORGANIZATION: {
        field.name: field.verbose_name
        for field in Organization._meta.fields
        if field.name not in ("id", "weekend")
    },
    Kind.PROVIDER: {
        "secret": _("Client secret changed"),
        **{
            field.name: field.verbose_name
            for field in IdentityProvider._meta.fields
            if field.name not in ("id", "encrypted_secret")
        },
    },
    Kind.SETTINGS: {
        "starter": _("Proposed settings"),
        "weekend": _("Weekend"),
        "holiday": _("Holiday"),
        "field": _("Field"),
        "loss_reason": _("Loss reason"),
        "pipeline": _("Pipeline"),
        "step": _("Step"),
        "activity_type": _("Activity type"),
        "outcome": _("Result of activities"),
        "category": _("Category of tags"),
        "tag": _("Tag"),
        "cost": _("Cost"),
        "rule": _("Rule"),
        "refused_address": _("Refused address"),
        "webhook": _("Webhook"),
        "lead_form": _("Form"),
        "partner": _("Partner"),
        "webhook_secret": _("Secret of a webhook replaced"),
        "template": _("Follow-up template"),
        "template_task": _("Task of a follow-up template"),
    },
    Kind.ADDRESSES: {
        "created": _("Address created"),
        "renewed": _("Address replaced by a new one"),
        "revoked": _("Address revoked"),
    },
    Kind.EXPORT: {
        "list": _("List exported"),
        "table": _("Table exported"),
        "report": _("Report exported"),
        "company": _("Company folder exported"),
    },
    Kind.IMPORT: {"company": _("Company folder imported"), "table": _("Table imported")},
}


class AppendOnly(models.QuerySet["AuditEntry"]):
    """Rows that can be read and added, but neither changed nor deleted."""

    def update(self, **_values: Any) -> NoReturn:
        raise TypeError("entries of the audit log are not changed")

    def delete(self) -> NoReturn:
        raise TypeError("entries of the audit log are not deleted")


class AuditEntry(models.Model):
    """One action of a person, of the command line, or of somebody who could not sign in.

    `actor` is None for the command line, and for somebody who could not sign in. `about` is the
    person that the entry is about. `change` is the key of the form that made the entry, so that
    undo finds all entries of one form.
    """

    recorded_at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    is_by_command = models.BooleanField(default=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    action = models.CharField(max_length=40)
    subject = models.TextField(blank=True)
    about = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    old_value = models.TextField(blank=True)
    new_value = models.TextField(blank=True)
    address = models.GenericIPAddressField(null=True)
    change = models.CharField(max_length=40, blank=True)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering: ClassVar = ["-recorded_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["recorded_at", "id"], name="audit_by_instant"),
            models.Index(fields=["kind", "recorded_at", "id"], name="audit_by_kind"),
            models.Index(fields=["actor", "recorded_at"], name="audit_by_actor"),
            models.Index(fields=["about", "recorded_at"], name="audit_by_person"),
            models.Index(fields=["change"], name="audit_by_change", condition=~models.Q(change="")),
        ]

    def __str__(self) -> str:
        return f"{self.recorded_at:%Y-%m-%d %H:%M} · {self.kind} · {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("entries of the audit log are not changed")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("entries of the audit log are not deleted")

    @property
    def title(self) -> str:
        """Title of the action, in the active language."""
        return capfirst(str(ACTIONS.get(self.kind, {}).get(self.action, self.action)))
