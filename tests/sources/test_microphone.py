"""A real microphone path: PulseAudio -> ALSA -> PortAudio -> sounddevice -> ring -> `Microphone` (see `pulse`)."""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import gc
import importlib.util
import sys
import time
import types
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pulse
import pytest

from edgeaffect import DependencyError, Microphone, SourceError, _pure, native
from edgeaffect.sources import ReconnectPolicy, SoundChunk, SoundSource, open_sound, portaudio
from edgeaffect.sources.sound import LOUDEST


@pytest.fixture(scope="module")
def loopback() -> Iterator[pulse.Loopback]:
    with pulse.loopback() as server:
        yield server


def tone(hz: float, seconds: float) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * pulse.RATE)) / pulse.RATE)).astype(np.float32)


def take(source: SoundSource, seconds: float) -> list[SoundChunk]:
    """So much sound; fails after ten times that."""
    chunks: list[SoundChunk] = []
    deadline = time.monotonic() + 10 * seconds + 5
    for chunk in source:
        chunks.append(chunk)
        assert time.monotonic() < deadline, "no sound comes"
        if sum(one.seconds for one in chunks) >= seconds:
            break
    return chunks


@pytest.mark.parametrize(
    ("rate", "ring"), [(None, native.SampleRing), (16000, native.SampleRing), (16000, _pure.SampleRing)]
)
def test_what_is_played_is_heard_with_its_time(loopback, monkeypatch, rate: int | None, ring: Any) -> None:
    monkeypatch.setattr(portaudio, "SampleRing", ring)
    with loopback.playing(tone(440, 30)), Microphone("edgetest", sample_rate=rate) as microphone:
        chunks = take(microphone, 1.5)
        age = time.monotonic() - chunks[-1].end
    assert microphone.sample_rate == rate or (rate is None and microphone.sample_rate >= 44100)
    assert (microphone.lost, microphone.overflows, microphone.reconnects) == (0, 0, 0)
    assert {chunk.clock for chunk in chunks} == {"monotonic"} and microphone.live
    assert -0.001 < age < 1.0
    for before, after in pairwise(chunks):
        assert 0 <= after.timestamp - before.end + 1e-9 < 0.1
        assert len(after.samples) == round(0.05 * microphone.sample_rate) and after.samples.dtype == np.float32
    samples = np.concatenate([chunk.samples for chunk in chunks])[-microphone.sample_rate // 2 :]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert spectrum.argmax() * 2 == pytest.approx(440, abs=3)
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.03)


def test_names_and_indices(loopback: pulse.Loopback) -> None:
    devices = portaudio.input_devices()
    index = next(one.index for one in devices if one.name == "edgetest")
    for device in (index, "EDGETEST", "edgetest alsa", "test"):
        with open_sound(device) as microphone:
            assert microphone.name == "microphone:edgetest"
    with pytest.raises(SourceError, match=r"no microphone 'vuvuzela'; there are: .*edgetest \(ALSA\)"):
        Microphone("vuvuzela")
    with pytest.raises(SourceError, match="no microphone 99; there are: "):
        Microphone(99)
    if len(devices) > 1:
        with pytest.raises(SourceError, match=r"'alsa' names several microphones.*edgetest \(ALSA\)"):
            Microphone("alsa")
    listed = list(portaudio.each_line(devices))
    assert any("edgetest (ALSA)" in line and "Hz" in line for line in listed)


def test_what_nobody_reads_is_lost_and_counted(loopback: pulse.Loopback, caplog) -> None:
    with loopback.playing(tone(440, 30)), Microphone("edgetest", buffer=0.2) as microphone:
        take(microphone, 0.2)
        time.sleep(1.2)
        chunks = take(microphone, 0.8)
        end = time.monotonic()
    lost = sum(chunk.lost for chunk in chunks)
    assert lost == microphone.lost and 0.5 < lost / microphone.sample_rate < 1.3
    assert "s of sound lost so far" in caplog.text
    assert abs(end - chunks[-1].end) < 0.2  # losses take time too
    for before, after in pairwise(chunks):
        missing = (after.timestamp - before.end) * microphone.sample_rate
        assert missing == pytest.approx(after.lost, abs=0.05 * microphone.sample_rate)


@pytest.mark.skipif(native.VARIANT != "core", reason="a pure build captures in Python")
def test_a_python_that_is_busy_does_not_keep_the_device_waiting(loopback: pulse.Loopback) -> None:
    with loopback.playing(tone(440, 30)), Microphone("edgetest") as microphone:
        first = take(microphone, 0.5)
        ctypes.PyDLL(None).usleep(1_000_000)  # keeps the interpreter's lock
        chunks = first[-1:]
        while (chunk := microphone.poll()) is not None:  # all of it has been captured meanwhile
            chunks.append(chunk)
    assert sum(chunk.seconds for chunk in chunks) > 0.8
    assert [chunk.lost for chunk in chunks] == [0] * len(chunks)
    for before, after in pairwise(chunks):
        assert after.timestamp == pytest.approx(before.end, abs=0.003)


