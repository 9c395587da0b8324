"""`edgeaffect listen`, `run --mic` and `run --sound`, run as users run them: files, pipes, and a real microphone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pulse
import pytest
import voice_nets
from command_parts import VOICE_LINE, bundled
from mjpeg_server import MjpegServer

from edgeaffect.cli import main
from edgeaffect.heard import Voice
from edgeaffect.options import VoiceOptions
from edgeaffect.voice import VoiceAffect

RATE = voice_nets.RATE


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Flags that take tiny models."""
    folder = tmp_path_factory.mktemp("nets")
    voice, activity = voice_nets.tiny_voice(folder / "voice.onnx"), voice_nets.tiny_activity(folder / "activity.onnx")
    return ["--voice", str(voice.path), "--set", f"voice_activity={activity.path}"]


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    """Two seconds of talk, one and a half of silence, one of talk: int16."""
    parts = [voice_nets.murmur(2.0), voice_nets.hush(1.5), voice_nets.murmur(1.0, seed=2)]
    return np.round(np.concatenate(parts) * 32767).astype("<i2")


@pytest.fixture(scope="module")
def wav(tmp_path_factory: pytest.TempPathFactory, sound: np.ndarray) -> Path:
    import wave

    path = tmp_path_factory.mktemp("sound") / "talk.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.tobytes())
    return path


def voices(lines: str) -> list[Voice]:
    """What JSON Lines hold, each line as the schema says."""
    rows = [json.loads(line) for line in lines.splitlines()]
    for row in rows:
        VOICE_LINE.validate(row)
    return [Voice.from_dict(row) for row in rows]


def start(*words: str, **options) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "edgeaffect", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # Whoever runs the suite in the background of a shell without job control leaves SIGINT ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options,
    )  # fmt: skip


def test_a_file_gives_the_windows_of_the_whole_clip(capfd, wav, sound, nets) -> None:
    assert main(["listen", str(wav), "--json", "-", *nets]) == 0
    out, err = capfd.readouterr()
    got = voices(out)
    options = VoiceOptions(model=nets[1], activity=nets[3].partition("=")[2])
    with VoiceAffect(options=options) as models:
        expected = models.windows(sound, RATE)
    assert [one.to_dict() for one in got] == [one.to_dict() for one in expected]
    spoken = sum(one.is_speech for one in got)
    assert spoken > 0
    assert err.splitlines()[-1] == f"edgeaffect: {len(got)} windows, {spoken} with speech, 4.5 s of sound"


def test_text_and_duration(capfd, wav, nets) -> None:
    assert main(["listen", str(wav), "--duration", "1.2", *nets]) == 0
    out, err = capfd.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["0.500", "1.000", "1.200"]
    assert all("valence" in line or "no speech" in line for line in out.splitlines())
    assert "3 windows" in err and "1.2 s of sound" in err


def test_json_into_a_file_is_told(capfd, wav, nets, tmp_path) -> None:
    assert main(["listen", str(wav), "--json", str(tmp_path / "out.jsonl"), *nets]) == 0
    out, err = capfd.readouterr()
    assert out == "" and f"; wrote {tmp_path / 'out.jsonl'} (9 lines)" in err
    assert len(voices((tmp_path / "out.jsonl").read_text())) == 9


