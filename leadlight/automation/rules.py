"""Rules: which rules a change of a lead triggers, and their runs.

A change triggers rules in the transaction of the dispatch; a job does the run. A rule runs once for
a lead and an occasion. A change that a run made can trigger other rules, but no rule that led to
it, so that rules that trigger each other stop after one round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.analytics.query.dimensions import LEAD_FILTERS
from leadlight.analytics.query.lead_filter import LeadFilter
from leadlight.automation import rule_actions
from leadlight.automation.models import Rule, RuleRun
from leadlight.job_queue import queue
from leadlight.job_queue.kinds import JobKind
from leadlight.sales.lead_filter import narrow
from leadlight.sales.models import Lead, Step, Tag, Task
from leadlight.sales.models.event_log import Channel, Kind, LeadEvent, through
from leadlight.sales.models.tasks import state_values
from leadlight.sales.refusals import Refused

Trigger, State = Rule.Trigger, RuleRun.State

DONE = Task.Status.DONE.value
HOUR = timedelta(hours=1)
KEPT_FOR = timedelta(days=90)
REMOVED_AT_ONCE = 1_000  # rows of a transaction, during which other writers wait on SQLite
MOST_IDLE = 500  # leads of an idle rule that are looked at in one round
# Trigger → kinds of the events that it waits for.
KINDS: dict[str, tuple[str, ...]] = {
    Trigger.CREATED: (Kind.CREATED,),
    Trigger.FORM: (Kind.CREATED, Kind.COMMENT),
    Trigger.ASSIGNED: (Kind.OWNER,),
    Trigger.STEP: (Kind.STEP,),
    Trigger.STATUS: (Kind.STATUS,),
    Trigger.TAG: (Kind.TAGS,),
    Trigger.FIELD: (Kind.FIELD,),
    Trigger.TASK_DONE: (Kind.TASK,),
}
OF_CREATIONS = (Trigger.CREATED, Trigger.FORM, Trigger.ASSIGNED)


def conditions_of(rule: Rule) -> LeadFilter:
    """Return the conditions of a rule as a filter of leads. Raises BadFilter."""
    params = parse_qs(rule.conditions)
    return LeadFilter.from_params(params, LEAD_FILTERS)


def matching_event(rule: Rule, change: Iterable[LeadEvent], wanted: str) -> LeadEvent | None:
    """Return the event of a change that triggers a rule, or None. `wanted` is `_wanted(rule)`.

    The events of a creation trigger only rules about creations, received forms, and assignments to
    somebody.
    """
    kinds = KINDS.get(rule.trigger, ())
    events = list(change)
    is_creation = any(event.kind == Kind.CREATED for event in events)
    if is_creation and rule.trigger not in OF_CREATIONS:
        return None
    return next((one for one in events if one.kind in kinds and _matches(rule, one, wanted)), None)


def _wanted(rule: Rule) -> str:
    """Return the value that a rule waits for, as events have it; "" for any."""
    model = {Trigger.STEP: Step, Trigger.TAG: Tag}.get(Trigger(rule.trigger))
    if not rule.value or model is None:
        return rule.value
    pk = model._default_manager.filter(key=rule.value).values_list("pk", flat=True).first()
    return str(pk)  # "None" for a row that is gone, which no event has


def _matches(rule: Rule, event: LeadEvent, wanted: str) -> bool:
    """Return whether an event of the kind of a trigger has the value that the rule waits for."""
    if rule.trigger == Trigger.ASSIGNED:
        return bool(event.value)
    if rule.trigger == Trigger.FORM:
        return event.channel == Channel.FORM
    if rule.trigger == Trigger.TASK_DONE:
        before, after = (state_values(text) for text in (event.old_value, event.value))
        return after.get("status") == DONE != before.get("status")
    if not wanted:
        return True
    if rule.trigger == Trigger.TAG:
        return wanted in event.value.split() and wanted not in event.old_value.split()
    if rule.trigger == Trigger.FIELD:
        return event.about == wanted
    return event.value == wanted or rule.trigger == Trigger.CREATED


def trigger(changes: Iterable[list[LeadEvent]]) -> int:
    """Add the runs that changes of leads trigger, and their jobs; return their number.

    `changes` are the events that were written together, for each change. Imported data trigger
    nothing. Runs in the transaction of the dispatch.
    """
    rules = list(Rule.objects.filter(is_active=True, trigger__in=list(KINDS)).order_by("pk"))
    wanted = {rule.pk: _wanted(rule) for rule in rules}
    number = 0
    for change in changes:
        if not rules or change[0].channel == Channel.IMPORT:
            continue
        chain = _chain_of(change[0])
        for rule in rules:
            event = matching_event(rule, change, wanted[rule.pk])
            if event is not None:
                number += _add(rule, event.lead_id, f"event {event.pk}", chain)
    return number


def manual_rules() -> list[Rule]:
    """Return the rules that have a button on the page of a lead."""
    return list(Rule.objects.filter(is_active=True, trigger=Trigger.MANUAL))


def press(rule: Rule, lead: Lead, key: str) -> None:
    """Run a manual rule for a lead at once; `key` is that of the action.

    Raises Refused, with the reason, if it does nothing.
    """
    with transaction.atomic(), through(Channel.RULE):
        one = RuleRun.objects.create(
            rule=rule, lead=lead, occasion=f"manual {key}"[:100], chain=[rule.pk]
        )
        _do(one)
        if one.state != State.DONE:
            raise Refused(f"{one.get_state_display()}. {one.reason}".strip())


def trigger_idle(*, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Add the runs of rules about leads on which nothing is done; return their number.

    A lead counts once until something is done again. Standby leads are not idle.
    """
    now, number = timezone.now(), 0
    for rule in Rule.objects.filter(is_active=True, trigger=Trigger.IDLE).order_by("pk"):
        if is_stopped():
            break
        before = now - timedelta(days=int(rule.value or 1))
        leads = Lead.objects.filter(
            is_deleted=False,
            status=Lead.Status.TODO,
            updated_at__lt=before,
            updated_at__gte=rule.switched_on_at - timedelta(days=int(rule.value or 1)),
        )
        # Those that the rule has acted on since would take the places of all others.
        since = RuleRun.objects.filter(
            rule=rule, lead=OuterRef("pk"), created_at__gte=OuterRef("updated_at")
        )
        leads = narrow(leads.filter(~Exists(since)), conditions_of(rule).chosen)
        leads = leads.order_by("updated_at", "pk")
        for pk, at in list(leads.values_list("pk", "updated_at")[:MOST_IDLE]):
            with transaction.atomic():
                number += _add(rule, pk, f"idle since {at.isoformat()}", [])
    return number


