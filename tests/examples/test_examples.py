"""Examples run as they stand, each as its user runs it, on real files."""

from __future__ import annotations

import contextlib
import json
import re
import runpy
import shutil
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import voice_nets

from edgeaffect import Pipeline
from edgeaffect.models.registry import FILES
from edgeaffect.results import Face

cv2 = pytest.importorskip("cv2")

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
pytestmark = [
    pytest.mark.skipif(not EXAMPLES.is_dir(), reason="needs the source tree around tests/"),
    pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree"),
]


def run(name: str, *arguments: str, folder: Path, code: int = 0) -> str:
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait, a film of 1.2 s that pans over it, and a second of something like speech."""
    place = tmp_path_factory.mktemp("examples")
    portrait = cv2.imread(str(EXAMPLES / "portrait.jpg"))
    writer = cv2.VideoWriter(str(place / "film.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), 25, (320, 240))
    for step in range(30):
        shift = np.float32([[1, 0, -60 - 2 * step], [0, 1, -20]])
        writer.write(cv2.warpAffine(portrait, shift, (320, 240)))
    writer.release()
    shutil.copy(EXAMPLES / "portrait.jpg", place)
    with wave.open(str(place / "speech.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(np.round(voice_nets.murmur(1.5) * 32767).astype("<i2").tobytes())
    return place


def test_quickstart(folder):
    lines = run("quickstart.py", "film.mp4", folder=folder).splitlines()
    assert len(lines) > 20 and all(re.fullmatch(r" +\d+\.\d\d s  face 1: happiness \d+%", line) for line in lines)


def test_webcam(folder, tmp_path):
    assert "wrote out.mp4" in run("webcam.py", str(folder / "film.mp4"), "--save", "out.mp4", folder=tmp_path)
    capture = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 30 and capture.get(cv2.CAP_PROP_FRAME_WIDTH) == 320


@pytest.mark.skipif(not (FILES / "voice-small.onnx").exists(), reason="no bundled voice in this tree")
def test_microphone(folder):
    out = run("microphone.py", "speech.wav", folder=folder)
    assert "listening to speech.wav at 16000 Hz" in out and len(out.splitlines()) == 4


def test_turn_to_person(folder):
    out = run("turn_to_person.py", "film.mp4", folder=folder)
    assert "to face 1, who smiles" in out
    angles = [int(one) for one in re.findall(r"([+-]\d+) deg right", out)]
    assert angles == sorted(angles, reverse=True) and len(set(angles)) > 3  # the film pans to the right: she goes left


def test_a_speaker_goes_before_a_smile_and_a_smile_before_size():
    interest = runpy.run_path(str(EXAMPLES / "turn_to_person.py"))["interest"]
    portrait = cv2.resize(cv2.imread(str(EXAMPLES / "portrait.jpg")), (240, 240))
    with Pipeline(cues=True, device="cpu") as pipeline:
        seen = pipeline.process(np.hstack([portrait, cv2.copyMakeBorder(portrait[::2, ::2], 60, 60, 60, 60, 0)]))
    large, small = sorted(seen.faces, key=lambda face: -interest(face, seen)[2])

    def best(*faces: Face, speaker: int | None = None) -> int:
        result = replace(seen, speaker=speaker)
        return max(faces, key=lambda face: interest(face, result)).track_id

    def smiling(face: Face, intensity: float) -> Face:
        return replace(face, cues=replace(face.cues, speaking=0.0, action_units={12: intensity}))

    grave = smiling(large, 0.1)
    assert best(grave, smiling(small, 0.1)) == large.track_id
    assert best(grave, smiling(small, 0.9)) == small.track_id
    assert best(grave, smiling(small, 0.9), speaker=large.track_id) == large.track_id


def test_several_cameras_go_on_when_one_is_missing(folder):
    out = run("several_cameras.py", "film.mp4", "none.mp4", "portrait.jpg", folder=folder)
    assert out.count("none.mp4: ") == 1 and "no such file" in out.lower()
    assert "film.mp4 at 1.16 s: face 1 happiness" in out and "portrait.jpg at 0.00 s" in out


def test_latency_budget(folder):
    assert run("latency_budget.py", "film.mp4", "--budget", "10000", folder=folder).startswith("fits: p50")
    out = run("latency_budget.py", "film.mp4", "--budget", "0.0001", "--frames", "10", folder=folder, code=3)
    assert out.count("over: ") == 5 and "nothing stays within 0.0001 ms here" in out


def test_own_stage(folder):
    out = run("own_stage.py", folder=folder).splitlines()
    labels = [re.search(r"face 1: (\w+)", line)[1] for line in out]
    assert labels[0] == "neutral" and labels[-1] == "happiness" and len(labels) == 20


@pytest.fixture
def port() -> int:
    """One that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def broker(folder: Path, port: int, *, anonymous: bool) -> Iterator[None]:
    """A real one, which takes guests or refuses them."""
    mosquitto = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if mosquitto is None:
        pytest.skip("no mosquitto here: apt-get install mosquitto")
    lines = f"listener {port} 127.0.0.1", f"allow_anonymous {str(anonymous).lower()}", "persistence false"
    (folder / "broker.conf").write_text("\n".join(lines) + "\n")
    process = subprocess.Popen([mosquitto, "-c", "broker.conf"], cwd=folder, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(5)


def test_home_assistant_through_a_real_broker(folder, tmp_path, port):
    mqtt = pytest.importorskip("paho.mqtt.client")
    heard: list[tuple[str, str, bool]] = []
    with broker(tmp_path, port, anonymous=True):
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        client.on_message = lambda *given: heard.append((given[2].topic, given[2].payload.decode(), given[2].retain))
        connect(client, port)
        client.subscribe("#", qos=1)
        client.loop_start()
        run("mqtt.py", "film.mp4", "--port", str(port), "--name", "hall", folder=folder)
        late = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)  # Home Assistant after a restart
        kept: dict[str, str] = {}
        late.on_message = lambda *given: kept.update({given[2].topic: given[2].payload.decode()})
        connect(late, port)
        late.subscribe("#", qos=1)
        late.loop_start()
        ends = time.monotonic() + 30
        while len(kept) < 6 and time.monotonic() < ends:
            time.sleep(0.02)
        late.loop_stop()
        client.loop_stop()
    states = [json.loads(text) for topic, text, _ in heard if topic == "hall/state"]
    assert states[-1]["people"] == 1 and states[-1]["expression"] == "happiness" and states[-1]["smiling"] is True
    assert set(states[-1]) == {"people", "expression", "valence", "smiling"}  # nothing else leaves the machine
    assert [text for topic, text, _ in heard if topic == "hall/online"] == ["online", "offline"]
    configs = {topic: json.loads(text) for topic, text in kept.items() if topic.startswith("homeassistant/")}
    assert set(configs) == {
        "homeassistant/sensor/hall/people/config", "homeassistant/sensor/hall/expression/config",
        "homeassistant/sensor/hall/valence/config", "homeassistant/binary_sensor/hall/smiling/config",
    }  # fmt: skip
    for about in configs.values():
        assert about["state_topic"] == "hall/state" and about["unique_id"].startswith("hall_")


def connect(client: object, port: int) -> None:
    """As soon as the broker listens."""
    for _ in range(100):
        try:
            client.connect("127.0.0.1", port)
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the broker does not listen")


def test_examples_are_short_and_named_in_the_docs():
    page = (EXAMPLES.parent / "docs" / "integrations.md").read_text("utf-8")
    for path in EXAMPLES.glob("*.py"):
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) <= 110, f"{path.name} has {len(lines)} lines: an example is short"
        assert f"examples/{path.name}" in page, path.name


def test_a_broker_that_is_missing_or_refuses_is_one_line(folder, tmp_path, port):
    pytest.importorskip("paho.mqtt.client")
    call = [sys.executable, str(EXAMPLES / "mqtt.py"), "film.mp4", "--port", str(port)]
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.startswith(f"no MQTT broker answers at 127.0.0.1 port {port}: ")
    assert done.stderr.count("\n") == 1
    with broker(tmp_path, port, anonymous=False):
        ends = time.monotonic() + 30
        while "refuses" not in done.stderr and time.monotonic() < ends:  # it takes a moment to listen
            done = subprocess.run(call, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "refuses: Not authorized; look at --user and MQTT_PASSWORD\n" in done.stderr