def test_an_unplugged_microphone_is_opened_again(loopback: pulse.Loopback, caplog) -> None:
    policy = ReconnectPolicy(seconds=20, first_wait=0.05, longest_wait=0.3)
    with Microphone("edgetest", reconnect=policy) as microphone:
        before = take(microphone, 0.3)[-1]
        loopback.stop()
        away = time.monotonic()
        while "was lost" not in caplog.text:
            microphone.poll()
            assert time.monotonic() < away + 8
            time.sleep(0.01)
        began = time.monotonic()
        assert microphone.poll() is None and time.monotonic() - began < 0.1  # it never waits for the device
        time.sleep(0.5)
        loopback.start()
        after = next(iter(microphone))
        assert microphone.reconnects == 1 and "is back" in caplog.text
        assert after.timestamp > before.end + 0.3
        assert after.lost == pytest.approx((after.timestamp - before.end) * microphone.sample_rate, rel=0.3)
        assert take(microphone, 0.3)


def test_one_that_does_not_come_back_ends_with_what_was_tried(loopback: pulse.Loopback) -> None:
    policy = ReconnectPolicy(seconds=0.6, first_wait=0.05)
    try:
        with Microphone("edgetest", reconnect=policy) as microphone:
            take(microphone, 0.2)
            loopback.stop()
            with pytest.raises(
                SourceError, match=r"was lost and did not come back to stay within \d+\.\d s and \d+ attempt"
            ):
                list(microphone)
            assert microphone.poll() is None and microphone.ended
    finally:
        loopback.start()
        portaudio.rescan()


def test_reading_after_closing_ends(loopback: pulse.Loopback) -> None:
    microphone = Microphone("edgetest")
    take(microphone, 0.1)
    microphone.close()
    microphone.close()
    assert list(microphone) == [] and microphone.ended


def test_a_device_that_floods_loses_and_counts(monkeypatch, tmp_path: Path) -> None:
    """ALSA's own null device delivers as fast as it is read: millions of samples a second, by the real PortAudio."""
    if reason := pulse.no_portaudio():
        pytest.skip(reason)
    (tmp_path / "asoundrc").write_text('pcm.edgeflood { type null hint { show on description "flood" } }\n')
    with monkeypatch.context() as patch:
        patch.setenv("ALSA_CONFIG_PATH", f"/usr/share/alsa/alsa.conf:{tmp_path / 'asoundrc'}")
        portaudio.rescan()
        if not any(one.name == "edgeflood" for one in portaudio.input_devices()):
            pytest.skip("PortAudio does not see ALSA's null device here")
        with Microphone("edgeflood", buffer=0.2, block=0.02) as microphone:
            chunks = [chunk for _, chunk in zip(range(200), microphone, strict=False)]
            assert microphone.lost == sum(chunk.lost for chunk in chunks)
        for before, after in pairwise(chunks):
            assert after.timestamp >= before.end - 1e-9
    portaudio.rescan()


