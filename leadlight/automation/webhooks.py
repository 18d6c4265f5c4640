"""Verbs of webhooks, for admins: add, change, switch on and off, test, repeat a delivery."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from leadlight.accounts.audit import record
from leadlight.accounts.models.audit_entries import Kind
from leadlight.accounts.readers import Reader
from leadlight.accounts.refusals import Refused
from leadlight.automation import deliveries
from leadlight.automation.events import EVENTS, TEST, title_of
from leadlight.automation.models import LONGEST_ADDRESS, Delivery, Webhook
from leadlight.automation.public_http import an_address


def save(
    hook: Webhook,
    *,
    by: Reader,
    name: str,
    url: str,
    events: Iterable[str],
    includes_imports: bool,
) -> None:
    """Set the values of a new or an existing webhook. Raises Refused for an invalid one."""
    chosen = [event for event in EVENTS if event in set(events)]
    if not chosen:
        raise Refused(_("Choose at least one event."))
    if len(url) > LONGEST_ADDRESS:
        raise Refused(_("This address is too long."))
    an_address(url, allows_private=settings.LEADLIGHT_PRIVATE_WEBHOOKS)
    with transaction.atomic():
        old = _in_words(hook) if hook.pk else ""
        hook.name, hook.url, hook.events = name, url, chosen
        hook.includes_imports = includes_imports
        if not hook.encrypted_secret:
            hook.secret = new_secret()
        hook.save()
        _record(hook, by, old)


def set_active(hook: Webhook, *, by: Reader, is_active: bool) -> None:
    """Switch a webhook on or off. What happens while it is off is not told later."""
    with transaction.atomic():
        old = _in_words(hook)
        hook.is_active = is_active
        hook.save(update_fields=["is_active"])
        _record(hook, by, old)


def renew_secret(hook: Webhook, *, by: Reader) -> None:
    """Replace the secret that messages are signed with."""
    with transaction.atomic():
        hook.secret = new_secret()
        hook.save(update_fields=["encrypted_secret"])
        record(Kind.SETTINGS, "webhook_secret", by=by, subject=hook.name)


def test(hook: Webhook) -> Delivery:
    """Send a message with the event “test”."""
    with transaction.atomic():
        return deliveries.send(hook, [TEST], "", {})


def repeat(delivery: Delivery) -> None:
    """Send a delivery again, with the same id and body."""
    with transaction.atomic():
        delivery.state = Delivery.State.WAITING
        delivery.save(update_fields=["state"])
        deliveries.enqueue(delivery)


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def _record(hook: Webhook, by: Reader, old: str) -> None:
    new = _in_words(hook)
    if new != old:
        record(Kind.SETTINGS, "webhook", by=by, subject=hook.name, old=old, new=new)


def _in_words(hook: Webhook) -> str:
    parts = [
        hook.name,
        hook.url,
        ", ".join(title_of(event) for event in hook.events),
        _("also for imported data") if hook.includes_imports else "",
        "" if hook.is_active else _("switched off"),
    ]
    return " · ".join(part for part in parts if part)
