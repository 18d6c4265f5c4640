import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import leadlight.accounts.keys
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_country_and_dialler'),
        ('sales', '0020_merges'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=leadlight.accounts.keys.new_key, editable=False, max_length=200, unique=True)),
                ('name', models.CharField(max_length=300, verbose_name='name')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-started_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='FollowUpTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=leadlight.accounts.keys.new_key, editable=False, max_length=200, unique=True)),
                ('name', models.CharField(max_length=300, verbose_name='name')),
                ('position', models.PositiveIntegerField()),
                ('is_archived', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='NoFollowUpQuestion',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='no_follow_up_question', serialize=False, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=leadlight.accounts.keys.new_key, editable=False, max_length=200, unique=True)),
                ('position', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=300, verbose_name='title')),
                ('note', models.TextField(blank=True, max_length=10000, verbose_name='note')),
                ('status', models.CharField(choices=[('todo', 'To do'), ('standby', 'Postponed'), ('done', 'Done')], default='todo', max_length=10, verbose_name='status')),
                ('due_on', models.DateField(verbose_name='due on')),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('is_removed', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ['due_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='TemplateStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=leadlight.accounts.keys.new_key, editable=False, max_length=200, unique=True)),
                ('position', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=300, verbose_name='title')),
                ('days', models.PositiveIntegerField(validators=[django.core.validators.MaxValueValidator(3650)], verbose_name='days after the start')),
                ('is_in_working_days', models.BooleanField(default=True, verbose_name='count working days')),
                ('owner_rule', models.CharField(choices=[('lead_owner', 'Owner of the lead'), ('starter', 'Person who starts the follow-up'), ('person', 'This person:')], default='lead_owner', max_length=10, verbose_name='owner')),
                ('note', models.TextField(blank=True, max_length=10000, verbose_name='note')),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='lead',
            name='follows',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followers', to='sales.lead'),
        ),
        migrations.AddField(
            model_name='lead',
            name='follows_as',
            field=models.CharField(blank=True, choices=[('upsell', 'Upsell'), ('renewal', 'Renewal')], db_default='', default='', max_length=10),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('follows__isnull', False)), fields=['follows'], name='leads_that_follow'),
        ),
        migrations.AddField(
            model_name='followup',
            name='lead',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='follow_ups', to='sales.lead'),
        ),
        migrations.AddField(
            model_name='followup',
            name='started_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='followup',
            name='template',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='sales.followuptemplate'),
        ),
        migrations.AddField(
            model_name='task',
            name='created_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='task',
            name='done_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='task',
            name='follow_up',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='sales.followup'),
        ),
        migrations.AddField(
            model_name='task',
            name='lead',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='sales.lead'),
        ),
        migrations.AddField(
            model_name='task',
            name='owner',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='templatestep',
            name='person',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='templatestep',
            name='template',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='sales.followuptemplate'),
        ),
        migrations.AddIndex(
            model_name='followup',
            index=models.Index(fields=['-started_at', '-id'], name='follow_ups_by_start'),
        ),
        migrations.AddIndex(
            model_name='followup',
            index=models.Index(fields=['template', '-started_at', '-id'], name='follow_ups_of_template'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(fields=['owner', 'status', 'due_on'], name='tasks_of_an_owner'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(fields=['status', 'follow_up'], name='tasks_by_status'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', False), ('status', 'done')), models.Q(('done_at__isnull', True), ('status__in', ('todo', 'standby'))), _connector='OR'), name='done_tasks_have_an_instant'),
        ),
    ]
