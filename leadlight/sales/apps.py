from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SalesConfig(AppConfig):
    name = "leadlight.sales"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from leadlight.sales.search.writing import after_migrate

        post_migrate.connect(after_migrate, sender=self)
