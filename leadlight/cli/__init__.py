"""Command line: `leadlight demo | serve | work | user | import | export | …`."""

from __future__ import annotations

import os
import sys

from cyclopts import App, CycloptsError, Group, Parameter

import leadlight

REPORTS = Group("Reports", sort_key=1)
DATA = Group("Data", sort_key=2)
PEOPLE = Group("People and company", sort_key=3)
RUNNING = Group("Running", sort_key=4)
OTHER = Group("Other", sort_key=5)

app = App(
    name="leadlight",
    help="Sales leads and sales analytics.",
    help_format="plaintext",
    default_parameter=Parameter(negative=()),
    help_epilogue="""Begin with:
  leadlight demo            fill an empty instance with a fictitious company
  leadlight serve           open the site in a browser
  leadlight report company  print a report in the terminal

`leadlight COMMAND --help` describes a command. LEADLIGHT_DATA is the folder of the data.""",
    version=leadlight.__version__,
)
app["--help"].group = OTHER
app["--version"].group = OTHER
app.command(
    "leadlight.cli.reporting:app",
    name="report",
    help="Print a report, or the leads behind one of its figures, or write it to a file.",
    group=REPORTS,
)
app.command(
    "leadlight.cli.folders:import_",
    name="import",
    help="Import a company folder (company.toml and CSV files), completely or not at all.",
    help_epilogue="""Examples:
  leadlight import our-company --dry-run
  leadlight import our-company""",
    group=DATA,
)
app.command(
    "leadlight.cli.folders:export",
    help="Export the whole company as plain files into a new or empty folder.",
    help_epilogue="""Example:
  leadlight export backup-2026-01-31""",
    group=DATA,
)
app.command(
    "leadlight.cli.tables:table",
    help="Write a whole table of leads, activities, … to a CSV, XLSX or Parquet file.",
    help_epilogue="""Examples:
  leadlight table leads leads.parquet
  leadlight table activities calls.csv --period last_month
  leadlight table leads won.xlsx --status won --day closed --from 2026-01-01""",
    group=DATA,
)
app.command(
    "leadlight.cli.serving:demo",
    help="Fill an empty instance with a fictitious company: three years of sales by 14 people.",
    help_epilogue="""Examples:
  leadlight demo
  leadlight demo --size 0.1 --today 2026-01-31""",
    group=DATA,
)
app.command(
    "leadlight.cli.checking:check",
    help="Check that the reports, the search and the files match the database.",
    help_epilogue="""Prints every difference, and exits with code 1 if there is one.

Example:
  leadlight check""",
    group=DATA,
)
app.command(
    "leadlight.cli.people:app",
    name="user",
    help="Add people, set their password and role, or close their account.",
    group=PEOPLE,
)
app.command(
    "leadlight.cli.company:company",
    help="Show or change the settings of the company: currency, time zone, privacy and others.",
    help_epilogue="""Examples:
  leadlight company
  leadlight company --currency EUR --time-zone Europe/Paris""",
    group=PEOPLE,
)
app.command(
    "leadlight.cli.serving:serve",
    help="Serve the site, on the address and port of LEADLIGHT_LISTEN.",
    help_epilogue="""Examples:
  leadlight serve
  LEADLIGHT_LISTEN=127.0.0.1:9000 leadlight serve""",
    group=RUNNING,
)
app.command(
    "leadlight.cli.working:work",
    help="Do the background work, such as mails, reminders and imports; `serve` does it by itself.",
    help_epilogue="""If `serve` runs with LEADLIGHT_SERVE_ONLY=true, run this beside it. If another
WSGI server serves the site, run this beside it too, or with --once each minute.

Examples:
  leadlight work
  leadlight work --once""",
    group=RUNNING,
)


def main() -> None:
    """Run a command. Expected errors are printed as a sentence, with exit code 2 unless `Stop`
    has another."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadlight.settings")
    # Imported after DJANGO_SETTINGS_MODULE is set, because these modules load Django.
    from django.core.exceptions import ImproperlyConfigured

    from leadlight.cli.console import Stop, set_up

    try:
        set_up()
        app(exit_on_error=False, print_error=False)
    except ImproperlyConfigured as wrong:
        sys.exit(_print_error(str(wrong), 2))
    except Stop as stop:
        sys.exit(_print_error(str(stop), stop.code))
    except CycloptsError as wrong:
        sys.exit(_print_error(f"{wrong}\nSee leadlight --help.", 2))
    except BrokenPipeError:
        sys.exit(_discard_output())
    except Exception as error:
        from leadlight.replication.storage_faults import message_of

        message = message_of(error)
        if message is None:
            raise
        sys.exit(_print_error(message, 2))


def _print_error(message: str, code: int) -> int:
    print(message, file=sys.stderr)  # noqa: T201
    return code


def _discard_output() -> int:
    """Send further output to /dev/null, because its reader closed the pipe; return exit code 0."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