def test_bare_samples_from_a_pipe(wav, sound, nets) -> None:
    command = [sys.executable, "-m", "edgeaffect", "listen", "-", "--rate", "8000", "--channels", "2", "--json", "-"]
    stereo = np.repeat(sound[::2], 2).tobytes()
    done = subprocess.run([*command, *nets], input=stereo, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    got = voices(done.stdout.decode())
    assert got[-1].window[1] == pytest.approx(4.5, abs=0.01) and got[0].clock == "media"


def test_a_file_that_is_cut_off_is_heard_told_once_and_ends_with_2(wav, nets, tmp_path) -> None:
    (tmp_path / "cut.wav").write_bytes(wav.read_bytes()[: 2 * RATE])
    with start("listen", str(tmp_path / "cut.wav"), *nets) as process:  # pytest takes the log of its own process
        out, err = process.communicate(timeout=60)
    assert process.returncode == 2 and len(out.splitlines()) == 2
    told, totals = err.splitlines()
    assert told.endswith("cut.wav is cut off: it ends after 15978 of 72000 frames") and "2 windows" in totals


def test_bad_usage_is_one_line(capfd, wav, nets, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.wav").write_text("hello")
    for words, message in (
        ((str(wav), "--duration", "0"), "--duration must be a positive number of seconds; got 0.0"),
        (("-",), "bare samples do not say how fast they are: add --rate HZ"),
        (("-", "--rate", "3"), "sample_rate must be a whole number of Hz from 1000 to 384000; got 3"),
        ((str(wav), "--rate", "16000"), "--rate is for microphones"),
        ((str(wav), "--channels", "2"), "--channels is for - alone"),
        (("-", "--rate", "8000", "--reconnect", "3"), "--reconnect is for microphones; - is standard input"),
        (("-", "--rate", "8000", "--channels", "0"), "channels must be a whole number from 1 to 64; got 0"),
        ((str(wav), "--json", str(wav)), "is the source itself and would be overwritten"),
        ((str(wav), "--json", "no/where.jsonl"), "no such folder: no"),
        ((str(wav), "--models", "permissive"), "models='permissive' has no voice"),
        (("missing.wav",), "no such file: missing.wav"),
        (("text.wav",), "text.wav is not a sound file"),
        ((".",), ". is no file"),
    ):
        given = nets if "permissive" not in words else []
        assert main(["listen", *words, *given]) == 2, words
        out, err = capfd.readouterr()
        assert message in err and err.count("\n") == 1 and not out, (words, err)


def test_ctrl_c_ends_with_130_and_what_was_heard(sound, nets) -> None:
    process = start("listen", "-", "--rate", str(RATE), *nets, stdin=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.buffer.write(sound.tobytes())
    process.stdin.flush()
    assert "s  " in process.stdout.readline()  # it listens
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in err and " with speech, " in err


@bundled
def test_a_films_own_track_beside_its_faces(capfd, wav, sound, nets, tmp_path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as file:
        film, track = file.add_stream("libx264", rate=10), file.add_stream("aac", rate=RATE, layout="mono")
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        for number in range(40):
            file.mux(film.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), number, np.uint8), format="bgr24")))
        file.mux(film.encode(None))
        frame = av.AudioFrame.from_ndarray((sound[None] / 32768).astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate = RATE
        for part in (frame, None):
            file.mux(track.encode(part))
    assert main(["run", str(path), "--sound", "--json", "-", *nets]) == 0
    rows = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    heard = [row["voice"] for row in rows]
    assert len(rows) == 40 and heard[3] is None and all(heard[6:])
    assert any(one["is_speech"] for one in heard[6:]) and {one["clock"] for one in heard[6:]} == {"media"}
    for words, message in (
        (("--mic",), "--mic is for cameras"),
        (("--mic", "--sound"), "leave out one"),
        (("--voice", "x.onnx"), "--voice does nothing without --mic or --sound"),
    ):
        given = [] if "--voice" in words else nets
        assert main(["run", str(path), *words, *given]) == 2
        assert message in capfd.readouterr().err


@bundled
def test_a_films_damaged_track_ends_with_2_whoever_reads_it(caplog, nets, tmp_path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as file:
        film, track = file.add_stream("libx264", rate=10), file.add_stream("aac", rate=RATE, layout="mono")
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            file.mux(film.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), number, np.uint8), format="bgr24")))
        file.mux(film.encode(None))
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * RATE), np.float32), format="fltp", layout="mono")
        frame.sample_rate = RATE
        for number, packet in enumerate(packet for part in (frame, None) for packet in track.encode(part)):
            bad = av.Packet(b"\xff" * packet.size)
            bad.pts, bad.dts, bad.time_base, bad.stream = packet.pts, packet.dts, packet.time_base, track
            file.mux(bad if 5 < number < 15 else packet)
    for words in (["listen", str(path)], ["run", str(path), "--sound"]):
        caplog.clear()
        assert main([*words, *nets]) == 2
        assert caplog.text.count("parts of its sound track could not be decoded") == 1


@pytest.fixture(scope="module")
def loopback() -> Iterator[pulse.Loopback]:
    with pulse.loopback() as server:
        yield server


def talk() -> np.ndarray:
    return np.tile(voice_nets.murmur(5.0, rate=pulse.RATE), 12)  # longer than any command takes


def test_a_microphone_is_listed_and_heard(loopback, nets) -> None:
    environment = {**os.environ, **loopback.environment}
    listed, _ = start("listen", "--list-devices", env=environment).communicate(timeout=30)
    assert "edgetest (ALSA)" in listed
    with loopback.playing(talk()):
        process = start("listen", "edgetest", "--duration", "2", "--json", "-", *nets, env=environment)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    got = voices(out)
    assert {one.clock for one in got} == {"monotonic"} and got[-1].is_speech
    assert abs(got[-1].window[1] - got[0].window[0] - 2) < 0.1
    assert f"edgeaffect: {len(got)} windows" in err.splitlines()[-1]


def test_a_microphone_that_is_unplugged_for_good_is_an_accident(loopback, nets) -> None:
    process = start("listen", "edgetest", "--reconnect", "0", *nets, env={**os.environ, **loopback.environment})
    assert process.stdout is not None
    assert "s  " in process.stdout.readline()
    loopback.stop()
    try:
        _, err = process.communicate(timeout=30)
        assert process.returncode == 1
        assert "microphone:edgetest was lost and did not come back to stay" in err and "Traceback" not in err
    finally:
        loopback.start()


@bundled
def test_a_camera_and_a_microphone_together(loopback, nets) -> None:
    with MjpegServer(fps=20) as camera, loopback.playing(talk()):
        process = start(
            "run", camera.url, "--mic", "edgetest", "--duration", "4", "--json", "-", *nets,
            env={**os.environ, **loopback.environment},
        )  # fmt: skip
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    rows = [json.loads(line) for line in out.splitlines()]
    heard = [row for row in rows if row["voice"] is not None]
    assert len(heard) > 5 and any(row["voice"]["is_speech"] for row in heard)
    for row in heard:
        assert -0.1 < row["timestamp"] - row["voice"]["timestamp"] < 2.0
    assert time.monotonic() - heard[-1]["timestamp"] < 60


def test_doctor_names_the_microphones_or_why_there_is_none(loopback, capsys) -> None:
    assert main(["doctor", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["microphones"]
    assert facts["version"].startswith("PortAudio") and any("edgetest" in line for line in facts["devices"])
    assert main(["doctor"]) == 0
    assert "edgetest (ALSA)" in capsys.readouterr().out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_is_a_failure_that_still_tells_what_was_heard(wav, nets, capfd):
    assert main(["listen", str(wav), "--json", "/dev/full", *nets]) == 1
    heard, error = capfd.readouterr().err.splitlines()
    assert "of sound" in heard
    assert error == "edgeaffect: /dev/full could not be written: No space left on device"
