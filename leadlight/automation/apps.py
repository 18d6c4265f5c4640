from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AutomationConfig(AppConfig):
    name = "leadlight.automation"

    def ready(self) -> None:
        from leadlight.automation.triggers import after_migrate, before_migrate

        # Without a sender: an app that is migrated later may drop the triggers of its tables.
        pre_migrate.connect(before_migrate)
        post_migrate.connect(after_migrate)
