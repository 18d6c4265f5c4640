import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_country_and_dialler'),
        ('sales', '0016_lead_order'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('done', 'Done'), ('unchanged', 'Unchanged'), ('refused', 'Refused'), ('stopped', 'Stopped'), ('undone', 'Undone'), ('kept', 'Kept')], default='pending', max_length=10)),
                ('reason', models.TextField(blank=True, default='')),
                ('before', models.PositiveBigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='BulkJob',
            fields=[
                ('action', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='job', serialize=False, to='sales.action')),
                ('verb', models.CharField(max_length=20)),
                ('arguments', models.JSONField(blank=True, default=dict)),
                ('language', models.CharField(max_length=10)),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('undoing', 'Undoing'), ('undone', 'Undone')], default='running', max_length=10)),
                ('total', models.PositiveIntegerField()),
                ('skipped', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.RemoveIndex(
            model_name='leadevent',
            name='events_of_an_action',
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('is_deleted', False), ('owner', None)), fields=['owner', '-created_at', '-id', 'team', 'status'], name='unassigned_leads'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('is_deleted', False), ('owner', None)), fields=['team', 'owner', 'status'], name='unassigned_leads_of_a_team'),
        ),
        migrations.AddIndex(
            model_name='leadevent',
            index=models.Index(condition=models.Q(('action__isnull', False)), fields=['action', 'lead'], name='events_of_an_action'),
        ),
        migrations.AddField(
            model_name='bulkitem',
            name='lead',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sales.lead'),
        ),
        migrations.AddField(
            model_name='bulkitem',
            name='prospect',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sales.prospect'),
        ),
        migrations.AddField(
            model_name='bulkitem',
            name='prospecting_list',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sales.prospectinglist'),
        ),
        migrations.AddField(
            model_name='bulkjob',
            name='undone',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='undone_job', to='sales.action'),
        ),
        migrations.AddField(
            model_name='bulkitem',
            name='job',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='sales.bulkjob'),
        ),
        migrations.AddIndex(
            model_name='bulkjob',
            index=models.Index(fields=['state'], name='jobs_by_state'),
        ),
        migrations.AddIndex(
            model_name='bulkitem',
            index=models.Index(fields=['job', 'state', 'id'], name='items_of_a_job'),
        ),
    ]
