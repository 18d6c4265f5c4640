"""Search for people whom a comment on a lead can mention, by the starts of their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import Lead
from leadlight.sales.search.words import words_of
from leadlight.web.leads.lead_page import visible_lead
from leadlight.web.shell.auth import ReaderRequest, signed_in

MOST_PEOPLE = 8
LONGEST_SEARCH = 50


@dataclass(frozen=True)
class Mentionable:
    """User, and the text after "@" that mentions them: their name, or their key if names clash."""

    user: User
    text: str


@signed_in
@require_safe
def mentionable(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the people whom a comment on a lead can mention as options of a list box."""
    lead = visible_lead(request.user, key)
    searched = request.GET.get("q", "")[:LONGEST_SEARCH]
    people = list(islice(_found(lead, searched), MOST_PEOPLE))
    return render(request, "leads/mentionable.html", {"people": people})


def _found(lead: Lead, searched: str) -> Iterator[Mentionable]:
    """Yield the users who may see a lead and who have, for each word, a name that starts with it.

    The comparison ignores case and accents, as `words_of` does.
    """
    starts = words_of(searched)
    pairs = User.objects.values_list("first_name", "last_name")
    names = Counter(f"{first} {last}".strip().casefold() for first, last in pairs)
    for user in access.readers_of(lead).order_by("first_name", "last_name", "pk"):
        words = words_of(user.full_name)
        if all(any(word.startswith(start) for word in words) for start in starts):
            is_only_one = names[user.full_name.casefold()] <= 1
            yield Mentionable(user, user.full_name if is_only_one else user.key)
