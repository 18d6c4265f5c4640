from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "leadlight.web"
