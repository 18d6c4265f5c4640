import leadlight.accounts.keys
import leadlight.accounts.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=leadlight.accounts.keys.new_key, editable=False, max_length=200, unique=True)),
                ('day', models.DateField(unique=True, verbose_name='day')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
            ],
            options={
                'ordering': ['day'],
            },
        ),
        migrations.AddField(
            model_name='organization',
            name='weekend',
            field=models.JSONField(blank=True, default=leadlight.accounts.models.saturday_and_sunday, help_text="Days on which nobody works, from 1 (Monday) to 7 (Sunday).", validators=[leadlight.accounts.models.a_weekend], verbose_name='weekend'),
        ),
    ]
