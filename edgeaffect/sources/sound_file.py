"""`SoundFile`: sound of a file; `PcmStream`: bare samples from a pipe."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from .._checks import check_count
from .._lazy import require
from ..errors import DependencyError, SourceError
from .base import public_name
from .sniff import HEAD_BYTES, kind_of
from .sound import (
    BLOCK_SECONDS,
    LEAST_RATE,
    MAX_CHANNELS,
    MOST_RATE,
    RecordedSound,
    SoundChunk,
    check_sample_rate,
    finite,
    refuse_pipe,
)
from .wav import CompressedWavError, WavFormat, read_wav_header

logger = logging.getLogger(__name__)

_PIPE_SECONDS = 0.005
_LONGEST_PAGE = 27 + 255 + 255 * 255
"""Bytes of an Ogg page."""
_WORDS = {
    "video": "a film, not a sound file: `FilmSound` reads its track",
    "sound": "in a film's container: `FilmSound` reads it",
    "picture": "a picture, not sound",
    "playlist": "a playlist, not sound",
    "page": "a web page, not sound",
}


class SoundFile(RecordedSound):
    """Sound of a file, from its first sample at 0 s; channels are averaged.

    WAV of 8 to 32 bits and float needs no other package; FLAC, Ogg, MP3, AIFF and more need soundfile (extra
    `[audio]`). A file that ends before its header says is read as far as it goes; `errors` tells it.

    Args:
        path: the file.
        block: seconds of a chunk.

    Raises:
        SourceError: missing, empty, no sound, damaged, or of a rate that nothing here takes.
        DependencyError: not a plain WAV file, and soundfile is missing.
    """

    def __init__(self, path: str | os.PathLike[str], *, block: float = BLOCK_SECONDS) -> None:
        super().__init__(block)
        self.name = public_name(os.fsdecode(path))
        self._reader: _WavReader | _Libsndfile | None = _open(os.fsdecode(path), self.name)
        self.sample_rate, self.length = self._reader.sample_rate, self._reader.frames
        """Frames that the file holds, by its header and its size."""
        self._chunks = self._read()

    def _read(self) -> Iterator[SoundChunk]:
        at, reader = 0, self._reader
        assert reader is not None
        while True:
            samples = reader.read(self._frames())
            if not len(samples):
                break
            with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is found in the next line
                mono = samples.mean(axis=1, dtype=np.float32)
            mono = finite(mono, self.name, at)
            yield SoundChunk(mono, self.sample_rate, at / self.sample_rate, self.clock, 0, self.name)
            at += len(mono)
        missing = reader.announced - at
        words = f"it ends after {at} of {at + missing} frames" if missing > 0 else reader.doubt
        if not at:
            raise SourceError(f"{self.name} holds no sound: its header is followed by no sample")
        if words:
            error = SourceError(f"{self.name} is cut off: {words}")
            logger.warning("%s", error)
            self.errors.append(error)

    def close(self) -> None:
        """Release the file; safe to call twice."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
            self.ended = True


class PcmStream(RecordedSound):
    """Samples without a header from a pipe or file: signed, 16 bits, little-endian, interleaved.

    Args:
        file: opened for reading bytes; it is not closed.
        sample_rate: Hz.
        channels: averaged.
        block: seconds of a chunk.
        name: what messages call it.

    Raises:
        SourceError: what comes first is the header of a file; while reading: no sound at all.
    """

    def __init__(
        self,
        file: BinaryIO,
        sample_rate: int,
        *,
        channels: int = 1,
        block: float = BLOCK_SECONDS,
        name: str = "standard input",
    ) -> None:
        super().__init__(block)
        check_count("channels", channels, most=MAX_CHANNELS)
        self.sample_rate, self.name = check_sample_rate("sample_rate", sample_rate), name
        self._file, self._channels = file, channels
        self._chunks = self._read()

    def _read(self) -> Iterator[SoundChunk]:
        size, at, rest = 2 * self._channels, 0, b""
        # None: a pipe that does not wait holds nothing yet.
        while (data := self._file.read(self._frames() * size - len(rest))) or data is None:
            if data is None:
                time.sleep(_PIPE_SECONDS)
                continue
            if not at and data[:4] in (b"RIFF", b"RF64", b"fLaC", b"OggS"):
                raise SourceError(
                    f"{self.name} begins with the header of a file, not with samples: send 16 bits without a header "
                    "(ffmpeg -i FILE -f s16le -), or give the file by its name"
                )
            data = rest + data
            whole = len(data) // size * size
            data, rest = data[:whole], data[whole:]
            if not data:
                continue
            values = np.frombuffer(data, "<i2").reshape(-1, self._channels)
            mono = values.mean(axis=1, dtype=np.float32) / np.float32(32768)
            yield SoundChunk(mono, self.sample_rate, at / self.sample_rate, self.clock, 0, self.name)
            at += len(mono)
        if not at:
            raise SourceError(f"{self.name} holds no sound: it ended before one sample of {size} bytes")


