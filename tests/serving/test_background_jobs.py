"""The jobs that a serving process repeats in the background."""

from __future__ import annotations

import pytest

from leadlight.jobs.background import Job
from leadlight.jobs.every_job import EVERY_JOB

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("job", EVERY_JOB, ids=lambda job: job.name)
def test_a_job_with_nothing_to_do_ends_without_an_error(
    job: Job, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        assert job.run(lambda _seconds: False) == job.every_s
    assert caplog.records == []


def test_each_job_has_its_own_name() -> None:
    assert len({job.name for job in EVERY_JOB}) == len(EVERY_JOB)
