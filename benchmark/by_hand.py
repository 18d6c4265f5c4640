"""Handwritten SQL for the figures of the reports: the baseline for the compiled SQL.

The statements in `REPLICA` run on the same DuckDB file, those in `OPERATIONAL` on the operational
database (SQLite and PostgreSQL), whose days are in UTC. Their placeholders: `first` and `last` day
of the period and the day `after`; `today`; the ends of the first and the last day in UTC; the ids
of the default `pipeline` and `category`. The benchmark checks that the totals in `REPLICA` are
exactly those of the report.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmark import by_hand_activities as activities
from benchmark import by_hand_forecast as forecast
from benchmark import by_hand_losses as losses
from benchmark import by_hand_pipeline as pipeline


@dataclass(frozen=True)
class ByHand:
    """Handwritten SQL of one table of a report.

    The first columns of the first row of `totals` are the values of `figures`: column keys of the
    report. A figure of a further row is named `row.column`: `overdue.open_leads`. The value of a
    rate is its numerator. `rest` holds the other statements that the table needs.
    """

    figures: tuple[str, ...]
    totals: str
    rest: tuple[str, ...]


CLOSED_FIGURES = """
       count(*) FILTER (status = 'won'),
       count(*) FILTER (status = 'lost'),
       count(*) FILTER (status = 'cancelled'),
       sum(amount) FILTER (status = 'won'),
       sum(amount) FILTER (status = 'lost'),
       quantile_cont(greatest(seconds_to_close, 0), [0.25, 0.5, 0.75]) FILTER (status = 'won'),
       sum(greatest(seconds_to_close, 0)) FILTER (status = 'won')
"""
CLOSED_IN_PERIOD = "FROM leads WHERE closed_on BETWEEN '{first}' AND '{last}'"
CLOSED = f"{CLOSED_FIGURES} {CLOSED_IN_PERIOD}"
IS_OPEN_AT_END = "created_on <= '{last}' AND (closed_on IS NULL OR closed_on > '{last}')"
IN_PERIOD = "FROM leads WHERE created_on BETWEEN '{first}' AND '{last}'"
OF_CATEGORY = """
    LEFT JOIN (SELECT lead_id, tag_id FROM lead_tags JOIN tags USING (tag_id)
                WHERE category_id = {category}) USING (lead_id)
"""
COMPANY_FIGURES = ("won_leads", "lost_leads", "cancelled_leads", "won_amount", "lost_amount")
COMPANY_TOTALS = (
    f"SELECT count(*) {IN_PERIOD}",
    f"SELECT count(*), sum(amount) FROM leads WHERE {IS_OPEN_AT_END}",
)
COHORT_FIGURES = """
       count(*),
       count(*) FILTER (closed_on IS NULL),
       count(*) FILTER (status = 'won'),
       count(*) FILTER (status = 'lost'),
       count(*) FILTER (status = 'cancelled'),
       sum(amount) FILTER (status = 'won'),
       count(*) FILTER (status = 'standby'),
       quantile_cont(greatest(seconds_to_close, 0), [0.5, 0.75]) FILTER (status = 'won')
