"""Jobs that a serving process repeats in the background."""

from __future__ import annotations

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
EVERY_JOB = (RETURN_LEADS, CHANGE_LEADS, IMPORT_ROWS, ADD_PROSPECTS, REMOVE_OLD_ROWS)
