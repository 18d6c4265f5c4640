"""Run as a program: say what the instance holds, then take a folder in, telling each step.

Whoever started it may kill it at any of them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django
from django.core.management import call_command


def main() -> None:
    django.setup()

    from leadlight.importing import import_folder
    from tests.importing.small import row_counts

    call_command("migrate", verbosity=0)
    tell(row_counts())
    import_folder(Path(sys.argv[1]), progress=lambda *step: tell(step))
    tell(row_counts())


def tell(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
