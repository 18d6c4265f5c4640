from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ReplicationConfig(AppConfig):
    name = "leadlight.replication"

    def ready(self) -> None:
        from leadlight.replication.changes import after_migrate

        # An app without models sends no post_migrate signal; the signal of sales is also sent after
        # all migrations.
        post_migrate.connect(after_migrate, sender=apps.get_app_config("sales"))
