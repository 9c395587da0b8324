"""Tracker: identities, prediction, lifetimes, and the assignment under it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.face.tracker import Tracker, assign, match
from edgeaffect.options import TrackOptions
from edgeaffect.results import Faces

SIZE = (640, 480)
# Landmarks of an upright face, shares of its box.
TEMPLATE = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])


def faces(*boxes: tuple[float, float, float, float], score: float = 0.9) -> Faces:
    b = np.array(boxes, np.float64).reshape(-1, 4)
    landmarks = b[:, None, :2] + TEMPLATE * (b[:, None, 2:] - b[:, None, :2])
    return Faces(b.astype(np.float32), np.full(len(b), score, np.float32), landmarks.astype(np.float32))


def square(x: float, y: float, side: float) -> tuple[float, float, float, float]:
    return x - side / 2, y - side / 2, x + side / 2, y + side / 2


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 10**6))
def test_assignment_is_optimal(n, m, seed):
    cost = np.random.default_rng(seed).normal(size=(n, m)).round(1)  # rounding makes ties
    pairs = assign(cost)
    rows, columns = [p[0] for p in pairs], [p[1] for p in pairs]
    assert len(pairs) == min(n, m) == len(set(rows)) == len(set(columns))
    wide = cost if n <= m else cost.T
    best = min(
        sum(wide[i, j] for i, j in enumerate(chosen))
        for chosen in itertools.permutations(range(wide.shape[1]), wide.shape[0])
    )
    assert sum(cost[i, j] for i, j in pairs) == pytest.approx(best)


def test_overlap_beats_nearness_and_far_boxes_never_pair():
    tracks = np.array([square(100, 100, 50), square(300, 100, 50)])
    found = faces(square(310, 100, 50), square(600, 400, 50), square(104, 100, 50)).boxes
    assert match(tracks, found, TrackOptions()) == [(0, 2), (1, 0)]


@pytest.mark.parametrize("seed", range(20))
def test_pairs_are_those_of_the_largest_sum_of_overlaps(seed):
    """Crowded boxes, three tracks and four detections: against every assignment there is."""
    rng = np.random.default_rng(seed)
    found = np.array([square(*rng.uniform(0, 60, 2), rng.uniform(30, 50)) for _ in range(4)], np.float32)
    tracks = found[[2, 0, 3]] + rng.uniform(-6, 6, (3, 4))

    def iou(a, b):
        inner = np.prod(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None))
        return inner / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - inner)

    options = TrackOptions(iou_threshold=0.0, max_distance=0.0)
    best = max(itertools.permutations(range(4), 3), key=lambda to: sum(iou(tracks[i], found[to[i]]) for i in range(3)))
    assert match(tracks, found, options) == [(i, j) for i, j in enumerate(best) if iou(tracks[i], found[j]) > 0]


def test_a_fast_small_face_keeps_its_id_without_overlap():
    tracker = Tracker()
    ids = [int(tracker.update(faces(square(50 + 18 * i, 100, 20)), i * 0.1, SIZE).track_ids[0]) for i in range(8)]
    assert set(ids) == {1}
    strict = Tracker(TrackOptions(max_distance=0))
    ids = [int(strict.update(faces(square(50 + 25 * i, 100, 20)), i * 0.1, SIZE).track_ids[-1]) for i in range(3)]
    assert ids == [1, 2, 3]


def test_prediction_follows_constant_motion_and_zoom():
    tracker = Tracker()

    def truth(t: float) -> Faces:
        return faces(square(100 + 160 * t, 200 - 40 * t, 80 * np.exp(0.3 * t)))

    for step in range(11):
        tracker.update(truth(step * 0.1), step * 0.1, SIZE)
    for t in (1.02, 1.05, 1.09):
        seen, wanted = tracker.predict(t, SIZE), truth(t)
        np.testing.assert_allclose(seen.boxes, wanted.boxes, atol=0.5)
        np.testing.assert_allclose(seen.landmarks, wanted.landmarks, atol=0.5)
        # a mere copy of the last detection would be several pixels away
    assert np.abs(truth(1.0).boxes - truth(1.09).boxes).max() > 10


def test_landmarks_are_predicted_on_their_own():
    """A head that rolls inside a box at rest: points move, the box does not."""
    tracker = Tracker()

    def truth(t: float) -> Faces:
        still = faces(square(200, 200, 100))
        c, s = np.cos(t), np.sin(t)
        turned = (still.landmarks - 200) @ np.array([[c, s], [-s, c]], np.float32) + 200
        return Faces(still.boxes, still.scores, turned)

    for step in range(11):
        tracker.update(truth(step * 0.1), step * 0.1, SIZE)
    error = np.abs(tracker.predict(1.08, SIZE).landmarks - truth(1.08).landmarks).max()
    copied = np.abs(truth(1.0).landmarks - truth(1.08).landmarks).max()
    assert error < 0.2 * copied


def test_filter_does_not_depend_on_prediction_rate():
    often, seldom = Tracker(), Tracker()
    for step in range(60):
        t = step / 60
        found = faces(square(100 + 90 * t, 100, 60))
        for tracker in (often, seldom):
            if step % 6 == 0:
                last = tracker.update(found, t, SIZE)
            elif tracker is often:
                tracker.predict(t, SIZE)
        if step % 6 == 0:
            np.testing.assert_array_equal(last.boxes, often.predict(t + 1e-9, SIZE).boxes)
    np.testing.assert_array_equal(often.predict(1.0, SIZE).boxes, seldom.predict(1.0, SIZE).boxes)


def test_measurement_noise_is_reduced():
    rng = np.random.default_rng(0)
    tracker = Tracker(TrackOptions(process_noise=1.0))
    raw, smoothed = [], []
    for step in range(100):
        noise = rng.normal(0, 0.02 * 100, 2)
        found = faces(square(300 + noise[0], 200 + noise[1], 100))
        raw.append(noise[0])
        smoothed.append(tracker.update(found, step / 30, SIZE).boxes[0, [0, 2]].mean() - 300)
    assert np.std(smoothed[20:]) < 0.75 * np.std(raw[20:])


def test_lost_face_coasts_then_hides_then_returns_under_its_id_then_ends():
    options = TrackOptions(coast=0.25, max_age=1.0)
    here = faces(square(200, 200, 80))
    tracker = Tracker(options)
    tracker.update(here, 0.0, SIZE)
    coasting = tracker.update(Faces.empty(), 0.2, SIZE)
    assert len(coasting) == 1 and tracker.missed.tolist() == [True]
    assert len(tracker.update(Faces.empty(), 0.3, SIZE)) == 0
    assert tracker.alive() == {1}
    back = tracker.update(here, 0.9, SIZE)
    assert back.track_ids.tolist() == [1] and tracker.missed.tolist() == [False]
    assert len(tracker.update(Faces.empty(), 2.0, SIZE)) == 0
    assert tracker.alive() == set()
    assert tracker.update(here, 2.1, SIZE).track_ids.tolist() == [2]


def test_face_without_newer_detection_stays_reported_up_to_lifetime():
    tracker = Tracker(TrackOptions(max_age=1.0))
    tracker.update(faces(square(200, 200, 80)), 0.0, SIZE)
    assert len(tracker.predict(0.9, SIZE)) == 1
    assert len(tracker.predict(1.1, SIZE)) == 0


def test_predicted_box_that_leaves_the_frame_ends():
    tracker = Tracker()
    for step in range(4):
        tracker.update(faces(square(540 + 30 * step, 200, 60)), step * 0.1, SIZE)
    assert len(tracker.predict(0.31, SIZE)) == 1
    assert len(tracker.predict(0.5, SIZE)) == 0
    assert tracker.alive() == set()


def test_crossing_faces_keep_their_ids():
    tracker = Tracker()
    for step in range(31):
        t = step * 0.1
        left, right = square(100 + 100 * t, 200, 60), square(400 - 100 * t, 230, 60)
        out = tracker.update(faces(left, right), t, SIZE)
    by_id = dict(zip(out.track_ids.tolist(), out.boxes[:, 0], strict=True))
    assert set(by_id) == {1, 2}
    assert by_id[1] > by_id[2]  # the one that started on the left is now on the right


def test_new_faces_wait_for_min_age():
    tracker = Tracker(TrackOptions(min_age=0.15))
    here = faces(square(200, 200, 80))
    assert [len(tracker.update(here, t, SIZE)) for t in (0.0, 0.1, 0.2)] == [0, 0, 1]


def test_time_must_increase_and_reset_starts_anew_with_new_ids():
    tracker = Tracker()
    here = faces(square(200, 200, 80))
    tracker.update(here, 5.0, SIZE)
    with pytest.raises(ValueError, match=r"must increase: got 5\.0 after 5\.0"):
        tracker.predict(5.0, SIZE)
    tracker.reset()
    assert tracker.update(here, 0.0, SIZE).track_ids.tolist() == [2]


def test_many_faces_come_and_go():
    rng = np.random.default_rng(1)
    tracker = Tracker()
    for step in range(200):
        n = int(rng.integers(0, 9))
        x, y = rng.uniform(20, 620, n), rng.uniform(20, 460, n)
        found = faces(*(square(a, b, 30) for a, b in zip(x, y, strict=True)))
        out = tracker.update(found, step * 0.1, SIZE) if step % 3 == 0 else tracker.predict(step * 0.1, SIZE)
        assert len(set(out.track_ids.tolist())) == len(out) == len(tracker.missed)
        assert np.isfinite(out.boxes).all() and np.isfinite(out.landmarks).all()
