"""Format of log lines, which contain no secret address."""

from __future__ import annotations

import logging

from leadlight.accounts.tokens import TOKEN

HIDDEN = "[secret]"


class WithoutSecrets(logging.Formatter):
    """Formatter that replaces tokens of secret addresses by `HIDDEN`, also in tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        return TOKEN.sub(HIDDEN, super().format(record))
