"""Rules: changes that Leadlight makes by itself when something happens to a lead."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leadlight.accounts.keys import Keyed
from leadlight.sales.models import Lead

LONGEST_RULE_NAME = 100
LONGEST_REASON = 500


class Rule(Keyed):
    """Rule: when the trigger happens to a lead that meets the conditions, the actions are done.

    `value` is what the trigger waits for: the key of a step, a status, the key of a tag or of a
    field, or a number of days; "" for any. `conditions` is a query string of the filters of leads
    (`LeadFilter`). `actions` maps the name of an action (`rule_actions.ACTIONS`) to its arguments;
    they are done in the order of that list.
    """

    class Trigger(models.TextChoices):
        CREATED = "created", _("a lead is created")
        FORM = "form", _("a form is received")
        ASSIGNED = "assigned", _("a lead is assigned")
        STEP = "step", _("a lead moves to the step")
        STATUS = "status", _("the status becomes")
        TAG = "tag", _("a lead gets the tag")
        FIELD = "field", _("the field changes")
        TASK_DONE = "task_done", _("a task is done")
        IDLE = "idle", _("nothing is done for a number of days")
        MANUAL = "manual", _("somebody presses its button on the lead")

    name = models.CharField(_("name"), max_length=LONGEST_RULE_NAME)
    is_active = models.BooleanField(default=True)
    trigger = models.CharField(max_length=20, choices=Trigger)
    value = models.CharField(max_length=200, blank=True)
    conditions = models.TextField(blank=True)
    actions = models.JSONField(default=dict)
    per_hour = models.PositiveIntegerField(_("at most, in an hour"), default=100)
    created_at = models.DateTimeField(default=timezone.now)
    # Instant from which on idle leads count, so that a new rule does not act on all old ones.
    switched_on_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class RuleRun(models.Model):
    """Run of a rule for a lead, or why there was none.

    `occasion` identifies what happened: a rule runs once for a lead and an occasion. `chain` has
    the ids of the rules that led to it, this one last. The events of the lead with versions from
    `first_version` to `last_version` are the work of the run.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("state of a run", "Waiting")
        DONE = "done", pgettext_lazy("state of a run", "Done")
        NOT_MET = "not_met", _("Conditions not met")
        LOOP = "loop", _("Stopped: the rule has run for this change already")
        LIMITED = "limited", _("Stopped: too many runs in an hour")
        REFUSED = "refused", _("Refused")

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="runs", db_index=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    occasion = models.CharField(max_length=100)
    chain = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    first_version = models.PositiveIntegerField(null=True)
    last_version = models.PositiveIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "lead", "occasion"], name="one_run_for_an_occasion"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["rule", "-id"], name="runs_of_a_rule"),
            models.Index(fields=["rule", "done_at"], name="runs_done_of_a_rule"),
            models.Index(fields=["created_at"], name="runs_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.lead_id} {self.occasion}"
