from django.db import migrations

# As `sales.derived_columns` computes them.
FILL = """
UPDATE sales_lead SET
    status_since = COALESCE((
        SELECT event.occurred_at FROM sales_leadevent event
        WHERE event.lead_id = sales_lead.id AND event.kind = 'status'
        ORDER BY event.occurred_at DESC, event.id DESC LIMIT 1
    ), created_at),
    step_since = COALESCE((
        SELECT event.occurred_at FROM sales_leadevent event
        WHERE event.lead_id = sales_lead.id AND event.kind = 'step'
        ORDER BY event.occurred_at DESC, event.id DESC LIMIT 1
    ), created_at),
    last_activity_at = (
        SELECT max(activity.occurred_at) FROM sales_activity activity
        WHERE activity.lead_id = sales_lead.id
    ),
    postponements = (
        SELECT count(*) FROM sales_leadevent event
        WHERE event.lead_id = sales_lead.id AND event.kind = 'reminder' AND event.value <> ''
    )
"""


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0009_daily_work'),
    ]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
