"""Set-up, errors, output and progress of commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from leadlight.analytics.query.filters import PAST, Filters
from leadlight.analytics.query.phrases import Phrase
from leadlight.analytics.query.scope import Scope

# Wide enough that no figure is truncated.
out = Console(highlight=False, emoji=False, soft_wrap=True, width=1000)
aside = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


class Stop(Exception):
    """End of a command with an error message and an exit code."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        self.code = code
        super().__init__(sentence)


def line(*cells: object) -> None:
    """Print tab-separated cells, for other programs to parse."""
    sys.stdout.write("\t".join(str(cell) for cell in cells) + "\n")


def set_up() -> None:
    """Load Django, and activate the instance's language (LEADLIGHT_LANGUAGE)."""
    django.setup()
    translation.activate(settings.LANGUAGE_CODE)


def migrate() -> None:
    """Apply the database migrations."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def refuse_empty_instance() -> None:
    """Raise Stop if this instance has no company."""
    from leadlight.accounts.models import Organization

    if not Organization.objects.exists():
        raise Stop(
            gettext(
                "There is no company in %(folder)s. Fill it with leadlight demo or leadlight"
                " import, or set LEADLIGHT_DATA to the folder of your company."
            )
            % {"folder": settings.LEADLIGHT_DATA}
        )


def translated(phrase: Phrase) -> str:
    """Translate a phrase for formats that programs read, with its values unformatted."""
    values = {name: _word(value) for name, value in phrase.values.items()}
    text = gettext(phrase.template)
    return text % values if values else text


def _word(value: Any) -> Any:
    if isinstance(value, Phrase):
        return translated(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(_word(one)) for one in value)
    return value


def warn_of_past(filters: Filters, format: str) -> None:  # noqa: A002
    """Print a warning if the result is as of a past instant.

    Printed above a table; to standard error for other formats.
    """
    if filters.as_of:
        console = out if format == "table" else aside
        console.print(translated(Phrase(PAST)), markup=False)


def print_scope(scope: Scope, format: str) -> None:  # noqa: A002
    """Print the scope of the result if it is restricted.

    Printed above a table; to standard error for other formats.
    """
    if not scope.sees_all:
        console = out if format == "table" else aside
        console.print(translated(scope.phrase), markup=False)


Step = Callable[[str, int, int], None]


@contextmanager
def progress() -> Iterator[Step]:
    """Yield a function (label, done, total) that draws progress bars if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield lambda label, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=aside, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def step(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label, total=total)
            bars.update(tasks[label], completed=done, total=total)

        yield step
