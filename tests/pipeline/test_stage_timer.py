"""Where a frame's time goes: laps of stages, and what the pipeline and the sources make of them."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from squares import ShadeAffect, SquareDetector, draw

from edgeaffect import Pipeline
from edgeaffect._stage_timer import StageTimer
from edgeaffect.sources import Arrays, Images, SourceFrame, VideoFile

SIZE = (320, 240)
FRAME = draw(SIZE, (150, 110, 60), (100, 100, 50))


class SlowDetector(SquareDetector):
    """Says that 20 ms of its time go into a part called "look"."""

    def __init__(self) -> None:
        super().__init__()
        self.timer = StageTimer()

    def detect(self, frame, color="bgr"):
        self.timer.start()
        time.sleep(0.02)
        self.timer.lap("look")
        return super().detect(frame, color)


class SlowAffect(ShadeAffect):
    def __init__(self) -> None:
        super().__init__()
        self.timer = StageTimer()

    def predict(self, frame, faces, color="bgr"):
        self.timer.start()
        for name in ("crop", "model"):
            time.sleep(0.01)
            self.timer.lap(name)
        return super().predict(frame, faces, color)


def test_laps_sum_until_reset() -> None:
    timer = StageTimer()
    timer.start()
    for name in ("a", "b", "a"):
        time.sleep(0.005)
        timer.lap(name)
    assert timer.parts.keys() == {"a", "b"} and timer.parts["a"] >= 10 > 0 and timer.parts["b"] >= 5
    time.sleep(0.02)
    timer.reset()
    timer.lap("c")
    assert timer.parts.keys() == {"c"} and timer.parts["c"] < 20


def test_stages_add_up_to_the_total_and_parts_to_their_stage() -> None:
    with Pipeline(detect=SlowDetector(), affect=SlowAffect()) as pipeline:
        for index in range(2):  # the second frame shows that nothing of the first is left in the laps
            timings = pipeline.process(FRAME, float(index)).timings_ms
            assert list(timings) == [
                "detect",
                "detect.look",
                "track",
                "crop",
                "affect",
                "affect.model",
                "smooth",
                "total",
            ]
            stages = sum(value for name, value in timings.items() if "." not in name and name != "total")
            # No more than the total: the crop is no part of `affect`, and nothing counts twice.
            assert 0.9 * timings["total"] < stages <= timings["total"]
            assert 20 <= timings["detect.look"] <= timings["detect"]
            assert timings["crop"] >= 10
            assert 10 <= timings["affect.model"] <= timings["affect"]


def test_a_stage_without_laps_is_one_lap() -> None:
    with Pipeline(detect=SquareDetector(), affect=ShadeAffect()) as pipeline:
        assert list(pipeline.process(FRAME, 0.0).timings_ms) == ["detect", "track", "affect", "smooth", "total"]


def test_cameras_of_one_batch_share_its_laps() -> None:
    with Pipeline(detect=SlowDetector(), affect=False) as pipeline:
        first, second = (result.timings_ms for result in pipeline.process_batch([FRAME, FRAME], 0.0))
    assert 40 <= first["detect.look"] == second["detect.look"] <= first["detect"] <= first["total"]


def test_capture_comes_from_the_source(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    cv2.imwrite(str(tmp_path / "a.png"), FRAME)
    writer = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 10, SIZE)
    for _ in range(3):
        writer.write(FRAME)
    writer.release()
    for source in (Images(tmp_path / "a.png"), VideoFile(tmp_path / "a.avi")):
        with source:
            assert all(frame.capture_seconds is not None and frame.capture_seconds > 0 for frame in source)
    assert [frame.capture_seconds for frame in Arrays([np.zeros((4, 4, 3), np.uint8)])] == [None]
    with Pipeline(detect=SquareDetector(), affect=False) as pipeline:
        frame = SourceFrame(FRAME, 0, 0.0, "media", "x", 0.0, capture_seconds=0.25)
        timings = pipeline.process_frame(frame).timings_ms
        assert timings["capture"] == 250 > timings["total"]
        pipeline.reset()
        assert "capture" not in pipeline.process(FRAME, 1.0).timings_ms
