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


def hide_secrets(text: str) -> str:
    """A source's address or pipeline, or a text that holds some, without users, passwords and tokens.

    Hosts, paths and parameters that hold no secret stay: they tell one camera from another.
    """
    if _WHOLE_ADDRESS.match(text) and not re.search(r"\s!\s", text):
        return _hide_pairs(_hide_user(text))
    return _hide_pairs(_ADDRESS.sub(lambda match: _hide_user(match.group()), text))


# Names of parameters of sources that hold secrets: of queries, of paths of older cameras, of GStreamer elements.
_SECRET_PARAMETER = re.compile(
    r"pass|pwd|pw$|secret|token|auth|sig|key|cred|session|jwt|bearer|usr|user|login|cookie|header|code$|^x-(amz|goog)",
    re.IGNORECASE,
)
_SCHEME = r"[A-Za-z][A-Za-z0-9+.\-]*:(?://|/(?=[^\s]*@)|(?=[^/\s]*:[^/\s]*@))"
_WHOLE_ADDRESS = re.compile(rf"\s*{_SCHEME}")
_ADDRESS = re.compile(rf"""{_SCHEME}[^\s"'<>]*""")
_PAIR = re.compile(
    r"""(?P<name>[\w%.\-\[\]]+)(?P<equals>\s*(?:=|%3[dD])\s*)"""
    r"""(?P<value>\\?"[^"]*"?|'[^']*'?|\([a-z]+\)\\?"[^"]*"?|[^\s&!"'<>,)\]}]*)"""
)
_LONE_QUERY = re.compile(r"""(?<=[?#&])[^\s=&"'<>#?]+(?=[&#"'\s]|$)""")


def _hide_user(address: str) -> str:
    """The address without what stands before the host, and without parameters that have no name."""
    match = re.match(rf"\s*{_SCHEME}", address)
    assert match is not None, "callers pass addresses"
    rest = address[match.end() :]
    end = _user_end(rest)
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    host = authority.partition(":")[0]
    if not end and "@" in rest[len(authority) :] and ":" in authority and "." not in host and host != "localhost":
        end = rest.rfind("@") + 1  # the number before a `#` or `?` looks like a port and is part of a password
    encoded = re.search(r".*%(?:25)*40", authority, re.IGNORECASE)
    if not end and encoded:
        end = encoded.end()
    kept = rest[end:]
    return match.group() + (_LONE_QUERY.sub(HIDDEN, kept) if re.search(r"[?#]", kept) else kept)


def _hide_pairs(text: str) -> str:
    """Replace the values of `name=value` whose names tell that they are secret."""

    def hidden(match: re.Match[str]) -> str:
        name = match["name"]
        for _ in range(3):  # names may be percent-encoded, even more than once
            name = urllib.parse.unquote(name)
        if not match["value"]:
            return match.group()
        if not _SECRET_PARAMETER.search(name):  # its value may hold pairs of its own
            return f"{match['name']}{match['equals']}{_hide_pairs(match['value'])}"
        return f"{match['name']}{match['equals']}{HIDDEN}"

    return _PAIR.sub(hidden, text)
