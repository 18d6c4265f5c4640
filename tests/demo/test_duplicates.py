"""Duplicates of the demo company: a few pairs share their contacts, and no other leads do."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.demo.reading import Company

MAIL = re.compile(r"[\w.-]+@[\w.-]+", re.ASCII)
OPEN = ("todo", "standby")


def leads_by_mail(company: Company) -> dict[str, list[dict[str, str]]]:
    """Return the leads that did not come from a prospect, by the address in their description."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in company.rows("leads"):
        if not row["prospect"]:
            for mail in MAIL.findall(row["description"].lower()):
                found[mail].append(row)
    return found


def test_a_few_pairs_of_open_leads_share_an_address(whole: Company) -> None:
    pairs = [leads for leads in leads_by_mail(whole).values() if len(leads) > 1]
    open_pairs = [
        pair for pair in pairs if all(row["status"] in OPEN for row in pair) and len(pair) == 2
    ]
    assert 3 <= len(open_pairs) <= 8
    for first, second in open_pairs:
        assert first["user"] != second["user"]


def test_most_addresses_belong_to_one_lead(company: Company) -> None:
    found = leads_by_mail(company)
    assert sum(len(leads) == 1 for leads in found.values()) > 0.95 * len(found)


def test_two_clients_are_the_same_company_and_have_leads(company: Company) -> None:
    rows = company.rows("clients")
    twin, names = rows[-1], {row["name"].upper(): row for row in rows[:-1]}
    kept = names[twin["name"].removesuffix(" SARL")]
    assert twin["is_active"] == "true"
    used = [row["client"] for row in company.rows("leads")]
    assert used.count(twin["client"]) == 1
    assert kept["client"] != twin["client"]
