from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0015_attachments'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['amount', 'id'], name='by_amount'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['estimated_closing_on', 'id'], name='by_expected_day'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['reminder_at', 'id'], name='by_reminder'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['last_activity_at', 'id'], name='by_last_activity'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['status_since', 'id'], name='by_days_in_status'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['step_since', 'id'], name='by_days_in_step'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['postponements', 'id'], name='by_postponements'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(
                condition=models.Q(('closed_at__isnull', True)),
                fields=['estimated_closing_on', 'id'],
                name='open_by_expected_day',
            ),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(
                condition=models.Q(('closed_at__isnull', True)),
                fields=['reminder_at', 'id'],
                name='open_by_reminder',
            ),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(
                condition=models.Q(('closed_at__isnull', True)),
                fields=['last_activity_at', 'id'],
                name='open_by_last_activity',
            ),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(
                condition=models.Q(('closed_at__isnull', True)),
                fields=['status_since', 'id'],
                name='open_by_days_in_status',
            ),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(
                condition=models.Q(('closed_at__isnull', True)),
                fields=['step_since', 'id'],
                name='open_by_days_in_step',
            ),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(
                condition=models.Q(('is_starred', True)),
                fields=['-created_at', '-id'],
                name='starred_newest_first',
            ),
        ),
    ]
