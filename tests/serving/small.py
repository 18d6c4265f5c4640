"""A minimal site behind the server of `leadlight serve`: a program that takes an address."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from leadlight.buffering import Buffered
from leadlight.cli.listening import server


def say_hello(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


application = Buffered(say_hello, threads=2)

if __name__ == "__main__":
    server("tests.serving.small:application", sys.argv[1], workers=1).serve()
