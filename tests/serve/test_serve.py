"""The page's data: results, streams, metrics, health, explanations."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from serve_parts import ask, ask_json, camera, scene_frames, served

from edgeaffect import FaceDetector, FaceRedactor, Result, SourceError
from edgeaffect.events import Event
from edgeaffect.sources import open_source
from edgeaffect.sources.paced import PacedSource

for package in ("starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(package)
connect = pytest.importorskip("websockets.sync.client").connect


def until(condition: Any, seconds: float = 10.0) -> Any:
    """Wait for something to become true; its value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError("it never became true")


@pytest.fixture(scope="module")
def frames(portrait: np.ndarray) -> list[np.ndarray]:
    return scene_frames(portrait)


@pytest.fixture(scope="module")
def server(frames: list[np.ndarray]) -> Iterator[Any]:
    with served(camera(frames)) as server:
        until(lambda: server.live.last is not None and len(server.live.last.faces) == 2)
        yield server
        assert not server.failures


def messages(server: Any, count: int) -> list[dict[str, Any]]:
    """The first messages of a WebSocket."""
    with connect(f"ws://127.0.0.1:{server.port}/ws") as socket:
        return [json.loads(socket.recv(timeout=10)) for _ in range(count)]


def test_the_newest_result_is_there(server):
    status, values = ask_json(server, "/result")
    result = Result.from_dict(values)  # refuses what is not as the schema says
    assert status == 200 and len(result.faces) == 2 and result.faces[0].cues is not None


def test_a_websocket_tells_state_events_and_results(server):
    told = messages(server, 12)
    kinds = {message["type"] for message in told}
    assert kinds == {"state", "event", "result"} and told[0]["type"] == "state"
    state = told[0]["state"]
    assert (state["state"], state["live"], state["has_explainer"], state["error"]) == ("running", True, True, None)
    for message in told:
        if message["type"] == "result":
            assert len(Result.from_dict(message["result"]).faces) == 2
        if message["type"] == "event":
            assert Event.from_dict(message["event"]).track_id in (1, 2)


def test_results_come_at_their_own_pace(server):
    told = messages(server, 40)
    times = [one["result"]["timestamp"] for one in told if one["type"] == "result"]
    assert np.diff(times).min() > 0
    # 10 a second at most, of a camera of 15: on average, since frames come when they come.
    assert (times[-1] - times[0]) / (len(times) - 1) > 0.09


