"""Panels of Today: the chosen lead with its forms, and the next one, loaded ahead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import ActivityType, Category, Lead, Step
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.leads.forms.comments import CommentForm
from leadlight.web.leads.forms.daily import ActivityForm, StandbyForm
from leadlight.web.leads.lead_page import SHOWN, shown_conflicts
from leadlight.web.leads.timeline import timeline_of
from leadlight.web.today.place import Place
from leadlight.web.today.queue import Queue

# Latest entries of the history that a panel shows.
LATEST = 4


def leads_of(user: User, keys: Iterable[str]) -> dict[str, Lead]:
    """Return the leads with these keys that a user may see, by key."""
    leads = access.visible_leads(user).select_related(*SHOWN)
    found = leads.prefetch_related("tags__category").filter(key__in=[key for key in keys if key])
    return {lead.key: lead for lead in found}


class Panels:
    """Contexts of the panels of a page; what they share is read once."""

    def __init__(self, user: User, place: Place, queue: Queue, leads: Iterable[Lead]) -> None:
        self._user, self._place, self._queue = user, place, queue
        leads = list(leads)
        editable = access.editable_leads(user).filter(pk__in=[lead.pk for lead in leads])
        self._editable = set(editable.values_list("pk", flat=True))
        pipelines = {lead.pipeline_id for lead in leads}
        self._steps = list(Step.objects.filter(pipeline__in=pipelines))
        self._types = list(ActivityType.objects.prefetch_related("outcomes"))
        required = Category.objects.filter(is_required=True, reason_for="")
        self._required = set(required.values_list("pk", flat=True))

    def of(self, lead: Lead, *, form: ChangeForm | None = None, what: str = "") -> dict[str, Any]:
        """Return the context of the panel of a lead; `form` is the form open on it, if any."""
        place = self._place.at(lead.key, self._queue.following(lead.key))
        before = self._queue.preceding(lead.key)
        if form is not None:
            form.focus()
        context: dict[str, Any] = {
            "lead": lead,
            "form": form,
            "what": what,
            "conflicts": list(shown_conflicts(form.conflicts)) if form else [],
            "is_editable": lead.pk in self._editable,
            "is_due": lead.reminder_at is not None and lead.reminder_at <= place.now,
            "latest": timeline_of(lead)[:LATEST],
            "return_params": place.return_params,
            "back": place.address,
            "next_address": place.at(place.then).address if place.then else "",
            "next_key": place.then,
            "previous_address": place.at(before).address if before else "",
        }
        if context["is_editable"]:
            context |= self._forms(lead, form)
        return context

    def _forms(self, lead: Lead, form: ChangeForm | None) -> dict[str, Any]:
        user = self._user
        activity = form if isinstance(form, ActivityForm) else ActivityForm(lead, user)
        activity.types = self._types
        has = {tag.category_id for tag in lead.tags.all()}
        return {
            "steps": [step for step in self._steps if step.pipeline_id == lead.pipeline_id],
            "activity_form": activity,
            "comment_form": form if isinstance(form, CommentForm) else CommentForm(lead, user),
            "standby_form": form if isinstance(form, StandbyForm) else StandbyForm(lead, user),
            "asks_when_won": bool(self._required - has),
        }
