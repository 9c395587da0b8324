"""Sound of files: what is read equals what was written, at its own time; damage is told in one line."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect import DependencyError, FilmSound, SoundFile, SourceError
from edgeaffect.sources import PcmStream, SoundSource, open_sound

RATE = 16000


def noise(frames: int = 4000, channels: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.9, 0.9, (frames, channels)).astype(np.float32)


def wav(
    path: Path, data: bytes, *, code: int = 1, channels: int = 1, bits: int = 16, rate: int = RATE, **lies: int
) -> Path:
    """A WAV file of our own making; `lies` replace what its header should say."""
    block = lies.get("block", channels * bits // 8)
    form = struct.pack("<HHIIHH", code, channels, rate, rate * block % (1 << 32), block, bits)
    length = lies.get("length", len(data))
    chunks = (
        b"fmt " + struct.pack("<I", len(form)) + form + b"LIST\x03\0\0\0abc\0" + b"data" + struct.pack("<I", length)
    )
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks) + len(data)) + b"WAVE" + chunks + data)
    return path


def heard(source: SoundSource) -> np.ndarray:
    """All samples; checks that chunks follow each other without overlap or gap."""
    with source:
        chunks = list(source)
    at = chunks[0].timestamp
    for chunk in chunks:
        assert chunk.samples.dtype == np.float32 and chunk.samples.ndim == 1 and len(chunk.samples)
        assert chunk.timestamp == pytest.approx(at, abs=1e-9)
        assert (chunk.sample_rate, chunk.clock, chunk.lost) == (source.sample_rate, "media", 0)
        at = chunk.end
    assert source.ended and source.poll() is None
    return np.concatenate([chunk.samples for chunk in chunks])


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("block", [0.05, 0.0137, 10])
def test_sixteen_bits_as_the_standard_library_writes_them(tmp_path: Path, channels: int, block: float) -> None:
    sound = np.round(noise(channels=channels) * 32767).astype("<i2")
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.tobytes())
    got = heard(SoundFile(tmp_path / "a.wav", block=block))
    np.testing.assert_allclose(got, (sound / 32768.0).mean(axis=1), atol=1e-6)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("form", ["WAV", "WAVEX", "RF64"])
def test_every_depth_as_libsndfile_writes_it(tmp_path: Path, subtype: str, form: str, monkeypatch) -> None:
    soundfile = pytest.importorskip("soundfile")
    sound = noise(channels=2)
    soundfile.write(tmp_path / "a.wav", sound, 44100, subtype=subtype, format=form)
    expected = soundfile.read(tmp_path / "a.wav", dtype="float32")[0].mean(axis=1)
    monkeypatch.setitem(__import__("sys").modules, "soundfile", None)  # ours, not theirs
    source = SoundFile(tmp_path / "a.wav")
    assert (source.sample_rate, source.length) == (44100, 4000)
    np.testing.assert_allclose(heard(source), expected, atol=1e-6)


@pytest.mark.parametrize("form", ["FLAC", "OGG", "AIFF", "MP3"])
def test_coded_files_by_soundfile(tmp_path: Path, form: str) -> None:
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path / f"sound.{form.lower()}"
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)
    soundfile.write(path, tone, RATE, format=form)
    got = heard(open_sound(path))
    assert abs(len(got) - RATE) <= 1152 * 2
    spectrum = np.abs(np.fft.rfft(got[2000:14000] * np.hanning(12000)))
    assert spectrum.argmax() * RATE / 12000 == pytest.approx(440, abs=2)
    assert np.abs(got[2000:14000]).max() == pytest.approx(0.5, abs=0.05)


def test_a_coded_wav_goes_to_soundfile(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "a.wav", noise(), RATE, subtype="ALAW")
    expected = soundfile.read(tmp_path / "a.wav", dtype="float32")[0]
    np.testing.assert_array_equal(heard(SoundFile(tmp_path / "a.wav")), expected)


def test_without_soundfile_the_extra_is_named(tmp_path: Path, monkeypatch) -> None:
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "a.flac", noise(), RATE)
    soundfile.write(tmp_path / "a.wav", noise(), RATE, subtype="ULAW")
    monkeypatch.setitem(__import__("sys").modules, "soundfile", None)
    for name, words in (("a.flac", "is not a plain WAV file"), ("a.wav", "holds u-law in a WAV file")):
        with pytest.raises(DependencyError, match=rf"{words}, and soundfile .*edgeaffect\[audio\]"):
            SoundFile(tmp_path / name)


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF])
def test_a_wav_from_a_pipe_whose_length_nobody_knew_is_read_to_its_end(tmp_path: Path, length: int) -> None:
    sound = np.round(noise() * 32767).astype("<i2")
    source = SoundFile(wav(tmp_path / "a.wav", sound.tobytes(), length=length))
    np.testing.assert_allclose(heard(source), sound[:, 0] / 32768, atol=1e-6)
    assert not source.errors


def test_a_file_that_is_cut_off_is_read_as_far_as_it_goes_and_says_so(tmp_path: Path, caplog) -> None:
    source = SoundFile(wav(tmp_path / "a.wav", b"\1\0" * 1000 + b"\1", length=2 * 70_000))
    assert len(heard(source)) == 1000
    assert [str(error) for error in source.errors] == [f"{source.name} is cut off: it ends after 1000 of 70000 frames"]
    assert "cut off" in caplog.text


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"channels": 0, "block": 2}, "WAV file of 0 channels"),
        ({"channels": 65535, "block": 2}, "WAV file of 65535 channels"),
        ({"rate": 4_000_000_000}, "WAV file of 4000000000 Hz"),
        ({"rate": 0}, "WAV file of 0 Hz"),
        ({"bits": 12, "block": 2}, "WAV file of 12 bits per sample"),
        ({"block": 3}, "3 bytes per frame of 1 x 16 bits"),
        ({"code": 3, "bits": 16}, "WAV file of 16 bits per sample"),
    ],
)
def test_headers_that_say_the_impossible_are_refused(tmp_path: Path, facts: dict[str, int], message: str) -> None:
    path = wav(tmp_path / "a.wav", b"\0" * 100, **facts)
    with pytest.raises(SourceError, match=message):
        SoundFile(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"RIFF\x24\0\0\0WAVE", "without samples"),
        (b"RIFF\x24\0\0\0WAVEfmt \x04\0\0\0\1\0\1\0data\4\0\0\0abcd", "does not say its format"),
        (b"RIFF\x24\0\0\0WAVEjunk\xff\xff\xff\x7f", "without samples"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "is a picture, not sound"),
        (b"<!doctype html><html>", "is a web page, not sound"),
        (b"%PDF-1.4", "is a PDF"),
        (b"\x1aE\xdf\xa3" + b"\0" * 50, "`FilmSound` reads its track"),
        (b"hello, this is text" * 10, "is not a sound file that soundfile can read"),
        (b"fLaC" + b"\0" * 100, "is not a sound file that soundfile can read"),
        (b"OggS" + b"\xff" * 100, "is not a sound file that soundfile can read"),
    ],
)
def test_what_is_no_sound_file_is_told_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    pytest.importorskip("soundfile")
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(SourceError, match=message) as caught:
        SoundFile(tmp_path / "a.wav")
    assert "\n" not in str(caught.value) and "a.wav" in str(caught.value)


def test_an_mp3_of_noise_is_not_called_missing(tmp_path: Path) -> None:
    pytest.importorskip("soundfile")
    (tmp_path / "a.mp3").write_bytes(b"ID3" + np.random.default_rng(0).bytes(5000))
    with pytest.raises(SourceError, match=r"a\.mp3 is not a sound file") as told:
        list(SoundFile(tmp_path / "a.mp3"))
    assert "exist" not in str(told.value)


def test_a_wav_without_a_single_frame_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no sound"):
        list(SoundFile(wav(tmp_path / "a.wav", b"")))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_samples_that_are_no_numbers_are_damage(tmp_path: Path, bad: float) -> None:
    sound = np.zeros(3000)
    sound[1234] = bad
    with pytest.raises(SourceError, match="sample 1234 is not a finite number"):
        list(SoundFile(wav(tmp_path / "a.wav", sound.astype("<f8").tobytes(), code=3, bits=64)))


@pytest.mark.parametrize("bad", [32767.0, -3e30])
def test_floats_that_nobody_scaled_are_no_sound(tmp_path: Path, bad: float) -> None:
    sound = np.zeros((3000, 2), "<f4")
    sound[1234] = bad
    with pytest.raises(SourceError, match=r"floating-point samples up to .+, whose full scale is 1"):
        list(SoundFile(wav(tmp_path / "a.wav", sound.tobytes(), code=3, bits=32, channels=2)))


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_that_is_cut_off_or_has_a_hole_is_told(tmp_path: Path, subtype: str) -> None:
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "a.ogg", noise(60_000), RATE, format="OGG", subtype=subtype)
    whole = (tmp_path / "a.ogg").read_bytes()
    source = SoundFile(tmp_path / "a.ogg")
    assert len(heard(source)) == 60_000 and not source.errors
    pages = [at for at in range(len(whole)) if whole.startswith(b"OggS", at)]
    damaged = [whole[: pages[-1]], whole[:-1], whole[: pages[-2]] + b"\0" * 500 + whole[pages[-2] + 500 :]]
    for content in damaged:
        (tmp_path / "a.ogg").write_bytes(content)
        source = SoundFile(tmp_path / "a.ogg")
        assert 0 < len(heard(source)) < 60_000
        assert len(source.errors) == 1 and "is cut off: it" in str(source.errors[0])


def test_a_flac_that_is_cut_off_is_told(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "a.flac", noise(60_000), RATE)
    whole = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(whole[: len(whole) // 2])
    source = SoundFile(tmp_path / "a.flac")
    told: list[str] = []
    try:
        assert 0 < len(heard(source)) < 60_000
    except SourceError as error:  # older libsndfile raises
        told.append(str(error))
    told += map(str, source.errors)
    assert len(told) == 1 and ("is damaged" in told[0] or "is cut off" in told[0])


@given(st.lists(st.tuples(st.integers(0, 70), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_any_damage_to_a_header_is_sound_or_an_error_of_ours(damage: list[tuple[int, int]], length: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.wav"
        data = bytearray(wav(path, b"\1\2" * 150).read_bytes())
        for place, value in damage:
            data[min(place, len(data) - 1)] = value
        path.write_bytes(data[: len(data) - length] if length < len(data) else b"R")
        with contextlib.suppress(SourceError, DependencyError), open_sound(path) as source:
            assert sum(len(chunk.samples) for chunk in source) <= 400


def test_until_gives_the_sound_that_belongs_to_each_frame(tmp_path: Path) -> None:
    source = SoundFile(wav(tmp_path / "a.wav", b"\0" * 2 * RATE), block=0.05)
    assert [round(chunk.timestamp, 3) for chunk in source.until(0.1)] == [0.0, 0.05]
    assert list(source.until(0.1)) == []
    assert [round(chunk.timestamp, 3) for chunk in source.until(0.151)] == [0.1, 0.15]
    assert sum(len(chunk.samples) for chunk in source.until(99)) == RATE - 4 * 800
    assert source.ended


class Slow(io.RawIOBase):
    """A pipe that gives a few bytes at a time, not whole samples."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data, self._step = data, step

    def read(self, size: int = -1) -> bytes:
        taken, self._data = self._data[: min(size, self._step)], self._data[min(size, self._step) :]
        return taken


