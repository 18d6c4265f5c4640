"""Handwritten SQL for activities, goals, prospecting, stalled leads and data quality.

The tuples are arguments of `by_hand.ByHand`.
"""

from __future__ import annotations

DONE = "FROM activities WHERE occurred_on BETWEEN '{first}' AND '{last}'"
WON = "FROM leads WHERE status = 'won' AND closed_on BETWEEN '{first}' AND '{last}'"
ACTIVITY_COUNTS = "count(*), count(DISTINCT lead_id), count(DISTINCT prospect_id)"
ON_WON_LEADS = """
    SELECT owner_at_closing_id, activity_type_id
      FROM activities JOIN leads USING (lead_id)
     WHERE status = 'won' AND closed_on BETWEEN '{first}' AND '{last}' AND occurred_at <= closed_at
     UNION ALL
    SELECT owner_at_closing_id, activity_type_id
      FROM activities JOIN leads ON activities.prospect_id = leads.prospect_id
     WHERE activities.lead_id IS NULL AND status = 'won'
       AND closed_on BETWEEN '{first}' AND '{last}' AND occurred_at <= closed_at
"""
ACTIVITIES = (
    ("activities", "leads_touched", "prospects_touched"),
    f"SELECT {ACTIVITY_COUNTS} {DONE}",
    (
        f"SELECT activity_type_id, outcome_id, count(*) {DONE} GROUP BY 1, 2",
        f"SELECT user_id, {ACTIVITY_COUNTS} {DONE} GROUP BY 1",
        f"SELECT user_id, activity_type_id, outcome_id, count(*) {DONE} GROUP BY 1, 2, 3",
        f"SELECT count(*) {WON}",
        f"SELECT owner_at_closing_id, count(*) {WON} GROUP BY 1",
        f"SELECT activity_type_id, count(*) FROM ({ON_WON_LEADS}) GROUP BY 1",
        "SELECT owner_at_closing_id, activity_type_id, count(*) "
        f"FROM ({ON_WON_LEADS}) GROUP BY 1, 2",
    ),
)

GOALS = (
    ("won_leads", "won_amount"),
    f"SELECT count(*), sum(amount) {WON}",
    (
        f"SELECT owner_at_closing_id, count(*), sum(amount) {WON} GROUP BY 1",
        f"SELECT count(*) {DONE}",
        f"SELECT user_id, count(*) {DONE} GROUP BY 1",
        """
        SELECT user_id, count(*) FROM activities
         WHERE occurred_on BETWEEN date_trunc('month', DATE '{last}') AND '{last}' GROUP BY 1
        """,
        "SELECT user_id, goal_measure, goal_period, arg_max(target, starts_on) FROM goals "
        "WHERE starts_on <= '{last}' GROUP BY 1, 2, 3",
    ),
)

PROSPECTS = """
    SELECT prospects.*, cost
      FROM prospects JOIN prospecting_lists AS list USING (prospecting_list_id)
     WHERE list.created_on BETWEEN '{first}' AND '{last}'
"""
ON_PROSPECTS = f"""
    SELECT prospecting_list_id, prospect_id, activity_kind, is_reached
      FROM activities JOIN ({PROSPECTS}) AS prospect USING (prospect_id)
      JOIN activity_types USING (activity_type_id) LEFT JOIN outcomes USING (outcome_id)
"""
PROSPECTS_WITH_LEADS = f"""
    SELECT prospect.*, leads.status, leads.amount, leads.closed_on, leads.seconds_to_close,
           epoch_us(prospect.converted_at) - epoch_us(prospect.created_at) AS took
      FROM ({PROSPECTS}) AS prospect LEFT JOIN leads USING (prospect_id)
"""
LEAD_FIGURES = """
       count(*),
       count(converted_on),
       count(*) FILTER (status = 'won'),
       count(*) FILTER (status = 'lost'),
       count(*) FILTER (status = 'cancelled'),
       sum(amount) FILTER (status = 'won'),
       count(*) FILTER (status IN ('todo', 'standby')),
       sum(amount) FILTER (status = 'won' AND cost IS NOT NULL),
       quantile_cont(took, 0.5) FILTER (converted_on IS NOT NULL),
       quantile_cont(greatest(seconds_to_close, 0), 0.5) FILTER (status = 'won')
"""
ACTIVITY_FIGURES = """
       count(*), count(*) FILTER (activity_kind = 'call'), count(DISTINCT prospect_id),
       count(DISTINCT prospect_id) FILTER (is_reached)
"""
PROSPECTING = (
    (
        "prospects",
        "turned_into_leads",
        "won_leads",
        "lost_leads",
        "cancelled_leads",
        "won_amount",
        "open_leads",
    ),
    f"SELECT {LEAD_FIGURES} FROM ({PROSPECTS_WITH_LEADS})",
    (
        f"SELECT prospecting_list_id, {LEAD_FIGURES} FROM ({PROSPECTS_WITH_LEADS}) GROUP BY 1",
        f"SELECT {ACTIVITY_FIGURES} FROM ({ON_PROSPECTS})",
        f"SELECT prospecting_list_id, {ACTIVITY_FIGURES} FROM ({ON_PROSPECTS}) GROUP BY 1",
        "SELECT prospecting_list_id, cost FROM prospecting_lists "
        "WHERE created_on BETWEEN '{first}' AND '{last}'",
    ),
)

