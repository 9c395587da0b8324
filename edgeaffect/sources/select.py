"""`open_source`: the right source for what a user names."""

from __future__ import annotations

import glob
import os
import stat
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .._checks import show
from ..errors import SourceError
from ..image import is_one_frame
from .animated import FFMPEG_FORM, is_animated
from .animation import Animation
from .arrays import Arrays
from .bag import Bag, is_bag
from .base import Source, public_name
from .camera import Camera
from .geometry import Turn
from .headers import FileBytes
from .images import SUFFIXES, Images
from .reconnect import ReconnectPolicy
from .remote import RemotePicture, fetch, probe
from .sniff import HEAD_BYTES, kind_of
from .turned import Turned
from .video import VideoFile

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts")
"""Endings by which a URL is taken for a file, of which no frame is dropped. Files on disk may end as they like."""


def open_source(
    source: Any,
    *,
    color: str = "bgr",
    rotate: int = 0,
    mirror: bool = False,
    reconnect: float | ReconnectPolicy = ReconnectPolicy(),  # noqa: B008  (frozen)
    max_pixels: int | None = None,
) -> Source:
    """Open what `source` names.

    Args:
        source: a `Source` (returned as it is); index of a camera, as a number or digits; `/dev/video0`; a URL (of a
            stream, or of a video file or picture: its answer tells); a GStreamer pipeline (with `!`); path of a video
            or picture; a recording of ROS 2 with images on one topic (see `Bag`); a folder or glob pattern of pictures,
            or a list of paths; an array (one picture), or an iterable of arrays at 30 frames per second.
        color: layout of arrays; other sources know their own.
        rotate: degrees clockwise, 0, 90, 180 or 270, after what the source itself says of its orientation.
        mirror: swap left and right, after the turn.
        reconnect: for cameras and streams: how long and how often to open a lost one again, see `Camera`.
        max_pixels: for files: larger pictures and frames are refused before memory is taken for them; None takes the
            bounds of `Images` and `VideoFile`.

    Raises:
        SourceError: it cannot be opened.
        TypeError: none of these.
    """
    how: dict[str, Any] = {"rotate": rotate, "mirror": mirror}
    if max_pixels is not None:
        how["max_pixels"] = max_pixels
    policy = ReconnectPolicy.of(reconnect)

    def camera(device: int | str) -> Camera:
        return Camera(device, reconnect=policy, rotate=rotate, mirror=mirror)

    wanted = Turn(rotate, mirror)
    if isinstance(source, Source):
        return Turned(source, wanted) if wanted else source
    if isinstance(source, int) and not isinstance(source, bool):
        return camera(source)
    if isinstance(source, (str, os.PathLike)):
        return _open_name(os.fspath(source), how, camera)
    if isinstance(source, np.ndarray) and is_one_frame(source):
        return _turned(Arrays([source], color=color, still=True), wanted)
    if isinstance(source, (list, tuple)) and source and all(isinstance(entry, (str, os.PathLike)) for entry in source):
        return Images(source, **how)
    if isinstance(source, (list, tuple)) and any(isinstance(one, (Source, int, str, os.PathLike)) for one in source):
        raise TypeError(
            f"{len(source)} sources at once are for Pipeline.stream_batch; here goes one, or a list of paths"
        )
    if isinstance(source, Iterable) and not isinstance(source, (bytes, bytearray, Mapping)):
        return _turned(Arrays(source, color=color), wanted)
    raise TypeError(
        "a source is a camera index, URL, path, pattern, list of paths, array or iterable of arrays; got "
        f"{show(source)}"
    )


def _turned(source: Source, turn: Turn) -> Source:
    return Turned(source, turn) if turn else source


def _open_name(name: str, how: dict[str, Any], camera: Callable[[int | str], Camera]) -> Source:
    if not name.strip():
        raise SourceError("the source has no name: give a camera index, URL, path or pattern")
    if name.isascii() and name.isdigit():
        return camera(int(name))
    if name.startswith("file://"):
        name = urllib.parse.unquote(urllib.parse.urlsplit(name).path)
    if "://" in name and not os.path.exists(name) and "!" not in name.partition("://")[0]:
        return _open_url(name, how, camera)
    if os.path.exists(name):  # unlike Path.exists it takes names of any length: pipelines are long
        return _open_path(name, how, camera)
    if name.startswith("/dev/video") or " ! " in name or name.rstrip().endswith("appsink"):
        return camera(name)
    return Images(name, **how) if glob.has_magic(name) else VideoFile(name, **how)


def _open_path(name: str, how: dict[str, Any], camera: Callable[[int | str], Camera]) -> Source:
    """What is there decides, not what it is called; links lead to what they name."""
    mode = os.stat(name).st_mode
    if (stat.S_ISDIR(mode) or stat.S_ISREG(mode)) and is_bag(name):
        return Bag(name, **how)
    if stat.S_ISDIR(mode):
        return Images(name, **how)
    if stat.S_ISCHR(mode):
        if os.major(os.stat(name).st_rdev) != _VIDEO4LINUX:
            raise SourceError(f"{name} is a device, but no camera; cameras are /dev/video*")
        return camera(os.path.realpath(name))
    if not stat.S_ISREG(mode):
        if stat.S_ISFIFO(mode):
            return VideoFile(name, **how)
        raise SourceError(f"{name} is neither a file, folder, pipe nor camera")
    kind, form, moves, reason = "", "", False, ""
    try:
        with open(name, "rb") as file:
            kind, form = kind_of(file.read(HEAD_BYTES))
            moves = kind == "picture" and is_animated(FileBytes(file), form)
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise SourceError(f"cannot read {public_name(name)}: {reason}")
    if moves:
        return VideoFile(name, **how) if form == FFMPEG_FORM else Animation(name, **how)
    if kind == "picture" or (kind == "unknown" and Path(name).suffix.lower() in SUFFIXES):
        return Images(name, **how)
    if kind in ("sound", "other", "page"):
        what = {"sound": "sound without a picture", "page": "a web page"}.get(kind, form)
        raise SourceError(f"{name} is {what}: give a video or picture")
    return VideoFile(name, **how)


def _open_url(name: str, how: dict[str, Any], camera: Callable[[int | str], Camera]) -> Source:
    ending = Path(urllib.parse.urlsplit(name).path).suffix.lower()
    answer = probe(name)
    if answer is None:  # not HTTP, or nothing usable was said: the opener has its own words for what is wrong
        return VideoFile(name, **how) if ending in VIDEO_SUFFIXES else camera(name)
    if answer.kind == "animation":
        if answer.form == FFMPEG_FORM:
            return VideoFile(name, **how)
        return Animation(fetch(name), name=public_name(name), **how)
    if answer.kind == "picture" and answer.is_finite:
        return RemotePicture(name, **how)
    if answer.kind in ("sound", "other", "page"):
        what = {"sound": "sound without a picture", "page": "a web page"}.get(answer.kind, answer.form)
        raise SourceError(f"{public_name(name)} is {what}: give the address of a video, stream or picture")
    if answer.is_finite or (ending in VIDEO_SUFFIXES and answer.kind == "video" and answer.form != "ts"):
        return VideoFile(name, **how)
    return camera(name)


_VIDEO4LINUX = 81
"""Major number of Linux's video devices."""
