"""Pages that show the forms of changes of a lead: its own page, Today, the list and the board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from django.http import HttpResponse

from leadlight.sales.models import Lead
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.shell.auth import ReaderRequest

# Parameter that names the page which shows a form and its result; without it, the lead's page.
RETURN = "return"


class Show(Protocol):
    """Function that shows a lead, with the form of a change if one is open."""

    def __call__(
        self,
        request: ReaderRequest,
        lead: Lead,
        *,
        form: ChangeForm | None = None,
        what: str = "",
        status: int = 200,
    ) -> HttpResponse: ...


class Made(Protocol):
    """Function that responds to a change that was made; the user may no longer see the lead."""

    def __call__(self, request: ReaderRequest, lead: Lead, what: str) -> HttpResponse: ...


@dataclass(frozen=True)
class ChangePage:
    show: Show
    made: Made


def named_page(request: ReaderRequest) -> str:
    """Return the name of the page in the parameter `return`, "" for the page of the lead."""
    sent: Any = request.POST if request.method == "POST" else request.GET
    return str(sent.get(RETURN, ""))
