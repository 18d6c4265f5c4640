"""Personal pages and files are not cached; static files are."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory
from whitenoise.middleware import WhiteNoiseMiddleware

from leadlight.replication import replica
from tests.web.test_every_page import FOR_THE_SIGNED_IN

FILES = [
    "/reports/company/export/csv",
    "/reports/company/leads/export/csv?column=created_leads",
    "/reports/company/choices/client/",
    "/working-days/",
    "/no/such/page/",
    "/leads/no-such-lead/",
    "/",
]


def test_every_personal_page_and_file_forbids_caching(cast, visit):
    browser = visit(cast.ada)
    for address in [*FOR_THE_SIGNED_IN, *FILES, f"/leads/{cast.lead.key}/"]:
        response = browser.get(address)
        assert response.headers["Cache-Control"] == "private, no-store", address
    replica.forget()


def test_pages_without_signing_in_forbid_caching_too(cast, visit):
    for address in ("/", "/accounts/login/", "/leads/", "/reports/company/export/csv"):
        assert visit().get(address).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", ["app.0123456789ab.css", "app.css"])
def test_static_files_may_be_cached(name, tmp_path: Path):
    order = settings.MIDDLEWARE
    whitenoise = "whitenoise.middleware.WhiteNoiseMiddleware"
    assert order.index(whitenoise) < order.index("leadlight.web.shell.security.NoStore")
    (tmp_path / name).write_text("body {}")
    files = WhiteNoiseMiddleware(lambda request: None)
    files.add_file_to_dictionary(f"/static/{name}", str(tmp_path / name))
    response = files(RequestFactory().head(f"/static/{name}"))
    assert "no-store" not in response.headers["Cache-Control"]
