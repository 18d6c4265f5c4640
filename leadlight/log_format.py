"""Format of log lines, which contain no secret address."""

from __future__ import annotations

import logging

from leadlight.accounts.tokens import TOKEN

HIDDEN = "[secret]"


class WithoutSecrets(logging.Formatter):
    """Formatter that leaves the tokens of secret addresses out, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return TOKEN.sub(HIDDEN, super().format(record))
