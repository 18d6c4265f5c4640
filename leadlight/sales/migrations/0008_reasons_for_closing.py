from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0007_custom_fields'),
    ]

    operations = [
        migrations.AddField(
            model_name='category',
            name='reason_for',
            field=models.CharField(blank=True, choices=[('lost', 'Losing'), ('cancelled', 'Cancelling'), ('both', 'Losing and cancelling')], default='', max_length=10, verbose_name='kind of reason'),
        ),
    ]
