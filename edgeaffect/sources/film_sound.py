"""`FilmSound`: the sound track of a film, with the times of its pictures."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from .._lazy import require
from .._names import utf8_name
from ..errors import MissingTrackError, SourceError
from .base import public_name
from .sound import (
    BLOCK_SECONDS,
    LEAST_RATE,
    MAX_CHANNELS,
    MOST_RATE,
    RecordedSound,
    Samples,
    SoundChunk,
    finite,
    refuse_pipe,
)

logger = logging.getLogger(__name__)

_JITTER_SECONDS = 0.03
"""Containers round times, to a millisecond or to a packet; a later time is a gap only beyond this."""
_LONGEST_GAP = 24 * 3600.0
_MOST_ERRORS = 1000
"""So many damaged packets in a row are the end."""
# Centre carries the speech and effects shake the room: as ITU-R BS.775 mixes down, scaled to full scale.
_WEIGHTS = {"FC": 1.0, "LFE": 0.0, "LFE2": 0.0}
_OTHER_WEIGHT = 0.7071


class FilmSound(RecordedSound):
    """Sound track of a film by PyAV (extra `[video]`); of several the one that players choose.

    Times are those that `VideoFile` gives to the pictures of the same file: 0 s is its first picture, so that the first
    chunks of some films lie before 0. Where the film has no pictures (M4A), 0 s is its first sample. Channels are mixed
    down, the centre first.

    Args:
        path: the film.
        block: seconds of a chunk.

    Raises:
        SourceError: missing, empty, no film, without a sound track, or of a rate that nothing here takes.
        DependencyError: PyAV is missing.
    """

    def __init__(self, path: str | os.PathLike[str], *, block: float = BLOCK_SECONDS) -> None:
        super().__init__(block)
        place = os.fsdecode(path)
        self.name = public_name(place)
        self._av = require("av")
        self._kind: tuple[str, str, int] | None = None  # of the frames that `_interleave` takes
        self._interleave: Any = None
        self._container: Any = self._opened(place)
        try:
            self._track = self._best_track()
        except BaseException:
            self.close()
            raise
        self.sample_rate = int(self._track.codec_context.sample_rate)
        self._chunks = self._read()

    def _opened(self, place: str) -> Any:
        reason = ""
        refuse_pipe(place, self.name)
        try:
            size = os.stat(place).st_size if os.path.isfile(place) else 1
            if not size:
                raise SourceError(f"{self.name} is empty")
            with open(place, "rb"):  # PyAV's own words for a missing file hold its whole name
                pass
        except OSError as error:
            if isinstance(error, SourceError):
                raise
            reason = "no such file" if isinstance(error, FileNotFoundError) else f"cannot read ({error.strerror})"
        except ValueError:
            reason = "no file can have that name"
        if reason:
            raise SourceError(f"{reason}: {self.name}")
        try:
            return self._av.open(utf8_name(place) or place)
        except (self._av.error.FFmpegError, OSError, ValueError) as error:
            words = getattr(error, "strerror", None) or type(error).__name__
            raise SourceError(f"{self.name} is not a film that PyAV can open: {words}") from error

    def _best_track(self) -> Any:
        tracks = self._container.streams.audio
        if not tracks:
            raise MissingTrackError(f"{self.name} has no sound track")
        track = self._container.streams.best("audio") or tracks[0]
        context = track.codec_context
        if context is None:
            raise SourceError(f"{self.name} has a sound track in a code that PyAV does not know")
        rate, channels = context.sample_rate or 0, context.channels
        if not LEAST_RATE <= rate <= MOST_RATE or not 1 <= channels <= MAX_CHANNELS:
            raise SourceError(
                f"{self.name} has a sound track of {channels} channels at {rate} Hz; read are 1 to {MAX_CHANNELS} at "
                f"{LEAST_RATE} to {MOST_RATE} Hz"
            )
        return track

    def _zero(self) -> float | None:
        """Seconds on the container's clock at which its pictures begin; None: there are none."""
        films = [one for one in self._container.streams.video if not _is_cover(self._av, one)]
        if not films:
            return None
        start, base = films[0].start_time, films[0].time_base
        return float(start * base) if start is not None and base is not None else 0.0

    def _read(self) -> Iterator[SoundChunk]:
        parts: list[Samples] = []
        held, begin, place, lost = 0, 0.0, 0, 0  # what waits for a whole chunk; `place` counts samples, for messages
        expected: float | None = None
        for samples, stamp in self._decoded():
            gap = 0.0 if stamp is None or expected is None else stamp - expected
            if parts and gap > _JITTER_SECONDS:
                yield self._chunk(parts, begin, lost)
                parts, held, lost = [], 0, 0
            if not parts:
                lost = round(gap * self.sample_rate) if _JITTER_SECONDS < gap < _LONGEST_GAP else 0
                # A time that goes back, or by a day, is damage: what is heard goes on.
                believable = stamp is not None and (expected is None or -_JITTER_SECONDS < gap < _LONGEST_GAP)
                begin = stamp if believable and stamp is not None else expected or 0.0
                begin = max(begin, expected) if expected is not None else begin
            parts.append(finite(samples, self.name, place))
            held += len(samples)
            place += len(samples)
            expected = begin + held / self.sample_rate
            while held >= self._frames():
                whole = np.concatenate(parts)
                yield self._chunk([whole[: self._frames()]], begin, lost)
                parts, lost = [whole[self._frames() :]], 0
                held, begin = held - self._frames(), begin + self._frames() / self.sample_rate
                if not held:
                    parts = []
        if held:
            yield self._chunk(parts, begin, lost)
        if not place:
            raise SourceError(f"{self.name} has a sound track, of which nothing can be decoded")

    def _chunk(self, parts: list[Samples], begin: float, lost: int) -> SoundChunk:
        return SoundChunk(np.concatenate(parts), self.sample_rate, begin, self.clock, lost, self.name)

    def _decoded(self) -> Iterator[tuple[Samples, float | None]]:
        """Mono samples of each frame of the track, and its time; damaged packets are left out and told."""
        zero, damaged, in_a_row = self._zero(), 0, 0
        packets = self._container.demux(self._track)
        while True:
            frames: list[Any] = []
            try:
                packet = next(packets, None)
                if packet is None:
                    break
                frames = packet.decode()
                in_a_row = 0
            # IndexError: a damaged packet belongs to a track that PyAV has not seen; it gives no more of the file.
            except (self._av.error.FFmpegError, ValueError, OSError, IndexError) as error:
                if isinstance(error, self._av.error.EOFError):
                    break
                damaged, in_a_row = damaged + 1, in_a_row + 1
                if in_a_row > _MOST_ERRORS:
                    break
            for frame in frames:
                stamp = float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else None
                if zero is None and stamp is not None:
                    zero = stamp
                yield self._mono(frame), None if stamp is None else stamp - (zero or 0.0)
        if damaged:
            loss = SourceError(f"{self.name} is damaged: {damaged} parts of its sound track could not be decoded")
            logger.warning("%s", loss)
            self.errors.append(loss)

    def _mono(self, frame: Any) -> Samples:
        if frame.sample_rate != self.sample_rate:
            raise SourceError(
                f"the sound track of {self.name} changes from {self.sample_rate} to {frame.sample_rate} Hz on its way: "
                "save it with one rate"
            )
        layout = frame.layout
        names = [channel.name for channel in layout.channels]
        # Interleaved first: PyAV (18.1) reads planes until an empty pointer, which no frame of 8 channels has.
        kind = (frame.format.name, layout.name, len(names))
        if kind != self._kind:
            self._kind = kind
            self._interleave = self._av.AudioResampler(format="flt", layout=layout, rate=self.sample_rate)
        frames = self._interleave.resample(frame)
        values = np.concatenate([one.to_ndarray().reshape(-1, len(names)) for one in frames])
        weights = np.array([_WEIGHTS.get(name, _OTHER_WEIGHT) for name in names], np.float32)
        if len(names) < 3 or not weights.any():
            weights = np.ones(len(names), np.float32)
        with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is found later
            mixed: Samples = values @ (weights / weights.sum())
        return mixed

    def close(self) -> None:
        """Release the file; safe to call twice."""
        if self._container is not None:
            self.ended = True
            container, self._container = self._container, None
            with contextlib.suppress(Exception):
                self._chunks.close()  # type: ignore[attr-defined]
            container.close()


def _is_cover(av: Any, stream: Any) -> bool:
    """Whether a track of pictures is a picture of the album, as players show it beside the sound."""
    flags = getattr(av.stream, "Disposition", None)  # PyAV 12 has none; a cover begins at 0 as its sound does
    return flags is not None and bool(stream.disposition & flags.attached_pic)
