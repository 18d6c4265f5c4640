"""Text, link or contact that another program shares with Leadlight, proposed as a new lead."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from leadlight.sales.models.lead_row import LONGEST_TITLE
from leadlight.sales.refusals import Refused
from leadlight.sales.vcards import LONGEST_FILE, text_of

# Characters that are proposed: they travel in an address, which also survives signing in.
LONGEST_SHARED = 4_000


@csrf_exempt  # the system of the phone sends the request; it changes nothing
@require_POST
def share(request: HttpRequest) -> HttpResponse:
    """Redirect to the form of a new lead with what was shared, for the user to confirm."""
    texts = [request.POST.get(name, "").replace("\0", "").strip() for name in ("text", "url")]
    title = " ".join(request.POST.get("title", "").replace("\0", "").split())
    file = request.FILES.get("contact")
    if file is not None:
        try:
            card = text_of(file.read(LONGEST_FILE + 1))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            texts.append(card)
            title = title or card.partition("\n")[0]
    description = "\n".join(dict.fromkeys(filter(None, texts)))[:LONGEST_SHARED]
    query = {"title": title[:LONGEST_TITLE], "description": description}
    shared = {name: text for name, text in query.items() if text}
    return redirect(reverse("new_lead") + (f"?{urlencode(shared)}" if shared else ""))