def _chain_of(event: LeadEvent) -> list[int]:
    """Return the ids of the rules that led to an event, the first one first."""
    if event.channel != Channel.RULE:
        return []
    run = RuleRun.objects.filter(
        lead=event.lead_id,
        first_version__lte=event.version,
        last_version__gte=event.version,
    ).first()
    return [*run.chain] if run else []


def _add(rule: Rule, lead: int, occasion: str, chain: list[int]) -> int:
    """Add a run with its job, or the note that the rule led to this change itself."""
    is_loop = rule.pk in chain
    run, is_new = RuleRun.objects.get_or_create(
        rule=rule,
        lead_id=lead,
        occasion=occasion,
        defaults={
            "chain": [*chain, rule.pk],
            "state": State.LOOP if is_loop else State.WAITING,
        },
    )
    if not is_new or is_loop:
        return 0
    queue.add(
        JobKind.RULE,
        {"run": run.pk},
        key=f"run {run.pk}",
        sequence=f"rules {lead}",
        subject=rule.name,
    )
    return 1


def run(arguments: dict[str, Any]) -> None:
    """Do the run of a job: check its conditions and do its actions, all or none."""
    with transaction.atomic(), through(Channel.RULE):
        rows = RuleRun.objects.select_for_update(of=("self",)).select_related("rule")
        found = rows.filter(pk=arguments["run"], state=State.WAITING).first()
        if found is not None:
            _do(found)


def _do(one: RuleRun) -> None:
    lead = Lead.objects.select_for_update(of=("self",)).get(pk=one.lead_id)
    unmet = list(unmet_conditions(one.rule, lead))
    if not one.rule.is_active:
        _end(one, State.NOT_MET, _("The rule was switched off."))
    elif unmet:
        _end(one, State.NOT_MET, ", ".join(unmet))
    elif _runs_of_an_hour(one.rule) >= one.rule.per_hour:
        _end(one, State.LIMITED)
    else:
        one.first_version = lead.version + 1
        try:
            with transaction.atomic():
                rule_actions.act(lead, one.rule.actions, one)
        except Refused as refusal:
            _end(one, State.REFUSED, str(refusal))
            return
        lead.refresh_from_db(fields=["version"])
        one.last_version = lead.version
        _end(one, State.DONE)


def unmet_conditions(rule: Rule, lead: Lead) -> Iterator[str]:
    """Yield the names of the dimensions in which a lead does not meet the conditions of a rule."""
    if lead.is_deleted:
        yield _("The lead is in the bin")
    for name, keys in conditions_of(rule).chosen:
        if not narrow(Lead.objects.filter(pk=lead.pk), [(name, keys)]).exists():
            yield name


def dry_run(rule: Rule, since: timedelta = timedelta(days=30)) -> list[LeadEvent]:
    """Return the events of the last days that would have triggered a rule, newest first.

    The conditions are checked against the leads as they are now.
    """
    kinds = KINDS.get(rule.trigger, ())
    events = LeadEvent.objects.filter(kind__in=kinds, recorded_at__gte=timezone.now() - since)
    leads = narrow(Lead.objects.filter(is_deleted=False), conditions_of(rule).chosen)
    found = events.filter(lead__in=leads.values("pk"))
    creations = LeadEvent.objects.filter(kind=Kind.CREATED, version=1, lead=OuterRef("lead"))
    if rule.trigger not in OF_CREATIONS:
        found = found.exclude(Q(version=1) & Exists(creations))
    ordered, wanted = found.order_by("-recorded_at", "-pk"), _wanted(rule)
    return [event for event in ordered if _matches(rule, event, wanted)]


def remove_old(*, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Delete the runs that are older than `KEPT_FOR`; return their number."""
    old = RuleRun.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    removed = 0
    while not is_stopped():
        pks = list(old.order_by("created_at").values_list("pk", flat=True)[:REMOVED_AT_ONCE])
        if not pks:
            break
        removed += RuleRun.objects.filter(pk__in=pks).delete()[0]
    return removed


def _runs_of_an_hour(rule: Rule) -> int:
    since = timezone.now() - HOUR
    return RuleRun.objects.filter(rule=rule, state=State.DONE, done_at__gt=since).count()


def _end(one: RuleRun, state: str, reason: str = "") -> None:
    one.state, one.reason, one.done_at = state, reason[:500], timezone.now()
    one.save(update_fields=["state", "reason", "done_at", "first_version", "last_version"])