class _WavReader:
    """Samples of a plain WAV file."""

    doubt = ""

    def __init__(self, file: BinaryIO, form: WavFormat) -> None:
        self._file, self._form, self._left = file, form, form.frames
        self.sample_rate, self.frames, self.announced = form.sample_rate, form.frames, form.announced
        file.seek(form.begin)

    def read(self, frames: int) -> Any:
        data = self._file.read(min(frames, self._left) * self._form.frame_bytes)
        samples = self._form.decode(data[: len(data) // self._form.frame_bytes * self._form.frame_bytes])
        self._left -= len(samples)
        return samples

    def close(self) -> None:
        self._file.close()


class _Libsndfile:
    """Samples of whatever the package soundfile reads."""

    def __init__(self, path: str, name: str) -> None:
        self._soundfile, self._name = require("soundfile"), name
        try:
            # Bytes: soundfile would encode a name by the locale, which may lack its letters.
            self._file = self._soundfile.SoundFile(os.fsencode(os.path.abspath(path)))
        except (self._soundfile.SoundFileError, RuntimeError, TypeError) as error:
            raise SourceError(f"{name} is not a sound file that soundfile can read: {_words(error)}") from error
        self.sample_rate, self.frames = int(self._file.samplerate), int(self._file.frames)
        # Of other coded files the length is an estimate; that of Ogg is the stamp of its last page.
        self.announced = self.frames if self._file.format in ("FLAC", "WAV", "AIFF", "W64", "CAF", "RF64", "OGG") else 0
        self.doubt = "its last page does not end it" if self._file.format == "OGG" and not _ends(path) else ""
        """Why the file may lack its end, though all that is there was read."""
        if not (LEAST_RATE <= self.sample_rate <= MOST_RATE and 1 <= self._file.channels <= MAX_CHANNELS):
            self.close()
            raise SourceError(
                f"{name} has {self._file.channels} channels at {self.sample_rate} Hz; read are 1 to {MAX_CHANNELS} at "
                f"{LEAST_RATE} to {MOST_RATE} Hz"
            )

    def read(self, frames: int) -> Any:
        try:
            return self._file.read(frames, dtype="float32", always_2d=True)
        except (self._soundfile.SoundFileError, RuntimeError) as error:
            raise SourceError(f"{self._name} is damaged: {_words(error)}") from error

    def close(self) -> None:
        self._file.close()


def _ends(path: str) -> bool:
    """Whether the last page of an Ogg file is there as a whole, and says that it is the last (RFC 3533, section 6)."""
    with open(path, "rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST_PAGE))
        tail = file.read(_LONGEST_PAGE)
    page = tail[max(0, tail.rfind(b"OggS")) :]
    if len(page) < 27 or len(page) < 27 + page[26]:
        return False
    return bool(page[5] & 4) and len(page) >= 27 + page[26] + sum(page[27 : 27 + page[26]])


def _words(error: Exception) -> str:
    words = " ".join(str(getattr(error, "error_string", error)).split()).rstrip(".")
    # libsndfile's word for an MP3 without a single frame; the file was opened here before.
    return "no sound was found in it" if "File does not exist" in words else words


def _open(path: str, name: str) -> _WavReader | _Libsndfile:
    reason = ""
    refuse_pipe(path, name)
    try:
        file = open(path, "rb")  # noqa: SIM115  (handed to the reader)
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else f"cannot read ({error.strerror})"
    except ValueError:
        reason = "no file can have that name"
    if reason:  # raised out here: the error above holds the whole name, and a mistyped address is one
        raise SourceError(f"{reason}: {name}")
    with contextlib.ExitStack() as stack:
        stack.enter_context(file)
        head = file.read(HEAD_BYTES)
        if not head:
            raise SourceError(f"{name} is empty")
        kind, form = kind_of(head)
        if form == "m4a" or kind not in ("sound", "unknown"):
            raise SourceError(f"{name} is {_WORDS.get(kind, form)}")
        if form != "wav":
            return _other(path, name, f"{name} is not a plain WAV file")
        try:
            reader = _WavReader(file, read_wav_header(file, name))
        except CompressedWavError as error:
            return _other(path, name, str(error))
        stack.pop_all()
        return reader


def _other(path: str, name: str, what: str) -> _Libsndfile:
    try:
        return _Libsndfile(path, name)
    except DependencyError as error:
        raise DependencyError(f"{what}, and {error}") from error