def test_server_sent_events_tell_the_same(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        text = b""
        while text.count(b"\n\n") < 8:
            text += client.recv(1 << 16)
    head, _, body = text.partition(b"\r\n\r\n")
    assert b"text/event-stream" in head
    assert b"event: state\ndata: {" in body and b'event: result\ndata: {"type":"result","result":{"schema"' in body


def read_pictures(client: socket.socket, count: int) -> list[bytes]:
    """JPEGs of a multipart stream."""
    stream = client.makefile("rb")
    pictures = []
    while len(pictures) < count:
        line = stream.readline()
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
            assert stream.readline() == b"\r\n"
            pictures.append(stream.read(length))
    return pictures


def watch(server: Any, receive_buffer: int | None = None) -> socket.socket:
    """A connection that watches the video."""
    client = socket.socket()
    if receive_buffer is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(20)
    client.connect(("127.0.0.1", server.port))
    client.sendall(b"GET /video HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return client


def test_video_is_motion_jpeg_with_faces_drawn(server, frames):
    cv2 = pytest.importorskip("cv2")
    with watch(server) as client:
        pictures = read_pictures(client, 3)
    for data in pictures:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == frames[0].shape
        # Boxes and words in the colour of happiness, of which the scene itself has nothing.
        drawn = np.abs(picture.astype(int) - (64, 200, 255)).max(-1) < 40
        assert drawn.mean() > 0.005


def test_pictures_are_made_only_while_somebody_watches(server):
    until(lambda: server.live.publisher.pictures.count == 0)
    time.sleep(0.15)
    before = server.live.publisher.encoded
    time.sleep(0.4)
    assert server.live.publisher.encoded == before
    with watch(server) as first, watch(server) as second:
        a, b = read_pictures(first, 4), read_pictures(second, 4)
        made = server.live.publisher.encoded - before
    # Made once for both, who see the same ones.
    assert set(a) & set(b) and made < len(a) + len(b)


def test_viewers_that_go_away_leave_nothing(server):
    publisher = server.live.publisher
    until(lambda: publisher.pictures.count + publisher.messages.count == 0)
    threads = threading.active_count()
    clients = [watch(server) for _ in range(5)]
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(connect(f"ws://127.0.0.1:{server.port}/ws"))
        until(lambda: publisher.pictures.count == publisher.messages.count == 5)
    for client in clients:
        client.close()
    until(lambda: publisher.pictures.count + publisher.messages.count == 0)
    until(lambda: threading.active_count() <= threads)
    until(lambda: not server._server.server_state.tasks)


def test_a_slow_viewer_drops_pictures_and_holds_up_nobody(frames):
    """It takes nothing for a while; pictures of noise are far larger than the buffers of sockets."""
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (720, 1280, 3), np.uint8) for _ in range(2)]
    with served(camera(noise, fps=20), cues=False, explain=False, jpeg_quality=95) as server:
        with watch(server, receive_buffer=4096) as slow, watch(server) as quick:
            read_pictures(quick, 25)
            assert server.live.publisher.pictures.skipped >= 10
            read_pictures(slow, 2)  # it comes back, and sees newer ones
        metrics = ask(server, "/metrics")[2].decode()
    skipped = [line for line in metrics.splitlines() if line.startswith("edgeaffect_viewer_items_skipped_total")]
    assert float(skipped[0].split()[-1]) >= 10


def test_metrics_are_prometheus_text(server):
    parser = pytest.importorskip("prometheus_client.parser")
    status, headers, text = ask(server, "/metrics")
    assert status == 200 and headers["content-type"].startswith("text/plain; version=")
    families = {family.name: family for family in parser.text_string_to_metric_families(text.decode())}
    values = {sample.name: sample.value for family in families.values() for sample in family.samples}
    assert values["edgeaffect_frames_total"] > 0 and values["edgeaffect_faces"] == 2
    assert values["edgeaffect_frame_seconds_count"] <= server.live.tally.frames
    assert families["edgeaffect_frame_seconds"].type == "histogram"
    states = {sample.labels["state"]: sample.value for sample in families["edgeaffect_source_state"].samples}
    assert states == {"starting": 0, "running": 1, "stalled": 0, "ended": 0, "failed": 0}
    assert families["edgeaffect_events"].type == "counter"  # none may have begun yet


class Hanging(PacedSource):
    """A camera that gives some frames, and then none for a long time."""

    def _produce(self, mailbox, stop):
        super()._produce(mailbox, stop)
        stop.wait(60)


def test_a_stalled_source_is_unhealthy(frames):
    with served(Hanging(frames, fps=15, seconds=1.0), cues=False, explain=False, stall_after=1.0) as server:
        until(lambda: ask_json(server, "/healthz")[0] == 200)
        until(lambda: ask_json(server, "/healthz") == (503, {"state": "stalled"}))
        assert server.live.tally.frames > 0
        server.live.source.close()


class Lost(PacedSource):
    """A camera that goes away, with an error that repeats its password."""

    def _produce(self, mailbox, stop):
        raise SourceError("rtsp://admin:S3cr@10.0.0.1/live was lost")


def test_a_lost_source_is_told_without_its_password(frames):
    with served(Lost(frames), cues=False, explain=False) as server:
        until(lambda: ask_json(server, "/healthz") == (503, {"state": "failed"}))
        state = ask_json(server, "/state")[1]
        assert state["error"] == "rtsp://10.0.0.1/live was lost" and len(server.failures) == 1


