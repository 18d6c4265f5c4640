"""Webhooks, mails to the people of the company, and rules."""

from leadlight.automation.models.mails import (
    Notification,
    NotificationChoice,
    ScheduledMail,
)
from leadlight.automation.models.rules import Rule, RuleRun
from leadlight.automation.models.webhooks import (
    LONGEST_ADDRESS,
    LONGEST_ANSWER,
    Delivery,
    PendingChange,
    Webhook,
)

__all__ = [
    "LONGEST_ADDRESS",
    "LONGEST_ANSWER",
    "Delivery",
    "Notification",
    "NotificationChoice",
    "PendingChange",
    "Rule",
    "RuleRun",
    "ScheduledMail",
    "Webhook",
]
