"""PortAudio by the package sounddevice: which microphones there are, and sound from one of them into a ring."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .._checks import show
from .._lazy import require
from ..errors import SourceError
from ..native import SampleRing
from .sound import MAX_CHANNELS

# PortAudio's own name for too few channels: some devices deliver all of theirs or none.
_INVALID_CHANNELS, _INVALID_RATE = -9998, -9997
_LATENCY_SECONDS = 0.1
"""What the device may hold back: Python may be busy for as long before it loses sound."""

_CALLBACK_TYPES = ("PaStreamCallback*", "void*")

_lock = threading.RLock()  # a finaliser may close a capture while its own thread opens another
_open: set[Capture] = set()
"""Held here until they are closed: PortAudio writes into their rings."""


@dataclass(frozen=True)
class InputDevice:
    """A microphone as PortAudio lists it."""

    index: int
    name: str
    host: str
    """The system that it is reached by: ALSA, JACK, ..."""
    channels: int
    sample_rate: int
    """Its own, Hz."""
    is_default: bool

    def __str__(self) -> str:
        return f"{self.index} {self.name} ({self.host})"


def library() -> ModuleType:
    """The package sounddevice.

    Raises:
        DependencyError: it is missing, or PortAudio is.
    """
    return require("sounddevice")


def version() -> str:
    """PortAudio's own words for its version."""
    return str(library().get_portaudio_version()[1]).partition(",")[0]


def input_devices() -> list[InputDevice]:
    """Every device that delivers sound, in PortAudio's order.

    Raises:
        DependencyError: see `library`.
    """
    sounddevice = library()
    hosts = sounddevice.query_hostapis()
    default = _default(sounddevice, hosts)
    return [
        InputDevice(
            index, str(one["name"]), str(hosts[one["hostapi"]]["name"]), int(one["max_input_channels"]),
            round(one["default_samplerate"]), index == default,
        )
        for index, one in enumerate(sounddevice.query_devices())
        if one["max_input_channels"] > 0
    ]  # fmt: skip


def find_device(device: int | str | None) -> InputDevice:
    """The device of that index or name; None: the one that the system prefers.

    Args:
        device: a name need not be whole: words of it and of its host suffice, in any case of letters.

    Raises:
        SourceError: there is none, or more than one.
        DependencyError: see `library`.
    """
    devices = input_devices()
    listed = "; ".join(map(str, devices)) or "none"
    if not devices:
        raise SourceError(
            "no microphone: PortAudio finds no device that delivers sound. Is one listed by `arecord -l`? A user needs "
            "group 'audio', a container the device /dev/snd"
        )
    if device is None:
        found = [one for one in devices if one.is_default] or devices[:1]
    elif isinstance(device, int):
        found = [one for one in devices if one.index == device]
    else:
        words = device.lower().split()
        found = [one for one in devices if all(word in f"{one.name} {one.host}".lower() for word in words)]
        found = [one for one in found if one.name.lower() == device.lower()] or found
    if len(found) > 1:
        candidates = "; ".join(map(str, found))
        raise SourceError(f"{show(device)} names several microphones, give the index or more of a name: {candidates}")
    if not found:
        raise SourceError(f"no microphone {show(device)}; there are: {listed}")
    return found[0]


def rescan() -> None:
    """Look for devices anew: PortAudio lists those that were there when it was initialised.

    Does nothing while a `Capture` of this process is open, which it would end. It also ends streams that the program
    itself has opened by sounddevice.
    """
    sounddevice = library()
    with _lock:
        if not _open:
            with contextlib.suppress(sounddevice.PortAudioError):
                sounddevice._terminate()
            sounddevice._initialize()