"""

WON_OF_CLOSED = "count(*) FILTER (status = 'won'), count(*)"
RANKED_FIGURES = ("won_leads", "closed_leads")
RANKED = f"{WON_OF_CLOSED} FROM leads WHERE closed_on BETWEEN '{{first}}' AND '{{last}}'"

REPLICA = {
    "company": ByHand(
        COMPANY_FIGURES,
        f"SELECT {CLOSED}",
        (
            *COMPANY_TOTALS,
            f"SELECT date_trunc('month', created_on), count(*) {IN_PERIOD} GROUP BY 1",
            f"SELECT date_trunc('month', closed_on), {CLOSED} GROUP BY 1",
            """
            SELECT date_trunc('month', day), sum(leads), sum(amount) FROM (
                SELECT created_on AS day, count(*) AS leads, sum(amount) AS amount
                  FROM leads WHERE created_on <= '{last}' GROUP BY 1
                 UNION ALL
                SELECT closed_on, -count(*), -sum(amount)
                  FROM leads WHERE closed_on <= '{last}' GROUP BY 1
            ) GROUP BY 1
            """,
        ),
    ),
    "team": ByHand(
        COMPANY_FIGURES,
        f"SELECT {CLOSED}",
        (
            *COMPANY_TOTALS,
            f"SELECT owner_at_creation_id, count(*) {IN_PERIOD} GROUP BY 1",
            f"SELECT owner_at_closing_id, {CLOSED} GROUP BY 1",
            f"SELECT owner_id, count(*), sum(amount) FROM leads WHERE {IS_OPEN_AT_END} GROUP BY 1",
            """
            SELECT owner_at_closing_id, date_trunc('month', closed_on), count(*)
              FROM leads WHERE status = 'won' AND closed_on BETWEEN '{first}' AND '{last}'
             GROUP BY 1, 2
            """,
        ),
    ),
    "team_months": ByHand(
        ("won_amount",),
        f"SELECT sum(amount) FILTER (status = 'won') {CLOSED_IN_PERIOD}",
        (
            "SELECT owner_at_closing_id, date_trunc('month', closed_on), "
            f"sum(amount) FILTER (status = 'won') {CLOSED_IN_PERIOD} GROUP BY 1, 2",
            f"SELECT owner_at_closing_id, sum(amount) FILTER (status = 'won') {CLOSED_IN_PERIOD} "
            "GROUP BY 1",
            "SELECT user_id, user_name FROM users WHERE is_active",
        ),
    ),
    "team_ranking": ByHand(
        RANKED_FIGURES,
        f"SELECT {RANKED}",
        (
            f"SELECT owner_at_closing_id, {RANKED} GROUP BY 1",
            "SELECT user_id, user_name FROM users WHERE is_active",
        ),
    ),
    "categories": ByHand(
        COMPANY_FIGURES,
        f"SELECT {CLOSED}",
        (
            *COMPANY_TOTALS,
            f"SELECT tag_id, count(*) FROM leads {OF_CATEGORY} "
            "WHERE created_on BETWEEN '{first}' AND '{last}' GROUP BY 1",
            f"SELECT tag_id, {CLOSED_FIGURES} FROM leads {OF_CATEGORY} "
            "WHERE closed_on BETWEEN '{first}' AND '{last}' GROUP BY 1",
            f"SELECT tag_id, count(*), sum(amount) FROM leads {OF_CATEGORY} "
            f"WHERE {IS_OPEN_AT_END} GROUP BY 1",
        ),
    ),
    "categories_ranking": ByHand(
        RANKED_FIGURES,
        f"SELECT {RANKED}",
        (
            f"SELECT tag_id, {WON_OF_CLOSED} FROM leads {OF_CATEGORY} "
            "WHERE closed_on BETWEEN '{first}' AND '{last}' GROUP BY 1",
            "SELECT tag_id, tag_name FROM tags WHERE category_id = {category}",
        ),
    ),
    "leads": ByHand(
        (
            "created_leads",
            "open_leads",
            "won_leads",
            "lost_leads",
            "cancelled_leads",
            "won_amount",
            "standby_leads",
        ),
        f"SELECT {COHORT_FIGURES} {IN_PERIOD}",
        (
            f"SELECT date_trunc('month', created_on), max(created_on), {COHORT_FIGURES} "
            f"{IN_PERIOD} GROUP BY 1",
            "SELECT quantile_cont(greatest(seconds_to_close, 0), 0.8) FROM leads "
            "WHERE status = 'won' AND closed_on BETWEEN DATE '{today}' - 364 AND '{today}'",
        ),
    ),
    "leads_triangle": ByHand(
        ("created_leads",),
        f"SELECT count(*) {IN_PERIOD}",
        (
            f"""
            SELECT date_trunc('month', created_on),
                   date_diff('month', created_on, closed_on),
                   count(*), count(*) FILTER (status = 'won')
              {IN_PERIOD} GROUP BY 1, 2
            """,
        ),
    ),
    "leads_curves": ByHand(
        ("created_leads", "open_leads", "won_rate"),
        f"""
        SELECT count(*), count(*) FILTER (closed_on IS NULL), count(*) FILTER (status = 'won'),
               sum(greatest(seconds_to_close, 0)) FILTER (status = 'won')
          {IN_PERIOD}
        """,
        (
            f"""
            SELECT date_trunc('month', created_on),
                   greatest(coalesce(closed_on, '{{today}}') - created_on, 0) AS age, status,
                   count(*), sum(greatest(seconds_to_close, 0))
              {IN_PERIOD} GROUP BY 1, 2, 3
            """,
        ),
    ),
    "leads_work": ByHand(*activities.STALLED_LEADS),
    "leads_quality": ByHand(*activities.DATA_QUALITY),
    "activities": ByHand(*activities.ACTIVITIES),
    "activities_goals": ByHand(*activities.GOALS),
    "prospecting": ByHand(*activities.PROSPECTING),
    "prospecting_ranking": ByHand(*activities.PROSPECTING_RANKED),
    "forecast": ByHand(*forecast.FORECAST),
    "forecast_steps": ByHand(*forecast.STEPS),
    "pipeline": ByHand(*pipeline.STEPS),
    "pipeline_moves": ByHand(*pipeline.MOVES),
    "pipeline_people": ByHand(*pipeline.PEOPLE),
    "pipeline_between": ByHand(*pipeline.BETWEEN),
    "pipeline_ageing": ByHand(*pipeline.AGEING),
    "losses": ByHand(*losses.OVERALL),
    "losses_steps": ByHand(*losses.STEPS),
    "losses_people": ByHand(*losses.PEOPLE),
}

# No medians: SQLite has no such aggregate. These statements measure the cost of reports that
# query the operational database instead of a replica.
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
