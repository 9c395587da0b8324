"""Annotated video, picture or folder of pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .._lazy import require
from ..draw import annotate
from ..results import Result
from ..sources import Images, Source, SourceFrame
from ..sources.base import check_name, quiet_opencv
from ..sources.images import SUFFIXES
from .usage import Failure, UsageError

_CODES = {".mp4": "mp4v", ".mov": "mp4v", ".mkv": "mp4v", ".avi": "MJPG"}
_LIVE_FPS = 30.0
# Formats of pictures that are read but hold no colour.
_GRAY = (".pgm",)
_PICTURES = tuple(suffix for suffix in SUFFIXES if suffix not in _GRAY)

Sink = Callable[[SourceFrame, Result], object]


def open_saver(target: str, source: Source, max_fps: float) -> contextlib.AbstractContextManager[Sink]:
    """A sink for annotated frames: what it writes follows from the name's ending.

    Raises:
        UsageError: the ending is unknown, or one picture is to hold many frames.
    """
    path = Path(target)
    suffix = path.suffix.lower()
    if suffix in _CODES:
        check_name(target)
        _check_folder(path.parent)
        fps = source.fps or _LIVE_FPS
        return _video(path, min(fps, max_fps) if max_fps else fps)
    if suffix in _PICTURES:
        _check_folder(path.parent)
        if source.length != 1:
            raise UsageError(f"{target} is one picture, but {source.name} has more: name a folder or an .mp4 file")
        return _picture(path)
    if path.exists() and not path.is_dir():
        raise UsageError(f"{target} is there already and no folder: give the name of a folder, picture or video")
    if suffix and not path.is_dir():
        raise UsageError(f"--save takes a name ending in {', '.join((*_CODES, *_PICTURES))}, or a folder; got {target}")
    return _folder(path, source)


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(f"no such folder: {folder}")


@contextlib.contextmanager
def _video(path: Path, fps: float) -> Iterator[Sink]:
    cv2 = require("cv2")
    writer: Any = None
    size: tuple[int, int] | None = None

    def write(frame: SourceFrame, result: Result) -> None:
        nonlocal writer, size
        image = annotate(frame.image, result, color=frame.color)
        if writer is None:
            size = result.size
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*_CODES[path.suffix.lower()]), fps, size)
            if not writer.isOpened():
                raise Failure(f"OpenCV cannot write {path}: see whether the folder may be written, or try .avi")
        if result.size != size:
            raise Failure(
                f"{path} has frames of {size}, and {result.source} is {result.size}: save to a folder instead"
            )
        writer.write(image)

    try:
        yield write
    finally:
        if writer is not None:
            writer.release()


@contextlib.contextmanager
def _picture(path: Path) -> Iterator[Sink]:
    yield lambda frame, result: _write(path, annotate(frame.image, result, color=frame.color))


@contextlib.contextmanager
def _folder(folder: Path, source: Source) -> Iterator[Sink]:
    folder.mkdir(parents=True, exist_ok=True)
    written: set[str] = set()
    originals = {path.resolve() for path in source.paths} if isinstance(source, Images) else set()

    def write(frame: SourceFrame, result: Result) -> None:
        picture = Path(result.source)
        name = f"{picture.stem}.png" if frame.still else f"frame_{frame.index:06d}.jpg"
        if name in written:  # a.jpg after a.png
            name = f"{picture.name}.png"
        written.add(name)
        target = folder / name
        if target.resolve() in originals:
            raise Failure(f"{target} is one of the sources and would be overwritten: save to another folder")
        _write(target, annotate(frame.image, result, color=frame.color))

    yield write


def _write(path: Path, image: Any) -> None:
    cv2 = require("cv2")
    with quiet_opencv():
        ok, data = cv2.imencode(path.suffix, image)
    if not ok:
        raise Failure(f"OpenCV cannot write pictures like {path.name}: try .png")
    path.write_bytes(data.tobytes())
