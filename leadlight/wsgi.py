"""WSGI application; its replica is brought up to date before it accepts the first request."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadlight.settings")

application = get_wsgi_application()

from leadlight import gc_tuning  # noqa: E402  # needs the settings
from leadlight.replication import replica  # noqa: E402

replica.prepare()
gc_tuning.collect_after_requests()
