from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0013_feed_indexes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['owner', 'status', 'reminder_at'], name='work_of_an_owner'),
        ),
    ]
