"""Benchmark of daily work over HTTP: Today, and a lead put on standby there."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from benchmark.pages import server, signed_in
from benchmark.timing import summary, timed
from leadlight.accounts.models import User
from leadlight.sales.models import Lead

SELLERS = 20
TOKEN = "0" * 32  # of the forms and of the cookie: any will do, if both are the same


def figures() -> Iterator[tuple[str, Any]]:
    """Yield the times of Today and of a change there, each for other sellers, from a warm server.

    The change is one that leaves the lead, so that its response is the page with the next one.
    """
    sellers = list(User.objects.filter(is_active=True, role=User.Role.USER).order_by("pk"))
    first, *others = [(user, signed_in(user)) for user in sellers[: SELLERS + 1]]
    with server(LEADLIGHT_WORKERS="1") as (port, _process):
        _answer(port, "GET", "/today/", first[1])
        yield (
            "today_page",
            summary(
                [
                    timed(partial(_answer, port, "GET", "/today/", cookie), 1)[0]
                    for _, cookie in others
                ]
            ),
        )
        changes = [
            (lead, cookie)
            for user, cookie in others
            if (lead := Lead.objects.filter(owner=user, status="todo", is_deleted=False).first())
        ]
        yield (
            "today_standby",
            summary([timed(partial(_put_on_standby, port, *one), 1)[0] for one in changes]),
        )


def _put_on_standby(port: int, lead: Lead, cookie: str) -> None:
    path = f"/change-lead/standby/{quote(lead.key)}/"
    sent = {"in": "2", "return": "today", "csrfmiddlewaretoken": TOKEN}
    _answer(port, "POST", path, f"{cookie}; csrftoken={TOKEN}", urlencode(sent))


def _answer(port: int, method: str, path: str, cookie: str, body: str | None = None) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": cookie, "HX-Request": "true"}
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    client.request(method, path, body, headers)
    answer = client.getresponse()
    answer.read()
    client.close()
    if answer.status != 200:
        raise AssertionError(f"{method} {path} answered {answer.status}")
