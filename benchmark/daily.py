"""Benchmark of daily work over HTTP: lists, board, Today, pages of leads, changes and exports."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote, urlencode

from benchmark.pages import get, server, signed_in, wait_until_idle
from benchmark.timing import WARM_RUNS, stopwatch, summary, timed
from leadlight.accounts.keys import new_key
from leadlight.accounts.models import Membership, Organization, Team, User
from leadlight.sales.lead_order import INDEXED
from leadlight.sales.models import ActivityType, BulkJob, Lead, Step

SELLERS = 20
TOKEN = "0" * 32  # CSRF token of forms and cookie: any value, if both are equal
MOST_IN_BULK = 500
BULK_LIMIT_S = 300
FEW_COLUMNS = (
    *("key", "title", "step", "status", "owner", "client", "amount", "created_at", "closed_at"),
    "source",
)
FORM = "application/x-www-form-urlencoded"

# Addresses of the list of leads: its views, the quick filters, and the sorts that have an index.
# Each names its view, because a session remembers the last one.
LISTS = {
    "list": "view=compact",
    "list_extended": "view=extended",
    "board": "view=board",
    "list_mine": "view=compact&user=me",
    "list_starred": "view=compact&starred=yes",
    "list_to_do": "view=compact&status=todo",
    "list_late": "view=compact&reminder=late&sort=reminder",
    "list_dragging": "view=compact&idle_days=30&sort=activity",
    "list_unassigned": "view=compact&user=none",
    **{f"list_by_{key}": f"view=compact&sort={key}" for key in INDEXED},
}


def figures() -> Iterator[tuple[str, Any]]:
    """Yield the times of pages for an admin, a manager and sellers, and of changes by sellers.

    A seller sees their own leads, a manager those of a team of an eighth of the company. The server
    has one process, and is idle before the first measured page. Each change is made to another
    lead.
    """
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    admin, manager, sellers = _people()
    with server(LEADLIGHT_WORKERS="1") as (port, process):
        get(port, "/today/", sellers[0][1])
        with stopwatch() as passed:
            wait_until_idle(process)
        yield "busy_after_start_s", round(passed(), 1)
        for reader, cookies in (
            ("admin", [signed_in(admin)]),
            ("manager", [signed_in(manager)]),
            ("seller", [cookie for _user, cookie in sellers]),
        ):
            for name, query in LISTS.items():
                path = f"/leads/?{query}"
                yield f"{name}_{reader}", summary(_pages(port, cycle([path]), cookies))
        cookies = [cookie for _user, cookie in sellers]
        yield "today", summary(_pages(port, cycle(["/today/"]), cookies))
        leads = [lead for user, _cookie in sellers for lead in _open_leads(user, 1)]
        addresses = (f"/leads/{quote(lead.key)}/" for lead in leads)
        yield "lead_page", summary(_pages(port, addresses, cookies[: len(leads)]))
        yield from _changes(port, sellers)
        yield from _bulk(port, signed_in(admin))
        yield from _exports(port, signed_in(admin))


def _people() -> tuple[User, User, list[tuple[User, str]]]:
    """Return an admin, the manager of a team, and sellers with their session cookies."""
    admin = User.objects.filter(role=User.Role.ADMIN, is_active=True).earliest("pk")
    team = Team.objects.earliest("pk")
    users = User.objects.filter(is_active=True, role=User.Role.USER).order_by("pk")
    sellers = list(users.exclude(teams=team)[:SELLERS])
    manager = users.filter(teams=team).earliest("pk")
    User.objects.filter(pk=manager.pk).update(role=User.Role.MANAGER)
    Membership.objects.filter(user=manager, team=team).update(is_manager=True)
    return admin, manager, [(user, signed_in(user)) for user in sellers]


def _pages(port: int, paths: Iterator[str], cookies: Sequence[str]) -> list[float]:
    """Return the milliseconds of pages, requested with each cookie in turn.

    There is one page per cookie, and at least `WARM_RUNS` in all.
    """
    pairs = list(islice(zip(paths, cycle(cookies), strict=False), max(len(cookies), WARM_RUNS)))
    get(port, *pairs[0])
    return [timed(partial(get, port, path, cookie), 1)[0] for path, cookie in pairs]


def _open_leads(user: User, most: int) -> list[Lead]:
    """Return the leads to do that changed least recently, so that each run changes other leads."""
    leads = Lead.objects.filter(owner=user, status="todo", is_deleted=False)
    return list(leads.select_related("pipeline").order_by("updated_at", "pk")[:most])


# Changes


def _changes(port: int, sellers: Sequence[tuple[User, str]]) -> Iterator[tuple[str, Any]]:
    """Yield the times of each kind of change, made once by every seller, and of its undo."""
    a_type = ActivityType.objects.earliest("pk").key
    forms: dict[str, tuple[str, Callable[[Lead], dict[str, str]]]] = {
        "amount": ("amount", lambda _lead: {"amount": "1250"}),
        "amount_in_list": ("amount", lambda _lead: {"amount": "990", "return": "list"}),
        "activity": ("activity", lambda _lead: {"result": f"type:{a_type}"}),
        "comment": ("comment", lambda _lead: {"text": "Called twice"}),
        "step": ("step", lambda lead: {"step": _other_step(lead)}),
        "step_on_board": (
            "step",
            lambda lead: {"step": _other_step(lead), "return": "board", "query": "view=board"},
        ),
        "today_standby": ("standby", lambda _lead: {"in": "2", "return": "today"}),
    }
    for name, (what, data) in forms.items():
        taken, undone = [], []
        for user, cookie in sellers:
            for lead in _open_leads(user, 1):
                key = new_key()
                path = f"/change-lead/{what}/{quote(lead.key)}/"
                form = data(lead) | {"action": key}
                taken.append(timed(partial(_post, port, path, cookie, form), 1)[0])
                undo = partial(_post, port, f"/undo/{key}/", cookie, {"next": "/today/"}, 302)
                undone.append(timed(undo, 1)[0])
        yield f"change_{name}", summary(taken)
        yield f"undo_{name}", summary(undone)


def _other_step(lead: Lead) -> str:
    return Step.objects.filter(pipeline=lead.pipeline_id).exclude(pk=lead.step_id)[0].key


def _bulk(port: int, cookie: str) -> Iterator[tuple[str, Any]]:
    """Yield the seconds until a bulk change of `MOST_IN_BULK` leads is done, and then undone."""
    leads = Lead.objects.filter(is_deleted=False, status="todo").order_by("-pk")[:MOST_IN_BULK]
    keys = json.dumps([lead.key for lead in leads])
    owner = User.objects.filter(is_active=True, role=User.Role.USER).latest("pk").key
    action = new_key()
    form = {"keys": keys, "scope": "leads", "owner": owner, "action": action, "apply": "1"}
    yield "bulk_leads", len(leads)
    with stopwatch() as assigned:
        _post(port, "/bulk/assign/", cookie, form, 302)
        _wait(action, BulkJob.State.DONE)
    yield "bulk_assign_s", round(assigned(), 2)
    with stopwatch() as undone:
        _post(port, f"/undo/{action}/", cookie, {"next": "/today/"}, 302)
        _wait(action, BulkJob.State.UNDONE)
    yield "bulk_undo_s", round(undone(), 2)


def _exports(port: int, cookie: str) -> Iterator[tuple[str, Any]]:
    """Yield the seconds of whole exports of the leads of one team, as CSV and as Parquet."""
    team = Team.objects.earliest("pk")
    leads = Lead.objects.filter(team=team, is_deleted=False)
    yield "exported_leads", leads.count()
    few = "&".join(f"columns={key}" for key in FEW_COLUMNS)
    for name, kind, columns in (
        ("ten_columns_csv", "csv", few),
        ("csv", "csv", ""),
        ("parquet", "parquet", ""),
    ):
        with stopwatch() as passed:
            get(port, f"/export/{kind}?table=leads&team={quote(team.key)}&{columns}", cookie)
        yield f"export_{name}_s", round(passed(), 2)


def _wait(action: str, state: str) -> None:
    """Wait until a bulk job has a state. Raises AssertionError after `BULK_LIMIT_S`."""
    deadline = monotonic() + BULK_LIMIT_S
    while not BulkJob.objects.filter(action__key=action, state=state).exists():
        if monotonic() > deadline:
            raise AssertionError(f"the bulk job is not {state} after {BULK_LIMIT_S} s")
        sleep(0.02)


def _post(port: int, path: str, cookie: str, form: dict[str, Any], status: int = 200) -> None:
    """Send a form as htmx does, or as a browser does if `status` is a redirection.

    Raises AssertionError for another status.
    """
    headers = {"Cookie": f"{cookie}; csrftoken={TOKEN}", "Content-Type": FORM}
    if status == 200:
        headers["HX-Request"] = "true"
    body = urlencode(form | {"csrfmiddlewaretoken": TOKEN}, doseq=True)
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request("POST", path, body, headers)
    answer = client.getresponse()
    answer.read()
    client.close()
    if answer.status != status:
        raise AssertionError(f"POST {path} answered {answer.status}")
