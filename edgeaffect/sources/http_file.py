"""`HttpFile`: a file behind an HTTP address, of which only those parts are fetched that are read."""

from __future__ import annotations

import base64
import io
import urllib.parse
import urllib.request
from typing import Any

_PART = 1 << 16
_MOST_PARTS = 64
"""Parts that are fetched: a header lies in a few places, and more are not worth the wait."""


def request(address: str, timeout: float, first: int | None = None, last: int | None = None) -> Any:
    """The answer to a request; user and password go to this server only, not where it sends us.

    Args:
        address: `http://` or `https://`.
        timeout: seconds without a word after which it is given up.
        first: of the bytes that are wanted; None: all.
        last: likewise.
    """
    parts = urllib.parse.urlsplit(address)
    user, at, place = parts.netloc.rpartition("@")
    asked = urllib.request.Request(parts._replace(netloc=place).geturl())
    if at:
        login = base64.b64encode(urllib.parse.unquote(user).encode()).decode()
        asked.add_unredirected_header("Authorization", f"Basic {login}")
    if first is not None:
        asked.add_header("Range", f"bytes={first}-{'' if last is None else last}")
    return urllib.request.urlopen(asked, timeout=timeout)


class HttpFile(io.RawIOBase):
    """Reads ranges of a file over HTTP.

    Args:
        address: `http://` or `https://`.
        timeout: seconds that each part may take.

    Raises:
        OSError: no answer, a server that knows no ranges, or too many parts were asked for.
    """

    def __init__(self, address: str, *, timeout: float = 3.0) -> None:
        self._address, self._timeout = address, timeout
        self._at = self._length = 0
        self._parts: dict[int, bytes] = {}
        self._part(0)

    def seekable(self) -> bool:
        """It is."""
        return True

    def readable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; the new place."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Bytes from here on, fewer at the end."""
        end = self._length if size < 0 else min(self._at + size, self._length)
        data = b"".join(self._part(number) for number in range(self._at // _PART, -(-end // _PART)))
        begin = self._at % _PART
        held = data[begin : begin + max(0, end - self._at)]
        self._at += len(held)
        return held

    def _part(self, number: int) -> bytes:
        if number not in self._parts:
            if len(self._parts) >= _MOST_PARTS:
                raise OSError("too many parts are needed")
            with request(self._address, self._timeout, number * _PART, (number + 1) * _PART - 1) as answer:
                length = str(answer.headers.get("Content-Range", "")).rpartition("/")[2]
                if answer.status != 206 or not length.isdigit():
                    raise OSError("the server knows no ranges")
                self._length = int(length)
                self._parts[number] = bytes(answer.read(_PART))
        return self._parts[number]
