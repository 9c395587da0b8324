"""What every sink is, and what it needs to know of a frame and its source."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .._redact import hide_secrets
from ..draw import annotate
from ..errors import Error
from ..image import Frame
from ..results import Result


class SinkError(Error, RuntimeError):
    """A result or picture could not be written."""


class TakenFrame(Protocol):
    """The frame that a result belongs to (`sources.SourceFrame`)."""

    @property
    def image(self) -> Frame:
        """Pixels, valid until the next frame."""

    @property
    def color(self) -> str:
        """Their format."""

    @property
    def index(self) -> int:
        """Number within the source."""

    @property
    def timestamp(self) -> float:
        """Seconds on `clock`."""

    @property
    def clock(self) -> str:
        """`monotonic`, `media` or `user`."""

    @property
    def still(self) -> bool:
        """A picture by itself."""


@dataclass(frozen=True)
class SourceFacts:
    """What a saver asks about the source."""

    name: str
    fps: float | None = None
    """Nominal frame rate, where there is one."""
    length: int | None = None
    """Number of frames, where it is known."""
    paths: Sequence[Path] = ()
    """The pictures themselves, which must not be overwritten."""
    file: Path | None = None
    """The video file, whose sound can be kept."""


Redact = Callable[[TakenFrame, Result], Frame]
"""Makes a BGR copy of a frame in which no face can be known (`face.redactor.FaceRedactor`)."""


def annotated(frame: TakenFrame, result: Result, layers: Sequence[str] = (), redact: Redact | None = None) -> Frame:
    """The picture that is saved or shown of a frame: every sink of pictures takes it from here.

    Args:
        frame: with its pixels.
        result: of the frame, drawn on it.
        layers: of cues to draw, see `draw.annotate`.
        redact: hides faces before anything is drawn; None shows them.
    """
    if redact is None:
        return annotate(frame.image, result, color=frame.color, layers=layers)
    return annotate(redact(frame, result), result, layers=layers)


def counted(number: int, what: str) -> str:
    """A number with its noun: `1 line`, `2 lines`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def check_folder(path: Path) -> None:
    """Refuse a file whose folder is missing.

    Raises:
        FileNotFoundError: it is.
    """
    if not os.path.isdir(path.parent):
        folder = hide_secrets(str(path.parent))
        raise FileNotFoundError(f"no such folder: {folder}; make it first, or write elsewhere")


class Sink(Protocol):
    """Takes every frame with its result, in the order of time."""

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Take one; False = the user wants to end.

        Raises:
            SinkError: it could not be written.
        """

    def close(self) -> str:
        """Finish, and say in a few words what was written; empty where there is nothing to say.

        Raises:
            SinkError: what was written is not whole.
        """
