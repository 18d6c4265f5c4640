"""Values of a client as one JSON object, with which an import plans and undoes its changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leadlight.sales.models import Client, CustomField
from leadlight.sales.refusals import Refused

PLAIN = ("name", "description", "is_active")


def values_of(client: Client) -> dict[str, Any]:
    """Return the values of a client; "fields" maps the keys of custom fields to their texts."""
    values: dict[str, Any] = {name: getattr(client, name) for name in PLAIN}
    return values | {"fields": dict(sorted(client.field_texts.items()))}


def change(client: Client, values: Mapping[str, Any]) -> None:
    """Set the given values of a client. Raises `Refused` if one is invalid; then none is set."""
    with transaction.atomic():
        if values.get("name", client.name) != client.name:
            client.rename(values["name"])
        if values.get("description", client.description) != client.description:
            client.describe(values["description"])
        if values.get("is_active", client.is_active) != client.is_active:
            (client.reactivate if values["is_active"] else client.deactivate)()
        texts, given = client.field_texts, values.get("fields", {})
        differing = {key: text for key, text in given.items() if texts.get(key, "") != text}
        for field in CustomField.objects.filter(key__in=differing) if differing else ():
            client.set_field(field, differing[field.key])


def undo(client: Client, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
    """Restore the values of a client; delete it if `before` is None, because it was created.

    If all its leads are in the bin, or if clients were merged into it, it becomes inactive instead
    of being deleted. Raises `Refused` if it was changed since, or was created and has other leads.
    """
    with client.locked():
        now = values_of(client)
        if client.merged_into_id is not None or now != after:
            raise Refused(_("“%(client)s” has changed since.") % {"client": client})
        if before is not None:
            gone = dict.fromkeys(now["fields"].keys() - before["fields"].keys(), "")
            change(client, {**before, "fields": gone | before["fields"]})
        elif client.leads.filter(is_deleted=False).exists():
            raise Refused(_("“%(client)s” has leads.") % {"client": client})
        elif client.leads.exists() or client.merged_clients.exists():
            change(client, {"is_active": False})
        else:
            client.delete()
