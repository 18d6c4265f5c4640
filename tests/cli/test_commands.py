"""The other commands: their effects and their errors."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from leadlight.accounts import identity_provider
from leadlight.accounts.mails import send_later
from leadlight.accounts.models import IdentityProvider, Organization, User
from leadlight.accounts.readers import SYSTEM
from leadlight.cli import people
from leadlight.cli.console import Stop
from leadlight.sales import bulk
from leadlight.sales.models import Lead, Reminder
from tests.cli.conftest import Run
from tests.instances import separate_instance
from tests.sales.bulk_jobs import begin
from tests.sales.conftest import found
from tests.worked_company import write_worked_company

pytestmark = pytest.mark.database

PASSWORD = "a pane of green glass"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Provide the password through a pipe."""
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))


@pytest.mark.django_db
@pytest.mark.usefixtures("typed")
def test_a_new_admin_has_the_entered_password(leadlight: Run) -> None:
    leadlight("user", "add", "ada@example.com", "--first-name", "Ada", "--role", "admin")
    ada = User.objects.get(email="ada@example.com")
    assert ada.is_admin
    assert ada.check_password(PASSWORD)


@pytest.mark.django_db
def test_a_weak_password_is_refused(leadlight: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "_typed", lambda: "12345")
    with pytest.raises(Stop, match="too short"):
        leadlight("user", "add", "ada@example.com")
    assert not User.objects.exists()


@pytest.mark.usefixtures("company", "typed")
def test_a_mail_address_cannot_be_used_twice(leadlight: Run) -> None:
    with pytest.raises(Stop, match="already"):
        leadlight("user", "add", "ANA@example.com")


@pytest.mark.usefixtures("company")
def test_all_users_are_listed(leadlight: Run) -> None:
    assert leadlight("user", "list").splitlines() == [
        "ana@example.com\tuser\tAna Abreu",
        "bo@example.com\tuser\tBo Berg",
    ]


PROVIDER = {
    "issuer": "https://login.example.com",
    "client_id": "leadlight",
    "secret": "s3cret of the client",
    "name": "Work",
    "allows_passwords": False,
}


@pytest.mark.django_db
def test_passwords_are_allowed_again_if_the_identity_provider_fails(leadlight: Run) -> None:
    identity_provider.change(PROVIDER, by=SYSTEM)
    assert leadlight("user", "allow-passwords") == "Passwords are allowed again.\n"
    assert IdentityProvider.current().allows_passwords
    with pytest.raises(Stop, match=r"Passwords are allowed\."):
        leadlight("user", "allow-passwords")


@pytest.mark.usefixtures("company")
def test_an_exported_folder_has_no_settings_of_the_sign_in(leadlight: Run, tmp_path: Path) -> None:
    identity_provider.change(PROVIDER, by=SYSTEM)
    Organization.objects.update(second_factor="everybody")
    leadlight("export", str(tmp_path / "out"))
    texts = [path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(texts) > 5
    for word in ("login.example.com", "s3cret", "second_factor"):
        assert not any(word in text for text in texts)


@pytest.mark.django_db
def test_a_company_setting_is_changed_and_shown(leadlight: Run) -> None:
    assert "privacy = own" in leadlight("company", "--privacy", "own")
    assert Organization.current().privacy == "own"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--time-zone", "Europe/Atlantis", "not a time zone"),
        ("--currency", "euro", "3 characters|Three capital letters"),
        ("--first-weekday", "8", "less than or equal to 7"),
    ],
)
def test_an_invalid_company_setting_is_refused(
    leadlight: Run, option: str, value: str, said: str
) -> None:
    with pytest.raises(Stop, match=said):
        leadlight("company", option, value)
    assert not Organization.objects.exists()


@pytest.mark.django_db
def test_a_dry_run_writes_nothing(leadlight: Run, tmp_path: Path) -> None:
    write_worked_company(tmp_path)
    assert "Nothing was written." in leadlight("import", str(tmp_path), "--dry-run")
    assert not Lead.objects.exists()


