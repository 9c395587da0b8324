"""`open_source`: the right source for what a user names."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import Arrays
from .base import Source
from .camera import Camera
from .images import SUFFIXES, Images
from .video import VideoFile


def open_source(source: Any, *, color: str = "bgr") -> Source:
    """Open what `source` names.

    Args:
        source: a `Source` (returned as it is); index of a camera, as a number or digits; `/dev/video0`; a URL; a
            GStreamer pipeline (with `!`); path of a video or picture; a folder or glob pattern of pictures; an array
            (one picture), or an iterable of arrays at 30 frames per second.
        color: layout of arrays; other sources know their own.

    Raises:
        SourceError: it cannot be opened.
        TypeError: none of these.
    """
    if isinstance(source, Source):
        return source
    if isinstance(source, int):
        return Camera(source)
    if isinstance(source, (str, os.PathLike)):
        return _open_name(os.fspath(source))
    if isinstance(source, np.ndarray) and source.ndim <= 3:
        return Arrays([source], color=color, still=True)
    if isinstance(source, (list, tuple)) and any(isinstance(one, (Source, int, str, os.PathLike)) for one in source):
        raise TypeError(f"{len(source)} sources at once are for Pipeline.stream_batch; here goes one")
    if isinstance(source, Iterable):
        return Arrays(source, color=color)
    raise TypeError(
        f"a source is a camera index, URL, path, pattern, array or iterable of arrays; got {type(source).__name__}"
    )


def _open_name(name: str) -> Source:
    if name.isdigit():
        return Camera(int(name))
    if name.startswith("/dev/video") or "://" in name:
        return Camera(name)
    path = Path(name)
    if path.exists():
        return Images(path) if path.is_dir() or path.suffix.lower() in SUFFIXES else VideoFile(path)
    if "!" in name:
        return Camera(name)
    return Images(name) if glob.has_magic(name) else VideoFile(name)
