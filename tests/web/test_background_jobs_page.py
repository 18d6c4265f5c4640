"""Page of the background jobs: what has failed, and *Run again*."""

from __future__ import annotations

import pytest

from leadlight.job_queue import queue
from leadlight.job_queue.models import QueuedJob
from leadlight.jobs.handlers import HANDLERS, Handler
from leadlight.jobs.worker import run_due

PAGE = "/settings/jobs/"


@pytest.fixture
def failed_job(cast):
    queue.add("account_mail", {}, subject="<b>eva@example.com</b>")

    def refuse(_arguments):
        raise ConnectionRefusedError("nobody listens")

    run_due({"account_mail": Handler(refuse, pauses=())})
    return QueuedJob.objects.get()


def test_a_failed_job_is_shown_with_its_error_and_runs_again(cast, visit, failed_job):
    browser = visit(cast.ada)
    page = browser.get(PAGE).content.decode()
    assert "Failed (1)" in page
    assert "Mail about an account" in page
    assert "&lt;b&gt;eva@example.com&lt;/b&gt;" in page
    assert "ConnectionRefusedError: nobody listens" in page

    answer = browser.post(f"{PAGE}{failed_job.pk}/run/", follow=True).content.decode()
    assert "The job runs again within a few seconds." in answer
    assert "Waiting (1)" in answer
    again = browser.post(f"{PAGE}{failed_job.pk}/run/", follow=True).content.decode()
    assert "This job has not failed, or is no longer there." in again


def test_each_state_has_its_list(cast, visit, failed_job):
    browser = visit(cast.ada)
    for state in ("running", "waiting", "done"):
        assert "There are no jobs in this state." in browser.get(f"{PAGE}?state={state}").text
    run_due({**HANDLERS, "account_mail": Handler(lambda _arguments: None)})
    assert "nobody listens" in browser.get(f"{PAGE}?state=failed").text


@pytest.mark.parametrize("query", ["state=odd", "before=-1", "before=x", "before=%00", "state="])
def test_an_invalid_query_is_not_found(cast, visit, query):
    assert visit(cast.ada).get(f"{PAGE}?{query}").status_code == 404


def test_the_list_has_pages(cast, visit):
    for n in range(51):
        queue.add("account_mail", {}, subject=f"person{n}@example.com")
    browser = visit(cast.ada)
    first = browser.get(PAGE).text
    assert "person50@example.com" in first
    assert "person0@example.com" not in first
    oldest = QueuedJob.objects.order_by("pk")[1].pk
    assert f"before={oldest}" in first
    assert "person0@example.com" in browser.get(f"{PAGE}?state=waiting&before={oldest}").text


def test_the_page_needs_the_same_number_of_queries_for_any_number_of_jobs(
    cast, visit, django_assert_num_queries
):
    browser = visit(cast.ada)
    browser.get(PAGE)
    for n in range(20):
        queue.add("account_mail", {}, subject=f"person{n}@example.com")
    with django_assert_num_queries(8):
        browser.get(PAGE)


def test_only_admins_see_the_jobs(cast, visit, failed_job):
    assert visit(cast.olga).get(PAGE).status_code == 403
    assert visit(cast.olga).post(f"{PAGE}{failed_job.pk}/run/").status_code == 403
    failed_job.refresh_from_db()
    assert failed_job.state == "failed"
