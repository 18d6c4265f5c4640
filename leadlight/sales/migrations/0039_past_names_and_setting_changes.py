
import django.db.models.deletion
import leadlight.accounts.keys
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0038_created'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SettingChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('row_id', models.PositiveBigIntegerField()),
                ('old', models.JSONField()),
                ('new', models.JSONField()),
                ('action', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='setting_changes', to='sales.action')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='PastName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=leadlight.accounts.keys.new_key, editable=False, max_length=200, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('replaced_at', models.DateTimeField()),
                ('pipeline', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='past_names', to='sales.pipeline')),
                ('replaced_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('step', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='past_names', to='sales.step')),
            ],
            options={
                'ordering': ['replaced_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('pipeline__isnull', False), ('step__isnull', True)), models.Q(('pipeline__isnull', True), ('step__isnull', False)), _connector='OR'), name='past_name_of_a_step_or_pipeline')],
            },
        ),
    ]
