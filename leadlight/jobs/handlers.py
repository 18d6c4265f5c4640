"""Handler of each kind of job in the queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leadlight.accounts import mails
from leadlight.automation import delivery, rules
from leadlight.job_queue.kinds import JobKind
from leadlight.jobs.scheduled_mails.notifications import send_notifications
from leadlight.jobs.scheduled_mails.rule_mail import send_rule_mail
from leadlight.jobs.scheduled_mails.sending import send_scheduled

# Pauses before the second attempt, the third, and so on. A job is failed after the last one.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)


@dataclass(frozen=True)
class Handler:
    """Function that does the jobs of a kind, and the pauses between attempts.

    `work` gets the arguments of the job. It may be called twice for one job: a worker can be killed
    after the work and before it is noted as done. `after_failure` gets the arguments of a job that
    was failed.
    """

    work: Callable[[dict[str, Any]], None]
    pauses: tuple[timedelta, ...] = PAUSES
    after_failure: Callable[[dict[str, Any]], None] | None = None


HANDLERS: Mapping[str, Handler] = {
    JobKind.ACCOUNT_MAIL: Handler(mails.send),
    JobKind.NOTIFICATIONS: Handler(send_notifications),
    JobKind.RULE: Handler(rules.run),
    JobKind.RULE_MAIL: Handler(send_rule_mail),
    JobKind.SCHEDULED_MAIL: Handler(send_scheduled),
    JobKind.WEBHOOK: Handler(delivery.deliver, after_failure=delivery.mark_failed),
}