@pytest.mark.parametrize("step", [1, 3, 7, 4096])
@pytest.mark.parametrize("channels", [1, 2])
def test_bare_samples_from_a_pipe(step: int, channels: int) -> None:
    sound = np.round(noise(300, channels) * 32767).astype("<i2")
    got = heard(PcmStream(Slow(sound.tobytes(), step), 8000, channels=channels))
    np.testing.assert_allclose(got, (sound / 32768.0).mean(axis=1), atol=1e-6)


def test_a_pipe_that_does_not_wait_is_read_to_its_end() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with open(reading, "rb") as file:
        source = PcmStream(file, RATE)

        def send() -> None:
            for _ in range(4):
                time.sleep(0.03)
                os.write(writing, bytes(2 * 401))
            os.close(writing)

        sender = threading.Thread(target=send)
        sender.start()
        assert len(heard(source)) == 4 * 401
        sender.join()


@pytest.mark.parametrize("data", [b"", b"\1"])
def test_an_empty_pipe_is_told(data: bytes) -> None:
    with pytest.raises(SourceError, match="standard input holds no sound"):
        list(PcmStream(io.BytesIO(data), 8000))


def test_a_file_in_a_pipe_is_not_taken_for_samples() -> None:
    with pytest.raises(SourceError, match="begins with the header of a file"):
        list(PcmStream(io.BytesIO(b"RIFF" + b"\0" * 5000), 8000))


