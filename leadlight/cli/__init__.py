"""Command line: `leadlight demo | serve | company | user | import | export | report | check`."""

from __future__ import annotations

import os
import sys

from cyclopts import App

import leadlight

app = App(
    name="leadlight",
    help="Sales leads, and above all the numbers about them.",
    version=leadlight.__version__,
)
app.command("leadlight.cli.serving:demo")
app.command("leadlight.cli.serving:serve")
app.command("leadlight.cli.company:company")
app.command("leadlight.cli.folders:import_", name="import")
app.command("leadlight.cli.folders:export")
app.command("leadlight.cli.reporting:report")
app.command("leadlight.cli.checking:check")
app.command("leadlight.cli.people:app", name="user")


def main() -> None:
    """Run a command. Expected errors are printed as a sentence, with exit code 2 unless `Stop`
    has another."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadlight.settings")
    # Imported here, inside the try block: the commands need valid settings to be imported.
    from django.core.exceptions import ImproperlyConfigured

    from leadlight.cli.console import Stop, set_up

    try:
        set_up()
        app()
    except ImproperlyConfigured as wrong:
        sys.exit(_told(str(wrong), 2))
    except Stop as stop:
        sys.exit(_told(str(stop), stop.code))
    except BrokenPipeError:
        sys.exit(_hung_up())
    except Exception as error:
        from leadlight.replication.storage_faults import sentence

        told = sentence(error)
        if told is None:
            raise
        sys.exit(_told(told, 2))


def _told(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201
    return code


def _hung_up() -> int:
    """Redirect the remaining output to /dev/null, after the reader closed the pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
