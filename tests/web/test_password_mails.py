"""Password mails: recipients, the address in the link, and sending by the worker."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from leadlight.job_queue.models import QueuedJob
from leadlight.jobs.worker import run_due
from tests.web.conftest import PASSWORD
from tests.web.pages import Page

RESET = "/accounts/password/reset/"


class BrokenServer(EmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("nobody listens")


def link_in(letter):
    return re.search(r"(https?://\S+?)(/accounts/password/reset/key/\S+)", letter.body).groups()


@pytest.mark.parametrize("host", ["sales.example.com:8443", "localhost:6666", "localhost"])
def test_the_reset_link_uses_the_configured_origin_for_any_host(host, cast, visit, settings):
    settings.LEADLIGHT_ORIGIN = "https://sales.example.com"
    settings.ALLOWED_HOSTS = ["sales.example.com", "localhost"]
    visit().post(RESET, {"email": cast.olga.email}, headers={"host": host})
    run_due()
    [letter] = mail.outbox
    assert link_in(letter)[0] == "https://sales.example.com"
    assert host not in letter.body.replace("https://sales.example.com", "")


def test_the_address_in_a_file_uses_the_configured_origin(cast, visit, settings):
    settings.LEADLIGHT_ORIGIN = "https://sales.example.com"
    settings.ALLOWED_HOSTS = ["localhost"]
    address = "/reports/company/export/csv-excel"
    response = visit(cast.olga).get(address, headers={"host": "localhost:6666"})
    assert "localhost" not in b"".join(response).decode()


def test_no_mail_goes_to_an_address_without_an_account(cast, visit):
    known = visit().post(RESET, {"email": cast.olga.email}, follow=True)
    unknown = visit().post(RESET, {"email": "x@example.com"}, follow=True)
    closed = visit().post(RESET, {"email": cast.ina.email}, follow=True)
    run_due()
    assert [letter.to for letter in mail.outbox] == [[cast.olga.email]]
    assert known.redirect_chain == unknown.redirect_chain == closed.redirect_chain
    texts = {Page.read(one.content.decode()).text for one in (known, unknown, closed)}
    assert len(texts) == 1


def test_the_page_does_not_wait_for_the_mail_server_nor_fail_with_it(cast, visit, settings):
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"
    answer = visit().post(RESET, {"email": cast.olga.email})
    assert answer.url == "/accounts/password/reset/done/"
    run_due()
    assert mail.outbox == []
    job = QueuedJob.objects.get()
    assert (job.state, job.subject) == ("waiting", cast.olga.email)
    assert job.last_error == "ConnectionRefusedError: nobody listens"


def test_a_mail_that_waits_shows_its_link_to_nobody(cast, visit):
    visit().post(RESET, {"email": cast.olga.email})
    stored = str(QueuedJob.objects.values().get())
    run_due()
    [letter] = mail.outbox
    assert "/accounts/password/reset/key/" in letter.body
    assert "/accounts/password/reset/key/" not in stored
    assert "Message-ID" in letter.extra_headers


def test_a_mail_that_cannot_be_decrypted_is_failed(cast, visit, settings):
    visit().post(RESET, {"email": cast.olga.email})
    settings.SECRET_KEY = "another key of this instance, for this test"
    run_due()
    job = QueuedJob.objects.get()
    assert (job.state, job.last_error) == ("failed", "The secret key of this instance has changed.")


@pytest.mark.parametrize("password", ["Olga Glass", "olgaglass1", "Glass Olga", "olga.glass.26"])
def test_a_password_similar_to_the_full_name_is_refused(password, cast, visit):
    cast.olga.email = "o@example.com"
    cast.olga.save()
    change = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    page = visit(cast.olga).post("/accounts/password/change/", change)
    assert "too similar to the name or email address" in page.content.decode()
    cast.olga.refresh_from_db()
    assert cast.olga.check_password(PASSWORD)
