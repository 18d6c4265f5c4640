"""The figures of the reports in SQL written by hand, to measure our own path against.

`REPLICA` is for the same DuckDB file, `OPERATIONAL` for the database itself (SQLite and
PostgreSQL). Each report's texts take the period's first and last day; the bench checks that they
give the very numbers of the report. Its company lives in UTC, so that days are plain dates there.
"""

from __future__ import annotations

CLOSED_FIGURES = """
       count(*) FILTER (status = 'won'),
       count(*) FILTER (status = 'lost'),
       count(*) FILTER (status = 'cancelled'),
       sum(amount) FILTER (status = 'won'),
       sum(amount) FILTER (status = 'lost'),
       quantile_cont(greatest(seconds_to_close, 0), [0.25, 0.5, 0.75]) FILTER (status = 'won'),
       sum(greatest(seconds_to_close, 0)) FILTER (status = 'won')
  FROM leads
 WHERE closed_on BETWEEN '{first}' AND '{last}'
"""
OPEN_AT_END = """
  FROM leads
 WHERE created_on <= '{last}' AND (closed_on IS NULL OR closed_on > '{last}')
"""
IN_PERIOD = "FROM leads WHERE created_on BETWEEN '{first}' AND '{last}'"

REPLICA = {
    "company": (
        f"SELECT date_trunc('month', created_on), count(*) {IN_PERIOD} GROUP BY 1",
        f"SELECT count(*) {IN_PERIOD}",
        f"SELECT date_trunc('month', closed_on), {CLOSED_FIGURES} GROUP BY 1",
        f"SELECT {CLOSED_FIGURES}",
        """
        SELECT date_trunc('month', day), sum(leads), sum(amount) FROM (
            SELECT created_on AS day, count(*) AS leads, sum(amount) AS amount
              FROM leads WHERE created_on <= '{last}' GROUP BY 1
             UNION ALL
            SELECT closed_on, -count(*), -sum(amount)
              FROM leads WHERE closed_on <= '{last}' GROUP BY 1
        ) GROUP BY 1
        """,
        f"SELECT count(*), sum(amount) {OPEN_AT_END}",
    ),
    "team": (
        f"SELECT owner_at_creation_id, count(*) {IN_PERIOD} GROUP BY 1",
        f"SELECT count(*) {IN_PERIOD}",
        f"SELECT owner_at_closing_id, {CLOSED_FIGURES} GROUP BY 1",
        f"SELECT {CLOSED_FIGURES}",
        f"SELECT owner_id, count(*), sum(amount) {OPEN_AT_END} GROUP BY 1",
        f"SELECT count(*), sum(amount) {OPEN_AT_END}",
        """
        SELECT owner_at_closing_id, date_trunc('month', closed_on), count(*)
          FROM leads WHERE status = 'won' AND closed_on BETWEEN '{first}' AND '{last}'
         GROUP BY 1, 2
        """,
    ),
}

# Medians left out: SQLite has none. What is there shows what a page without a replica would cost.
OPERATIONAL_CLOSED = """
       sum(CASE WHEN status = 'won' THEN 1 ELSE 0 END),
       sum(CASE WHEN status = 'lost' THEN 1 ELSE 0 END),
       sum(CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END),
       sum(CASE WHEN status = 'won' THEN amount ELSE 0 END),
       sum(CASE WHEN status = 'lost' THEN amount ELSE 0 END)
  FROM sales_lead AS lead
 WHERE NOT is_deleted AND closed_at >= '{first}' AND closed_at < '{after}'
"""
OPERATIONAL_CREATED = """
  FROM sales_lead AS lead
 WHERE NOT is_deleted AND created_at >= '{first}' AND created_at < '{after}'
"""
OPERATIONAL_OPEN = """
  FROM sales_lead AS lead
 WHERE NOT is_deleted AND created_at < '{after}' AND (closed_at IS NULL OR closed_at >= '{after}')
"""
OWNER_THEN = """
    (SELECT value FROM sales_leadevent AS event
      WHERE event.lead_id = lead.id AND kind = 'owner' AND event.occurred_at <= lead.{instant}
      ORDER BY event.occurred_at DESC, event.id DESC LIMIT 1)
"""
MONTH = "substr(CAST({instant} AS text), 1, 7)"
CREATED_MONTH, CLOSED_MONTH = MONTH.format(instant="created_at"), MONTH.format(instant="closed_at")
CREATED_OWNER = OWNER_THEN.format(instant="created_at")
CLOSED_OWNER = OWNER_THEN.format(instant="closed_at")

OPERATIONAL = {
    "company": (
        f"SELECT {CREATED_MONTH}, count(*) {OPERATIONAL_CREATED} GROUP BY 1",
        f"SELECT count(*) {OPERATIONAL_CREATED}",
        f"SELECT {CLOSED_MONTH}, {OPERATIONAL_CLOSED} GROUP BY 1",
        f"SELECT {OPERATIONAL_CLOSED}",
        f"SELECT count(*), sum(amount) {OPERATIONAL_OPEN}",
    ),
    "team": (
        f"SELECT {CREATED_OWNER}, count(*) {OPERATIONAL_CREATED} GROUP BY 1",
        f"SELECT count(*) {OPERATIONAL_CREATED}",
        f"SELECT {CLOSED_OWNER}, {OPERATIONAL_CLOSED} GROUP BY 1",
        f"SELECT {OPERATIONAL_CLOSED}",
        f"SELECT owner_id, count(*), sum(amount) {OPERATIONAL_OPEN} GROUP BY 1",
    ),
}
