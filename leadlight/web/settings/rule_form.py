"""Form of a rule: its trigger, conditions and actions.

Each action has its own controls. A rule has the actions whose controls are filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadlight.accounts.models import User
from leadlight.analytics.query.dimensions import LEAD_FILTERS
from leadlight.automation.models import Rule, Webhook
from leadlight.automation.models.rules import LONGEST_RULE_NAME
from leadlight.automation.rule_actions import ACTIONS
from leadlight.sales.models import CustomField, FollowUpTemplate, Lead, Step, Tag
from leadlight.sales.models.follow_up_templates import LONGEST_TITLE

Trigger = Rule.Trigger
MOST_ADDRESSES = 10
MOST_DAYS = 365
LONGEST_COMMENT = 2_000
# Trigger → field of the form with its value.
VALUE_FIELDS = {
    Trigger.STEP: "on_step",
    Trigger.STATUS: "on_status",
    Trigger.TAG: "on_tag",
    Trigger.FIELD: "on_field",
    Trigger.IDLE: "on_days",
}


def _one(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False)


def _several(label: Any) -> forms.MultipleChoiceField:
    widget = forms.SelectMultiple(attrs={"size": "5"})
    return forms.MultipleChoiceField(label=label, required=False, widget=widget)


def _days(label: Any, least: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=least, max_value=MOST_DAYS)


class RuleForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_RULE_NAME,
        error_messages={"required": gettext_lazy("Enter a name.")},
    )
    trigger = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=Trigger.choices,
        error_messages={"required": gettext_lazy("Choose when the rule acts.")},
    )
    on_step = _one(gettext_lazy("Step"))
    on_status = _one(gettext_lazy("Status"))
    on_tag = _one(gettext_lazy("Tag"))
    on_field = _one(gettext_lazy("Field"))
    on_days = _days(gettext_lazy("Days"), 1)
    assign = _one(ACTIONS["assign"][0])
    in_turn = _several(ACTIONS["in_turn"][0])
    by_load = _several(ACTIONS["by_load"][0])
    tag = _several(ACTIONS["tag"][0])
    untag = _several(ACTIONS["untag"][0])
    move = _one(ACTIONS["move"][0])
    standby = _days(ACTIONS["standby"][0], 1)
    task = forms.CharField(label=ACTIONS["task"][0], required=False, max_length=LONGEST_TITLE)
    task_days = _days(gettext_lazy("Due in working days"), 0)
    follow_up = _one(ACTIONS["follow_up"][0])
    comment = forms.CharField(
        label=ACTIONS["comment"][0],
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": "3"}),
    )
    notify = _several(ACTIONS["notify"][0])
    addresses = forms.CharField(
        label=gettext_lazy("and to these addresses"),
        required=False,
        max_length=1_000,
        help_text=gettext_lazy("Separated by commas. They need no account."),
    )
    webhook = _one(ACTIONS["webhook"][0])
    per_hour = forms.IntegerField(
        label=gettext_lazy("At most, in an hour"), min_value=1, max_value=10_000, initial=100
    )

    def __init__(self, given: QueryDict | None, rule: Rule) -> None:
        super().__init__(given, initial=_initial(rule), label_suffix="", auto_id="rule-%s")
        people = [(user.key, str(user)) for user in User.objects.filter(is_active=True)]
        people.sort(key=lambda person: person[1].casefold())
        tags = [(tag.key, str(tag)) for tag in Tag.objects.filter(is_active=True)]
        open_steps = Step.objects.select_related("pipeline").filter(is_closed=False)
        steps = [(step.key, f"{step.pipeline} · {step}") for step in open_steps]
        own = CustomField.objects.filter(subject="lead", is_archived=False)
        hooks = Webhook.objects.filter(is_active=True)
        templates = FollowUpTemplate.objects.filter(is_archived=False)
        self._offer(people, "assign", "in_turn", "by_load", "notify")
        self._offer(tags, "on_tag", "tag", "untag")
        self._offer(steps, "on_step", "move")
        self._offer([(one.key, one.name) for one in own], "on_field")
        self._offer(list(Lead.Status.choices), "on_status")
        self._offer([(one.key, one.name) for one in templates], "follow_up")
        self._offer([(one.key, one.name) for one in hooks], "webhook")

    def _offer(self, choices: list[tuple[str, Any]], *names: str) -> None:
        for name in names:
            field: Any = self.fields[name]
            is_single = not isinstance(field, forms.MultipleChoiceField)
            empty = _("any") if name.startswith("on_") else "–"
            field.choices = [("", empty), *choices] if is_single else choices

    def clean_addresses(self) -> list[str]:
        addresses = [one.strip() for one in self.cleaned_data["addresses"].split(",")]
        found = [one for one in addresses if one]
        if len(found) > MOST_ADDRESSES:
            raise ValidationError(
                _("A rule sends to at most %(most)d addresses.") % {"most": MOST_ADDRESSES}
            )
        for one in found:
            try:
                validate_email(one)
            except ValidationError:
                raise ValidationError(
                    _("“%(address)s” is not an email address.") % {"address": one}
                ) from None
        return found

    def clean(self) -> None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("trigger") == Trigger.IDLE and not cleaned.get("on_days"):
            self.add_error("on_days", _("Enter a number of days."))
        if not self.errors and not self.actions:
            raise ValidationError(_("Fill in at least one action."))

    @property
    def value(self) -> str:
        """Value that the trigger waits for; "" for any."""
        field = VALUE_FIELDS.get(Trigger(self.cleaned_data["trigger"]))
        return str(self.cleaned_data.get(field) or "") if field else ""

    @property
    def actions(self) -> dict[str, dict[str, Any]]:
        """Actions that are filled in, with their arguments."""
        given = self.cleaned_data
        arguments: dict[str, Mapping[str, Any]] = {
            "assign": {"user": given.get("assign")},
            "in_turn": {"users": given.get("in_turn")},
            "by_load": {"users": given.get("by_load")},
            "tag": {"tags": given.get("tag")},
            "untag": {"tags": given.get("untag")},
            "move": {"step": given.get("move")},
            "standby": {"days": given.get("standby")},
            "task": {"title": given.get("task")},
            "follow_up": {"template": given.get("follow_up")},
            "comment": {"text": given.get("comment")},
            "notify": {"users": given.get("notify"), "addresses": given.get("addresses")},
            "webhook": {"webhook": given.get("webhook")},
        }
        filled = {name: dict(one) for name, one in arguments.items() if any(one.values())}
        if "task" in filled:
            filled["task"]["days"] = given.get("task_days") or 0
        return filled


def _initial(rule: Rule) -> dict[str, Any]:
    """Return the values of the fields for a rule."""
    initial: dict[str, Any] = {"name": rule.name, "per_hour": rule.per_hour}
    if rule.pk:
        initial["trigger"] = rule.trigger
    if field := VALUE_FIELDS.get(rule.trigger):  # type: ignore[call-overload]
        initial[field] = rule.value
    main_argument = {
        **dict.fromkeys(("in_turn", "by_load"), "users"),
        **dict.fromkeys(("tag", "untag"), "tags"),
        "assign": "user",
        "move": "step",
        "standby": "days",
        "task": "title",
        "follow_up": "template",
        "comment": "text",
        "webhook": "webhook",
        "notify": "users",
    }
    for name, arguments in rule.actions.items():
        initial[name] = arguments[main_argument[name]]
    if "task" in rule.actions:
        initial["task_days"] = rule.actions["task"]["days"]
    if "notify" in rule.actions:
        initial["addresses"] = ", ".join(rule.actions["notify"]["addresses"])
    return initial


def conditions_in(given: QueryDict) -> str:
    """Return the query string of the conditions that a form sends."""
    pairs = [(name, key) for name in LEAD_FILTERS for key in sorted({*given.getlist(name)}) if key]
    return urlencode(pairs)
