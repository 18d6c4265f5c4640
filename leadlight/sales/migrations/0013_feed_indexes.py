from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0012_client_creation'),
    ]

    operations = [
        migrations.AddIndex('leadevent', models.Index(fields=['recorded_at', 'lead'], name='event_feed')),
        migrations.AddIndex('leadevent', models.Index(fields=['actor', 'recorded_at', 'lead'], name='event_feed_by_actor')),
        migrations.AddIndex('leadevent', models.Index(fields=['kind', 'recorded_at', 'lead'], name='event_feed_by_kind')),
        migrations.AddIndex('activity', models.Index(fields=['recorded_at', 'lead'], name='activity_feed')),
        migrations.AddIndex('activity', models.Index(fields=['user', 'recorded_at', 'lead'], name='activity_feed_by_user')),
        migrations.AddIndex('activity', models.Index(fields=['activity_type', 'recorded_at', 'lead'], name='activity_feed_by_type')),
    ]
