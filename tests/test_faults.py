"""Faults of docs/robustness.md that no other test brings about: real files, processes and limits of the system."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from squares import SquareDetector, draw, squares

from edgeaffect import Pipeline, Result
from edgeaffect.errors import Error
from edgeaffect.models.registry import FILES
from edgeaffect.sources import PacedSource

SIZE = (160, 120)
FRAME = draw(SIZE, (60, 60, 40))


def handles() -> tuple[int, int]:
    """Threads and open files of this process."""
    return threading.active_count(), len(os.listdir("/proc/self/fd"))


def test_a_camera_may_change_its_size_and_its_faces_go_on() -> None:
    frames = [FRAME] * 4 + [np.ascontiguousarray(FRAME.repeat(2, 0).repeat(2, 1))] * 4 + [FRAME[:60, :80].copy()] * 4
    with squares(detect_interval=0) as pipeline:
        results = list(pipeline.stream(PacedSource(frames, fps=100)))
    assert {r.size for r in results} <= {(160, 120), (320, 240), (80, 60)} and len(results) > 3
    assert all(len(r.faces) <= 1 for r in results)


def test_a_model_that_is_deleted_goes_on_until_it_is_opened_anew(tmp_path: Path) -> None:
    model = tmp_path / "own.onnx"
    shutil.copy(FILES / "affect-nano.onnx", model)
    with Pipeline(detect=SquareDetector(), affect=str(model), device="cpu") as pipeline:
        model.unlink()
        result = pipeline.process(FRAME)
        assert result.faces[0].affect is not None
        pipeline.reset()
        assert pipeline.process(FRAME).faces[0].affect is not None
    with pytest.raises(Error, match=r"own\.onnx"):
        Pipeline(detect=SquareDetector(), affect=str(model), device="cpu")


def test_a_callback_may_ask_for_another_frame_and_may_close() -> None:
    pipeline = squares()
    seen = []

    def reenter(result: Result) -> object:
        seen.append(result)
        with pytest.raises(ValueError, match="clock"):  # a stream has a clock of its own
            pipeline.process(FRAME)
        if len(seen) == 3:
            pipeline.close()
        return None

    with pytest.raises(RuntimeError, match="closed"):
        pipeline.run([FRAME] * 9, reenter)
    assert len(seen) == 3
    pipeline.close()


def test_a_callback_that_blocks_costs_frames_and_nothing_else() -> None:
    before, seen = handles(), []

    def slow(result: Result) -> None:
        seen.append(result)
        time.sleep(0.1)

    with squares() as pipeline:
        pipeline.run(PacedSource([FRAME], fps=200, seconds=0.5), slow)
    assert 2 <= len(seen) < 10 and seen[-1].dropped_frames > 50
    assert handles() == before


def test_two_hundred_faces() -> None:
    places = [(12 + 24 * x, 12 + 24 * y, 12.0) for x in range(20) for y in range(10)]
    crowd = draw((480, 240), *places)
    with squares(max_faces=200, detect_interval=0) as pipeline:
        for step in range(4):
            result = pipeline.process(crowd, step / 30)
        ids = {face.track_id for face in result.faces}
        assert len(result.faces) == 200 and len(ids) == 200
        assert len(json.loads(result.to_json())["faces"]) == 200
    with squares(detect_interval=0) as pipeline:
        assert len(pipeline.process(crowd, 0.0).faces) <= 200  # a detector of one's own keeps what it finds


def test_twenty_cameras() -> None:
    before = handles()
    cameras = [PacedSource([draw(SIZE, (40 + 4 * i, 60, 30))], fps=20, seconds=0.6) for i in range(20)]
    seen = [0] * 20
    with squares() as pipeline:
        for row in pipeline.stream_batch(cameras):
            for camera, answer in enumerate(row):
                seen[camera] += isinstance(answer, Result) and len(answer.faces) == 1
    assert all(seen), seen
    deadline = time.monotonic() + 5
    while handles() != before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert handles() == before


def _look(queue: multiprocessing.Queue[int]) -> None:
    with Pipeline(device="cpu") as pipeline:
        queue.put(len(pipeline.process(np.zeros((120, 160, 3), np.uint8)).faces))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_child_process_makes_its_own_pipeline(method: str) -> None:
    """Also a fork of a process that holds one at work."""
    context = multiprocessing.get_context(method)
    with Pipeline(device="cpu") as pipeline:
        pipeline.process(np.zeros((120, 160, 3), np.uint8))
        queue = context.Queue()
        child = context.Process(target=_look, args=(queue,))
        child.start()
        try:
            assert queue.get(timeout=120) == 0
        finally:
            child.join(10)
            if child.is_alive():
                child.kill()
        assert child.exitcode == 0
        assert len(pipeline.process(np.zeros((120, 160, 3), np.uint8)).faces) == 0


_WRITER = """
import sys, itertools, numpy as np
from squares import squares, draw
from edgeaffect.sinks import JsonLines
from edgeaffect.sources import Arrays
frames = itertools.repeat(draw((160, 120), (60, 60, 40)))
with squares() as pipeline, JsonLines(sys.argv[1]) as sink:
    for number, result in enumerate(pipeline.stream(Arrays(frames))):
        sink.write(result)
        if number % 10 == 9:
            print(number + 1, flush=True)
"""


def test_records_that_were_said_to_be_written_survive_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert writer.stdout is not None
    said = 0
    for line in writer.stdout:
        said = int(line)
        if said >= 200:
            break
    writer.send_signal(signal.SIGKILL)
    writer.stdout.close()
    writer.wait(10)
    lines = path.read_bytes().split(b"\n")
    whole = [Result.from_json(line) for line in lines[:-1]]
    assert len(whole) >= said and [r.frame_index for r in whole] == list(range(len(whole)))