class Capture:
    """Sound of one device into a ring, until it is closed or the device goes away.

    The callback, which PortAudio calls in a thread of its own, writes into the ring and does nothing else. It is the
    native core's, so that a busy Python does not keep it waiting; in a pure build it is Python's.

    Args:
        device: where from.
        sample_rate: Hz; None: the device's own.
        seconds: sound that the ring holds at least.

    Raises:
        SourceError: it cannot be opened so.
    """

    def __init__(self, device: InputDevice, sample_rate: int | None, seconds: float) -> None:
        self.device, self.sample_rate = device, sample_rate or device.sample_rate
        self._finished = threading.Event()
        self._stream: Any = None
        sounddevice = library()
        with _lock:
            for channels in dict.fromkeys((1, min(device.channels, MAX_CHANNELS))):
                try:
                    self._stream = self._opened(sounddevice, channels, seconds)
                except sounddevice.PortAudioError as error:
                    code = error.args[1] if len(error.args) > 1 else 0
                    if code != _INVALID_CHANNELS or channels == min(device.channels, MAX_CHANNELS):
                        raise SourceError(self._reason(code, str(error.args[0]))) from error
                else:
                    break
            _open.add(self)

    def _opened(self, sounddevice: ModuleType, channels: int, seconds: float) -> Any:
        self.ring = ring = SampleRing(
            capacity=round(seconds * self.sample_rate), channels=channels, sample_rate=float(self.sample_rate)
        )
        how: dict[str, Any] = {
            "device": self.device.index, "samplerate": self.sample_rate, "channels": channels, "dtype": "float32",
            "latency": _LATENCY_SECONDS, "finished_callback": self._finished.set,
        }  # fmt: skip
        native = ring.portaudio_callback()
        base = getattr(sounddevice, "_StreamBase", None)
        if native is not None and base is not None:
            # As sounddevice's author does for callbacks in C (python-rtmixer): its public classes take Python's only.
            function, user = (sounddevice._ffi.cast(*pair) for pair in zip(_CALLBACK_TYPES, native, strict=True))
            return base(kind="input", callback=function, userdata=user, wrap_callback=None, **how)

        def callback(data: Any, frames: int, times: Any, status: Any) -> None:
            ring.write(data, time.monotonic(), bool(status.input_overflow))

        return sounddevice.RawInputStream(callback=callback, **how)

    @property
    def overflows(self) -> int:
        """Times that the device itself lost sound, because nobody took it in time."""
        return self.ring.gaps()

    def _reason(self, code: int, text: str) -> str:
        if code == _INVALID_RATE:
            return (
                f"microphone {self.device} does not deliver {self.sample_rate} Hz: leave sample_rate out for its own "
                f"{self.device.sample_rate} Hz"
            )
        words = text.removeprefix("Error opening RawInputStream: ")
        return f"cannot open microphone {self.device}: {words}; another program may hold it, or you lack group 'audio'"

    def start(self) -> None:
        """Begin to capture.

        Raises:
            SourceError: the device refuses; it is closed then.
        """
        try:
            self._stream.start()
        except library().PortAudioError as error:
            self.close()
            raise SourceError(f"cannot start microphone {self.device}: {error.args[0]}") from error

    @property
    def is_lost(self) -> bool:
        """The device went away, or PortAudio gave up on it."""
        return self._finished.is_set()

    def close(self) -> None:
        """Stop and release the device; safe to call twice. May hang where a driver hangs."""
        with _lock:
            self._close()

    def abandon(self) -> None:
        """Close it from a finaliser, which must not wait for another thread: then the device stays open."""
        if _lock.acquire(blocking=False):
            try:
                self._close()
            finally:
                _lock.release()

    def _close(self) -> None:
        if self in _open:
            try:
                self._stream.close(ignore_errors=True)
            finally:
                _open.discard(self)


def _default(sounddevice: ModuleType, hosts: Any) -> int:
    """Index of the input device that the user (`sounddevice.default`) or the system prefers; -1: none."""
    preferred = sounddevice.default.device[0]
    if isinstance(preferred, int) and preferred >= 0:
        return preferred
    return next((int(host["default_input_device"]) for host in hosts if host["default_input_device"] >= 0), -1)


def each_line(devices: list[InputDevice]) -> Iterator[str]:
    """A list for people: one device a line, the preferred one marked."""
    for one in devices:
        channels = f"{one.channels} channel{'' if one.channels == 1 else 's'}"
        yield f"{'*' if one.is_default else ' '} {one}, {channels}, {one.sample_rate} Hz"
