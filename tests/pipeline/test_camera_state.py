"""`CameraState`: what happens between detections, whose turn it is, cuts, and smoothing on the way."""

from __future__ import annotations

import numpy as np
import pytest
from squares import SquareDetector, draw, moving, overlap, squares

from edgeaffect import Pipeline
from edgeaffect.image import Image
from edgeaffect.pipeline.cut_detector import CutDetector
from edgeaffect.pipeline.scheduling import RateLimiter, RoundRobin

SIZE = (640, 480)


def test_boxes_between_detections_are_as_good_as_detections():
    pipeline, detector = squares(scene_change=-1), SquareDetector()
    predicted, copied, ids, last = [], [], set(), None
    for step in range(300):
        t = step / 30
        frame = draw(SIZE, moving(t))
        truth = detector.detect(frame).boxes[0]
        result = pipeline.process(frame, t)
        ids.add(result.faces[0].track_id)
        predicted.append(overlap(result.faces[0].box, truth))
        last = truth if step % 3 == 0 else last
        copied.append(overlap(last, truth))
    assert pipeline.detector.stage.calls == 100  # every 0.1 s at 30 frames per second
    assert len(ids) == 1
    assert np.mean(predicted) > 0.95
    assert 1 - np.mean(predicted) < 0.5 * (1 - np.mean(copied))  # more than twice as exact as copying
    assert min(predicted[6:]) > 0.85


@pytest.mark.parametrize("fps", [10, 24, 30, 60])
def test_detections_come_at_the_interval_whatever_the_frame_rate(fps):
    rng = np.random.default_rng(0)
    pipeline = squares(detect_interval=0.1, affect_interval=1.0)
    for step in range(4 * fps):
        pipeline.process(draw((160, 120), (80, 60, 40)), (step + rng.uniform(-0.04, 0.04)) / fps)
    frames_between = max(1, int(np.ceil(0.1 * fps * 0.95)))
    assert pipeline.detector.stage.calls == pytest.approx(4 * fps / frames_between, abs=2)


def test_interval_zero_detects_on_every_frame():
    pipeline = squares(detect_interval=0.0)
    for step in range(5):
        pipeline.process(draw((160, 120), (80, 60, 40)), step * 1e-3)
    assert pipeline.detector.stage.calls == 5


def test_faces_keep_their_affect_between_turns_and_cost_is_bounded():
    places = [(100 + 140 * i, 120, 60) for i in range(4)]
    pipeline = squares(affect_interval=0.4)
    fresh: dict[int, list[float]] = {}
    for step in range(90):
        result = pipeline.process(draw(SIZE, *places), step / 30)
        assert len(result.faces) == 4
        for face in result.faces:
            assert face.affect is not None
            if face.raw is not None:
                fresh.setdefault(face.track_id, []).append(result.timestamp)
    assert max(pipeline.affect.stage.batches[1:]) == 1  # four faces in 0.4 s are one in a tenth of a second
    for times in fresh.values():
        assert np.diff(times[1:]).max() < 0.4 + 2 / 30 and len(times) >= 6


def test_turns_let_the_longest_waiting_go_first():
    turns = RoundRobin(1.0)
    assert turns.choose([1, 2, 3], 0.0) == [0, 1, 2]
    assert turns.choose([1, 2, 3], 0.9) == []
    assert turns.choose([1, 2, 3, 4], 1.0) == [3]  # ceil(4 * 0.1 / 1) = 1, the new one first
    assert turns.choose([1, 2, 3, 4], 1.5) == [0, 1]
    assert turns.choose([1, 2, 3, 4], 2.0) == [2, 3]


def test_max_faces_keeps_the_best():
    result = squares(max_faces=2).process(draw(SIZE, (100, 100, 50), (300, 100, 50), (500, 100, 50)), 0.0)
    assert [round(f.score, 2) for f in result.faces] == [0.9, 0.85]


def test_affect_can_be_left_out():
    pipeline = Pipeline(detect=SquareDetector(), affect=False)
    face = pipeline.process(draw(SIZE, (100, 100, 50)), 0.0).faces[0]
    assert face.affect is None and face.label is None and face.track_id == 1


def test_smoothed_and_raw_affect_differ_when_things_change():
    pipeline = squares(smooth_method="exponential", time_constant=1.0, hold=0.0)
    for step in range(3):
        pipeline.process(draw(SIZE, (300, 200, 90), shade=255), step / 30)
    face = pipeline.process(draw(SIZE, (300, 200, 90), shade=110), 3 / 30).faces[0]
    assert (face.raw.label, face.affect.label) == ("neutral", "happiness")
    assert face.probability == face.affect.confidence > 0.9


def test_cut_detects_at_once_and_gives_new_ids_but_a_pan_does_not():
    pipeline = squares(detect_interval=10.0, max_age=10.0)
    first = pipeline.process(draw(SIZE, (300, 200, 90), seed=1), 0.0)
    pan = pipeline.process(np.roll(draw(SIZE, (300, 200, 90), seed=1), 20, 1), 0.03)
    assert pan.faces[0].track_id == first.faces[0].track_id and pipeline.detector.stage.calls == 1
    cut = pipeline.process(draw(SIZE, (310, 210, 90), seed=2), 0.06)
    assert pipeline.detector.stage.calls == 2 and cut.faces[0].track_id == first.faces[0].track_id + 1
    resized = pipeline.process(draw((320, 240), (150, 100, 45), seed=2), 0.09)
    assert pipeline.detector.stage.calls == 3 and resized.faces[0].track_id == first.faces[0].track_id + 2


@pytest.mark.parametrize("color", ["bgr", "gray", "nv12", "yuyv"])
def test_scene_watch_knows_every_layout(color):
    def frame(seed: int) -> np.ndarray:
        bgr = draw((64, 48), seed=seed)
        gray = bgr[..., 0]
        yuyv = np.stack([gray, np.full_like(gray, 128)], 2)
        return {"bgr": bgr, "gray": gray, "nv12": np.vstack([gray, gray[:24]]), "yuyv": yuyv}[color]

    watch = CutDetector(0.4)
    assert [watch.changed(Image.of(frame(seed), color)) for seed in (1, 1, 2, 2)] == [False, False, True, False]
    assert watch.changed(Image.of(frame(2) // 2, color)) is False  # exposure is no cut
    flat = np.full_like(frame(2), 7)
    assert [watch.changed(Image.of(flat, color)) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(("fps", "limit"), [(30, 25), (30, 20), (60, 30), (25, 25)])
def test_rate_keeps_the_mean(fps, limit):
    rng = np.random.default_rng(0)
    rate = RateLimiter(limit)
    admitted = sum(rate.admits((i + rng.uniform(-0.02, 0.02)) / fps) for i in range(10 * fps))
    assert admitted == pytest.approx(10 * min(fps, limit), abs=2)
