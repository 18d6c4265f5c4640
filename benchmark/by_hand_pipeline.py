"""Handwritten SQL for the pipeline report, as arguments of `by_hand.ByHand`."""

from __future__ import annotations

OUTCOME = """
    CASE WHEN advanced THEN 'advanced'
         WHEN went = 'here' AND closed_on IS NOT NULL THEN status
         WHEN went = 'here' THEN 'still_here'
         WHEN went = 'back' THEN 'moved_back'
         ELSE 'left' END
"""
STEPS_NOW = "(FROM lead_steps WHERE recorded_to IS NULL) AS lead_steps"
STAYS_NOW = "(FROM lead_stays WHERE recorded_to IS NULL)"
ENTERED = f"""
    SELECT lead_steps.step_id, owner_id, amount, {OUTCOME} AS outcome,
           CASE WHEN {OUTCOME} = 'still_here' THEN entered_at END AS here_since
      FROM {STEPS_NOW} JOIN leads USING (lead_id)
      LEFT JOIN {STAYS_NOW} AS last ON last.lead_id = leads.lead_id AND last.left_at IS NULL
     WHERE lead_steps.pipeline_id = {{pipeline}} AND reached_on BETWEEN '{{first}}' AND '{{last}}'
"""
STAYS_OVER = f"""
       quantile_cont(epoch_us(coalesce(left_at, closed_at)) - epoch_us(entered_at),
                     [0.25, 0.5, 0.75])
  FROM {STAYS_NOW} AS lead_stays JOIN leads USING (lead_id)
 WHERE lead_stays.pipeline_id = {{pipeline}} AND entered_on BETWEEN '{{first}}' AND '{{last}}'
   AND (left_at IS NOT NULL OR closed_at IS NOT NULL)
   AND (closed_at IS NULL OR entered_at <= closed_at)
"""

STEPS = (
    ("entered", "won", "lost", "cancelled", "still_here"),
    """
    WITH entered AS (
        SELECT lead_id, bool_or(left_at IS NULL) AS is_here,
               max(entered_at) FILTER (left_at IS NULL) AS here_since
          FROM lead_stays
         WHERE recorded_to IS NULL AND pipeline_id = {pipeline} GROUP BY 1
        HAVING min(entered_on) BETWEEN '{first}' AND '{last}'
    )
    SELECT count(*),
           count(*) FILTER (is_here AND status = 'won'),
           count(*) FILTER (is_here AND status = 'lost'),
           count(*) FILTER (is_here AND status = 'cancelled'),
           count(*) FILTER (is_here AND closed_on IS NULL),
           sum(amount),
           sum(amount) FILTER (is_here AND status = 'won'),
           sum(amount) FILTER (is_here AND status = 'lost'),
           sum(amount) FILTER (is_here AND status = 'cancelled'),
           sum(amount) FILTER (is_here AND closed_on IS NULL),
           quantile_cont(epoch_us(here_since), 0.5) FILTER (is_here AND closed_on IS NULL)
      FROM entered JOIN leads USING (lead_id)
    """,
    (
        f"""
        SELECT step_id, outcome, count(*), sum(amount), quantile_cont(epoch_us(here_since), 0.5)
          FROM ({ENTERED}) GROUP BY 1, 2
        """,
        f"SELECT step_id, {STAYS_OVER}".replace("step_id", "lead_stays.step_id") + " GROUP BY 1",
        f"SELECT {STAYS_OVER}",
    ),
)

MOVED = f"""
  FROM {STAYS_NOW} AS lead_stays JOIN leads USING (lead_id)
 WHERE lead_stays.pipeline_id = {{pipeline}} AND left_on BETWEEN '{{first}}' AND '{{last}}'
"""
MOVES = (
    ("moves", "moved_amount"),
    f"SELECT count(next_step_id), sum(amount) {MOVED}",
    (f"SELECT lead_stays.step_id, next_step_id, count(*), sum(amount) {MOVED} GROUP BY 1, 2",),
)

PEOPLE = (
    (),
    f"SELECT step_id, count(*), count(*) FILTER (outcome IN ('advanced', 'won')) "
    f"FROM ({ENTERED}) GROUP BY 1",
    (
        f"SELECT owner_id, step_id, count(*), count(*) FILTER (outcome IN ('advanced', 'won')) "
        f"FROM ({ENTERED}) GROUP BY 1, 2",
    ),
)

AT_END_OF = """
    SELECT lead_id, step_id, status, amount, closed_on IS NULL AS is_open
      FROM lead_versions
     WHERE recorded_from <= '{instant}' AND (recorded_to IS NULL OR recorded_to > '{instant}')
       AND pipeline_id = {{pipeline}}
"""
TWO_DAYS = f"""
    WITH before AS ({AT_END_OF.format(instant="{first_end}")}),
    after AS ({AT_END_OF.format(instant="{last_end}")})
    SELECT before.step_id AS from_step, after.step_id AS to_step, after.status,
           before.is_open AS was_open, after.is_open AS is_open, count(*) AS leads,
           sum(before.amount) AS old, sum(after.amount) AS new
      FROM before FULL JOIN after USING (lead_id)
     WHERE before.is_open OR after.is_open
     GROUP BY ALL
"""
BETWEEN = (
    ("at_start", "at_end", "at_end_amount", "won", "lost", "cancelled"),
    f"""
    SELECT sum(leads) FILTER (was_open), sum(leads) FILTER (is_open),
           sum(new) FILTER (is_open),
           sum(leads) FILTER (was_open AND status = 'won'),
           sum(leads) FILTER (was_open AND status = 'lost'),
           sum(leads) FILTER (was_open AND status = 'cancelled')
      FROM ({TWO_DAYS})
    """,
    (TWO_DAYS,),
)

AGED = f"""
    SELECT leads.step_id, amount, DATE '{{today}}' - entered_on AS age
      FROM leads LEFT JOIN {STAYS_NOW} AS here ON here.lead_id = leads.lead_id AND left_at IS NULL
     WHERE leads.pipeline_id = {{pipeline}} AND closed_on IS NULL
"""
AGES = """
       count(*), sum(amount),
       count(*) FILTER (age <= 7),
       count(*) FILTER (age BETWEEN 8 AND 30),
       count(*) FILTER (age BETWEEN 31 AND 90),
       count(*) FILTER (age > 90),
       sum(amount) FILTER (age <= 7),
       sum(amount) FILTER (age BETWEEN 8 AND 30),
       sum(amount) FILTER (age BETWEEN 31 AND 90),
       sum(amount) FILTER (age > 90),
       quantile_cont(age, 0.5), max(age)
"""
AGEING = (
    ("open_leads", "open_amount", "week_leads", "month_leads", "quarter_leads", "older_leads"),
    f"SELECT {AGES} FROM ({AGED})",
    (
        f"SELECT step_id, {AGES} FROM ({AGED}) GROUP BY 1",
        f"""
        SELECT step_id, count(*), quantile_cont(epoch(ended - entered_at) / 86400, 0.75) FROM (
            SELECT stays.step_id, entered_at, coalesce(left_at, closed_at) AS ended
              FROM {STAYS_NOW} AS stays JOIN leads USING (lead_id)
              JOIN steps AS here ON here.step_id = stays.step_id
              LEFT JOIN steps AS later ON later.step_id = next_step_id
             WHERE (next_pipeline_id = stays.pipeline_id
                    AND (later.step_position, later.step_id) > (here.step_position, here.step_id))
                OR (left_at IS NULL AND status = 'won')
        ) GROUP BY 1
        """,
    ),
)
