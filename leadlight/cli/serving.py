"""Commands that serve the site and create the demo company."""

from __future__ import annotations

import secrets
import tempfile
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import Organization, User
from leadlight.cli.console import Stop, migrate, out, progress
from leadlight.cli.folders import import_with_progress
from leadlight.cli.listening import server
from leadlight.demo import generate
from leadlight.replication import copies
from leadlight.sales import file_store

DEMO_EMAILS = ("admin@example.com", "manager@example.com", "seller@example.com")


def demo(
    *, today: date | None = None, seed: int = 1, size: float = 1.0, if_empty: bool = False
) -> None:
    """Fill an empty instance with a fictitious company: three years of sales by 14 people.

    Parameters
    ----------
    today
        Last day of the data; today by default.
    seed
        The same seed and day give the same company.
    size
        1 gives some 6,000 leads, 40,000 activities and 15,000 prospects.
    if_empty
        Do nothing if there is a company already, instead of failing.
    """
    migrate()
    if Organization.objects.exists() or User.objects.exists():
        if if_empty:
            return
        raise Stop(
            _(
                "This instance already contains a company, and the demo needs an empty "
                "one. Set LEADLIGHT_DATA to a new folder."
            )
        )
    with tempfile.TemporaryDirectory() as folder:
        day = today or timezone.localdate()
        generate.write_folder(Path(folder), today=day, seed=seed, size=size)
        import_with_progress(Path(folder))
    _set_demo_passwords()


def serve() -> None:
    """Serve the site on the address and port of LEADLIGHT_LISTEN."""
    migrate()
    call_command("collectstatic", interactive=False, verbosity=0)
    file_store.remove_abandoned()
    with progress() as step:
        copies.prepare(settings.LEADLIGHT_WORKERS, step)
    address = f"http://{settings.LEADLIGHT_LISTEN}/"
    out.print(_("Leadlight is at %(address)s (stop it with Ctrl+C)") % {"address": address})
    if _sign_in_file().exists():
        out.print(_sign_in_file().read_text(), end="", markup=False)
    elif not User.objects.exists():
        out.print(
            _("Nobody can sign in yet. Add a user: leadlight user add you@example.com --role admin")
        )
    server(
        "leadlight.asgi:application", settings.LEADLIGHT_LISTEN, settings.LEADLIGHT_WORKERS
    ).serve()


def _sign_in_file() -> Path:
    """Return the path of the file with the demo's password, readable by its owner only."""
    return settings.LEADLIGHT_DATA / "demo-sign-in.txt"


def _set_demo_passwords() -> None:
    """Set one random password for the demo's users, and write it to the sign-in file."""
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    path = _sign_in_file()
    path.touch(mode=0o600)
    path.write_text(f"Sign in as {', '.join(DEMO_EMAILS)}\nwith the password   {password}\n")
    for user in User.objects.filter(email__in=DEMO_EMAILS):
        user.set_password(password)
        user.save(update_fields=["password"])
