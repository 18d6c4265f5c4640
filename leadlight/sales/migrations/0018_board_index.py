from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0017_bulk_jobs'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(
                condition=models.Q(('closed_at__isnull', True), ('is_deleted', False)),
                fields=['step', '-step_since', '-id', 'status'],
                name='board',
            ),
        ),
    ]
