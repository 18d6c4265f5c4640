from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "leadlight.accounts"
    default_auto_field = "django.db.models.BigAutoField"
