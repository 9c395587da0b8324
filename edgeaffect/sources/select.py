"""`open_source`: the right source for what a user names."""

from __future__ import annotations

import glob
import os
import urllib.parse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import SourceError
from ..image import is_one_frame
from .arrays import Arrays
from .base import Source, shown
from .camera import Camera
from .images import SUFFIXES, Images
from .video import VideoFile

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts")
"""Endings by which a URL is taken for a file, of which no frame is dropped. Files on disk may end as they like."""


def open_source(source: Any, *, color: str = "bgr") -> Source:
    """Open what `source` names.

    Args:
        source: a `Source` (returned as it is); index of a camera, as a number or digits; `/dev/video0`; a URL (of a
            stream, or of a video file where its path ends like one); a GStreamer pipeline (with `!`); path of a video
            or picture; a folder or glob pattern of pictures, or a list of paths; an array (one picture), or an iterable
            of arrays at 30 frames per second.
        color: layout of arrays; other sources know their own.

    Raises:
        SourceError: it cannot be opened.
        TypeError: none of these.
    """
    if isinstance(source, Source):
        return source
    if isinstance(source, int) and not isinstance(source, bool):
        return Camera(source)
    if isinstance(source, (str, os.PathLike)):
        return _open_name(os.fspath(source))
    if isinstance(source, np.ndarray) and is_one_frame(source):
        return Arrays([source], color=color, still=True)
    if isinstance(source, (list, tuple)) and source and all(isinstance(entry, (str, os.PathLike)) for entry in source):
        return Images(source)
    if isinstance(source, (list, tuple)) and any(isinstance(one, (Source, int, str, os.PathLike)) for one in source):
        raise TypeError(
            f"{len(source)} sources at once are for Pipeline.stream_batch; here goes one, or a list of paths"
        )
    if isinstance(source, Iterable) and not isinstance(source, (bytes, bytearray, Mapping)):
        return Arrays(source, color=color)
    raise TypeError(
        "a source is a camera index, URL, path, pattern, list of paths, array or iterable of arrays; got "
        f"{shown(source)}"
    )


def _open_name(name: str) -> Source:
    if not name.strip():
        raise SourceError("the source has no name: give a camera index, URL, path or pattern")
    if name.isdigit():
        return Camera(int(name))
    if name.startswith("file://"):
        name = urllib.parse.unquote(urllib.parse.urlsplit(name).path)
    if "://" in name:
        ending = Path(urllib.parse.urlsplit(name).path).suffix.lower()
        return VideoFile(name) if ending in VIDEO_SUFFIXES else Camera(name)
    if name.startswith("/dev/video"):
        return Camera(name)
    path = Path(name)
    if path.exists():
        return Images(path) if path.is_dir() or path.suffix.lower() in SUFFIXES else VideoFile(path)
    if "!" in name:
        return Camera(name)
    return Images(name) if glob.has_magic(name) else VideoFile(name)
