"""`Microphone`: sound of an input device, with the time at which it was captured."""

from __future__ import annotations

import contextlib
import logging
import threading
import time

import numpy as np

from .._checks import check_positive, show
from ..errors import SourceError
from .portaudio import Capture, find_device, rescan
from .reconnect import Reconnect, ReconnectPolicy
from .sound import BLOCK_SECONDS, LOUDEST, SoundChunk, SoundSource, check_sample_rate
from .sound_clock import SampleClock

logger = logging.getLogger(__name__)

_REPORT_SECONDS = 10.0
_LONGEST_SLEEP = 0.05


class Microphone(SoundSource):
    """Sound of a microphone, in chunks of one channel (several are averaged where the device gives all or none).

    PortAudio's thread writes into a ring; whoever reads is never waited for. What does not fit into the ring because
    nobody reads, and what the device loses by itself, is counted: `lost` of the chunk behind it, and in sum. A device
    that is unplugged, or delivers nothing for `timeout` seconds, is opened again by a thread of its own.

    Time stamps are seconds on the monotonic clock, as those of a camera, and follow it for days; a chunk's are up to
    the constant delay of its device (commonly 5 to 30 ms) late.

    Args:
        device: index, name or part of a name, see `edgeaffect listen --list-devices`; None: the system's default.
        sample_rate: Hz to ask of it; None: its own.
        block: seconds of a chunk.
        buffer: seconds of sound that wait for a reader.
        reconnect: when it is lost, how long and how often to open it again; a number is the seconds to keep trying at
            growing intervals, 0 raises at once.
        timeout: seconds without sound after which it is lost.

    Raises:
        SourceError: no such device, several of that name, or it cannot be opened.
        DependencyError: sounddevice or PortAudio is missing; the message says how to get it.
    """

    live = True
    clock = "monotonic"

    def __init__(
        self,
        device: int | str | None = None,
        *,
        sample_rate: int | None = None,
        block: float = BLOCK_SECONDS,
        buffer: float = 4.0,
        reconnect: float | ReconnectPolicy = ReconnectPolicy(),  # noqa: B008  (frozen)
        timeout: float = 5.0,
    ) -> None:
        super().__init__()
        if isinstance(device, bool) or not isinstance(device, (int, str, type(None))) or device == "":
            raise TypeError(f"a microphone is an index, a name, or None for the default; got {show(device)}")
        for name, value, most in (("block", block, 10), ("buffer", buffer, 60), ("timeout", timeout, 3600)):
            check_positive(name, value, unit=" seconds", most=most)
        if sample_rate is not None:
            sample_rate = check_sample_rate("sample_rate", sample_rate)
        self._wanted, self._buffer, self._timeout = device, max(buffer, 2 * block), timeout
        self._policy = ReconnectPolicy.of(reconnect)
        self._reconnect = Reconnect(self._policy)
        found = find_device(device)
        self._capture = Capture(found, sample_rate, self._buffer)
        self.name, self.sample_rate = f"microphone:{found.name}", self._capture.sample_rate
        self.reconnects = 0
        """Times it was lost and found again."""
        self._overflows = 0  # of captures before this one
        self._block = max(1, round(block * self.sample_rate))
        self._clock = SampleClock(self.sample_rate)
        self._is_started = False
        self._heard = self._end = 0.0  # when sound came last; end of the last chunk
        self._number = 0  # of the next frame
        self._told, self._told_at = (0, 0), -_REPORT_SECONDS
        self._recovery: threading.Thread | None = None
        self._failure: SourceError | None = None
        self._stop = threading.Event()

    @property
    def overflows(self) -> int:
        """Times the device itself lost sound."""
        return self._overflows + self._capture.overflows

    def _take(self) -> SoundChunk | None:
        if self._stop.is_set():
            self.ended = True
            return None
        if self._recovery is not None:
            return self._wait_for_recovery()
        capture, now = self._capture, time.monotonic()
        if not self._is_started:
            self._start(now)
        is_lost = capture.is_lost  # looked at first: what came before the loss is read
        chunk = self._read(capture, least=1 if is_lost else self._block)
        if chunk is not None:
            self._heard = now
            self._tell(now)
        elif is_lost or now - self._heard > self._timeout:
            self._lose(now)
        return chunk

    def _start(self, now: float) -> None:
        self._capture.start()
        self._is_started, self._heard = True, now
        self._reconnect.open(now)

    def _read(self, capture: Capture, least: int) -> SoundChunk | None:
        if capture.ring.available() < least:
            return None
        run = capture.ring.read(self._block)
        if run is None:
            return None
        samples, first, gap, origin = run
        timestamp, lost = self._clock.time_of(first, len(samples), origin, gap=gap)
        if not self._number and self._end:  # the first after a reconnection
            lost = round(max(0.0, timestamp - self._end) * self.sample_rate)
        lost += first - self._number
        timestamp = max(timestamp, self._end)
        self._number = first + len(samples)
        self._end = timestamp + len(samples) / self.sample_rate
        if not (np.abs(samples) <= LOUDEST).all():  # what other programs play into a monitor may be anything
            samples = np.nan_to_num(samples, copy=False, nan=0.0, posinf=0.0, neginf=0.0).clip(-LOUDEST, LOUDEST)
        return SoundChunk(samples, self.sample_rate, timestamp, self.clock, lost, self.name)

    def _wait(self) -> float:
        if self._recovery is not None:
            return _LONGEST_SLEEP
        missing = (self._block - self._capture.ring.available()) / self.sample_rate
        return min(max(missing, 0.002), _LONGEST_SLEEP)

    def _tell(self, now: float) -> None:
        """Say once in a while what was lost."""
        losses = (self.lost, self.overflows)
        if losses != self._told and now - self._told_at >= _REPORT_SECONDS:
            self._told, self._told_at = losses, now
            logger.warning(
                "%s: %.2f s of sound lost so far (read too late, or %d times by the device itself)",
                self.name, losses[0] / self.sample_rate, losses[1],
            )  # fmt: skip

    def _lose(self, now: float) -> None:
        self._reconnect.lose(now)
        logger.warning("%s was lost; trying to open it again for %g s", self.name, self._policy.seconds)
        self._recovery = threading.Thread(target=self._recover, name=self.name, daemon=True)
        self._recovery.start()

    def _recover(self) -> None:
        """The thread that opens the lost device again, waiting longer each time."""
        try:
            self._capture.close()
            while not self._stop.is_set():
                wait = self._reconnect.wait(time.monotonic())
                if wait is None:
                    tried = self._reconnect.failure(time.monotonic())
                    self._failure = SourceError(f"{self.name} was lost and did not come back to stay {tried}")
                    return
                if self._stop.wait(wait):
                    return
                try:
                    rescan()
                    capture = Capture(find_device(self._again), self.sample_rate, self._buffer)
                    capture.start()
                except SourceError as error:
                    logger.info("%s", error)
                    continue
                self._overflows += self._capture.overflows
                self._capture = capture
                return
        except Exception as error:  # whatever ends this thread must reach the reader, who would wait forever
            self._failure = SourceError(f"{self.name} was lost and cannot be opened again: {error}")

    @property
    def _again(self) -> int | str | None:
        """What to look for: indices change with what is plugged in, the name stays."""
        return self._capture.device.name if isinstance(self._wanted, int) else self._wanted

    def _wait_for_recovery(self) -> SoundChunk | None:
        assert self._recovery is not None
        if self._recovery.is_alive():
            return None
        self._recovery.join()
        self._recovery = None
        if self._failure is not None:
            self.close()
            raise self._failure
        self._number, self._clock = 0, SampleClock(self.sample_rate)
        self._heard = time.monotonic()
        self._reconnect.open(self._heard)
        self.reconnects += 1
        logger.warning("%s is back", self.name)
        return None

    def close(self) -> None:
        """Release the device; safe to call twice."""
        self._stop.set()
        # A driver may hang: then the thread, a daemon, keeps the device.
        if self._recovery is not None and self._recovery is not threading.current_thread():
            self._recovery.join(self._timeout)
            if self._recovery.is_alive():
                return
        closing = threading.Thread(target=self._capture.close, name=f"{self.name} closing", daemon=True)
        closing.start()
        closing.join(self._timeout)

    def __del__(self) -> None:
        # Who forgets to close it does not want to be heard on.
        if capture := getattr(self, "_capture", None):
            with contextlib.suppress(Exception):
                capture.abandon()
