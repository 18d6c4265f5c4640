
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0003_past_probabilities'),
    ]

    operations = [
        migrations.AddField(
            model_name='opening',
            name='opened_before_at',
            field=models.DateTimeField(null=True),
        ),
    ]
