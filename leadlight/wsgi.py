"""What a WSGI server calls; ready for the first question before it takes one."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadlight.settings")

application = get_wsgi_application()

from leadlight.replication import replica  # noqa: E402  # needs the settings

replica.prepare()

# A page of thousands of rows makes hundreds of thousands of small objects, none of them a cycle:
# with Python's own thresholds, looking for cycles among them took a third of the page's time.
gc.collect()
gc.freeze()
gc.set_threshold(200_000, 20, 50)
