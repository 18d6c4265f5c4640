"""`python -m leadlight` is the command `leadlight`."""

from leadlight.cli import main

main()