# A lead that was a prospect has the id of its prospecting list.
CLOSED_BY_LIST = """
       count(*) FILTER (status = 'won'), count(*)
  FROM leads JOIN prospecting_lists AS list USING (prospecting_list_id)
 WHERE list.created_on BETWEEN '{first}' AND '{last}' AND closed_on IS NOT NULL
"""
PROSPECTING_RANKED = (
    ("won_leads", "closed_leads"),
    f"SELECT {CLOSED_BY_LIST}",
    (
        f"SELECT prospecting_list_id, {CLOSED_BY_LIST} GROUP BY 1",
        "SELECT prospecting_list_id, prospecting_list_name FROM prospecting_lists "
        "WHERE created_on BETWEEN '{first}' AND '{last}'",
    ),
)

# Open leads with the values that the report compares with usual durations. The report prefetches
# the usual durations; here they are constants in `STALLED_FIGURES`.
OPEN_LEADS = """
    SELECT owner_id, leads.pipeline_id, leads.step_id, amount, created_on, entered_on,
           greatest(created_on, lead_on, prospect_on) AS touched_on
      FROM leads
      LEFT JOIN lead_stays AS last
        ON last.lead_id = leads.lead_id AND last.left_at IS NULL AND last.recorded_to IS NULL
      LEFT JOIN (SELECT lead_id, max(occurred_on) AS lead_on
                   FROM activities GROUP BY 1) AS worked ON worked.lead_id = leads.lead_id
      LEFT JOIN (SELECT prospect_id, max(occurred_on) AS prospect_on
                   FROM activities GROUP BY 1) AS called ON called.prospect_id = leads.prospect_id
     WHERE status IN ('todo', 'standby')
"""
STALLED_FIGURES = """
       count(*),
       count(*) FILTER (DATE '{today}' - created_on > 50),
       sum(amount) FILTER (DATE '{today}' - created_on > 50),
       count(*) FILTER (DATE '{today}' - entered_on > 20),
       sum(amount) FILTER (DATE '{today}' - entered_on > 20),
       count(*) FILTER (touched_on <= DATE '{today}' - 14),
       sum(amount) FILTER (touched_on <= DATE '{today}' - 14)
"""
STALLED_LEADS = (
    ("open_leads",),
    f"SELECT {STALLED_FIGURES} FROM ({OPEN_LEADS})",
    (
        f"SELECT owner_id, {STALLED_FIGURES} FROM ({OPEN_LEADS}) GROUP BY 1",
        """
        SELECT pipeline_id, count(*), quantile_cont(greatest(seconds_to_close, 0), 0.75)
          FROM leads WHERE status = 'won' GROUP BY 1
        """,
        """
        SELECT lead_stays.step_id, count(*), quantile_cont(
                   epoch_us(coalesce(left_at, closed_at)) - epoch_us(entered_at), 0.75)
          FROM lead_stays JOIN leads USING (lead_id)
         WHERE recorded_to IS NULL AND (left_at IS NOT NULL OR closed_at IS NOT NULL)
           AND (closed_at IS NULL OR entered_at <= closed_at) GROUP BY 1
        """,
        """
        SELECT lead_steps.step_id, count(*), count(*) FILTER (status = 'won')
          FROM lead_steps JOIN leads USING (lead_id, pipeline_id)
         WHERE recorded_to IS NULL
           AND closed_on BETWEEN DATE '{today}' - 364 AND '{today}' GROUP BY 1
        """,
    ),
)

# The first row is the total: one scan computes it and the rows of owners.
DATA_QUALITY = (
    (
        *("open_leads", "overdue_leads", "overdue_amount", "undated_leads", "undated_amount"),
        *("leads_without_amount", "unowned_leads", "unowned_amount"),
        *("reopened_leads", "reopened_amount", "untouched_leads", "untouched_amount"),
    ),
    """
    WITH late AS (
        SELECT lead_id, prospect_id FROM activities WHERE occurred_on > DATE '{today}' - 30
    ), open AS (
        SELECT owner_id, amount, estimated_closing_on,
               lead_id IN (SELECT lead_id FROM lead_versions
                            WHERE closed_at IS NOT NULL) AS was_closed,
               created_on <= DATE '{today}' - 30
               AND (lead_id IN (SELECT lead_id FROM late)
                    OR prospect_id IN (SELECT prospect_id FROM late)) IS NOT TRUE AS is_untouched
          FROM leads WHERE status IN ('todo', 'standby')
    )
    SELECT count(*),
           count(*) FILTER (estimated_closing_on < '{today}'),
           sum(amount) FILTER (estimated_closing_on < '{today}'),
           count(*) FILTER (estimated_closing_on IS NULL),
           sum(amount) FILTER (estimated_closing_on IS NULL),
           count(*) FILTER (amount IS NULL),
           count(*) FILTER (owner_id IS NULL),
           sum(amount) FILTER (owner_id IS NULL),
           count(*) FILTER (was_closed),
           sum(amount) FILTER (was_closed),
           count(*) FILTER (is_untouched),
           sum(amount) FILTER (is_untouched),
           owner_id
      FROM open GROUP BY ROLLUP (owner_id) ORDER BY grouping(owner_id) DESC
    """,
    (
        "SELECT owner_at_closing_id, count(*), sum(amount) FROM leads "
        "WHERE seconds_to_close < 0 GROUP BY 1",
        "SELECT user_id, user_name FROM users WHERE is_active",
    ),
)