def test_a_missing_file_and_what_is_no_source(tmp_path: Path) -> None:
    for path in (tmp_path / "no.wav", tmp_path / "no"):
        with pytest.raises(SourceError, match="no such file"):
            open_sound(path)
    with pytest.raises(SourceError, match=r"no such file: talk\.wav"):
        open_sound("talk.wav")
    with pytest.raises(SourceError, match="is no file"):
        open_sound(tmp_path)
    with pytest.raises(SourceError, match="has no name"):
        open_sound(" ")
    for opened in (SoundFile, FilmSound) if importlib.util.find_spec("av") else (SoundFile,):
        with pytest.raises(SourceError, match="no file can have that name"):
            opened("a\0b.wav")
        with pytest.raises(SourceError, match="no such file"):
            opened(os.fsencode(tmp_path / "no.wav"))  # type: ignore[arg-type]
    for wrong in (True, 1.5, ["a"]):
        with pytest.raises(TypeError, match="microphone's index or name"):
            open_sound(wrong)
    for wrong in (0, -1, float("nan"), 61, "a"):
        with pytest.raises(ValueError, match="block must be positive"):
            SoundFile(wav(tmp_path / "a.wav", b"\0\0"), block=wrong)
    source = SoundFile(tmp_path / "a.wav")
    assert open_sound(source) is source


