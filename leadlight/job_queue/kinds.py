"""Kinds of jobs. `leadlight.jobs.handlers` has the handler of each."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobKind(models.TextChoices):
    ACCOUNT_MAIL = "account_mail", _("Mail about an account")
    NOTIFICATIONS = "notifications", _("Mail about changes of leads")
    RULE = "rule", _("Rule")
    RULE_MAIL = "rule_mail", _("Mail of a rule")
    SCHEDULED_MAIL = "scheduled_mail", _("Morning mail, or shortcut by mail")
    WEBHOOK = "webhook", _("Message to a webhook")
