"""Identity provider of OpenID Connect on loopback, which can be made to answer wrongly."""

from __future__ import annotations

import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, SECRET = "leadlight", "s3cret:+/ of the client"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(key: rsa.RSAPrivateKey, kid: str = "first") -> dict[str, Any]:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {**public, "kid": kid, "use": "sig", "alg": "RS256"}


@dataclass
class Provider:
    """Provider with one person, whose claims tests change; `now` is the time of its clock."""

    now: Callable[[], float]
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [jwk(KEY)])
    sign: Callable[[dict[str, Any]], str] | None = None
    # Path → status, headers and body in place of the right answer.
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    # Cleared while the provider keeps everybody waiting.
    is_awake: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def signed(self, claims: dict[str, Any], key: Any = KEY, **header: str) -> str:
        given = {"kid": "first", **header}
        return jwt.encode(claims, key, algorithm=given.pop("alg", "RS256"), headers=given)

    def code_for(self, url: str) -> str:
        """Return the code with which the provider answers a request for a sign-in."""
        asked = {name: texts[0] for name, texts in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code

    def callback(self, url: str, **changed: str) -> str:
        """Return the address that the provider sends the person back to."""
        state = parse_qs(urlsplit(url).query)["state"][0]
        answer = {"code": self.code_for(url), "state": state, **changed}
        return f"{self.codes[answer['code']]['redirect_uri']}?{urlencode(answer)}"

    def tokens(self, form: dict[str, str], basic: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest())
        if challenge.rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if basic != f"{CLIENT_ID}:s3cret%3A%2B%2F+of+the+client" and (
            form.get("client_secret") != SECRET
        ):
            return 401, {"error": "invalid_client"}
        now = int(self.now())
        claims = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        token = (self.sign or self.signed)({k: v for k, v in claims.items() if v is not None})
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": token}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, *_arguments: Any) -> None:
        return

    def do_GET(self) -> None:
        one, path = self.provider, urlsplit(self.path).path
        one.asked.append(path)
        one.is_awake.wait()
        if path in one.answers:
            self._send(*one.answers[path])
        elif path == "/.well-known/openid-configuration":
            ours = {
                "issuer": one.issuer,
                "authorization_endpoint": f"{one.issuer}/authorize",
                "token_endpoint": f"{one.issuer}/token",
                "jwks_uri": f"{one.issuer}/keys",
            }
            self._json(200, {**ours, **one.document})
        elif path == "/keys":
            self._json(200, {"keys": one.keys})
        elif path == "/favicon.ico":
            self._send(204, {}, b"")
        elif path == "/authorize":
            back = one.callback(self.path)
            page = f'<!doctype html><title>Provider</title><a href="{escape(back)}">Sign in</a>'
            self._send(200, {"Content-Type": "text/html"}, page.encode())
        else:
            self._json(404, {})

    def do_POST(self) -> None:
        one, path = self.provider, urlsplit(self.path).path
        one.asked.append(path)
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if path in one.answers:
            return self._send(*one.answers[path])
        basic = self.headers.get("Authorization", "").removeprefix("Basic ")
        form = {name: texts[0] for name, texts in parse_qs(text).items()}
        return self._json(*one.tokens(form, b64decode(basic).decode()))

    def _json(self, status: int, answer: dict[str, Any]) -> None:
        self._send(status, {"Content-Type": "application/json"}, json.dumps(answer).encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        with suppress(OSError):  # whoever waited has gone
            self.end_headers()
            self.wfile.write(body)


@contextmanager
def running_provider(now: Callable[[], float]) -> Iterator[Provider]:
    """Serve a provider on a free port until the end of the block."""
    provider = Provider(now)
    provider.is_awake.set()
    handler = type("Handler", (_Handler,), {"provider": provider})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            provider.is_awake.set()
            server.shutdown()
            thread.join()
