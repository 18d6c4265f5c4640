"""Jobs that `leadlight serve` and `leadlight work` repeat in the background."""

from __future__ import annotations

from leadlight.automation import delivery, dispatch, notifications, rules, scheduled_mails
from leadlight.job_queue import queue
from leadlight.jobs import worker
from leadlight.jobs.background import Job
from leadlight.sales import bulk, bulk_cleanup, due_reminders
from leadlight.sales.prospecting import pending_rows
from leadlight.table_import import jobs as imports

MINUTE_S = 60.0
HOUR_S = 3600.0

RETURN_LEADS = Job(
    "reminders",
    due_reminders.return_due_leads,
    every_s=MINUTE_S,
    pause_s=0.01,
    after_error_s=MINUTE_S,
)
CHANGE_LEADS = Job("bulk", bulk.run_unfinished, every_s=1, pause_s=0.02, after_error_s=30)
IMPORT_ROWS = Job("imports", imports.run_unfinished, every_s=1, pause_s=0.02, after_error_s=30)
ADD_PROSPECTS = Job(
    "prospect-rows", pending_rows.add_all, every_s=1, pause_s=0.02, after_error_s=30
)
REMOVE_OLD_ROWS = Job(
    "bulk-rows",
    bulk_cleanup.remove_old_items,
    every_s=HOUR_S,
    pause_s=0.02,
    after_error_s=HOUR_S,
)
# With two threads, jobs that wait for a slow mail server or web server do not hold up all others.
RUN_QUEUE = Job("queue", worker.run_due, every_s=1, pause_s=0.01, after_error_s=30, threads=2)
SCHEDULE_MAILS = Job(
    "scheduled-mails",
    scheduled_mails.add_due,
    every_s=MINUTE_S,
    pause_s=0.02,
    after_error_s=MINUTE_S,
)
DISPATCH_CHANGES = Job("webhooks", dispatch.dispatch, every_s=1, pause_s=0.02, after_error_s=30)
REMOVE_OLD_DELIVERIES = Job(
    "old-deliveries", delivery.remove_old, every_s=HOUR_S, pause_s=0.02, after_error_s=HOUR_S
)
TRIGGER_IDLE_RULES = Job(
    "idle-rules", rules.trigger_idle, every_s=HOUR_S, pause_s=0.02, after_error_s=HOUR_S
)
REMOVE_OLD_RUNS = Job(
    "old-runs", rules.remove_old, every_s=HOUR_S, pause_s=0.02, after_error_s=HOUR_S
)
REMOVE_OLD_NOTIFICATIONS = Job(
    "old-notifications",
    notifications.remove_old,
    every_s=HOUR_S,
    pause_s=0.02,
    after_error_s=HOUR_S,
)
REMOVE_OLD_JOBS = Job(
    "old-jobs", queue.remove_old, every_s=HOUR_S, pause_s=0.02, after_error_s=HOUR_S
)
EVERY_JOB = (
    RETURN_LEADS,
    CHANGE_LEADS,
    IMPORT_ROWS,
    ADD_PROSPECTS,
    REMOVE_OLD_ROWS,
    DISPATCH_CHANGES,
    SCHEDULE_MAILS,
    RUN_QUEUE,
    REMOVE_OLD_DELIVERIES,
    TRIGGER_IDLE_RULES,
    REMOVE_OLD_RUNS,
    REMOVE_OLD_NOTIFICATIONS,
    REMOVE_OLD_JOBS,
)
