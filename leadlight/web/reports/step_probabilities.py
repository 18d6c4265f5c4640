"""Form action that sets the probability of a step, in the forecast's view of steps."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadlight.presentation import formats
from leadlight.sales.models import Step
from leadlight.sales.refusals import Refused
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused


@signed_in
@require_POST
def step_probability(request: ReaderRequest) -> HttpResponse:
    """Set the probability of a step from now on; an empty text removes it.

    Redirect to the view of steps with the filters of the request.
    """
    if not request.user.is_admin:
        return refused(request, _("Only admins can set step probabilities."), status=403)
    step = get_object_or_404(Step, key=request.POST.get("step", "").replace("\0", ""))
    text = request.POST.get("probability", "")
    if text and not (text.isascii() and text.isdecimal() and len(text) <= 3):
        return refused(request, _("Enter the probability as a whole number from 0 to 100."))
    probability = int(text) if text else None
    try:
        step.set_probability(probability, by=request.user)
    except Refused as no:
        return refused(request, str(no))
    said = {"step": step.name, "probability": formats.probability(probability)}
    messages.success(request, _("The probability of “%(step)s” is now %(probability)s.") % said)
    query = request.GET.urlencode() or urlencode({"view": "steps", "pipeline": step.pipeline.key})
    return redirect(f"{reverse('report', args=['forecast'])}?{query}")
