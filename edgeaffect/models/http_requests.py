"""HTTP requests of which every hop is allowed before it is made. Standard library only."""

from __future__ import annotations

import base64
import re
import string
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.client import HTTPMessage
from typing import Protocol

from .._hosts import is_loopback
from .._redact import redact
from .._version import __version__
from ..errors import Error

MAX_REDIRECTS = 5

_REDIRECTS = (301, 302, 303, 307, 308)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class RefusedError(Error):
    """A redirect leads where nothing may be fetched from; it was not requested."""


class Response(Protocol):
    """What is used of urllib's answer."""

    status: int
    headers: HTTPMessage

    def read1(self, n: int) -> bytes:
        """Bytes that are there, up to `n`; none at the end."""
        ...

    def __enter__(self) -> Response: ...

    def __exit__(self, *error: object) -> None: ...


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects end in an `HTTPError`: `open_url` follows them itself."""

    def http_error_302(self, *_: object) -> None:
        """Leave it to the handler of errors."""

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302  # type: ignore[assignment]


def check_url(url: str, sha256: str | None) -> None:
    """Refuse what is no HTTP address, and plain HTTP to another machine where no digest protects the content.

    Raises:
        ValueError: it is refused; the message holds no user, password or query.
    """
    scheme, host = _origin(url)[:2]
    if scheme == "http" and not is_loopback(host) and sha256 is None:
        raise ValueError(
            f"{redact(url)!r} is plain http, which anyone on the way can change: use https, or give its sha256"
        )
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise ValueError(f"sha256 must be 64 hexadecimal digits; got {sha256!r}")


def open_url(url: str, headers: Mapping[str, str], *, timeout: float, pinned: bool) -> Response:
    """Request an address and follow its redirects.

    Args:
        url: an address that `check_url` allows. User and password become an Authorization header, which goes to
            the same scheme, host and port only.
        headers: sent with every hop.
        timeout: seconds without an answer.
        pinned: whether a digest protects the content: then a hop may be plain http.

    Raises:
        RefusedError: a redirect leads to an address that may not be fetched; it was not requested.
        urllib.error.HTTPError: the server answers with an error.
        OSError: the network fails.
    """
    opener = urllib.request.build_opener(_NoRedirect)
    address, authorization = _without_user(url)
    first = _origin(address)
    for _ in range(MAX_REDIRECTS + 1):
        own = {"Authorization": authorization} if authorization and _origin(address) == first else {}
        request = urllib.request.Request(
            _quoted(address), headers={"User-Agent": f"edgeaffect/{__version__}", **headers, **own}
        )
        try:
            response: Response = opener.open(request, timeout=timeout)
            return response
        except urllib.error.HTTPError as error:
            location = error.headers.get("Location")
            if error.code not in _REDIRECTS or not location:
                raise
            error.close()
            target = _join(address, location)
            _check_hop(url, address, target, pinned)
            address = _without_user(target)[0]  # a server may not choose what we log in with
    raise RefusedError(f"{redact(url)} leads on more than {MAX_REDIRECTS} times: give the last address itself")


def _check_hop(url: str, current: str, target: str, pinned: bool) -> None:
    """Refuse a redirect that may not be followed.

    Plain http may be reached from plain http on this machine, and where a digest protects the content.
    """
    try:
        scheme, host = _origin(target)[:2]
    except ValueError:
        raise RefusedError(f"{redact(url)} leads to {redact(target)!r}, which is not an https:// address") from None
    local = _origin(current)[0] == "http" and is_loopback(host)
    if scheme != "https" and not pinned and not local:
        raise RefusedError(
            f"{redact(url)} leads to {redact(target)}, which is not https: refused; give the file's sha256 to allow it"
        )


def _origin(url: str) -> tuple[str, str, int]:
    """(scheme, host, port).

    Raises:
        ValueError: not an http or https address.
    """
    refusal = f"{redact(url)!r} is not an https:// address"
    if any(c in string.whitespace or not c.isprintable() for c in url):
        raise ValueError(f"{refusal}: it holds spaces or control characters")
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(refusal) from None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise ValueError(refusal)
    return parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme]


def _without_user(url: str) -> tuple[str, str | None]:
    """The address without user and password, and the header that carries them."""
    parts = urllib.parse.urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    if not at:
        return url, None
    pair = urllib.parse.unquote(user)
    encoded = base64.b64encode((pair if ":" in pair else pair + ":").encode("utf-8")).decode("ascii")
    return urllib.parse.urlunsplit(parts._replace(netloc=place)), f"Basic {encoded}"


def _join(address: str, location: str) -> str:
    """A redirect's target; servers write paths, and characters that should be quoted."""
    try:
        return urllib.parse.urljoin(address, location.strip().replace(" ", "%20"))
    except ValueError:
        return location


def _quoted(address: str) -> str:
    """ASCII alone, without the part that stays with the client."""
    return urllib.parse.quote(urllib.parse.urldefrag(address).url, safe=string.punctuation)
