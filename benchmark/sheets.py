"""Benchmark of the sheet of a prospecting list over HTTP: opening, scrolling and saving a cell."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any

from benchmark.pages import get, server, signed_in
from benchmark.timing import WARM_RUNS, stopwatch, summary, timed
from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales.models import ProspectingList
from leadlight.sales.prospecting.lists import make_list

HEADERS = ("Company", "Email", "Phone", "Town", "Name", "Note")
TOKEN = "a" * 32
NAME = "Benchmark"


def figures(rows: int) -> Iterator[tuple[str, Any]]:
    """Yield the times of a list of that many rows for an admin; the first run creates the list."""
    organization()
    admin = _admin()
    listed = ProspectingList.objects.filter(name=NAME).first()
    if listed is None:
        with stopwatch() as made:
            listed = make_list(admin, NAME, HEADERS, map(_row, range(rows)))
        yield "making_s", round(made(), 1)
    cookie, numbers = signed_in(admin), count()
    column = listed.columns.get(header="Town")
    row = listed.prospects.order_by("pk")[rows // 2]
    blocks = f"/sheet-rows/{listed.key}/?limit=100&offset="
    pages = {
        "page": f"/prospecting/{listed.key}/",
        "first_rows": f"{blocks}0",
        "middle_rows": f"{blocks}{rows // 2}",
        "last_rows": f"{blocks}{max(rows - 100, 0)}",
        "filter": f"{blocks}0&{column.cell_key}=town+49",
        "news": f"/sheet-news/{listed.key}/?since={listed.version}",
        "panel": f"/prospects/{row.key}/",
    }
    with server(LEADLIGHT_WORKERS="1") as (port, _process):
        for name, path in pages.items():
            page = partial(get, port, path, cookie)
            page()
            yield name, summary(timed(page, WARM_RUNS))

        def save() -> None:
            _save(port, listed.key, cookie, [row.pk, column.pk, f"Town {next(numbers)}", None])

        save()
        yield "save_a_cell", summary(timed(save, WARM_RUNS))


def _admin() -> User:
    found = User.objects.filter(role=User.Role.ADMIN, is_active=True).order_by("pk").first()
    if found is None:
        raise AssertionError("no admin")
    return found


def _row(number: int) -> list[str]:
    digits = f"{number:08}"
    phone = "06 " + " ".join(digits[place : place + 2] for place in range(0, 8, 2))
    mail = f"contact{number}@company{number}.example"
    return [f"Company {number}", mail, phone, f"Town {number % 500}", f"Name {number}", "note"]


def _save(port: int, key: str, cookie: str, cell: list[Any]) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {
        "Cookie": f"{cookie}; csrftoken={TOKEN}",
        "Content-Type": "application/json",
        "X-CSRFToken": TOKEN,
    }
    body = json.dumps({"action": "", "cells": [cell]})
    client.request("POST", f"/sheet-cells/{key}/", body, headers)
    answer = client.getresponse()
    said = json.loads(answer.read())
    client.close()
    if len(said.get("saved", ())) != 1:
        raise AssertionError(f"The cell was not saved: {said}")
