"""Creation of many clients in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.sales.many_rows import insert_with_ids
from leadlight.sales.models import Client, ClientFieldValue, CustomField
from leadlight.sales.models.client_names import LONGEST_NAME, sort_name
from leadlight.sales.models.field_values import derived
from leadlight.sales.models.valid_values import valid_line, valid_text
from leadlight.sales.search.writing import index_clients


def create_all(rows: Iterable[Mapping[str, Any]], *, by: User) -> list[Client]:
    """Create clients with values (`sales.client_values`) and keys, in the caller's transaction.

    The values of custom fields are canonical. Raises `Refused` for an invalid value.
    """
    now, given = timezone.now(), list(rows)
    clients = []
    for values in given:
        client = Client(
            name=valid_line(values["name"], LONGEST_NAME),
            description=valid_text(values.get("description", "")),
            is_active=values.get("is_active", True),
            created_at=now,
            created_by=by,
            **({"key": values["key"]} if "key" in values else {}),
        )
        client.sort_name = sort_name(client.name)
        clients.append(client)
    insert_with_ids(clients)
    fields = {field.key: field for field in CustomField.objects.all()}
    ClientFieldValue.objects.bulk_create(
        ClientFieldValue(owner=client, field=fields[key], text=text, **derived(fields[key], text))
        for client, values in zip(clients, given, strict=True)
        for key, text in values.get("fields", {}).items()
        if text
    )
    index_clients([client.pk for client in clients], with_leads=False)
    return clients
