"""Handwritten SQL for the report of losses, as arguments of `by_hand.ByHand`."""

from __future__ import annotations

LOST = "count(*) FILTER (status = 'lost')"
IN_PERIOD = "FROM leads {joined} WHERE closed_on BETWEEN '{{first}}' AND '{{last}}'"
CLOSED = f"""
    SELECT {{row}} {LOST}, sum(amount) FILTER (status = 'lost'), {LOST}, count(*),
           quantile_cont(greatest(seconds_to_close, 0), 0.5) FILTER (status = 'lost')
      {IN_PERIOD}
"""
REASONS = """
    LEFT JOIN (SELECT lead_id, tag_id FROM lead_tags JOIN tags USING (tag_id)
                 JOIN categories USING (category_id)
                WHERE reason_for IN ('lost', 'both')) AS reasons USING (lead_id)
"""
CLOSED_IN_STEP = """
    JOIN (SELECT stays.lead_id, arg_max(stays.step_id, stay_number) AS closed_in_id
            FROM lead_stays AS stays JOIN leads USING (lead_id)
           WHERE recorded_to IS NULL AND entered_at <= closed_at
             AND closed_on BETWEEN '{{first}}' AND '{{last}}' GROUP BY 1) AS last
      USING (lead_id)
    JOIN steps ON steps.step_id = closed_in_id AND steps.pipeline_id = {{pipeline}}
"""


def _closed(row: str = "", joined: str = "") -> str:
    text = CLOSED.format(row=f"{row}," if row else "", joined=joined.format())
    return f"{text} GROUP BY 1" if row else text


def _lost(row: str = "", joined: str = "") -> str:
    start = f"SELECT {row}, tag_id, {LOST}" if row else f"SELECT {LOST}"
    text = f"{start} {IN_PERIOD.format(joined=joined.format())}"
    return f"{text} GROUP BY 1, 2" if row else text


OVERALL = (
    ("lost_leads", "lost_amount", "closed_share"),
    _closed(),
    (_closed("tag_id", REASONS),),
)
STEPS = (
    ("lost_leads",),
    _lost(joined=CLOSED_IN_STEP),
    (_lost("closed_in_id", CLOSED_IN_STEP + REASONS),),
)
PEOPLE = (
    ("lost_leads",),
    _lost(),
    (_lost("owner_at_closing_id", REASONS),),
)
