"""Sentences about bulk jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.accounts.models import User
from leadlight.presentation import formats, labels
from leadlight.sales.bulk_verbs import CLOSE_STEP, MERGE_TAGS, shares
from leadlight.sales.models import BulkItem, BulkJob, Step, Tag
from leadlight.web.bulk.forms import FORMS

State = BulkItem.State


def title_of(job: BulkJob) -> str:
    """Return the heading of a job, with its arguments."""
    given: Mapping[str, Any] = job.arguments
    if job.verb == "assign":
        return _("Assign to %(user)s") % {"user": User.objects.get(pk=given["owner"])}
    if job.verb == "hand-over":
        person = User.objects.get(pk=given["person"])
        return _("Hand over from %(user)s") % {"user": person}
    if job.verb == "move":
        step = Step.objects.filter(pk=given["step"]).first()
        return _("Move to “%(step)s”") % {"step": step or "?"}
    if job.verb == CLOSE_STEP:
        steps = Step.objects.in_bulk([given["closed"], given["step"]])
        return _("Close “%(closed)s” and move its leads to “%(step)s”") % {
            "closed": steps.get(given["closed"], "?"),
            "step": steps.get(given["step"], "?"),
        }
    if job.verb == MERGE_TAGS:
        tags = Tag.objects.in_bulk([given["tag"], given["to"]])
        return _("Merge the tag “%(tag)s” into “%(to)s”") % {
            "tag": tags.get(given["tag"], "?"),
            "to": tags.get(given["to"], "?"),
        }
    if job.verb == "standby":
        at = datetime.fromisoformat(given["at"]).astimezone(formats.company().zone)
        return _("Standby until %(day)s") % {"day": formats.day(at.date())}
    title = str(FORMS[job.verb].title)
    if job.verb in ("tag", "untag"):
        names = Tag.objects.filter(pk__in=given["tags"]).values_list("name", flat=True)
        return labels.titled(title, formats.listed(list(names)))
    return title


def facts(job: BulkJob, counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the results so far as pairs of a name and a number of rows, without those of 0."""
    found = [
        (_("Changed"), counts[State.DONE]),
        (_("Set back"), counts[State.UNDONE]),
        (_("No change needed"), counts[State.UNCHANGED]),
        (_("Not possible"), counts[State.REFUSED]),
        (_("Changed since, left as they are"), counts[State.KEPT]),
        (_("Not processed, because the change was stopped"), counts[State.STOPPED]),
        (_("Left out, because you cannot change them"), job.skipped),
        (_("Still to do"), counts[State.PENDING]),
    ]
    return [(name, formats.number(number)) for name, number in found if number]


def sentence(job: BulkJob, counts: Mapping[str, int]) -> str:
    """Return the message about a finished job."""
    done = counts[State.DONE]
    changed = ngettext("%(number)s lead changed.", "%(number)s leads changed.", done)
    parts = [labels.titled(title_of(job), changed % {"number": formats.number(done)})]
    parts += [
        f"{labels.titled(name, number)}."
        for name, number in facts(job, counts)
        if name != _("Changed")
    ]
    return " ".join(parts)


def share_sentences(sellers: Sequence[User], number: int) -> list[str]:
    """Return a text for each seller: their name and their share of `number` leads."""
    each = zip(sellers, shares(number, len(sellers)), strict=True)
    return [labels.titled(seller, formats.number(share)) for seller, share in each]
