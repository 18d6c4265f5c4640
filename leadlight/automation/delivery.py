"""Sending of deliveries, and their signature."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.automation.models import LONGEST_ANSWER, Delivery
from leadlight.automation.public_http import Unreachable, post
from leadlight.job_queue.outcomes import Hopeless

KEPT_FOR = timedelta(days=30)
REMOVED_AT_ONCE = 500  # rows of a transaction, during which other writers wait on SQLite


class NotDelivered(Exception):
    """The other server did not accept a delivery; another attempt may succeed."""


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the HMAC-SHA-256 of the timestamp, a full stop and the body, in hexadecimal."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()


def deliver(arguments: dict[str, Any]) -> None:
    """Send a delivery. Raises NotDelivered, or Hopeless if it cannot be sent any more.

    Any answer of 200 to 299 means that it was accepted.
    """
    delivery = Delivery.objects.select_related("webhook").filter(pk=arguments["delivery"]).first()
    if delivery is None or not delivery.webhook.is_active:
        _failed(delivery, _("The webhook is switched off."))
        raise Hopeless(_("The webhook is switched off."))
    hook = delivery.webhook
    if not hook.secret:
        _failed(delivery, _("The secret key of this instance has changed."))
        raise Hopeless(_("The secret key of this instance has changed."))
    body = json.dumps(delivery.body, ensure_ascii=False).encode()
    timestamp = int(timezone.now().timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Leadlight",
        "Leadlight-Delivery": delivery.key,
        "Leadlight-Signature": f"t={timestamp},v1={signature(hook.secret, timestamp, body)}",
    }
    try:
        answer = post(hook.url, body, headers, allows_private=settings.LEADLIGHT_PRIVATE_WEBHOOKS)
    except Unreachable as error:
        _note(delivery, None, str(error), Delivery.State.WAITING)
        raise NotDelivered(str(error)) from error
    if 200 <= answer.status < 300:
        _note(delivery, answer.status, answer.text, Delivery.State.DELIVERED)
        return
    _note(delivery, answer.status, answer.text, Delivery.State.WAITING)
    raise NotDelivered(_("The server answered with status %d.") % answer.status)


def mark_failed(arguments: dict[str, Any]) -> None:
    """Mark a delivery as failed after its last attempt."""
    Delivery.objects.filter(pk=arguments["delivery"]).update(state=Delivery.State.FAILED)


def remove_old(*, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Delete the deliveries that are older than `KEPT_FOR`; return their number."""
    old = Delivery.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    removed = 0
    while not is_stopped():
        pks = list(old.order_by("created_at").values_list("pk", flat=True)[:REMOVED_AT_ONCE])
        if not pks:
            break
        removed += Delivery.objects.filter(pk__in=pks).delete()[0]
    return removed


def _note(delivery: Delivery, status: int | None, text: str, state: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state,
        attempts=F("attempts") + 1,
        answered_with=status,
        answer=text.replace("\0", "")[:LONGEST_ANSWER],
        sent_at=timezone.now(),
    )


def _failed(delivery: Delivery | None, sentence: str) -> None:
    if delivery is not None:
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.FAILED, answer=sentence)
