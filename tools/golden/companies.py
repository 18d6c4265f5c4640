"""Companies of a golden copy, each in its own data folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

DEMO = "demo"
DEMO_DAY = date(2026, 3, 15)
DEMO_SEED = 1
# Path from a lead to the key of each dimension.
PATHS = {
    "user": "owner__key",
    "team": "team__key",
    "pipeline": "pipeline__key",
    "tag": "tags__key",
    "source": "source",
    "prospecting_list": "prospect__prospecting_list__key",
    "client": "client__key",
}


@dataclass(frozen=True)
class Source:
    """Company of a golden copy: imported from `folder`, or the demo company of this `size`."""

    name: str
    folder: Path | None = None
    size: float = 1.0


def load_django(data: Path) -> None:
    """Load Django with a data folder, ignoring other LEADLIGHT_ variables of the environment."""
    for name in [name for name in os.environ if name.startswith("LEADLIGHT_")]:
        del os.environ[name]
    os.environ |= {
        "LEADLIGHT_DATA": str(data),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "leadlight.settings",
        # Threads add floats in varying order.
        "LEADLIGHT_ANALYTICS_THREADS": "1",
    }
    import django

    django.setup()


def set_up(source: Source, data: Path) -> None:
    """Fill an empty data folder with a company in which users see only their own leads."""
    load_django(data)
    from django.core.management import call_command

    from leadlight import importing
    from leadlight.accounts.models import Organization
    from leadlight.demo.generate import write_folder
    from leadlight.replication import replica

    call_command("migrate", interactive=False, verbosity=0)
    with tempfile.TemporaryDirectory() as made:
        if source.folder is None:
            write_folder(Path(made), today=DEMO_DAY, seed=DEMO_SEED, size=source.size)
        importing.import_folder(source.folder or Path(made))
    Organization.objects.update(privacy=Organization.Privacy.OWN)
    replica.current().catch_up()
    replica.forget()


def load_copy(template: Path, beside: Path) -> None:
    """Copy a data folder for this process alone, below `beside`, and load Django with it."""
    data = beside / str(os.getpid())
    shutil.copytree(template, data)
    load_django(data)


def latest_instant() -> datetime:
    """Return one hour after the last creation, closing, event or activity of the company."""
    from django.db.models import Max

    from leadlight.sales.models import Activity, Lead, LeadEvent

    facts = ((Lead, "created_at closed_at"), *((log, LOGGED) for log in (LeadEvent, Activity)))
    instants = (
        instant
        for model, names in facts
        for instant in model._default_manager.aggregate(*map(Max, names.split())).values()
        if instant
    )
    return max(instants, default=datetime(2026, 1, 1, tzinfo=UTC)) + timedelta(hours=1)


LOGGED = "occurred_at recorded_at"


def keys_by_dimension() -> Mapping[str, tuple[str, ...]]:
    """Return the keys of each dimension that leads have, the most frequent first."""
    from django.db.models import Count

    from leadlight.sales.models import Lead

    return {
        name: tuple(
            key
            for key, _count in Lead.objects.exclude(**{f"{path}__isnull": True})
            .exclude(**{path: ""})
            .values_list(path)
            .annotate(leads=Count("pk"))
            .order_by("-leads", path)
        )
        for name, path in PATHS.items()
    }
