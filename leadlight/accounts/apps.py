from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "leadlight.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from leadlight.accounts import sign_in_log

        sign_in_log.listen()
