"""Entry point of `python -m leadlight`, the same as the command `leadlight`."""

from leadlight.cli import main

main()
