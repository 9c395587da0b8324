"""`open_saver`: the sink for annotated frames that a name asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .._names import utf8_name
from .base import Redact, Sink, SourceFacts, check_folder
from .pictures import Picture, PictureFolder
from .video import CODES, VideoSaver

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pnm")


def open_saver(
    target: str,
    facts: SourceFacts,
    max_fps: float = 0.0,
    layers: Sequence[str] = (),
    redact: Redact | None = None,
) -> Sink:
    """A sink for annotated frames: what it writes follows from the name's ending.

    Args:
        target: ends in .mp4, .mov, .mkv, .avi (video), .png, .jpg, ... (one picture), or is a folder.
        facts: about the source.
        max_fps: rate limit of the pipeline; 0 = none.
        layers: cues to draw, see `draw.annotate`.
        redact: hides faces; None shows them.

    Raises:
        ValueError: the ending is unknown, one picture is to hold many frames, or the name is no UTF-8.
        FileNotFoundError: the folder is not there.
    """
    path = Path(target)
    suffix = path.suffix.lower()
    if suffix in CODES:
        check_folder(path)
        if utf8_name(target) is None:
            raise ValueError(f"no video can be written under the name {target!a}, which is no UTF-8: rename it")
        return VideoSaver(path, facts, max_fps, layers, redact)
    if suffix in PICTURES:
        check_folder(path)
        if facts.length != 1:
            raise ValueError(f"{target} is one picture, but {facts.name} has more: name a folder or an .mp4 file")
        return Picture(path, layers, redact)
    if path.exists() and not path.is_dir():
        raise ValueError(f"{target} is there already and no folder: give the name of a folder, picture or video")
    if suffix and not path.is_dir():
        raise ValueError(f"--save takes a name ending in {', '.join((*CODES, *PICTURES))}, or a folder; got {target}")
    return PictureFolder(path, facts, layers, redact)
