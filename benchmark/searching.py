"""Benchmark of the search: building its index, one change, and searches as several users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db import connection, transaction

from benchmark import rebuilding, texts
from benchmark.pages import get, server, signed_in
from benchmark.timing import WARM_RUNS, stopwatch, summary, timed
from leadlight.accounts.models import Membership, Organization, User
from leadlight.sales.models import Client, Lead, LeadWords
from leadlight.sales.search import finding, writing
from leadlight.sales.search.finding import Search


def figures(leads: int) -> Iterator[tuple[str, Any]]:
    """Yield the figures of a generated company with texts, which the first run writes."""
    rebuilding.fill(leads)
    if not Client.objects.exists():
        with stopwatch() as written:
            texts.write()
        yield "texts_s", round(written(), 1)
        with stopwatch() as filled:
            writing.fill()
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        yield "index_fill_s", round(filled(), 1)
    yield "index_one_lead", summary(timed(_change, WARM_RUNS))
    for name, user in _readers():
        for kind, text in searches().items():
            yield f"{name}_{kind}", summary(timed(partial(_search, user, text), WARM_RUNS))
    yield from _pages()


def searches() -> dict[str, str]:
    """Return name → text of each search: common and rare words, prefixes, and contacts."""
    contact = LeadWords.objects.filter(row__contact_points__kind="phone").order_by("-pk")[0].row
    phone = contact.contact_points.get(kind="phone").value
    mail = contact.contact_points.get(kind="email").value
    rare = contact.title.split()[-1]
    return {
        "common_word": "renovation",
        "common_prefix": "re",
        "two_common_words": "hotel facade",
        "rare_word": rare,
        "common_and_rare": f"{contact.title.split()[0]} {rare}",
        "three_prefixes": f"fen ren {rare[:3]}",
        "no_such_word": "xylophone",
        "common_and_none": "fenetres xylophone",
        "phone": phone,
        "national_phone": "0" + phone.removeprefix("+33"),
        "beginning_of_a_phone": "06 12",
        "email": mail,
        "key": contact.key,
    }


def _readers() -> Iterator[tuple[str, User]]:
    """Yield an admin, a seller and a manager, where sellers see only their own leads."""
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    yield "admin", User.objects.filter(role=User.Role.ADMIN).order_by("pk")[0]
    seller, manager = User.objects.filter(role=User.Role.USER).order_by("pk")[:2]
    yield "seller", seller
    Membership.objects.filter(user=manager).update(is_manager=True)
    User.objects.filter(pk=manager.pk).update(role=User.Role.MANAGER)
    yield "manager", User.objects.get(pk=manager.pk)
    User.objects.filter(pk=manager.pk).update(role=User.Role.USER)


def _search(user: User, text: str) -> None:
    search = Search.of(text)
    for find in (finding.leads, finding.clients, finding.prospects):
        find(user, search)


def _change() -> None:
    """Change the title of a lead, index it, and roll back."""
    lead = Lead.objects.order_by("-pk")[0]
    with transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(title=f"{lead.title} anew")
        writing.index_leads([lead.pk])
        transaction.set_rollback(True)


def _pages() -> Iterator[tuple[str, Any]]:
    """Yield the times of the page of results, and of the list of leads with a search text."""
    cookie = signed_in(User.objects.filter(role=User.Role.ADMIN).order_by("pk")[0])
    with server(LEADLIGHT_WORKERS="1") as (port, _process):
        for path in (
            *("/search/?q=renovation", "/search/?q=hotel+facade"),
            *("/leads/?q=renovation", "/leads/?q=xylophone"),
        ):
            page: Callable[[], object] = partial(get, port, path, cookie)
            page()
            yield path, summary(timed(page, WARM_RUNS))
