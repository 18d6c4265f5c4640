"""Merge of two leads into one, and the undo of a merge.

The kept lead gets the chosen values, the tags of both, and the rows of the other one, such as
activities, files and tasks. The other lead goes to the bin, with its own history.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales import access, derived_columns
from leadlight.sales.models import Action, CustomField, Lead, LeadEvent, Merge, Relation
from leadlight.sales.models.actions import current_action
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX, FIELDS, Kind
from leadlight.sales.models.lead_changes import changing
from leadlight.sales.models.relations import relate, relations_of
from leadlight.sales.refusals import Refused

# Foreign keys to leads whose rows move to the kept lead. Every other one is in `STAYING`.
REPOINTED = (
    "sales.Activity.lead",
    "sales.Attachment.lead",
    "sales.FollowUp.lead",
    "sales.FormEntry.lead",
    "sales.Task.lead",
)
# Foreign keys to leads whose rows stay with the merged lead, with the reason.
STAYING = {
    "sales.LeadEvent.lead": "Each lead keeps its own log, comments included; pages show both.",
    "sales.LeadFieldValue.owner": "Values of custom fields are chosen, and set by the verbs.",
    "sales.Lead_tags.lead": "Tags are united by the verbs.",
    "sales.ContactPoint.lead": "Contact points are derived from the description and the fields.",
    "sales.LeadWords.row": "Search words are derived from the lead.",
    "sales.Lead.follows": "A link names the lead that was followed, in the bin or not.",
    "automation.RuleRun.lead": "The log of a rule tells on which lead it ran.",
    "sales.BulkItem.lead": "A bulk job is undone on the leads that it changed.",
    "sales.Merge.kept": "Earlier merges are undone one by one, the last one first.",
    "sales.Merge.merged": "Earlier merges are undone one by one, the last one first.",
}
PROSPECT = "prospect"
# Name of a value to choose → kinds of events of its fields. It is empty if the first field is
# empty.
VALUES: dict[str, tuple[str, ...]] = {
    "title": (Kind.TITLE,),
    "client": (Kind.CLIENT,),
    "amount": (Kind.AMOUNT,),
    "probability": (Kind.PROBABILITY,),
    "expected-day": (Kind.ESTIMATED_CLOSING,),
    "owner": (Kind.OWNER, Kind.TEAM),
    "step": (Kind.STEP, Kind.PIPELINE),
    "source": (Kind.SOURCE,),
    "reminder": (
        *(Kind.REMINDER, Kind.REMINDER_ALL_DAY, Kind.REMINDER_MINUTES),
        *(Kind.REMINDER_ACTIVITY, Kind.REMINDER_NOTE),
    ),
    "starred": (Kind.STARRED,),
    "description": (Kind.DESCRIPTION,),
}
BOTH = "both"  # descriptions, one after the other


def texts_of(lead: Lead) -> dict[str, str]:
    """Return the values that a merge compares, as texts of the event log, by name."""
    named = {
        name: "\n".join(FIELDS[kind].write(getattr(lead, FIELDS[kind].attribute)) for kind in kinds)
        for name, kinds in VALUES.items()
    }
    own = {CUSTOM_FIELD_PREFIX + key: text for key, text in lead.field_texts.items()}
    return named | own


def is_empty(lead: Lead, name: str) -> bool:
    """Return whether a lead has no value of this name; a lead that is not starred has none."""
    if name.startswith(CUSTOM_FIELD_PREFIX):
        return not lead.field_texts.get(name.removeprefix(CUSTOM_FIELD_PREFIX))
    return not getattr(lead, FIELDS[VALUES[name][0]].attribute)


def choosable(kept: Lead, other: Lead, *, by: User) -> list[str]:
    """Return the names of the values that differ and that the user may take from the other lead.

    Without the right to assign leads, the kept lead keeps its owner and team; if it has no owner,
    the user may take it.
    """
    ours, theirs = texts_of(kept), texts_of(other)
    archived = {
        CUSTOM_FIELD_PREFIX + key
        for key in CustomField.objects.filter(is_archived=True).values_list("key", flat=True)
    }
    names = [*VALUES, *(name for name in sorted({*ours, *theirs}) if name not in VALUES)]
    return [
        name
        for name in names
        if ours.get(name, "") != theirs.get(name, "")
        and name not in archived
        and not is_empty(other, name)
        and not (name == "reminder" and kept.is_closed)
        and not (name == "owner" and not _may_take_owner(kept, other, by))
    ]


def _may_take_owner(kept: Lead, other: Lead, by: User) -> bool:
    if other.owner is not None and not other.owner.is_active:
        return False
    return access.may_assign(by) or (kept.owner_id is None and other.owner_id == by.pk)


def preferred(first: Lead, second: Lead) -> tuple[Lead, Lead]:
    """Return the lead to keep by default, and the other: won before open before lost, then older.

    A won lead in the bin would be missing from the reports.
    """

    def rank(lead: Lead) -> tuple[int, Any, int]:
        order = 0 if lead.status == Lead.Status.WON else 1 if lead.is_open else 2
        return order, lead.created_at, lead.pk

    kept, other = sorted((first, second), key=rank)
    return kept, other


def merge(
    kept: Lead, other: Lead, *, taken: Collection[str], by: User, description: str = ""
) -> None:
    """Merge `other` into `kept`, which takes over the values of `other` that `taken` names.

    With `BOTH` as `description`, `kept` gets both descriptions. Raises `Refused` if the leads
    cannot be merged. The caller checks that the user may change both.
    """
    with transaction.atomic():
        lock(kept, other)
        _refuse(kept, other)
        names = [name for name in choosable(kept, other, by=by) if name in taken]
        _take(kept, other, names, by, joins=description == BOTH)
        relate(kept, other.key, Relation.MERGED_WITH, by=by)
        moved = _repoint(other, kept)
        relate(other, kept.key, Relation.MERGED_INTO, by=by)
        other.bin(by=by)
        action = current_action()
        if action is not None:
            Merge.objects.create(kept=kept, merged=other, action=action, moved=moved)
        derived_columns.refresh([kept.pk, other.pk])
        kept.refresh_from_db()


def lock(kept: Lead, other: Lead) -> None:
    """Lock both leads in the order of their ids, and read them again."""
    rows = Lead.objects.select_for_update(of=("self",)).order_by("pk")
    list(rows.filter(pk__in=(kept.pk, other.pk)))
    for lead in (kept, other):
        lead.refresh_from_db()


def _refuse(kept: Lead, other: Lead) -> None:
    if kept.pk == other.pk:
        raise Refused(_("A lead cannot be merged with itself."))
    for lead in (kept, other):
        if lead.is_deleted:
            raise Refused(_("“%(lead)s” is in the bin. Restore it first.") % {"lead": lead})
    if other.status == Lead.Status.WON != kept.status:
        raise Refused(
            _("“%(lead)s” is won: reports would lose it. Keep this lead, or reopen it first.")
            % {"lead": other}
        )


def _take(kept: Lead, other: Lead, names: Collection[str], by: User, *, joins: bool) -> None:
    """Set the chosen values of the other lead, and the tags of both."""
    fields = {CUSTOM_FIELD_PREFIX + field.key: field for field in CustomField.objects.all()}
    texts = other.field_texts
    with changing(kept, by) as changes:
        for name in names:
            if name in fields:
                field = fields[name]
                changes.of_fields[field] = field.checked(CustomField.Subject.LEAD, texts[field.key])
            else:
                for kind in VALUES[name]:
                    changes[kind] = getattr(other, FIELDS[kind].attribute)
        if joins:
            both = (kept.description, other.description)
            changes[Kind.DESCRIPTION] = "\n\n".join(filter(None, both))
        changes[Kind.TAGS] = kept.tag_ids | other.tag_ids


# Rows of a lead


def _repoint(other: Lead, kept: Lead) -> dict[str, list[int]]:
    """Move the rows of a lead to another one; return their ids by relation."""
    moved = {}
    for relation in REPOINTED:
        rows, name = _rows(relation)
        ids = list(rows.filter(**{name: other}).order_by("pk").values_list("pk", flat=True))
        if ids:
            rows.filter(**{name: other}).update(**{name: kept})
            moved[relation] = ids
    if other.prospect_id is not None and kept.prospect_id is None:
        moved[PROSPECT] = [other.prospect_id]
        _give_prospect(other, kept)
    return moved


def _rows(relation: str) -> tuple[QuerySet[Any], str]:
    label, _dot, name = relation.rpartition(".")
    return apps.get_model(label)._default_manager.all(), name


def _give_prospect(giver: Lead, taker: Lead) -> None:
    """Move the prospect that a lead was converted from to another lead."""
    taker.prospect_id, giver.prospect_id = giver.prospect_id, None
    giver.save(update_fields=["prospect"])
    taker.save(update_fields=["prospect"])


# Undo


def undo_merges(action: Action, leads: Mapping[int, Lead]) -> None:
    """Move the rows of the merges of an action back; the caller undoes it, and holds the locks.

    Raises `Refused` if one of the two leads has changed since.
    """
    for merge in action.merges.all():
        kept, merged = leads[merge.kept_id], leads[merge.merged_id]
        for lead in (kept, merged):
            if _is_changed_since(lead, action):
                raise Refused(
                    _("“%(lead)s” has changed since. Nothing was undone.") % {"lead": lead}
                )
        moved = dict(merge.moved)
        if moved.pop(PROSPECT, None):
            _give_prospect(kept, merged)
        for relation, ids in moved.items():
            rows, name = _rows(relation)
            rows.filter(pk__in=ids, **{name: kept}).update(**{name: merged})


def refuse_merged(action: Action, leads: Collection[int]) -> None:
    """Refuse the undo of an action on a lead that was merged into another one since."""
    merges = Merge.objects.filter(merged__in=leads, action__undone_at=None).exclude(action=action)
    merge = merges.select_related("merged").first()
    if merge is not None and merge.merged.is_deleted:
        raise Refused(
            _("“%(lead)s” has been merged since. Undo the merge first.") % {"lead": merge.merged}
        )


def _is_changed_since(lead: Lead, action: Action) -> bool:
    """Return whether a lead has later events or activities that were not undone."""
    own = lead.events.filter(action=action)
    last = own.order_by("-pk").values_list("pk", flat=True).first()
    if last is None:  # an import has replaced the events since
        return True
    later = LeadEvent.objects.filter(lead=lead, pk__gt=last).exclude(action=action)
    if later.filter(action__undone_at=None).exists():
        return True
    return lead.activities.filter(recorded_at__gt=action.at).exists()


# Chains of merges

LONGEST_CHAIN = 20


def kept_lead_of(lead: Lead) -> Lead | None:
    """Return the lead that a lead in the bin was merged into, directly or through others."""
    current, seen = lead, {lead.pk}
    while current.is_deleted and len(seen) <= LONGEST_CHAIN:
        relations = relations_of(current)
        keys = [key for key, one in relations.items() if one == Relation.MERGED_INTO]
        following = Lead.objects.filter(key__in=keys[-1:]).first()
        if following is None or following.pk in seen:
            return None
        current = following
        seen.add(current.pk)
    return current if current.pk != lead.pk and not current.is_deleted else None


def merged_leads(lead: Lead, relations: Mapping[str, str]) -> list[Lead]:
    """Return the leads in the bin that were merged into a lead, with those merged into them.

    `relations` are the relations of the lead (`relations_of`).
    """
    found: dict[int, Lead] = {lead.pk: lead}
    pending = [relations]
    while pending and len(found) <= LONGEST_CHAIN:
        keys = [key for key, one in pending.pop(0).items() if one == Relation.MERGED_WITH]
        leads = Lead.objects.filter(key__in=keys, is_deleted=True) if keys else ()
        for one in leads:
            if one.pk not in found:
                found[one.pk] = one
                pending.append(relations_of(one))
    return list(found.values())[1:]
