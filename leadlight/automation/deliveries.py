"""Deliveries to webhooks, and the jobs that send them."""

from __future__ import annotations

from collections.abc import Sequence

from leadlight.automation.models import Delivery, Webhook
from leadlight.automation.payloads import Body
from leadlight.job_queue import queue
from leadlight.job_queue.kinds import JobKind


def send(hook: Webhook, events: Sequence[str], about: str, body: Body) -> Delivery:
    """Add a delivery to a webhook and the job that sends it, in the current transaction."""
    delivery = Delivery(webhook=hook, about=about)
    delivery.body = {"id": delivery.key, "events": list(events), **body}
    delivery.save(force_insert=True)
    enqueue(delivery)
    return delivery


def enqueue(delivery: Delivery) -> None:
    """Add the job that sends a delivery, after the earlier ones of the same webhook and subject."""
    hook = delivery.webhook
    queue.add(
        JobKind.WEBHOOK,
        {"delivery": delivery.pk},
        sequence=f"webhook {hook.pk} {delivery.about}" if delivery.about else "",
        subject=f"{hook.name} · {', '.join(delivery.body['events'])}",
    )
