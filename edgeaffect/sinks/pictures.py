"""`Picture` and `PictureFolder`: annotated pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .._lazy import require
from ..image import Frame
from ..results import Result
from .base import Redact, SinkError, SourceFacts, TakenFrame, annotated, counted


class Picture:
    """One annotated picture.

    Args:
        path: where it goes.
        layers: cues to draw, see `draw.annotate`.
        redact: hides faces; None shows them.
    """

    def __init__(self, path: Path, layers: Sequence[str] = (), redact: Redact | None = None) -> None:
        self._path, self._layers, self._redact = path, layers, redact

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Write it."""
        write_picture(self._path, annotated(frame, result, self._layers, self._redact))
        return True

    def close(self) -> str:
        """Name the file."""
        return str(self._path)


class PictureFolder:
    """A folder of annotated pictures: `NAME.png` for stills, `frame_000000.jpg` for frames of a video.

    Args:
        folder: made when it is not there.
        facts: about the source, whose own pictures are never overwritten.
        layers: cues to draw, see `draw.annotate`.
        redact: hides faces; None shows them.
    """

    def __init__(
        self, folder: Path, facts: SourceFacts, layers: Sequence[str] = (), redact: Redact | None = None
    ) -> None:
        self._layers, self._redact = layers, redact
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._written: set[str] = set()
        self._originals = {path.resolve() for path in facts.paths}

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Write one picture."""
        picture = Path(result.source)
        name = f"{picture.stem}.png" if frame.still else f"frame_{frame.index:06d}.jpg"
        if name in self._written:  # a.jpg after a.png
            name = f"{picture.name}.png"
        self._written.add(name)
        target = self._folder / name
        if target.resolve() in self._originals:
            raise SinkError(f"{target} is one of the sources and would be overwritten: save to another folder")
        write_picture(target, annotated(frame, result, self._layers, self._redact))
        return True

    def close(self) -> str:
        """Name the folder."""
        return f"{self._folder} ({counted(len(self._written), 'picture')})"


def write_picture(path: Path, image: Frame) -> None:
    """Encode and write one picture.

    Raises:
        SinkError: the format cannot be written, or the disk refuses.
    """
    cv2 = require("cv2")
    try:
        ok, data = cv2.imencode(path.suffix, image)
    except cv2.error:
        ok = False
    if not ok:
        raise SinkError(f"OpenCV cannot write pictures like {path.name}: try .png")
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise SinkError(f"{path} could not be written: {error.strerror}") from error
