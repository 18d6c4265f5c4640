"""Merge of two tags: leads get the tag that stays, and the other one is deactivated."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from leadlight.sales import bulk, costs
from leadlight.sales.bulk_verbs import MERGE_TAGS
from leadlight.sales.models import BulkJob, Lead, LeadForm, Tag
from leadlight.sales.models.actions import current_action
from leadlight.sales.refusals import Refused


def merge(tag: Tag, to: Tag) -> BulkJob:
    """Merge a tag into another one, within an action.

    Returns the bulk job that changes the leads, without items if no lead has the tag. Undoing it
    reactivates the tag and gives it back its costs. Prospecting lists and public forms get the tag
    `to` too; leads in the bin keep the old tag. Raises `Refused` if `to` is inactive or the tag
    itself.
    """
    action = current_action()
    if action is None:
        raise RuntimeError("the leads of a tag are changed by an action")
    if tag == to or not to.is_active:
        raise Refused(_("Choose the tag that stays."))
    tag.set_active(False)
    for prospecting_list in tag.prospecting_lists.all():
        prospecting_list.tags.add(to)
    for form in LeadForm.objects.filter(tags=tag):
        form.tags.add(to)
    costs.move(tag, to, action.user)
    leads = Lead.objects.filter(tags=tag, is_deleted=False).order_by("pk")
    arguments = {"tag": tag.pk, "to": to.pk}
    if leads.exists():
        return bulk.start(action, MERGE_TAGS, arguments, leads)
    return BulkJob.objects.create(
        action=action,
        verb=MERGE_TAGS,
        arguments=arguments,
        language=get_language() or "en",
        state=BulkJob.State.DONE,
        total=0,
    )
