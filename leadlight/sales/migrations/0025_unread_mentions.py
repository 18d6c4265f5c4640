from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0024_client_merges'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # The mentions that exist count as read.
        migrations.AddField(
            model_name='mention',
            name='is_read',
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name='mention',
            name='is_read',
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name='mention',
            index=models.Index(condition=models.Q(('is_read', False)), fields=['user'], name='unread_mentions'),
        ),
    ]
