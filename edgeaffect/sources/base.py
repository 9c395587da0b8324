"""What every source is and what it yields."""

from __future__ import annotations

import abc
import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from types import TracebackType

from .._lazy import require
from .._redact import hide_secrets
from ..errors import PictureError, SourceError
from ..image import Frame


@dataclass(frozen=True, repr=False)
class SourceFrame:
    """One frame with its place and time."""

    image: Frame
    """uint8 pixels in the layout that `color` names. Sources reuse their buffers: valid until the next frame is
    taken; `.copy()` what must stay."""
    index: int
    """Number within the source; dropped frames count."""
    timestamp: float
    """Seconds on `clock`."""
    clock: str
    """`monotonic`, `media` or `user`."""
    source: str
    wall_time: float
    """Seconds since 1970 when the frame was taken over."""
    color: str = "bgr"
    dropped: int = 0
    """Frames lost since the source's start."""
    still: bool = False
    """A picture by itself, not a moment of something that moves."""
    capture_seconds: float | None = None
    """What reading, decoding and turning this frame took, without the wait for it; None: it was in memory already."""

    def __repr__(self) -> str:
        return f"SourceFrame({self.source} #{self.index} t={self.timestamp:.3f}s, {self.color} {self.image.shape})"


class Source(abc.ABC):
    """Base of all sources: an iterator of frames that can be closed."""

    name: str
    live: bool = False
    """The world does not wait: frames that come while nobody takes them are dropped."""
    fps: float | None = None
    """Nominal frame rate, where there is one."""
    length: int | None = None
    """Number of frames, where it is known (video containers only estimate it)."""

    def __init__(self) -> None:
        self.errors: list[SourceError] = []
        """Bad input that was left out while the rest went on."""
        self.lost = 0
        """Frames of a file that could not be decoded."""

    @abc.abstractmethod
    def __iter__(self) -> Iterator[SourceFrame]:
        """Frames in the order of time; ends at the end of the input.

        Raises:
            SourceError: the input was lost for good.
        """

    def answers(self) -> Generator[SourceFrame | PictureError, None, None]:
        """One answer for each entry of a list: its frames, or why it cannot be read. Other sources give their frames.

        Raises:
            SourceError: as for `__iter__`.
        """
        yield from self

    def close(self) -> None:  # noqa: B027  (most sources hold nothing between frames)
        """Release the device or file; safe to call twice."""

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextlib.contextmanager
def quiet_opencv() -> Iterator[None]:
    """Silence OpenCV's log while we try something whose failure we report ourselves."""
    cv2 = require("cv2")
    log = getattr(cv2.utils, "logging", cv2)  # OpenCV 4 has these functions at its top, 5 in a module
    before = log.getLogLevel()
    log.setLogLevel(0)  # silent
    try:
        yield
    finally:
        log.setLogLevel(before)


def check_name(name: str) -> str:
    """The name, if OpenCV can take it: its video functions crash on one that holds bytes which are no UTF-8.

    Raises:
        SourceError: it cannot.
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        hidden = ascii(hide_secrets(name))
        raise SourceError(f"OpenCV opens no video under the name {hidden}, which is no UTF-8: rename it") from None
    return name


def public_name(address: str) -> str:
    """An address without users, passwords and tokens, which must not reach logs, results and errors."""
    return hide_secrets(address)
