"""HTTP requests to addresses that admins enter: public ones only, with limits on time and size.

The name is resolved once, each address is checked, and the connection is made to a checked
address, so that a name cannot point elsewhere in between. No redirect is followed.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from leadlight.accounts.refusals import Refused

CONNECT_SECONDS = 5
TOTAL_SECONDS = 15
LARGEST_ANSWER = 64 * 1024  # bytes
NAT64 = IPv6Network("64:ff9b::/96")  # IPv4 addresses as networks without IPv4 see them


class Unreachable(Exception):
    """There is no answer: why, in a sentence for the admins."""


@dataclass(frozen=True)
class Answer:
    """Answer of a server; `text` is its beginning."""

    status: int
    text: str


def an_address(url: str, *, allows_private: bool) -> None:
    """Raise Refused for a text that is no http or https address, or a private IP address.

    An address with http is accepted for private hosts only, where they are allowed.
    """
    parts = _split(url)
    if parts is None or parts.username or parts.password:
        raise Refused(_("Enter an address such as https://example.com/hook."))
    if parts.scheme == "http" and not allows_private:
        raise Refused(_("The address must begin with https://."))
    if not allows_private and not _may_be_public(parts.hostname or ""):
        raise Refused(_("This address is one of a private network."))


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allows_private: bool = False
) -> Answer:
    """Send a body by POST. Raises Unreachable."""
    parts = _split(url)
    if parts is None:
        raise Unreachable(_("Enter an address such as https://example.com/hook."))
    ends_at = time.monotonic() + TOTAL_SECONDS
    # Its host is never used: the connection is made here, and the header is given.
    connection = HTTPConnection("host.invalid")
    try:
        connection.sock = _connected(parts, allows_private=allows_private)
        # Limits on single reads would let a server send one byte at a time.
        watchdog = Timer(max(ends_at - time.monotonic(), 0), _cut, [connection.sock])
        watchdog.daemon = True
        watchdog.start()
        try:
            target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
            host = parts.netloc.rpartition("@")[2]
            connection.request("POST", target, body, {"Host": host, **headers})
            return _answer(connection.getresponse())
        finally:
            watchdog.cancel()
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _split(url: str) -> SplitResult | None:
    """Return the parts of an http or https URL, None for any other text."""
    try:
        parts = urlsplit(url)
        _port = parts.port
        is_plain = url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return parts if is_plain and is_web else None


def _may_be_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return host != "localhost" and not host.endswith((".localhost", ".local", ".internal"))


def _connected(parts: SplitResult, *, allows_private: bool) -> socket.socket:
    """Return a connection to an address of the host that is allowed. Raises OSError."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [(family, place) for family, _type, _protocol, _name, place in found]
    if not allows_private and not all(_is_public(place[0]) for _family, place in addresses):
        raise OSError(_("%(host)s is an address of a private network.") % {"host": host})
    error: OSError | None = None
    for family, place in addresses:
        connected = socket.socket(family, socket.SOCK_STREAM)
        connected.settimeout(CONNECT_SECONDS)
        try:
            connected.connect(place)
            if parts.scheme == "https":
                context = ssl.create_default_context()
                return context.wrap_socket(connected, server_hostname=host)
            return connected
        except OSError as failed:
            connected.close()
            error = failed
    raise error or OSError(host)


def _is_public(address: object) -> bool:
    """Return whether an IP address is public, be it written as IPv6 with an IPv4 one in it."""
    ip = ip_address(str(address).partition("%")[0])
    inner = None
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast and (inner is None or inner.is_global)


def _answer(response: HTTPResponse) -> Answer:
    text = response.read(LARGEST_ANSWER).decode("utf-8", "replace")
    return Answer(response.status, text)


def _cut(connected: socket.socket) -> None:
    """End a connection that another thread waits for."""
    try:
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
    except OSError:
        return
