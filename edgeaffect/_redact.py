"""Addresses without their secrets, for messages, logs and records."""

from __future__ import annotations

import hashlib
import re
import urllib.parse

HIDDEN = "***"

# Names of query parameters that hold secrets.
_SECRET_NAME = re.compile(
    r"pass|pwd|secret|token|auth|sig|key|cred|session|jwt|bearer|user|login|code|^x-amz|^x-goog|^se$|^st$|^sv$|^sp$",
    re.IGNORECASE,
)


def redact(address: str) -> str:
    """An address as it may be shown: without user, password, query and fragment.

    Anything that is no address comes back unchanged, but for what stands before an `@`.
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "", address
    user_end = _user_end(rest)
    if not separator and not user_end:
        return address
    place = rest[user_end:]
    kept = re.split(r"[?#]", place, maxsplit=1)
    hidden = f"?{HIDDEN}" if len(kept) > 1 and kept[1] else ""
    return f"{scheme}{separator}{HIDDEN + '@' if user_end else ''}{kept[0]}{hidden}"


def address_digest(address: str) -> str:
    """A name for an address that tells it from others and gives nothing secret away.

    User and password do not count, nor parameters with the names of secrets: a signed address is renewed every hour.
    """
    parts = urllib.parse.urlsplit(address)
    parameters = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in parameters if not _SECRET_NAME.search(name)]
    place = parts.netloc.rpartition("@")[2].lower()
    text = "\n".join([parts.scheme.lower(), place, parts.path, urllib.parse.urlencode(kept)])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _user_end(rest: str) -> int:
    """Where the host begins: behind the last `@` that may end a user and password, else 0.

    Passwords with unquoted `/`, `?`, `#` or `@` are wrong, and typed all the same: what looks like one is hidden, also
    where it is a path such as `host:80/package@1.0/file`.
    """
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    _, colon, port = authority.rpartition("@")[2].rpartition(":")
    odd = bool(colon and port) and not port.isdigit() and not authority.endswith("]")
    place = rest if odd else re.split(r"[?#]", rest, maxsplit=1)[0]
    at = place.rfind("@")
    if at >= len(authority) and ":" not in place[:at]:
        at = authority.rfind("@")
    return at + 1
