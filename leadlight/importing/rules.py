"""Validation rules for single rows.

A rule receives the values of its columns, none of which is `WRONG`. It returns None, or the column
and the message of a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from leadlight.sales.costs import MOST_DAYS
from leadlight.sales.models import Goal, Task, TemplateStep
from leadlight.sales.models.event_log import CLOSED
from leadlight.sales.models.field_texts import FieldKind
from leadlight.sales.models.valid_values import valid_choices
from leadlight.sales.refusals import Refused

MONTHS = {Goal.Period.MONTH: 1, Goal.Period.QUARTER: 3, Goal.Period.YEAR: 12}
Finding = tuple[str, str] | None


@dataclass(frozen=True)
class Rule:
    file: str
    columns: tuple[str, ...]
    judge: Callable[..., Finding]
    is_warning: bool = False


def closed_has_instant(status: str, closed_at: datetime | None) -> Finding:
    if status in CLOSED and closed_at is None:
        return "closed_at", _("A closed lead needs a closing date and time.")
    if status not in CLOSED and closed_at is not None:
        return "closed_at", _("An open lead cannot have a closing date and time.")
    return None


def closed_after_creation(created_at: datetime, closed_at: datetime | None) -> Finding:
    if closed_at is not None and closed_at < created_at:
        return "closed_at", _(
            "This lead was closed before it was created. It is imported as it is."
        )
    return None


def recorded_after_it_happened(occurred_at: datetime, recorded_at: datetime) -> Finding:
    if recorded_at < occurred_at:
        return "recorded_at", _("The recording date is earlier than the event.")
    return None


def converted_into_a_lead(lead: str, converted_at: datetime | None) -> Finding:
    if converted_at is not None and not lead:
        return "converted_at", _(
            "A prospect without a lead cannot have a conversion date and time."
        )
    return None


def activity_is_about_something(lead: str, prospect: str) -> Finding:
    if not lead and not prospect:
        return "lead", _("This activity has no lead and no prospect. It is imported as it is.")
    return None


def name_of_one(step: str, pipeline: str) -> Finding:
    if bool(step) == bool(pipeline):
        return "step", _("A former name is of one step or of one pipeline.")
    return None


def cost_of_one(prospecting_list: str, source: str, tag: str) -> Finding:
    if sum(map(bool, (prospecting_list, source, tag))) != 1:
        return "prospecting_list", _("A cost is for one prospecting list, one source or one tag.")
    return None


def cost_days(first_on: date, last_on: date) -> Finding:
    if last_on < first_on:
        return "last_on", _("The last day is before the first day.")
    if (last_on - first_on).days >= MOST_DAYS:
        return "last_on", _("A cost can be spread over ten years at most.")
    return None


def goal_of_one(user: str, team: str) -> Finding:
    if user and team:
        return "team", _("A goal belongs to a user or a team, not both.")
    return None


def goal_counts_a_type(measure: str, activity_type: str) -> Finding:
    """Refuse an activity type for a goal that does not measure activities.

    A goal for activities without a type counts all types.
    """
    if measure != Goal.Measure.ACTIVITIES and activity_type:
        return "activity_type", _("Only a goal for activities can have an activity type.")
    return None


def goal_starts_with_a_period(fiscal_month: int | None) -> Callable[[str, date], Finding]:
    """Return the rule that a goal starts on the first day of a calendar or fiscal period.

    If `fiscal_month` is None, because company.toml has problems, the rule accepts every day.
    """

    def judge(period: str, starts_on: date) -> Finding:
        if fiscal_month is None:
            return None
        length = MONTHS[Goal.Period(period)]
        starts = {(month - starts_on.month) % length for month in (1, fiscal_month)}
        if starts_on.day != 1 or 0 not in starts:
            return "starts_on", _("The date must be the first day of a month, quarter or year.")
        return None

    return judge


def field_has_choices(kind: str, choices: tuple[str, ...]) -> Finding:
    if kind != FieldKind.CHOICE:
        return (
            ("choices", _("Only a field of type “Choice” can have choices.")) if choices else None
        )
    try:
        is_right = tuple(valid_choices(choices)) == choices
    except Refused as refusal:
        return "choices", str(refusal)
    return None if is_right else ("choices", _("Remove the spaces before and after the choice."))


def done_has_instant(status: str, done_at: datetime | None) -> Finding:
    if (status == Task.Status.DONE) == (done_at is None):
        return "done_at", _("A task has a completion date and time if it is done, and only then.")
    return None


def step_has_person(owner_rule: str, person: str) -> Finding:
    if (owner_rule == TemplateStep.OwnerRule.PERSON) != bool(person):
        return "person", _(
            "The column “person” is filled in if the owner is “person”, and only then."
        )
    return None


def column_has_one_target(notion: str, field: str) -> Finding:
    if notion and field:
        return "field", _("A column can have a notion or a field, not both.")
    return None


def merged_has_instant(merged_into: str, merged_at: datetime | None) -> Finding:
    if bool(merged_into) != (merged_at is not None):
        return "merged_at", _("A merged client has a date and time of the merge, and only then.")
    return None


def follows_another(lead: str, follows: str, follows_as: str) -> Finding:
    if bool(follows) != bool(follows_as):
        return "follows_as", _("A lead that follows another one needs both columns.")
    if follows == lead:
        return "follows", _("A lead cannot follow itself.")
    return None


def child_of(
    child: str, parent: str, parents: Mapping[str, str], sentence: Callable[[], str]
) -> Callable[[str, str], Finding]:
    """Return the rule that the key in column `child` has the key in column `parent` as its parent.

    `parents` maps the keys of children to those of their parents.
    """

    def judge(child_key: str, parent_key: str) -> Finding:
        if child_key and parents.get(child_key, parent_key) != parent_key:
            return child, sentence()
        return None

    return judge


def rules(parents: Mapping[str, Mapping[str, str]], fiscal_month: int | None) -> tuple[Rule, ...]:
    step = child_of(
        "step", "pipeline", parents["steps"], lambda: _("This step belongs to another pipeline.")
    )
    outcome = child_of(
        "outcome",
        "activity_type",
        parents["outcomes"],
        lambda: _("This outcome belongs to another activity type."),
    )
    follow_up = child_of(
        "follow_up",
        "lead",
        parents["follow_ups"],
        lambda: _("This follow-up belongs to another lead."),
    )
    clocks = ("occurred_at", "recorded_at")
    return (
        Rule("fields", ("kind", "choices"), field_has_choices),
        Rule("clients", ("merged_into", "merged_at"), merged_has_instant),
        Rule("prospect_columns", ("notion", "field"), column_has_one_target),
        Rule("prospects", ("lead", "converted_at"), converted_into_a_lead),
        Rule("leads", ("status", "closed_at"), closed_has_instant),
        Rule("leads", ("created_at", "closed_at"), closed_after_creation, is_warning=True),
        Rule("leads", ("step", "pipeline"), step),
        Rule("leads", ("lead", "follows", "follows_as"), follows_another),
        Rule("follow_up_steps", ("owner_rule", "person"), step_has_person),
        Rule("tasks", ("status", "done_at"), done_has_instant),
        Rule("tasks", ("follow_up", "lead"), follow_up),
        Rule("lead_events", clocks, recorded_after_it_happened),
        Rule("activities", clocks, recorded_after_it_happened),
        Rule("activities", ("outcome", "activity_type"), outcome),
        Rule("activities", ("lead", "prospect"), activity_is_about_something, is_warning=True),
        Rule("past_names", ("step", "pipeline"), name_of_one),
        Rule("costs", ("prospecting_list", "source", "tag"), cost_of_one),
        Rule("costs", ("first_on", "last_on"), cost_days),
        Rule("goals", ("user", "team"), goal_of_one),
        Rule("goals", ("measure", "activity_type"), goal_counts_a_type),
        Rule("goals", ("period", "starts_on"), goal_starts_with_a_period(fiscal_month)),
    )
