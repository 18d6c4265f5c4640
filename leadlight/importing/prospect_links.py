"""Validation of the links from prospects to their leads, in both files and in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from leadlight.importing.key_map import batches
from leadlight.importing.problems import WRONG, Ledger
from leadlight.importing.reading import Table
from leadlight.sales.models import Lead

Links = dict[str, str]
"""Prospect key → key of the lead it was converted into."""


def check_links(tables: Mapping[str, Table], ledger: Ledger) -> None:
    """Report prospects with two leads, and links that the two files record differently.

    Sets `lead` in the rows of prospects if prospects.csv has no such column.
    """
    leads, prospects = tables["leads"], tables["prospects"]
    if not leads.is_whole:
        return
    rows = [row for row in leads.rows if row.prospect and WRONG not in (row.prospect, row.lead)]
    links = _links_in_file(rows, leads.name, ledger)
    _add_stored_links(links, rows, tables, ledger)
    if "lead" in prospects.absent:
        prospects.rows = [row._replace(lead=links.get(row.prospect, "")) for row in prospects.rows]
    _both_ends_agree(prospects, links, ledger)
    _check_dropped_prospects(tables, links, ledger)


def _links_in_file(rows: Iterable[Any], name: str, ledger: Ledger) -> Links:
    links: Links = {}
    for row in rows:
        other = links.setdefault(row.prospect, row.lead)
        if other != row.lead:
            _report(row, name, other, ledger)
    return links


def _report(row: Any, name: str, other: str, ledger: Ledger) -> None:
    sentence = _("This prospect was already converted into lead “%(lead)s”.") % {"lead": other}
    ledger.problem(name, row.line, "prospect", row.prospect, sentence)


def _add_stored_links(
    links: Links, rows: Iterable[Any], tables: Mapping[str, Table], ledger: Ledger
) -> None:
    wanting = {row.prospect: row for row in rows}
    in_file = {row.lead for row in tables["leads"].rows}
    keys = wanting.keys() | {row.prospect for row in tables["prospects"].rows} - {WRONG}
    for prospect, lead, _converted_at in _stored_links("prospect__key", keys):
        if lead in in_file:
            continue
        if links.setdefault(prospect, lead) != lead:
            _report(wanting[prospect], tables["leads"].name, lead, ledger)


def _stored_links(path: str, keys: Iterable[str]) -> Iterator[tuple[str, str, Any]]:
    """Yield prospect key, lead key and instant of conversion of the links in the database."""
    for batch in batches(keys):
        linked = Lead.objects.filter(**{f"{path}__in": batch}, prospect__isnull=False)
        yield from linked.values_list("prospect__key", "key", "prospect__converted_at")


def _both_ends_agree(prospects: Table, links: Links, ledger: Ledger) -> None:
    for row in prospects.rows:
        if WRONG in (row.prospect, row.lead):
            continue
        lead = links.get(row.prospect, "")
        if row.lead == lead:
            continue
        sentence = _("No lead refers to this prospect.")
        if lead:
            sentence = _(
                "Lead “%(lead)s” refers to this prospect, but this row does not name the lead."
            ) % {"lead": lead}
        ledger.problem(prospects.name, row.line, "lead", row.lead, sentence)


def _check_dropped_prospects(tables: Mapping[str, Table], links: Links, ledger: Ledger) -> None:
    """Report converted prospects that lose their lead but are not in the folder."""
    leads = tables["leads"]
    by_key = {row.lead: row for row in leads.rows}
    in_file = {row.prospect for row in tables["prospects"].rows}
    for prospect, lead, converted_at in _stored_links("key", by_key.keys() - {WRONG}):
        row = by_key[lead]
        if converted_at is None or row.prospect is WRONG:
            continue
        if prospect not in links and prospect not in in_file:
            sentence = _(
                "In the database, this lead was converted from “%(prospect)s”. Add this "
                "prospect to prospects.csv."
            )
            ledger.problem(
                leads.name, row.line, "prospect", row.prospect, sentence % {"prospect": prospect}
            )