def test_one_that_nobody_closes_ends_with_its_last_reference(monkeypatch) -> None:
    device = _StandIn()
    monkeypatch.setattr(portaudio, "library", lambda: device)
    microphone = Microphone()
    microphone.poll()
    assert not device.closed
    del microphone
    gc.collect()
    assert device.closed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"device": True}, "a microphone is an index, a name, or None"),
        ({"device": ""}, "a microphone is an index, a name, or None"),
        ({"device": 1.0}, "a microphone is an index, a name, or None"),
        ({"block": 0}, "block must be positive seconds"),
        ({"buffer": 61}, "buffer must be positive seconds, at most 60"),
        ({"timeout": -1}, "timeout must be positive"),
        ({"sample_rate": 500}, "sample_rate must be a whole number of Hz from 1000 to 384000; got 500"),
        ({"sample_rate": 16000.5}, "sample_rate must be a whole number"),
        ({"reconnect": -1}, "reconnect must be seconds"),
    ],
)
def test_impossible_wishes_are_refused_before_a_device_is_looked_for(options: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        Microphone(**options)


class _StandIn:
    """Stands in for sounddevice and everything below it, for what no loopback does: the test is the device."""

    PortAudioError = type("PortAudioError", (Exception,), {})
    default = types.SimpleNamespace(device=[-1, -1])

    def __init__(self, *, least_channels: int = 1) -> None:
        self.least_channels = least_channels
        self.opened: list[dict[str, Any]] = []
        self.closed = False

    def _terminate(self) -> None:
        return

    def _initialize(self) -> None:
        return

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": "Stand-in", "default_input_device": 0}]

    def query_devices(self) -> list[dict[str, Any]]:
        return [{"name": "device", "hostapi": 0, "max_input_channels": 4, "default_samplerate": 16000.0}]

    def RawInputStream(self, **how: Any) -> _StandIn:  # noqa: N802  (sounddevice's name)
        if how["channels"] < self.least_channels:
            raise self.PortAudioError("Error opening RawInputStream: Invalid number of channels", -9998)
        self.opened.append(how)
        return self

    def start(self) -> None:
        return

    def close(self, ignore_errors: bool = True) -> None:
        self.closed = True

    def deliver(self, samples: np.ndarray, *, overflow: bool = False) -> None:
        """One call of the callback."""
        status = types.SimpleNamespace(input_overflow=overflow)
        self.opened[-1]["callback"](samples.astype(np.float32).tobytes(), len(samples), None, status)


def test_a_device_that_says_it_lost_sound_is_believed(monkeypatch) -> None:
    device = _StandIn()
    monkeypatch.setattr(portaudio, "library", lambda: device)
    with Microphone(block=0.05) as microphone:
        assert microphone.poll() is None
        for _ in range(4):
            time.sleep(0.05)
            device.deliver(np.zeros(800))
        time.sleep(0.35)
        device.deliver(np.ones(800), overflow=True)
        chunks = [microphone.poll() for _ in range(6)]
    last = chunks[4]
    assert last is not None and chunks[5] is None and last.samples[0] == 1
    assert [chunk.lost for chunk in chunks[:4] if chunk] == [0, 0, 0, 0]
    assert microphone.overflows == 1 and last.lost == microphone.lost == pytest.approx(0.3 * 16000, abs=0.1 * 16000)


def test_a_device_that_delivers_all_of_its_channels_or_none_is_averaged(monkeypatch) -> None:
    device = _StandIn(least_channels=2)
    monkeypatch.setattr(portaudio, "library", lambda: device)
    with Microphone(block=0.01) as microphone:
        microphone.poll()
        device.deliver(np.tile([0.4, 0.0, 0.2, 0.2], (160, 1)))
        chunk = microphone.poll()
    assert [how["channels"] for how in device.opened] == [4]
    np.testing.assert_allclose(chunk.samples, 0.2, atol=1e-6)


def test_a_device_that_falls_silent_without_a_word_is_opened_again(monkeypatch) -> None:
    device = _StandIn()
    monkeypatch.setattr(portaudio, "library", lambda: device)
    policy = ReconnectPolicy(seconds=5, first_wait=0.01)
    with Microphone(block=0.01, timeout=0.1, reconnect=policy) as microphone:
        microphone.poll()
        device.deliver(np.zeros(160))
        first = microphone.poll()
        deadline = time.monotonic() + 5
        while not microphone.reconnects and time.monotonic() < deadline:
            assert microphone.poll() is None
            time.sleep(0.01)
        device.deliver(np.ones(160))
        again = microphone.poll()
    assert len(device.opened) == 2 and first is not None and again is not None
    assert again.lost == pytest.approx((again.timestamp - first.end) * 16000, abs=1) and again.lost > 0.1 * 16000


def test_no_microphone_at_all_says_where_to_look(monkeypatch) -> None:
    device = _StandIn()
    monkeypatch.setattr(device, "query_devices", list)
    monkeypatch.setattr(portaudio, "library", lambda: device)
    with pytest.raises(SourceError, match=r"no microphone: PortAudio finds no device .*group 'audio'"):
        Microphone()


def test_samples_that_are_no_numbers_become_silence_and_no_sound_is_beyond_the_limit(monkeypatch) -> None:
    device = _StandIn()
    monkeypatch.setattr(portaudio, "library", lambda: device)
    with Microphone(block=0.01) as microphone:
        microphone.poll()
        device.deliver(np.r_[np.nan, -1e9, 1e9, np.full(157, 0.5)])
        chunk = microphone.poll()
    assert chunk.samples.tolist() == [0, -LOUDEST, LOUDEST] + [0.5] * 157


@contextlib.contextmanager
def without(monkeypatch: pytest.MonkeyPatch, what: str) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "sounddevice", raising=False)
        if what == "portaudio":
            patch.setattr(ctypes.util, "find_library", lambda name: None)
        else:
            patch.setitem(sys.modules, "sounddevice", None)
        yield


def test_a_missing_portaudio_is_explained_with_debians_package(monkeypatch) -> None:
    if importlib.util.find_spec("sounddevice") is None:
        pytest.skip("needs the package sounddevice")
    words = "sounddevice is installed but needs PortAudio: apt-get install libportaudio2"
    with without(monkeypatch, "portaudio"), pytest.raises(DependencyError, match=words):
        Microphone()


def test_a_missing_sounddevice_is_explained_with_the_extra(monkeypatch) -> None:
    with (
        without(monkeypatch, "sounddevice"),
        pytest.raises(DependencyError, match=r"pip install 'edgeaffect\[audio\]'"),
    ):
        Microphone()