def test_a_face_is_explained_and_asked_about(server):
    track_id = server.live.last.faces[0].track_id
    status, answer = ask_json(server, "/explain", {"track_id": track_id})
    assert status == 200 and answer["schema"] == "edgeaffect.explanation/1" and answer["label"] == "happiness"
    status, answer = ask_json(server, "/explain", {"track_id": track_id, "question": "How old is she?"})
    assert status == 200 and answer["refused"]


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({"track_id": 999}, 404, "no face 999"), ({}, 400, "track_id"), ([1], 400, "track_id"),
        ({"track_id": "1"}, 400, "track_id"), ({"track_id": True}, 400, "track_id"),
        ({"track_id": -1}, 400, "track_id"),
        ({"track_id": 1, "question": ""}, 400, "question"), ({"track_id": 1, "question": "x" * 501}, 400, "question"),
        ({"track_id": 1, "question": 5}, 400, "question"), ({"track_id": 2**70}, 400, "track_id"),
    ],
)  # fmt: skip
def test_questions_that_are_none_are_told_so(server, values, status, words):
    got, answer = ask_json(server, "/explain", values)
    assert got == status and words in answer["error"]


def test_many_ask_at_once(server):
    track_id = server.live.last.faces[0].track_id
    answers: list[int] = []

    def work() -> None:
        answers.append(ask_json(server, "/explain", {"track_id": track_id})[0])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8


def test_a_film_ends_and_its_last_frame_stays(tmp_path, frames):
    cv2 = pytest.importorskip("cv2")
    for i in range(2):
        cv2.imwrite(str(tmp_path / f"{i}.png"), frames[i])
    with open_source(str(tmp_path)) as source, served(source, explain=False, still_seconds=0.2) as server:
        until(lambda: server.live.state == "ended")
        assert ask_json(server, "/healthz") == (200, {"state": "ended"})
        with watch(server) as late:
            assert read_pictures(late, 1)
        assert server.live.tally.frames == 2


def test_faces_of_a_film_that_has_ended_are_explained(tmp_path, frames):
    cv2 = pytest.importorskip("cv2")
    film = str(tmp_path / "film.avi")
    writer = cv2.VideoWriter(film, cv2.VideoWriter_fourcc(*"MJPG"), 15, (480, 270))
    for frame in frames[:6]:
        writer.write(frame)
    writer.release()
    with open_source(film) as source, served(source) as server:
        until(lambda: server.live.state == "ended")
        track_id = server.live.last.faces[0].track_id
        status, answer = ask_json(server, "/explain", {"track_id": track_id})
        assert status == 200 and answer["label"] == "happiness" and not answer["refused"]
        assert ask_json(server, "/explain", {"track_id": 999})[0] == 404


def test_pictures_begin_again(tmp_path, frames):
    cv2 = pytest.importorskip("cv2")
    for i in range(2):
        cv2.imwrite(str(tmp_path / f"{i}.png"), frames[i])
    how = {"explain": False, "cues": False, "still_seconds": 0.05, "repeat": True}
    with open_source(str(tmp_path)) as source, served(source, **how) as server:
        until(lambda: server.live.tally.frames >= 5)
        assert server.live.state == "running"


def test_the_server_ends_soon_with_viewers_there(frames):
    with served(camera(frames), cues=False, explain=False) as server, contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(watch(server))
            stack.enter_context(connect(f"ws://127.0.0.1:{server.port}/ws"))
        until(lambda: server.live.publisher.pictures.count == 3 == server.live.publisher.messages.count)
        began = time.monotonic()
        server.close()
        assert time.monotonic() - began < 4
        assert not server._thread.is_alive()


def test_served_pictures_are_redacted(frames):
    cv2 = pytest.importorskip("cv2")
    with FaceRedactor("blur") as redactor, served(camera(frames), explain=False, redact=redactor) as server:
        until(lambda: server.live.last is not None and len(server.live.last.faces) == 2)
        with watch(server) as client:
            pictures = read_pictures(client, 4)
        assert ask_json(server, "/state")[1]["redacted"] is True
    detector = FaceDetector(max_side=0)
    for data in pictures:
        assert len(detector.detect(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))) == 0
    assert len(detector.detect(frames[0])) == 2
