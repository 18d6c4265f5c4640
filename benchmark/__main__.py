"""The command `python -m benchmark`."""

from __future__ import annotations

import os
import sys

from cyclopts import App

from benchmark import bench
from leadlight.cli.console import Stop, set_up

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadlight.settings")
    set_up()
    app = App(name="python -m benchmark", help="Measure Leadlight on a generated company.")
    app.default(bench)
    try:
        app()
    except Stop as stop:
        print(stop, file=sys.stderr)
        sys.exit(stop.code)
