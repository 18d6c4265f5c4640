"""Validation of the clients that were merged into others, in the files and in the database."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from leadlight.importing.key_map import batches
from leadlight.importing.problems import WRONG, Ledger
from leadlight.importing.reading import Table
from leadlight.sales.models import Client, Lead


def check_merged_clients(tables: Mapping[str, Table], ledger: Ledger) -> None:
    """Report clients in a cycle of merges, and merged clients that still have leads."""
    clients, leads = tables["clients"], tables["leads"]
    known = [row for row in clients.rows if WRONG not in (row.client, row.merged_into)]
    in_file = {row.client: row for row in known if row.merged_into}
    stored = Client.objects.filter(merged_into__isnull=False)
    targets = dict(stored.values_list("key", "merged_into__key"))
    for row in known:
        targets.pop(row.client, None)
    targets |= {key: row.merged_into for key, row in in_file.items()}
    for key, row in in_file.items():
        if _is_in_a_cycle(key, targets):
            sentence = _("This client would be merged into itself.")
            ledger.problem(clients.name, row.line, "merged_into", row.merged_into, sentence)
    for lead in leads.rows:
        if lead.client is not WRONG and lead.client in targets:
            sentence = _("This client was merged into “%(client)s”. Write the key of that client.")
            named = {"client": targets[lead.client]}
            ledger.problem(leads.name, lead.line, "client", lead.client, sentence % named)
    written = {lead.lead for lead in leads.rows}
    for batch in batches(in_file):
        rows = Lead.objects.filter(client__key__in=batch).values_list("key", "client__key")
        for key in sorted({client for lead, client in rows if lead not in written}):
            row = in_file[key]
            sentence = _("In the database, this client has leads that are not in leads.csv.")
            ledger.problem(clients.name, row.line, "merged_into", row.merged_into, sentence)


def _is_in_a_cycle(key: str, targets: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    while key in targets and key not in seen:
        seen.add(key)
        key = targets[key]
    return key in seen
