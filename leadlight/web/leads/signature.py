"""Contact lines that a pasted signature proposes for a new lead."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from leadlight.accounts.organization import organization
from leadlight.sales.contact_lines import LONGEST_READ
from leadlight.sales.models.contact_points import LABELS
from leadlight.sales.models.lead_row import LONGEST_TITLE
from leadlight.sales.signatures import COMPANY, JOB, NAME, ORDER, read_signature
from leadlight.web.shell.auth import ReaderRequest, signed_in

TITLES: dict[str, Any] = {
    NAME: pgettext_lazy("of a person", "Name"),
    JOB: _("Job title"),
    COMPANY: _("Company"),
    **LABELS,
}
LINE = "line"  # name of the checkboxes; their values are the kind and the text of a proposal
BETWEEN = "|"
LONGEST_LINE = 400
COPIED = ("title", "client", "client_key", "description", "amount", "step", "owner")


@signed_in
@require_POST
def proposals(request: ReaderRequest) -> HttpResponse:
    """Show the lines that a pasted text proposes as checkboxes, as a part of the page."""
    text = request.POST.get("signature", "").replace("\0", " ")[:LONGEST_READ]
    proposed = [
        (TITLES[one.kind], one.value, f"{one.kind}{BETWEEN}{one.value}")
        for one in read_signature(text, organization().phone_country)
    ]
    context = {"proposals": proposed, "is_empty": not text.strip()}
    return render(request, "leads/proposals.html", context)


def with_signature(sent: QueryDict) -> dict[str, Any]:
    """Return the values of the form of a new lead with the ticked lines in its description.

    An empty client becomes the company, and an empty title the company or else the person.
    """
    values: dict[str, Any] = {name: sent.get(name, "") for name in COPIED}
    ticked: list[tuple[str, str]] = []
    for line in sent.getlist(LINE):
        kind, _between, value = line.replace("\0", "")[:LONGEST_LINE].partition(BETWEEN)
        if kind in ORDER and value.strip():
            ticked.append((kind, " ".join(value.split())))
    lines = "\n".join(f"{TITLES[kind]}: {value}" for kind, value in ticked)
    written = values["description"].replace("\r\n", "\n").rstrip()
    values["description"] = "\n\n".join(filter(None, (written, lines)))
    first: dict[str, str] = {}
    for kind, value in ticked:
        first.setdefault(kind, value)
    if not values["client"].strip():
        values |= {"client": first.get(COMPANY, ""), "client_key": ""}
    if not values["title"].strip():
        values["title"] = (first.get(COMPANY) or first.get(NAME, ""))[:LONGEST_TITLE]
    return values
