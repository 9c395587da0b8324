"""What an HTTP address gives, by a look at the beginning of its answer; and one picture from there."""

from __future__ import annotations

import http.client
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

from .._checks import check_positive
from ..errors import SourceError
from .animated import is_animated
from .base import Source, SourceFrame, public_name
from .decode import MAX_PIXELS, decode_picture
from .geometry import Turn
from .http_file import request
from .sniff import HEAD_BYTES, kind_of

_SECONDS = 3.0
_LONGEST_PLAYLIST = 1 << 20
_LARGEST_PICTURE = 1 << 28
_LONGEST_LOOK = 1 << 23
"""Bytes of a GIF among which a second image is looked for; others say in their headers that they move."""


@dataclass(frozen=True)
class Answer:
    """What an address gives."""

    kind: str
    """As `sniff.kind_of` says; `stream` for a stream of pictures, `animation` for a picture that moves."""
    form: str
    is_finite: bool
    """It ends by itself: a file or a recorded playlist, of which no frame is to be dropped."""


def probe(address: str, *, timeout: float = _SECONDS) -> Answer | None:
    """Ask an HTTP address what it gives; None where it is none, or does not answer as it should."""
    if urllib.parse.urlsplit(address).scheme.lower() not in ("http", "https"):
        return None
    try:
        with request(address, timeout) as answer:
            media = str(answer.headers.get_content_type())
            length = answer.headers.get("Content-Length")
            if media.startswith("multipart/"):
                return Answer("stream", media, length is not None)
            head = bytes(answer.read(HEAD_BYTES))
            kind, form = kind_of(head)
            if kind == "playlist":
                text = head + bytes(answer.read(_LONGEST_PLAYLIST))
                return Answer(kind, form, _is_recorded(text, form, str(answer.geturl()), timeout))
            if kind == "picture":
                head += bytes(answer.read(_LONGEST_LOOK)) if form == "gif" else b""
                kind = "animation" if is_animated(head, form) else kind
            return Answer(kind, form, length is not None or _ends(media, kind, form, head))
    except (OSError, ValueError, http.client.HTTPException):
        return None


def fetch(address: str, *, timeout: float = 10.0) -> bytes:
    """All that an HTTP address gives.

    Raises:
        SourceError: no answer within `timeout` seconds, or more than a picture may have.
    """
    data, reason, name = b"", "", public_name(address)
    try:
        with request(address, timeout) as answer:
            data = bytes(answer.read(_LARGEST_PICTURE + 1))
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = type(error).__name__
    if reason:  # raised out here: the error above may hold the whole address
        raise SourceError(f"cannot fetch {name}: {reason}")
    if len(data) > _LARGEST_PICTURE:
        raise SourceError(f"{name} has more than {_LARGEST_PICTURE} bytes: is it a picture?")
    return data


def _ends(media: str, kind: str, form: str, head: bytes) -> bool:
    """Whether what comes without a length has an end all the same, by what it is."""
    if kind == "picture":
        return media.startswith("image/")  # others send one picture after another
    if form in ("mp4", "mov"):
        return b"mvex" not in head  # not in fragments, of which a live stream is made
    return kind == "animation"


class RemotePicture(Source):
    """One picture from an HTTP address.

    Args:
        address: URL of a picture.
        rotate: degrees clockwise, 0, 90, 180 or 270, after the picture's own orientation.
        mirror: swap left and right, after the turn.
        max_pixels: larger pictures are refused before memory is taken for them.
        timeout: seconds without an answer after which it is given up.
    """

    def __init__(
        self,
        address: str,
        *,
        rotate: int = 0,
        mirror: bool = False,
        max_pixels: int = MAX_PIXELS,
        timeout: float = 10.0,
    ) -> None:
        super().__init__()
        check_positive("max_pixels", max_pixels)
        self._address, self._turn = address, Turn(rotate, mirror)
        self._max_pixels, self._timeout = max_pixels, timeout
        self.name, self.length = public_name(address), 1

    def __iter__(self) -> Iterator[SourceFrame]:
        data = fetch(self._address, timeout=self._timeout)
        image = self._turn(decode_picture(data, self.name, max_pixels=self._max_pixels))
        yield SourceFrame(image, 0, 0.0, "media", self.name, time.time(), still=True)


def _is_recorded(text: bytes, form: str, address: str, timeout: float) -> bool:
    """Whether a playlist is complete: of a recording, not of a stream that goes on."""
    if form == "mpd":
        return b'type="dynamic"' not in text
    if b"#EXT-X-STREAM-INF" not in text:
        return b"#EXT-X-ENDLIST" in text or b"#EXTINF" not in text
    for line in text.decode("utf-8", "replace").splitlines():
        if line.strip() and not line.startswith("#"):
            variant = urllib.parse.urljoin(address, line.strip())
            if urllib.parse.urlsplit(variant).scheme.lower() not in ("http", "https"):
                return False
            with request(variant, timeout) as answer:
                return b"#EXT-X-ENDLIST" in answer.read(_LONGEST_PLAYLIST)
    return False
