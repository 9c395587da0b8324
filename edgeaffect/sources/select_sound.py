"""`open_sound`: the right source of sound for what a user names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .._checks import show
from ..errors import SourceError
from .base import Source, public_name
from .film_sound import FilmSound
from .microphone import Microphone
from .sniff import HEAD_BYTES, kind_of
from .sound import SoundSource
from .sound_file import SoundFile
from .turned import Turned
from .video import VideoFile


def open_sound(source: Any = None, **options: Any) -> SoundSource:
    """Open what `source` names.

    Args:
        source: a `SoundSource` (returned as it is); index of a microphone, as a number or digits; path of a sound file
            or film; another name, or a part of one: the microphone of that name; None: the default microphone.
        options: of the source that it turns out to be, such as `block`.

    Raises:
        SourceError: it cannot be opened.
        DependencyError: what reads it is missing; the message says how to get it.
        TypeError: none of these.
    """
    if isinstance(source, SoundSource):
        return source
    if source is None or (isinstance(source, int) and not isinstance(source, bool)):
        return Microphone(source, **options)
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(f"sound comes from a microphone's index or name, or a file's path; got {show(source)}")
    name = os.fspath(source)
    if not name.strip():
        raise SourceError("the source has no name: give a microphone's index or name, or a file")
    if name.isascii() and name.isdigit():
        return Microphone(int(name), **options)
    if os.path.exists(name):
        return _open_path(name, options)
    if isinstance(source, os.PathLike) or os.sep in name or Path(name).suffix.lower() in SOUND_SUFFIXES:
        raise SourceError(f"no such file: {public_name(name)}")
    return Microphone(name, **options)


def open_sound_beside(sound: Any, source: Source, **options: Any) -> SoundSource:
    """Open the sound that goes with frames.

    Args:
        sound: True is the microphone for a live source of frames, and the sound track for a film; `track` the latter;
            else as for `open_sound`.
        source: of the frames.
        options: as for `open_sound`.

    Raises:
        SourceError: there is no such sound.
        DependencyError, TypeError: as for `open_sound`.
    """
    if sound is True and source.live:
        return open_sound(None, **options)
    if sound is not True and sound != "track":
        return open_sound(sound, **options)
    while isinstance(source, Turned):
        source = source.original
    if isinstance(source, VideoFile) and source.path is not None:
        return FilmSound(source.path, **options)
    raise SourceError(
        f"{source.name} has no sound track: name a file, such as speech.wav, or the index or name of a microphone"
    )


# A missing file is told as one, not looked for among the microphones.
SOUND_SUFFIXES = (
    ".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".m4a", ".aac", ".wma", ".mp4", ".mov", ".mkv", ".webm",
    ".avi", ".mpg", ".mpeg", ".ts",
)  # fmt: skip


def _open_path(name: str, options: dict[str, Any]) -> SoundSource:
    if not os.path.isfile(name):
        raise SourceError(f"{public_name(name)} is no file: give a sound file, a film, or a microphone")
    reason, kind, form = "", "", ""
    try:
        with open(name, "rb") as file:
            kind, form = kind_of(file.read(HEAD_BYTES))
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise SourceError(f"cannot read {public_name(name)}: {reason}")
    return FilmSound(name, **options) if kind == "video" or form == "m4a" else SoundFile(name, **options)