@pytest.mark.django_db
def test_all_problems_of_a_folder_are_reported(leadlight: Run, tmp_path: Path) -> None:
    write_worked_company(tmp_path)
    leads = tmp_path / "leads.csv"
    leads.write_text(leads.read_text().replace("L3,", "L2,").replace(",1000,", ",much,"))
    with pytest.raises(Stop, match=r"leads\.csv") as refusal:
        leadlight("import", str(tmp_path))
    assert refusal.value.code == 1
    assert "much" in str(refusal.value)
    assert not Lead.objects.exists()


@pytest.mark.usefixtures("company")
def test_an_export_does_not_overwrite_files(leadlight: Run, tmp_path: Path) -> None:
    write_worked_company(tmp_path)
    with pytest.raises(Stop):
        leadlight("export", str(tmp_path))


@pytest.mark.usefixtures("company")
def test_demo_data_is_not_added_to_an_existing_company(leadlight: Run) -> None:
    with pytest.raises(Stop, match="empty"):
        leadlight("demo")
    assert leadlight("demo", "--if-empty") == ""
    assert Lead.objects.count() == 5


@pytest.mark.django_db
def test_demo_users_can_sign_in(leadlight: Run, tmp_path: Path, settings: object) -> None:
    settings.LEADLIGHT_DATA = tmp_path  # type: ignore[attr-defined]
    leadlight("demo", "--size", "0.02", "--today", "2026-11-23")
    sign_in = tmp_path / "demo-sign-in.txt"
    password = sign_in.read_text().split()[-1]
    assert sign_in.stat().st_mode & 0o077 == 0
    assert User.objects.get(email="admin@example.com").check_password(password)


@pytest.mark.parametrize(
    ("knob", "value"), [("LEADLIGHT_LISTEN", "everywhere"), ("LEADLIGHT_THREADS", "-1")]
)
def test_an_invalid_setting_stops_the_start_without_a_traceback(
    tmp_path: Path, knob: str, value: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "leadlight", "user", "list"],
        env=os.environ | {"LEADLIGHT_DATA": str(tmp_path), knob: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert knob in ended.stderr
    assert value in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.django_db
def test_work_does_what_is_due(leadlight: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    company = found()
    due, starred = (
        Lead.create(title=title, by=company.ana, owner=company.ana) for title in ("Roof", "Windows")
    )
    due.stand_by(by=None, until=Reminder(timezone.now() - timedelta(days=1)))
    begin(company.ana, "star", {}, Lead.objects.filter(pk=starred.pk))
    send_later(EmailMessage("Welcome", "Hello", to=["ana@example.com"]))

    assert leadlight("work", "--once") == ""
    assert leadlight("work", "--once") == ""

    due.refresh_from_db()
    starred.refresh_from_db()
    assert due.status == "todo"
    assert starred.is_starred
    assert [letter.to for letter in mail.outbox] == [["ana@example.com"]]


@pytest.mark.django_db
def test_work_needs_a_company(leadlight: Run) -> None:
    with pytest.raises(Stop, match="There is no company"):
        leadlight("work", "--once")


def test_a_worker_stops_when_it_is_asked_to(tmp_path: Path) -> None:
    with separate_instance(tmp_path, "leadlight_worker") as environment:
        write_worked_company(tmp_path / "company")
        start = [sys.executable, "-m", "leadlight"]
        imported = [*start, "import", str(tmp_path / "company")]
        subprocess.run(imported, env=environment, check=True, capture_output=True)
        with subprocess.Popen(
            [*start, "work"], env=environment, stdout=subprocess.PIPE, text=True
        ) as worker:
            assert worker.stdout is not None
            assert "does the background work" in worker.stdout.readline()
            worker.send_signal(signal.SIGTERM)
        assert worker.returncode == 0
