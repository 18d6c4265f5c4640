from django.apps import AppConfig


class JobQueueConfig(AppConfig):
    name = "leadlight.job_queue"
