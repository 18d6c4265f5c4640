"""Verbs of bulk jobs, and the effect of each on a lead.

`VERBS` maps the name of a verb to a function that takes the arguments of a job, which contain ids
of rows, and returns the change of one lead. The function runs once for each batch. The change
raises `Refused` for a step that was deleted or closed, or a user who was deactivated, meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leadlight.accounts.models import Team, User
from leadlight.sales.follow_ups import open_tasks_of
from leadlight.sales.models import ActivityType, Category, Lead, Reminder, Step, Tag
from leadlight.sales.models.tags import closing_categories
from leadlight.sales.refusals import Refused

Arguments = Mapping[str, Any]
# Change of one lead: the lead, its place among the leads of the job, and the user.
Change = Callable[[Lead, int, User], None]


def reminder_arguments(reminder: Reminder) -> dict[str, Any]:
    """Return the arguments of the verb “standby” for a reminder."""
    return {
        "at": reminder.at.isoformat(),
        "is_all_day": reminder.is_all_day,
        "minutes": reminder.minutes,
        "activity": reminder.activity_type and reminder.activity_type.pk,
        "note": reminder.note,
    }


def turn(given: Arguments, place: int) -> int:
    """Return the id of the seller whose turn it is: round robin by place."""
    sellers: Sequence[int] = given["sellers"]
    return sellers[place % len(sellers)]


def shares(number: int, sellers: int) -> list[int]:
    """Return the number of rows of each seller if `number` rows are distributed in turn."""
    each, more = divmod(number, sellers)
    return [each + (place < more) for place in range(sellers)]


def _assign(given: Arguments) -> Change:
    owner = User.objects.get(pk=given["owner"])
    team = Team.objects.filter(pk__in=[given["team"]]).first()

    def change(lead: Lead, _place: int, by: User) -> None:
        _refuse_if_taken(lead, given)
        lead.assign_to(owner, team=team, by=by)

    return change


def _distribute(given: Arguments) -> Change:
    sellers = User.objects.in_bulk(given["sellers"])

    def change(lead: Lead, place: int, by: User) -> None:
        _refuse_if_taken(lead, given)
        lead.assign_to(sellers[turn(given, place)], by=by)

    return change


def _hand_over(given: Arguments) -> Change:
    """Assign the leads of a person, and their open tasks on leads of the job, to the sellers."""
    sellers = User.objects.in_bulk(given["sellers"])

    person = User.objects.get(pk=given["person"])

    def change(lead: Lead, place: int, by: User) -> None:
        seller, tasks = sellers[turn(given, place)], open_tasks_of(person).filter(lead=lead)
        is_theirs = lead.owner_id == person.pk and (lead.is_open or given["closed"])
        if not is_theirs and not tasks:
            raise Refused(_("“%(lead)s” now has another owner.") % {"lead": lead})
        if is_theirs:
            lead.assign_to(seller, by=by)
        for task in tasks:
            task.lead = lead
            task.assign_to(seller, by=by)

    return change


def _refuse_if_taken(lead: Lead, given: Arguments) -> None:
    """Refuse to assign an unassigned lead that somebody has taken since it was chosen."""
    if given.get("is_unassigned") and lead.owner is not None:
        raise Refused(_("“%(lead)s” was taken by %(user)s.") % {"lead": lead, "user": lead.owner})


def _tag(given: Arguments) -> Change:
    tags = _tags(given)
    return lambda lead, _place, by: lead.tag(*tags, by=by)


def _untag(given: Arguments) -> Change:
    tags = _tags(given)
    return lambda lead, _place, by: lead.untag(*tags, by=by)


def _merge_tags(given: Arguments) -> Change:
    tags = Tag.objects.in_bulk([given["tag"], given["to"]])
    old, new = tags[given["tag"]], tags[given["to"]]

    def change(lead: Lead, _place: int, by: User) -> None:
        present = list(lead.tags.all())
        if old in present:
            lead.set_tags([*(tag for tag in present if tag != old), new], by=by)

    return change


def _move(given: Arguments) -> Change:
    step = Step.objects.filter(pk=given["step"]).first()

    def change(lead: Lead, _place: int, by: User) -> None:
        if step is None:
            raise Refused(_("The step does not exist any more."))
        if step.is_closed:
            raise Refused(_("“%(step)s” is closed.") % {"step": step})
        lead.move_to(step, by=by)

    return change


def _stand_by(given: Arguments) -> Change:
    reminder = Reminder(
        datetime.fromisoformat(given["at"]),
        given["is_all_day"],
        given["minutes"],
        ActivityType.objects.filter(pk=given["activity"]).first(),
        given["note"],
    )
    return lambda lead, _place, by: lead.stand_by(until=reminder, by=by)


def _win(given: Arguments) -> Change:
    return _close(given, Lead.Status.WON, Lead.win)


def _lose(given: Arguments) -> Change:
    return _close(given, Lead.Status.LOST, Lead.lose)


def _cancel(given: Arguments) -> Change:
    return _close(given, Lead.Status.CANCELLED, Lead.cancel)


def _close(given: Arguments, status: str, verb: Callable[..., None]) -> Change:
    tags = _tags(given)
    chosen = {tag.category_id for tag in tags}
    required = [each for each in closing_categories(status) if each.is_required]

    def change(lead: Lead, _place: int, by: User) -> None:
        if lead.status != status:
            _refuse_without_reason(lead, [each for each in required if each.pk not in chosen])
        if tags:
            lead.tag(*tags, by=by)
        if given["comment"]:
            lead.comment(given["comment"], by=by)
        verb(lead, by=by)

    return change


def _refuse_without_reason(lead: Lead, required: Sequence[Category]) -> None:
    has = {tag.category_id for tag in lead.tags.all()} if required else set()
    for category in required:
        if category.pk not in has:
            raise Refused(
                _("“%(lead)s” has no tag in “%(category)s”.") % {"lead": lead, "category": category}
            )


def _tags(given: Arguments) -> list[Tag]:
    return list(Tag.objects.filter(pk__in=given["tags"]))


MERGE_TAGS = "merge-tags"  # leads with the tag `tag`, which is deactivated, get `to` instead
CLOSE_STEP = "close-step"  # the step `closed` is closed, its leads move to `step`
VERBS: dict[str, Callable[[Arguments], Change]] = {
    "assign": _assign,
    "unassign": lambda _given: lambda lead, _place, by: lead.assign_to(None, by=by),
    "distribute": _distribute,
    "hand-over": _hand_over,
    "tag": _tag,
    "untag": _untag,
    "move": _move,
    CLOSE_STEP: _move,
    MERGE_TAGS: _merge_tags,
    "standby": _stand_by,
    "todo": lambda _given: lambda lead, _place, by: lead.resume(by=by),
    "won": _win,
    "lost": _lose,
    "cancelled": _cancel,
    "star": lambda _given: lambda lead, _place, by: lead.star(by=by),
    "unstar": lambda _given: lambda lead, _place, by: lead.unstar(by=by),
    "bin": lambda _given: lambda lead, _place, by: lead.bin(by=by),
}