def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    for opened in (SoundFile, FilmSound) if importlib.util.find_spec("av") else (SoundFile,):
        with pytest.raises(SourceError, match=r"pipe\.wav is a pipe or device, no file"):
            opened(tmp_path / "pipe.wav")


@pytest.mark.skipif(os.name != "posix", reason="names of bytes are POSIX's")
def test_names_beyond_the_locale_are_read(tmp_path: Path) -> None:
    pytest.importorskip("soundfile").write(tmp_path / "spr\u00e4che.flac", noise(), RATE)
    code = (
        "import os, edgeaffect; (name,) = os.listdir('.'); "
        "print(sum(len(chunk.samples) for chunk in edgeaffect.SoundFile(name)))"
    )
    narrow = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, **narrow, "PYTHONPATH": paths},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == "4000", done.stderr


@pytest.mark.skipif(os.name != "posix", reason="names of bytes are POSIX's")
def test_names_that_are_no_text_are_read(tmp_path: Path) -> None:
    pytest.importorskip("soundfile")
    for form in ("wav", "flac"):
        path = os.fsencode(tmp_path) + b"/t\xe9." + form.encode()
        __import__("soundfile").write(str(tmp_path / f"a.{form}"), noise(), RATE)
        os.rename(tmp_path / f"a.{form}", path)
        assert len(heard(open_sound(os.fsdecode(path)))) == 4000
