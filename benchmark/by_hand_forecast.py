"""Handwritten SQL for the forecast, as arguments of `by_hand.ByHand`."""

from __future__ import annotations

CLOSED_OF_LATE = "closed_on BETWEEN DATE '{today}' - 364 AND '{today}'"
MEASURED = f"""
    SELECT lead_steps.step_id, count(*) AS closed, count(*) FILTER (status = 'won') AS won
      FROM lead_steps JOIN leads USING (lead_id, pipeline_id)
     WHERE recorded_to IS NULL AND {CLOSED_OF_LATE}
     GROUP BY 1 HAVING count(*) >= 30
"""
# In cents (amount × per cent), rounded for each lead, so that sums are exact.
WEIGHED = f"""
    SELECT estimated_closing_on AS day, amount,
           round(amount * coalesce(probability, step_probability)) AS weighted,
           round(amount * step_probability) AS as_set,
           round(amount * 100 * coalesce(won, step_probability) / coalesce(closed, 100)) AS measured
      FROM leads JOIN steps USING (step_id) LEFT JOIN ({MEASURED}) AS rate USING (step_id)
     WHERE status IN ('todo', 'standby')
"""
IS_COMING = "day >= '{today}' AND day BETWEEN '{first}' AND '{last}'"
IS_OVERDUE = "day < '{today}'"


def _weight_of(which: str) -> str:
    return f"""
       count(*) FILTER ({which}),
       sum(amount) FILTER ({which}),
       (sum(weighted) FILTER ({which}) / 100)::DECIMAL(18, 2),
       (sum(as_set) FILTER ({which}) / 100)::DECIMAL(18, 2),
       (sum(measured) FILTER ({which}) / 100)::DECIMAL(18, 2)
    """


WON = "sum(amount) FROM leads WHERE status = 'won' AND closed_on BETWEEN '{first}' AND '{last}'"
# Goal of each month of the period: the part of a target accrued up to the end of the month, minus
# the part accrued up to its beginning.
GOALS = """
    WITH held AS (
        SELECT goal_period, starts_on, (target * 100)::BIGINT AS cents,
               lead(starts_on) OVER (PARTITION BY team_id, goal_period
                                     ORDER BY starts_on, goal_id) AS replaced_on
          FROM goals WHERE goal_measure = 'won_amount' AND team_id IS NOT NULL
    ), months AS (
        SELECT month::DATE AS month, greatest(month, '{first}')::DATE AS begins,
               least(month + INTERVAL 1 MONTH, '{after}')::DATE AS ends
          FROM range(date_trunc('month', DATE '{first}')::TIMESTAMP, '{after}',
                     INTERVAL 1 MONTH) AS every(month)
    ), spread AS (
        SELECT month, begins, ends, cents, date_trunc(goal_period, month)::DATE AS since,
               (since + to_months(CASE goal_period WHEN 'month' THEN 1
                                                   WHEN 'quarter' THEN 3
                                                   ELSE 12 END))::DATE AS until
          FROM held, months
         WHERE starts_on < until AND (replaced_on IS NULL OR replaced_on >= until)
    )
    SELECT month, (sum(cents * (ends - since) // (until - since)
                       - cents * (begins - since) // (until - since)) / 100)::DECIMAL(18, 2) AS goal
      FROM spread GROUP BY 1
"""
FORECAST = (
    (
        "won_amount",
        "goal",
        *("open_leads", "open_amount", "weighted_amount", "set_amount", "measured_amount"),
        *("overdue.open_leads", "overdue.open_amount", "overdue.weighted_amount"),
        *("overdue.set_amount", "overdue.measured_amount"),
    ),
    f"""
    SELECT (SELECT {WON}), (SELECT sum(goal) FROM ({GOALS})),
           {_weight_of(IS_COMING)}, {_weight_of(IS_OVERDUE)}, {_weight_of("day IS NULL")}
      FROM ({WEIGHED})
    """,
    (
        f"SELECT date_trunc('month', closed_on), {WON} GROUP BY 1",
        f"SELECT date_trunc('month', day), {_weight_of('TRUE')} FROM ({WEIGHED}) "
        f"WHERE {IS_COMING} GROUP BY 1",
        GOALS,
    ),
)

STEPS = (
    ("open_leads", "open_amount", "won_leads", "closed_leads"),
    f"""
    SELECT count(*) FILTER (closed_on IS NULL),
           sum(amount) FILTER (closed_on IS NULL),
           count(*) FILTER (status = 'won' AND {CLOSED_OF_LATE}),
           count(*) FILTER ({CLOSED_OF_LATE})
      FROM leads WHERE pipeline_id = {{pipeline}}
    """,
    (
        """
        SELECT step_id, count(*), sum(amount) FROM leads
         WHERE pipeline_id = {pipeline} AND closed_on IS NULL GROUP BY 1
        """,
        f"""
        SELECT lead_steps.step_id, count(*), count(*) FILTER (status = 'won')
          FROM lead_steps JOIN leads USING (lead_id)
         WHERE recorded_to IS NULL AND lead_steps.pipeline_id = {{pipeline}}
           AND leads.pipeline_id = {{pipeline}} AND {CLOSED_OF_LATE} GROUP BY 1
        """,
        "SELECT step_id, step_name, step_probability FROM steps WHERE pipeline_id = {pipeline}",
    ),
)
