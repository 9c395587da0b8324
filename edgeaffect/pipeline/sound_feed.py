"""`SoundFeed`: brings sound to `Hearing`: a live source in its own thread, a file as far as frames have come."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from .._checks import show
from ..sources import Source
from ..sources.select_sound import open_sound_beside
from ..voice.protocols import SoundChunk, SoundSource
from .hearing import Hearing

_JOIN_SECONDS = 2.0
_POLL_SECONDS = 0.01
_AHEAD = 0.5
"""Seconds of sound that a file is read ahead of the frame: a mouth can be told from a voice only with both."""


class NoFeed:
    """Beside frames without sound; to be used as a context."""

    def follow(self, now: float) -> None:
        """Before a frame of that time."""

    def __enter__(self) -> NoFeed:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class SoundFeed(NoFeed):
    """Reads a source of sound; to be used as a context.

    Args:
        hearing: gets the sound.
        source: gives it.
        is_own: whether it was opened here, and is closed here.
    """

    def __init__(self, hearing: Hearing, source: SoundSource, *, is_own: bool) -> None:
        self._hearing, self._source, self._is_own = hearing, source, is_own
        self._error: BaseException | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="microphone", daemon=True) if source.live else None

    def follow(self, now: float) -> None:
        """Before a frame of that time: hear a file up to it; of a live source, raise what ended it.

        Raises:
            SourceError: the source was lost.
        """
        if self._error is not None:
            raise self._error
        if self._thread is None:
            while self._hearing.end < now + _AHEAD and (chunk := self._source.poll()) is not None:
                self._take(chunk)

    def _take(self, chunk: SoundChunk) -> None:
        self._hearing.accept(chunk.samples, chunk.sample_rate, chunk.timestamp, chunk.clock)

    def _work(self) -> None:
        try:
            while not self._stopping.is_set() and not self._source.ended:
                chunk = self._source.poll()
                if chunk is None:
                    self._stopping.wait(_POLL_SECONDS)
                else:
                    self._take(chunk)
        except BaseException as error:
            if not self._stopping.is_set():
                self._error = error

    def __enter__(self) -> SoundFeed:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)
        if self._is_own:
            with contextlib.suppress(Exception):  # what matters has ended; a device that cannot be closed is no news
                self._source.close()


def check_listens(microphone: Any, hearing: Hearing | None) -> None:
    """Refuse a microphone where nobody listens.

    Raises:
        TypeError: there is one, and no `Hearing`.
    """
    if microphone is not None and microphone is not False and hearing is None:
        raise TypeError(f"microphone={show(microphone)} needs a Pipeline that listens: make it with voice=True")


def open_feed(microphone: Any, source: Source, hearing: Hearing | None) -> NoFeed:
    """The sound that goes with a source of frames; `NoFeed` without a microphone.

    Args:
        microphone: see `Pipeline.stream`.
        source: of frames, opened.
        hearing: gets the sound.

    Raises:
        SourceError: there is no such sound.
        TypeError: the microphone is nothing that could be one.
    """
    if microphone is None or microphone is False or hearing is None:
        return NoFeed()
    if isinstance(microphone, SoundSource):
        return SoundFeed(hearing, microphone, is_own=False)
    return SoundFeed(hearing, open_sound_beside(microphone, source), is_own=True)
