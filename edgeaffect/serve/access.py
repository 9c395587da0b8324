"""`Access`: who may ask what of the page; `Guard` puts it before the application.

A browser runs pages of strangers, which can send requests to any address that it reaches. So a request must ask for
the page by a name that is known to be ours (a stranger's name that was made to point here is refused: DNS rebinding),
must not come from another site's page, and, where there is a token, must bring it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from .._hosts import is_loopback
from ..options.serve import ServeOptions

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 4096
"""Most bytes of a request's body."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
"""Of every answer."""

_METHODS = ("GET", "HEAD", "POST")


class Access:
    """Decides about requests.

    Args:
        options: host, token and further names.
        public: paths that need no token: the page itself, which holds no data.
    """

    def __init__(self, options: ServeOptions, public: frozenset[str]) -> None:
        self._public = public
        self._is_local = is_loopback(options.host)
        own = socket.gethostname().lower()
        names = {"localhost", *(host.lower() for host in options.allow_hosts)}
        self._names = names if self._is_local else names | {own, f"{own.partition('.')[0]}.local"}
        self._token = None if options.token is None else _digest(options.token)
        # The cookie is no copy of the token: who sees one does not know the other.
        self._session = secrets.token_urlsafe(32)
        self.cookie = f"edgeaffect_{secrets.token_hex(4)}"
        """Name of the cookie; another page on another port of this machine has another."""

    @property
    def needs_token(self) -> bool:
        """Whether data is given to holders of the token alone."""
        return self._token is not None

    def session(self, token: str) -> str | None:
        """What a cookie holds for a browser that has shown the token; None for a wrong one."""
        return self._session if self._is_token(token) else None

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason, where a request is refused."""
        headers = _headers(scope)
        if headers is None:
            return 400, "a header that may come once came twice"
        host = headers.get("host", "")
        if not self._is_own(host):
            return 421, "this page is not known by that name: see --allow-host"
        origin = headers.get("origin")
        if origin is not None and origin.lower().partition("://")[2] != host.lower():
            return 403, "requests of other sites' pages are refused"
        path, method = str(scope["path"]), str(scope.get("method", "GET"))
        is_entrance = path == "/" and method == "GET"
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not is_entrance:
            return 403, "requests of other sites' pages are refused"
        if method not in _METHODS:
            return 405, "GET, HEAD and POST are understood"
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or len(length) > 9 or int(length) > MAX_BODY:
            return 413, f"a request's body has at most {MAX_BODY} bytes"
        if path in self._public or self._token is None or self._has_token(headers):
            return None
        return 401, "this page needs its token: open the address that was printed, or send Authorization: Bearer"

    def _is_own(self, host: str) -> bool:
        """Whether a request asks by a name of this page; a bare address is one, which nobody can point elsewhere."""
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return False
        name = found[1].strip("[]")
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self._is_local

    def _has_token(self, headers: Mapping[str, str]) -> bool:
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self._is_token(token.strip()):
            return True
        for pair in headers.get("cookie", "").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.cookie and hmac.compare_digest(_digest(value), _digest(self._session)):
                return True
        return False

    def _is_token(self, text: str) -> bool:
        """Compared by digests of one length, in a time that tells nothing of where they differ."""
        return self._token is not None and hmac.compare_digest(_digest(text), self._token)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


# A name, or an address in brackets, and a port (RFC 9110, 7.2): no user, no path, no space.
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s@/?#\\:\[\]]+)(?::[0-9]{0,5})?")

# Two of these mean that two readers could understand a request differently.
_SINGLE = ("host", "origin", "authorization", "content-length", "sec-fetch-site")


def _headers(scope: Scope) -> dict[str, str] | None:
    """Headers by lower-case name; None where one of `_SINGLE` comes twice."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        if key in found and key in _SINGLE:
            return None
        found[key] = f"{found[key]}; {text}" if key in found else text
    return found


class Guard:
    """ASGI middleware: refuses what `Access` refuses, and adds `HEADERS` to every answer.

    Args:
        app: what it guards.
        access: decides.
    """

    def __init__(self, app: App, access: Access) -> None:
        from h11 import LocalProtocolError  # the server's own parser

        self._app, self._access, self._broken = app, access, LocalProtocolError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._access.refusal(scope)
        if scope["type"] == "websocket":
            if refusal is None:
                await self._app(scope, receive, send)
            else:  # before the handshake: the client sees 403
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            return
        try:
            if refusal is None:
                await self._app(scope, receive, _with_headers(send))
            else:
                await _refuse(*refusal, _with_headers(send))
        except self._broken:
            # The rest of the request was no HTTP: the server has answered 400 by itself and hangs up.
            while (await receive())["type"] != "http.disconnect":
                pass


def _with_headers(send: Send) -> Send:
    async def sends(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            own = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in names]
            message = {**message, "headers": [*given, *own]}
        await send(message)

    return sends


async def _refuse(status: int, reason: str, send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status == 405:
        headers.append((b"allow", ", ".join(_METHODS).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{reason}\n".encode()})
