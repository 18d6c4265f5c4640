"""Bulk changes of leads: the form of each verb over a selection, and the start of its job."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.bulk import AT_ONCE, MOST_LEADS, counts, start
from leadlight.sales.models import BulkItem, BulkJob
from leadlight.sales.models.actions import current_action
from leadlight.sales.refusals import Refused
from leadlight.web.bulk.forms import ASSIGNING, AT_ONE_CLICK, FORMS, BulkForm, SellersForm
from leadlight.web.bulk.phrases import sentence, share_sentences
from leadlight.web.bulk.selection import UNASSIGNED, Selection
from leadlight.web.shell.addresses import current_page, page_to_return_to
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.errors import refused, refused_query

# Field of a request that applies the form; without it, the form is only shown.
APPLY = "apply"
# Field of the buttons that choose the day of a standby and apply the form at once.
PRESET = "in"
# Event in the browser at which the list clears its selection.
STARTED = "bulk-started"


@signed_in
@require_POST
def bulk(request: ReaderRequest, verb: str) -> HttpResponse:
    """Show the form of a verb for the selected leads, or apply it if the form is sent."""
    if verb not in FORMS:
        raise Http404
    if verb in ASSIGNING and not access.may_assign(request.user):
        return refused(request, _("You do not have the right to assign leads."), status=403)
    selection = Selection.from_post(request)
    try:
        leads = selection.leads(request)
        number = leads[: MOST_LEADS + 1].count()
    except (BadFilter, Refused) as bad:
        return refused_query(request, bad, _("Leads"), "leads")
    is_applied = APPLY in request.POST or PRESET in request.POST
    is_sent = is_applied or (verb in AT_ONE_CLICK and not selection.is_all)
    shows_choices = "sellers" in request.POST
    form = FORMS[verb](request.user, request.POST if is_sent or shows_choices else None)
    status = 200
    if is_sent and form.is_valid():
        status = _refusal(request, form, selection, number)
        if status == 200:
            try:
                return _applied(request, verb, form, selection)
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = 400
    elif is_sent:
        status = 400
    return _shown(request, verb, form, selection, number, status)


def _refusal(request: ReaderRequest, form: BulkForm, selection: Selection, number: int) -> int:
    """Return the status of the response: 200, or that of an error, which is added to the form.

    400 without leads; 409 if the number of leads is not the one that the user saw.
    """
    if not number:
        form.add_error(None, _("Select leads first."))
        return 400
    if selection.is_all and request.POST.get("number") != str(number):
        form.add_error(None, _("The list has changed in the meantime. Check the number of leads."))
        return 409
    return 200


def _applied(
    request: ReaderRequest, verb: str, form: BulkForm, selection: Selection
) -> HttpResponse:
    """Start the job, and redirect as `leave` does."""
    arguments = form.arguments() | {"is_unassigned": selection.scope == UNASSIGNED}

    def change() -> str:
        action = current_action()
        if action is None:
            raise RuntimeError("a bulk job is part of an action")
        job = start(action, verb, arguments, selection.leads(request))
        return sentence(job, counts(job)) if job.is_finished else ""

    action = act(request, change)
    return leave(request, get_object_or_404(BulkJob, action=action))


def leave(request: ReaderRequest, job: BulkJob) -> HttpResponse:
    """Redirect to the page before; for an unfinished job or refused leads, to the job's page."""
    is_whole = job.is_finished and not job.items.filter(state=BulkItem.State.REFUSED).exists()
    page = reverse("bulk_job", args=[job.action.key])
    address = page_to_return_to(request) if is_whole else page
    if not request.htmx:
        return redirect(address)
    return HttpResponse(headers={"HX-Redirect": address, "HX-Trigger": STARTED})


def _shown(
    request: ReaderRequest,
    verb: str,
    form: BulkForm,
    selection: Selection,
    number: int,
    status: int,
) -> HttpResponse:
    sellers = form.sellers_chosen if isinstance(form, SellersForm) else []
    context = {
        "verb": verb,
        "form": form,
        "selection": selection,
        "number": number,
        "is_too_large": number > MOST_LEADS,
        "takes_time": number > AT_ONCE,
        "most": formats.number(MOST_LEADS),
        "shares": share_sentences(sellers, number) if sellers else [],
        "next": request.POST.get("next") or current_page(request),
    }
    template = "bulk/form.html" if request.htmx else "bulk/page.html"
    return render(request, template, context, status=status)
