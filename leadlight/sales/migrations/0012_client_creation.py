import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from leadlight.sales.models.client_names import sort_name

ROWS_AT_ONCE = 5_000


def set_sort_names(apps, schema_editor):
    clients = apps.get_model("sales", "Client").objects
    changed = []
    for client in clients.only("pk", "name").order_by("pk").iterator():
        client.sort_name = sort_name(client.name)
        changed.append(client)
        if len(changed) == ROWS_AT_ONCE:
            clients.bulk_update(changed, ["sort_name"], batch_size=300)
            changed = []
    clients.bulk_update(changed, ["sort_name"], batch_size=300)


class Migration(migrations.Migration):

    dependencies = [
        ('sales', '0011_contacts_and_search_words'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='client',
            options={'ordering': ['sort_name', 'pk']},
        ),
        migrations.AddField(
            model_name='client',
            name='created_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='client',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='created_clients', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='client',
            name='sort_name',
            field=models.CharField(db_default='', default='', editable=False, max_length=300),
        ),
        migrations.RunPython(set_sort_names, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(fields=['sort_name', 'id'], name='client_names'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(fields=['is_active', 'sort_name', 'id'], name='active_client_names'),
        ),
    ]
