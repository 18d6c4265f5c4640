"""Sentences about events of tasks, files and links between leads, for timelines and the feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales.models import FollowUp, Lead, LeadEvent, Task
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.tasks import state_values

State = dict[str, str]


@dataclass(frozen=True)
class EventSentence:
    """Sentence about one change, with its subject and the state after it ("" for none)."""

    change: str
    subject: str = ""
    state: str = ""


@dataclass(frozen=True)
class TaskNames:
    """Users, by name, and follow-ups in the states of tasks, by key."""

    users: Mapping[str, str]
    follow_ups: Mapping[str, FollowUp]


def names_for(events: Iterable[LeadEvent]) -> TaskNames:
    """Return the names that the sentences about these events need, with two queries or none."""
    states = [
        state_values(text)
        for event in events
        if event.kind == Kind.TASK
        for text in (event.old_value, event.value)
    ]
    owners = {state["owner"] for state in states if "owner" in state}
    started = {state["follow_up"] for state in states if "follow_up" in state}
    users = User.objects.filter(key__in=owners) if owners else ()
    follow_ups = FollowUp.objects.filter(key__in=started) if started else ()
    return TaskNames({user.key: str(user) for user in users}, {one.key: one for one in follow_ups})


def sentences_about(events: Sequence[LeadEvent], names: TaskNames) -> Iterator[EventSentence]:
    """Yield the sentences about the events of one moment; a start of a follow-up is one sentence.

    Events of other kinds are left out.
    """
    started = Counter[str]()
    for event in events:
        if event.kind == Kind.FOLLOWS:
            yield _link(event.value)
        if event.kind == Kind.FILE:
            yield (
                EventSentence(_("File attached"), event.value)
                if event.value
                else EventSentence(_("File removed"), event.old_value)
            )
        if event.kind == Kind.TASK:
            old, new = state_values(event.old_value), state_values(event.value)
            follow_up = names.follow_ups.get(new.get("follow_up", ""))
            if not old and follow_up and follow_up.started_at == event.occurred_at:
                started[follow_up.name] += 1
            else:
                yield from _task(old, new, names)
    for name, count in started.items():
        tasks = ngettext("%(count)s task", "%(count)s tasks", count) % {
            "count": formats.number(count)
        }
        yield EventSentence(_("Follow-up started"), name, tasks)


def _link(text: str) -> EventSentence:
    link = text.partition(":")[0]
    if link == Lead.Link.UPSELL:
        return EventSentence(_("Upsell of an earlier lead"))
    if link == Lead.Link.RENEWAL:
        return EventSentence(_("Renewal of an earlier lead"))
    return EventSentence(_("Link to the earlier lead removed"))


def _task(old: State, new: State, names: TaskNames) -> Iterator[EventSentence]:
    title = (new or old).get("title", "")
    if not old:
        yield EventSentence(_("Task added"), title, _due(new))
    elif not new:
        yield EventSentence(_("Task removed"), title)
    else:
        yield from _changed(old, new, title, names)


def _changed(old: State, new: State, title: str, names: TaskNames) -> Iterator[EventSentence]:
    before, after = old.get("status"), new.get("status")
    is_done_now = after == Task.Status.DONE
    if is_done_now and before != after:
        yield EventSentence(_("Task done"), title)
    elif before == Task.Status.DONE and before != after:
        yield EventSentence(_("Task reopened"), title, _due(new))
    elif old.get("due_on") != new.get("due_on") or before != after:
        what = (
            _("Task postponed")
            if after == Task.Status.STANDBY
            else _("Due date of the task changed")
        )
        yield EventSentence(what, title, _due(new))
    if old.get("owner") != new.get("owner"):
        owner = names.users.get(new.get("owner", ""), "")
        yield EventSentence(_("Task assigned"), title, owner or _("nobody"))
    if any(old.get(name) != new.get(name) for name in ("title", "note")):
        before_title = old.get("title", "")
        yield EventSentence(_("Task changed"), title, f"({before_title})" * (before_title != title))


def _due(state: State) -> str:
    return formats.day(date.fromisoformat(state["due_on"])) if "due_on" in state else ""
