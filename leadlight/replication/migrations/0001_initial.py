from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from leadlight.replication import changes


def install(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    changes.install(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("sales", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
