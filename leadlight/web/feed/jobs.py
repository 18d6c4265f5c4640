"""Bulk jobs in the feed: all their leads are one entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales.models import Action, BulkJob, TableImport
from leadlight.sales.models.bulk import IMPORT

# Verb of a job → sentence after the name of the user.
SENTENCES: dict[str, str | Promise] = {
    "assign": gettext_lazy("changed the owner of %(number)s leads"),
    "unassign": gettext_lazy("removed the owner of %(number)s leads"),
    "distribute": gettext_lazy("distributed %(number)s leads"),
    "hand-over": gettext_lazy("handed over %(number)s leads"),
    "tag": gettext_lazy("added tags to %(number)s leads"),
    "untag": gettext_lazy("removed tags from %(number)s leads"),
    "move": gettext_lazy("moved %(number)s leads to another step"),
    "close-step": gettext_lazy("closed a step with %(number)s leads"),
    "merge-tags": gettext_lazy("merged a tag of %(number)s leads"),
    "standby": gettext_lazy("put %(number)s leads on standby"),
    "todo": gettext_lazy("set %(number)s leads to “To do”"),
    "won": gettext_lazy("marked %(number)s leads as won"),
    "lost": gettext_lazy("marked %(number)s leads as lost"),
    "cancelled": gettext_lazy("marked %(number)s leads as cancelled"),
    "star": gettext_lazy("starred %(number)s leads"),
    "unstar": gettext_lazy("removed the star of %(number)s leads"),
    "bin": gettext_lazy("moved %(number)s leads to the bin"),
    IMPORT: gettext_lazy("imported %(number)s leads"),
}
# Kind of the rows of an import → sentence, where the rows are not the leads.
SENTENCES_OF_IMPORTS: dict[str, str | Promise] = {
    TableImport.Kind.ACTIVITIES: gettext_lazy("imported activities of %(number)s leads"),
    TableImport.Kind.STEPS: gettext_lazy("imported the steps of %(number)s leads"),
}


@dataclass(frozen=True)
class FoldedJob:
    """Job whose leads are one entry; `number` counts those that the reader sees.

    `action` is that of the job, or that of its undo.
    """

    job: BulkJob
    action: Action
    number: int

    @property
    def who(self) -> User:
        return self.action.user

    @property
    def sentence(self) -> str:
        sentence = SENTENCES[self.job.verb]
        if self.job.verb == IMPORT:
            sentence = SENTENCES_OF_IMPORTS.get(self.job.table_import.kind, sentence)
        text = str(sentence) % {"number": formats.number(self.number)}
        return _("%(change)s, undone") % {"change": text} if self.is_undone else text

    @property
    def is_undone(self) -> bool:
        return self.action.pk == self.job.undone_id

    @property
    def address(self) -> str:
        """Address of the list of the leads."""
        return f"{reverse('leads')}?change={self.action.key}"


def jobs_of(action_ids: Iterable[int]) -> dict[int, tuple[BulkJob, Action]]:
    """Return the jobs that actions belong to, each with the action, by id of the action."""
    ids = set(action_ids)
    if not ids:
        return {}
    jobs = BulkJob.objects.filter(Q(action__in=ids) | Q(undone__in=ids))
    found: dict[int, tuple[BulkJob, Action]] = {}
    for job in jobs.select_related("action__user", "undone__user", "table_import"):
        found |= {one.pk: (job, one) for one in (job.action, job.undone) if one and one.pk in ids}
    return found
