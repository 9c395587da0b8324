"""One camera of `stream_batch` that fails, hangs or cannot be opened is told, and the others go on."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time

import cv2
import numpy as np
import pytest
from mjpeg_server import MjpegServer
from squares import SquareDetector, draw

from edgeaffect import CameraError, Pipeline, Result
from edgeaffect.pipeline import feeds
from edgeaffect.sources import Arrays, Camera, Images, PacedSource, ReconnectPolicy

SIZE = (160, 120)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(feeds, "_PATIENCE", 0.1)


@pytest.fixture
def pipeline():
    with Pipeline(detect=SquareDetector(), affect=False) as made:
        yield made


def frames(count: int) -> list[np.ndarray]:
    return [draw(SIZE, (60 + i, 60, 40)) for i in range(count)]


def test_a_camera_that_dies_holds_nobody_up(pipeline):
    """Two real cameras in the network; one hangs up and refuses to be opened again."""
    with MjpegServer(fps=100) as healthy, MjpegServer(frames=10, fps=100) as dying:
        cameras = [Camera(healthy.url), Camera(dying.url, reconnect=ReconnectPolicy(seconds=0.8, first_wait=0.1))]
        dying.stop()  # the connection that it has goes on
        rows = []
        for row in pipeline.stream_batch(cameras):
            rows.append(row)
            if isinstance(row[1], CameraError) and len(rows) > 5:
                break
    together = [row for row in rows if isinstance(row[0], Result) and isinstance(row[1], Result)]
    meanwhile = [row for row in rows if isinstance(row[0], Result) and row[1] is None]
    assert together and len(meanwhile) > 5
    end = rows[-1][1]
    assert (end.camera, end.is_lost) == (1, True) and "did not come back" in str(end)
    assert sum(isinstance(row[1], CameraError) for row in rows) == 1


def test_a_camera_that_cannot_be_opened_is_an_error_of_its_own(pipeline, tmp_path):
    secret = "http://admin:S3cr@127.0.0.1:9/camera"
    rows = list(pipeline.stream_batch([str(tmp_path / "none.mp4"), Arrays(frames(3)), secret]))
    assert len(rows) == 3
    assert [type(entry) for entry in rows[0]] == [CameraError, Result, CameraError]
    assert rows[0][0].is_lost and "no such file" in str(rows[0][0]) and "S3cr" not in str(rows[0][2])
    assert all(row[0] is None and row[2] is None for row in rows[1:])
    assert [[type(entry) for entry in row] for row in pipeline.stream_batch([secret])] == [[CameraError]]
    with pytest.raises(TypeError, match="a source is"):
        list(pipeline.stream_batch([Arrays(frames(3)), 3.5]))


def test_a_picture_that_cannot_be_read_is_not_the_end_of_its_list(pipeline, tmp_path):
    good = str(tmp_path / "a.png")
    cv2.imwrite(good, frames(1)[0])
    pictures = Images([good, str(tmp_path / "none.png"), good])
    first = [row[0] for row in pipeline.stream_batch([pictures, Arrays(frames(3))])]
    assert [type(entry) for entry in first] == [Result, CameraError, Result]
    assert not first[1].is_lost and "none.png" in str(first[1])


def test_a_source_that_raises_ends_alone(pipeline):
    def breaks():
        yield from frames(2)
        raise OSError("the cable came off")

    rows = list(pipeline.stream_batch([breaks(), Arrays(frames(4)), PacedSource(frames(4), fps=50)]))
    lost = [row[0] for row in rows if isinstance(row[0], CameraError)]
    assert len(lost) == 1 and lost[0].is_lost and "the cable came off" in str(lost[0])
    assert [row[1].frame_index for row in rows if row[1] is not None] == [0, 1, 2, 3]


def test_a_slow_camera_joins_when_it_has_a_frame(pipeline):
    fast, slow = PacedSource(frames(8), fps=60, seconds=1.5), PacedSource(frames(8), fps=4, seconds=1.5)
    rows = list(pipeline.stream_batch([fast, slow]))
    seen = [row[1].frame_index for row in rows if row[1] is not None]
    assert seen == sorted(set(seen)) and len(seen) >= 2
    assert sum(row[0] is not None for row in rows) > len(seen), "the fast one does not wait"


def test_a_late_camera_is_waited_for_once(pipeline, monkeypatch):
    monkeypatch.setattr(feeds, "_PATIENCE", 0.5)
    began = time.monotonic()
    rare = PacedSource(frames(2), fps=0.05)  # its second frame would come after 20 s
    rows = list(itertools.islice(pipeline.stream_batch([Arrays(frames(20)), rare]), 20))
    assert [row[0].frame_index for row in rows] == list(range(20)) and not any(row[1] for row in rows[2:])
    assert time.monotonic() - began < 5  # 9 s if every step waited


def test_frames_stay_valid_while_a_step_lasts(pipeline):
    """The pixels of each camera are those of its own index, however fast the others are."""
    shades = [[draw(SIZE, (60, 60, 40), shade=110 + 10 * i, seed=i) for i in range(10)] for _ in range(2)]
    sources = [PacedSource(given, fps=fps, seconds=0.5) for given, fps in zip(shades, (50, 80), strict=True)]
    for answers in iter_steps(sources):
        for i, frame in answers.items():
            np.testing.assert_array_equal(frame.image, shades[i][frame.index % 10])


def iter_steps(sources):
    with feeds.Feeds(sources, "bgr") as opened:
        while answers := opened.step():
            yield answers


def test_leaving_early_ends_every_thread(pipeline):
    before = set(threading.enumerate())
    with MjpegServer() as server:
        running = set(threading.enumerate())
        stream = pipeline.stream_batch([Camera(server.url), PacedSource(frames(3), seconds=60), server.url])
        with contextlib.closing(stream):
            for row, _ in zip(stream, range(3), strict=False):
                assert len(row) == 3
        left = {thread for thread in threading.enumerate() if "process_request" not in thread.name} - running
        assert not left
    assert {thread for thread in threading.enumerate() if "process_request" not in thread.name} <= before
