"""Server on loopback that receives the messages of webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """Receiver; it answers with `status`, `headers` and `text`, and keeps what it received."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: bytes = b"thank you"
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]

    @property
    def events(self) -> list[list[str]]:
        return [message["events"] for message in self.messages]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def log_message(self, *_arguments: Any) -> None:
        return

    def do_POST(self) -> None:
        one = self.receiver
        one.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        one.signatures.append(self.headers["Leadlight-Signature"])
        one.paths.append(self.path)
        self.send_response(one.status)
        for name, value in one.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(one.text)))
        self.end_headers()
        self.wfile.write(one.text)


@contextmanager
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": one})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    one.url = f"http://127.0.0.1:{server.server_port}/hook?from=leadlight"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
