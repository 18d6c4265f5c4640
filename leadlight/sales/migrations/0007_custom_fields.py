import django.db.models.deletion
import django.db.models.functions.text
import leadlight.accounts.keys
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0006_event_log'),
    ]

    operations = [
        migrations.AlterField(
            model_name='leadevent',
            name='kind',
            field=models.CharField(choices=[('created', 'Created'), ('pipeline', 'Pipeline'), ('step', 'Step'), ('status', 'Status'), ('owner', 'Owner'), ('team', 'Team'), ('amount', 'Amount'), ('probability', 'Probability'), ('estimated_closing', "Expected close date"), ('deleted', 'Deleted'), ('created_at', "Creation date"), ('closed_at', "Close date"), ('title', 'Title'), ('description', 'Description'), ('client', 'Client'), ('source', 'Source'), ('tags', 'Tags'), ('reminder', 'Reminder'), ('starred', 'Starred'), ('comment', 'Comment'), ('field', 'Field')], max_length=20),
        ),
        migrations.CreateModel(
            name='CustomField',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=leadlight.accounts.keys.new_key, editable=False, max_length=200, unique=True)),
                ('subject', models.CharField(choices=[('lead', 'Lead'), ('client', 'Client'), ('prospect', 'Prospect')], max_length=10, verbose_name='belongs to')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('kind', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('amount', 'Amount'), ('day', 'Day'), ('choice', 'Choice'), ('email', 'Email'), ('phone', 'Phone'), ('address', 'Address'), ('link', 'Link')], max_length=10, verbose_name='kind')),
                ('choices', models.JSONField(blank=True, default=list, verbose_name='choices')),
                ('is_key', models.BooleanField(default=False, verbose_name='key for duplicates')),
                ('position', models.PositiveIntegerField(verbose_name='position')),
                ('is_archived', models.BooleanField(default=False, verbose_name='archived')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [models.UniqueConstraint(models.F('subject'), django.db.models.functions.text.Lower('name'), name='one_field_of_a_name')],
            },
        ),
        migrations.CreateModel(
            name='ClientFieldValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('sort_text', models.CharField(max_length=100)),
                ('number', models.DecimalField(decimal_places=6, max_digits=21, null=True)),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='field_values', to='sales.client')),
                ('field', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='sales.customfield')),
            ],
            options={
                'indexes': [models.Index(fields=['field', 'sort_text'], name='client_field_text'), models.Index(fields=['field', 'number'], name='client_field_number')],
                'constraints': [models.UniqueConstraint(fields=('owner', 'field'), name='one_value_of_a_client')],
            },
        ),
        migrations.CreateModel(
            name='LeadFieldValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('sort_text', models.CharField(max_length=100)),
                ('number', models.DecimalField(decimal_places=6, max_digits=21, null=True)),
                ('field', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='sales.customfield')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='field_values', to='sales.lead')),
            ],
            options={
                'indexes': [models.Index(fields=['field', 'sort_text'], name='lead_field_text'), models.Index(fields=['field', 'number'], name='lead_field_number')],
                'constraints': [models.UniqueConstraint(fields=('owner', 'field'), name='one_value_of_a_lead')],
            },
        ),
    ]
