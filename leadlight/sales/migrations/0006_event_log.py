import django.db.models.functions
import django.utils.timezone
from django.db import migrations, models

# Set the old value of each event to the value of the previous event of its kind.
FILL_OLD_VALUES = """
UPDATE sales_leadevent SET old_value = COALESCE((
    SELECT earlier.value FROM sales_leadevent earlier
    WHERE earlier.lead_id = sales_leadevent.lead_id AND earlier.kind = sales_leadevent.kind
        AND (earlier.occurred_at, earlier.id) < (sales_leadevent.occurred_at, sales_leadevent.id)
    ORDER BY earlier.occurred_at DESC, earlier.id DESC LIMIT 1
), '')
"""
FILL_UPDATED_AT = """
UPDATE sales_lead SET updated_at = COALESCE((
    SELECT max(recorded_at) FROM sales_leadevent WHERE lead_id = sales_lead.id
), created_at)
"""
KINDS = [
    ('created', 'Created'), ('pipeline', 'Pipeline'), ('step', 'Step'), ('status', 'Status'),
    ('owner', 'Owner'), ('team', 'Team'), ('amount', 'Amount'), ('probability', 'Probability'),
    ('estimated_closing', "Expected close date"), ('deleted', 'Deleted'),
    ('created_at', "Creation date"), ('closed_at', "Close date"), ('title', 'Title'),
    ('description', 'Description'), ('client', 'Client'), ('source', 'Source'), ('tags', 'Tags'),
    ('reminder', 'Reminder'), ('starred', 'Starred'), ('comment', 'Comment'),
]
CHANNELS = [
    ('page', 'Page'), ('api', 'API'), ('mail', 'Email'), ('form', 'Form'), ('import', 'Import'),
    ('rule', 'Rule'), ('command', 'Command line'),
]


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0005_one_goal_of_a_kind'),
    ]

    operations = [
        migrations.AlterField('leadevent', 'kind', models.CharField(choices=KINDS, max_length=20)),
        migrations.AlterField('leadevent', 'value', models.TextField(blank=True)),
        migrations.AddField('leadevent', 'old_value', models.TextField(blank=True, default='', db_default='')),
        migrations.AddField('leadevent', 'channel', models.CharField(choices=CHANNELS, default='import', db_default='import', max_length=10)),
        migrations.AddField('leadevent', 'about', models.CharField(blank=True, default='', db_default='', max_length=200)),
        migrations.AddField('leadevent', 'version', models.PositiveIntegerField(default=1, db_default=1)),
        migrations.AddField('lead', 'version', models.PositiveIntegerField(default=1, db_default=1)),
        migrations.AddField('lead', 'updated_at', models.DateTimeField(default=django.utils.timezone.now, db_default=django.db.models.functions.Now())),
        migrations.RunSQL(FILL_OLD_VALUES, migrations.RunSQL.noop),
        migrations.RunSQL(FILL_UPDATED_AT, migrations.RunSQL.noop),
        migrations.AddIndex('lead', models.Index(fields=['-updated_at', '-id'], name='changed_last')),
    ]
