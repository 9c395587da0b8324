"""Motion of tracked faces, against naive float64 references, one number after the other."""

from __future__ import annotations

import cmath
import importlib.util
import math
from typing import Any

import numpy as np
import pytest
from followed import NOW, RULES, SEEN, follow, followed, states_at

from edgeaffect import _pure, native

VARIANTS = [native] if native.VARIANT == "pure" or not importlib.util.find_spec("numba") else [native, _pure]
COUNTS = [0, 1, 7]
# Sums of a few products of float64 numbers up to 1e3: a few units of 2^-43.
CLOSE: dict[str, Any] = {"rtol": 1e-11, "atol": 1e-10}


@pytest.fixture(params=VARIANTS, ids=lambda core: core.__name__.split(".")[1])
def core(request: pytest.FixtureRequest) -> Any:
    return request.param


def states(count: int, rng: np.random.Generator) -> np.ndarray:
    """Faces of 5 to 150 pixels, in and around a frame."""
    return np.hstack([
        rng.uniform(-50, 700, (count, 2)), rng.uniform(1.6, 5.0, (count, 2)), rng.normal(0, 0.4, (count, 10))
    ])  # fmt: skip


def box(state: Any) -> list[float]:
    x, y, w, h = state[0], state[1], math.exp(state[2]), math.exp(state[3])
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]


def points(state: Any) -> list[complex]:
    w, h = math.exp(state[2]), math.exp(state[3])
    return [complex(state[0] + state[i] * w, state[1] + state[i + 1] * h) for i in range(4, 14, 2)]


@pytest.mark.parametrize("count", COUNTS)
def test_motion_goes_on_until_it_has_coasted(core, count):
    rng = np.random.default_rng(count)
    state, velocity = states(count, rng), rng.normal(0, 40, (count, 14)) * ([1] * 2 + [0.01] * 12)
    time, seen = rng.uniform(9, 10, count), rng.uniform(8.5, 9.9, count)
    predicted, boxes = core.predict_tracks(state, velocity, time, seen, now=10.0, coast=0.25)
    assert predicted.shape == (count, 14) and boxes.shape == (count, 4)
    for n in range(count):
        ahead = max(min(10.0, seen[n] + 0.25) - time[n], 0.0)
        np.testing.assert_allclose(predicted[n], [s + v * ahead for s, v in zip(state[n], velocity[n], strict=True)])
        np.testing.assert_allclose(boxes[n], box(predicted[n]), **CLOSE)


@pytest.mark.parametrize("count", COUNTS)
def test_a_correction_is_a_kalman_step_with_matrices(core, count):
    rng = np.random.default_rng(count + 10)
    state, velocity = states(count, rng), rng.normal(0, 3, (count, 14))
    covariance = np.stack([rng.uniform(0.1, 1, count), rng.uniform(-0.1, 0.1, count), rng.uniform(1, 4, count)], 1)
    time, chosen = rng.uniform(9, 9.9, count), rng.random(count) < 0.7
    measured, now, q, r = states(count, rng), 10.0, 8.0**2, 0.02**2
    predicted = state + velocity * (now - time)[:, None]
    before = state.copy(), velocity.copy(), covariance.copy(), time.copy()
    core.correct_tracks(
        state, velocity, covariance, time, predicted, measured, chosen, now=now, process_noise=8.0,
        measurement_noise=0.02,
    )  # fmt: skip
    for n in range(count):
        if not chosen[n]:
            for array, old in zip((state, velocity, covariance, time), before, strict=True):
                np.testing.assert_array_equal(array[n], old[n])
            continue
        dt = now - before[3][n]
        f, h = np.array([[1, dt], [0, 1]]), np.array([[1.0, 0]])
        pp, pv, vv = before[2][n]
        p = f @ [[pp, pv], [pv, vv]] @ f.T + q * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
        gain = p @ h.T / (h @ p @ h.T + r)
        p = (np.eye(2) - gain @ h) @ p
        np.testing.assert_allclose(covariance[n], [p[0, 0], p[0, 1], p[1, 1]], rtol=1e-9)
        residual = measured[n] - predicted[n]
        np.testing.assert_allclose(state[n], predicted[n] + gain[0] * residual, **CLOSE)
        np.testing.assert_allclose(velocity[n], before[1][n] + gain[1] * residual, **CLOSE)
        assert time[n] == now


@pytest.mark.parametrize("count", COUNTS)
def test_detections_as_states_give_back_their_boxes_and_points(core, count):
    rng = np.random.default_rng(count + 30)
    corner = rng.uniform(0, 500, (count, 2))
    boxes = np.hstack([corner, corner + rng.uniform(5, 200, (count, 2))]).astype(np.float32)
    landmarks = rng.uniform(0, 600, (count, 5, 2)).astype(np.float32)
    for n, state in enumerate(core.track_states(boxes, landmarks)):
        np.testing.assert_allclose(box(state), boxes[n].astype(float), **CLOSE)
        flat = [[p.real, p.imag] for p in points(state)]
        np.testing.assert_allclose(flat, landmarks[n].astype(float), **CLOSE)


def test_a_box_without_a_side_has_the_least_one(core):
    state = core.track_states(np.array([[5, 5, 5, 9]], np.float32), np.zeros((1, 5, 2), np.float32))
    assert state[0, 2] == pytest.approx(math.log(1e-3)) and np.isfinite(state).all()


@pytest.mark.parametrize("count", [0, 1, 40])
def test_what_stays_and_what_is_shown(core, count):
    rng = np.random.default_rng(count + 40)
    state = states(count, rng)
    seen, born, missed = rng.uniform(8.5, 10, count), rng.uniform(8, 10, count), rng.random(count) < 0.5
    rules = {"now": 10.0, "coast": 0.25, "patience": 1.0, "min_age": 0.5, "size": (640, 480)}
    still = np.zeros((count, 14))
    kept, visible, boxes, landmarks = core.report_tracks(state, still, seen, seen, born, missed, **rules)
    row = 0
    for n in range(count):
        inside = 0 <= state[n, 0] <= 640 and 0 <= state[n, 1] <= 480
        assert kept[n] == (inside and 10.0 - seen[n] <= 1.0)
        assert visible[n] == (kept[n] and (not missed[n] or 10.0 - seen[n] <= 0.25) and 10.0 - born[n] >= 0.5)
        if visible[n]:
            # float32 of numbers up to 1e3
            wanted = np.clip(box(state[n]), 0, [640, 480, 640, 480])
            np.testing.assert_allclose(boxes[row], wanted, atol=1e-4)
            np.testing.assert_allclose(landmarks[row], [[p.real, p.imag] for p in points(state[n])], atol=1e-4)
            row += 1
    assert len(boxes) == len(landmarks) == row


@pytest.mark.parametrize("options", [(0.2, 1.0), (0.5, 0.0), (0.0, 2.0)])
def test_affinity_is_overlap_or_nearness(core, options):
    rng = np.random.default_rng(5)
    tracks, detections = (
        np.hstack([c, c + rng.uniform(4, 90, (k, 2))]) for k in (6, 4) for c in [rng.uniform(0, 90, (k, 2))]
    )
    detections = detections.astype(np.float32)
    iou_threshold, max_distance = options
    found = core.box_affinities(
        tracks, detections, iou_threshold=iou_threshold, max_distance=max_distance, max_size_ratio=1.6
    )
    for i, a in enumerate(tracks.tolist()):
        for j, b in enumerate(detections.astype(float).tolist()):
            inner = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
            size_a, size_b = (a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1])
            wanted = inner / (size_a + size_b - inner)
            if wanted < max(iou_threshold, 1e-9):
                lengths = sorted((math.sqrt(size_a), math.sqrt(size_b)))
                apart = abs(complex(a[0] + a[2] - b[0] - b[2], a[1] + a[3] - b[1] - b[3])) / 2
                near = 1 - apart / (sum(lengths) / 2) / max(max_distance, 1e-9)
                wanted = 0.0 if lengths[1] > 1.6 * lengths[0] else max(near, 0) * iou_threshold
            assert found[i, j] == pytest.approx(wanted, abs=1e-9)


def test_a_pattern_is_the_mean_of_taps(core):
    frame = np.random.default_rng(0).integers(0, 256, (37, 61, 3), np.uint8)
    for plane in (frame[..., 1], frame[::-1, :, 0], np.ascontiguousarray(frame[..., 2])):
        pattern = core.scene_pattern(plane, rows=3, columns=5, taps=4)
        step_y, step_x = 37 // 12, 61 // 20
        cells = [
            [
                sum(int(plane[(y * 4 + j) * step_y, (x * 4 + i) * step_x]) for j in range(4) for i in range(4)) / 16
                for x in range(5)
            ]
            for y in range(3)
        ]
        mean = sum(map(sum, cells)) / 15
        np.testing.assert_allclose(pattern, np.array(cells) - mean, atol=1e-4)  # float32 of pixel values


@pytest.mark.parametrize("rotate", [True, False])
def test_alignment_is_least_squares(core, rotate):
    rng = np.random.default_rng(1)
    target, shapes = rng.uniform(0, 48, (5, 2)), rng.uniform(0, 400, (3, 5, 2))
    for matrix, shape in zip(core.align_points(shapes, target, rotate=rotate), shapes, strict=True):
        rows = []
        for x, y in target:
            rows += [[x, -y, 1, 0], [y, x, 0, 1]] if rotate else [[x, 1, 0], [y, 0, 1]]
        solved = np.linalg.lstsq(np.array(rows), shape.reshape(-1), rcond=None)[0]
        a, b, x, y = solved if rotate else (solved[0], 0.0, *solved[1:])
        np.testing.assert_allclose(matrix, [[a, -b, x], [b, a, y]], rtol=1e-9, atol=1e-9)


def gradient(values: np.ndarray, y: int, x: int) -> complex:
    """Slopes to the right and down: central, at the rim one-sided."""
    rows, columns = values.shape
    x0, x1, y0, y1 = max(x - 1, 0), min(x + 1, columns - 1), max(y - 1, 0), min(y + 1, rows - 1)
    return complex((values[y, x1] - values[y, x0]) / (x1 - x0), (values[y1, x] - values[y0, x]) / (y1 - y0))


def smooth_scene(phase: float = 0.0, shift: complex = 0, turn: complex = 1) -> np.ndarray:
    """A frame that is a function of place, so that it can be moved exactly: x + iy -> turn (x + iy) + shift."""
    y, x = np.mgrid[0:240, 0:320] + 0.5
    place = (x + 1j * y - shift) / turn
    x, y = place.real, place.imag
    values = 128 + 50 * np.sin(x / 11 + phase) * np.cos(y / 9) + 40 * np.sin((x + 2 * y) / 23)
    return values.round().astype(np.uint8)


def test_templates_are_normalised_and_their_solvers_least_squares(core):
    boxes = np.array([[100.0, 60, 190, 170], [150.0, 90, 174, 114], [-20.0, 40, 60, 130]])
    patches, solvers, poses = core.take_patches(smooth_scene(), boxes, color="gray")
    axis = np.arange(24) - 11.5
    root = np.sqrt([[math.exp(-(x * x + y * y) / 128) for x in axis] for y in axis])
    for patch, solver, pose, (x0, y0, x1, y1) in zip(patches, solvers, poses, boxes, strict=True):
        np.testing.assert_allclose(pose, [math.sqrt((x1 - x0) * (y1 - y0)) / 24, complex(x0 + x1, y0 + y1) / 2])
        assert (patch.astype(float) ** 2).sum() == pytest.approx(1, abs=1e-5)
        assert (patch * root).sum() == pytest.approx(0, abs=1e-4)
        plain, columns = patch.astype(np.float64) / root, np.empty((4, 24, 24))
        for i in range(24):
            for j in range(24):
                g = gradient(plain, i, j)
                columns[:, i, j] = (
                    g.real, g.imag, g.real * axis[j] + g.imag * axis[i], g.imag * axis[j] - g.real * axis[i]
                )  # fmt: skip
        steepest = (columns * root).reshape(4, -1)
        hessian = steepest @ steepest.T
        hessian += np.eye(4) * (1e-6 + 1e-4 * np.trace(hessian))
        # The patch is stored as float32, and near the rim divided by roots of down to 0.1: 1e-6 of slopes of up to 1.
        np.testing.assert_allclose(solver, np.linalg.solve(hessian, steepest), atol=2e-3 * np.abs(solver).max())


TWO = np.array([[100.0, 60, 190, 150], [150.0, 90, 190, 130]])


@pytest.mark.parametrize("turn", [1, 1.04, cmath.rect(0.97, 0.05)])
@pytest.mark.parametrize("motion", [0j, 3.25 - 2.5j, -1.75 + 0.5j])
def test_faces_are_found_where_they_went(core, turn, motion):
    """The frame turns about the first face, of which the second one is an eye's distance away."""
    taken = core.take_patches(smooth_scene(), TWO, color="gray")
    shift = motion + (1 - turn) * complex(145, 105)
    found, turned, shifted = followed(core, smooth_scene(0.0, shift, turn), taken, [0, 1], TWO)
    assert found.all()
    for t, place, (x0, y0, x1, y1) in zip(turned, shifted, TWO, strict=True):
        center = complex(x0 + x1, y0 + y1) / 2
        # 0.03 patch pixels (the last step) of the larger face, and grey values that are whole numbers
        assert abs(t * center + place - (turn * center + shift)) < 0.15
        assert abs(abs(t) - abs(turn)) < 0.01 and abs(cmath.phase(t / turn)) < 0.01


def test_nothing_is_found_in_a_frame_of_one_tone(core):
    taken = core.take_patches(smooth_scene(), TWO, color="gray")
    assert not followed(core, np.zeros((240, 320), np.uint8), taken, [0, 1], TWO)[0].any()


@pytest.mark.parametrize("count", COUNTS)
def test_a_similarity_moves_centre_sides_and_points_of_the_anchor(core, count):
    taken = core.take_patches(smooth_scene(), TWO, color="gray")
    turned = cmath.rect(1.04, -0.05)
    frame = smooth_scene(0.0, 3 - 2j + (1 - turned) * complex(145, 105), turned)
    rows = np.arange(count) % 2
    found, turns, shifts = followed(core, frame, taken, rows, TWO[rows])
    anchor = states(count, np.random.default_rng(count + 20))
    moved = follow(core, frame, taken, rows, anchor, states_at(TWO[rows]))[0]
    assert found.all() and all(abs(abs(turn) - 1) > 0.03 and abs(cmath.phase(turn)) > 0.03 for turn in turns)
    # The turn is told by points 20 px and more apart, to 2^-43 / 20; that moves points of up to 1e3 px.
    close = {"rtol": 1e-11, "atol": 1e-10 + 1e3 / 20 * 2**-43}
    for old, new, turn, shift in zip(anchor, moved, turns, shifts, strict=True):
        np.testing.assert_allclose(complex(new[0], new[1]), turn * complex(old[0], old[1]) + shift, **close)
        np.testing.assert_allclose(np.exp(new[2:4]), np.exp(old[2:4]) * abs(turn), **close)
        np.testing.assert_allclose(points(new), [turn * p + shift for p in points(old)], **close)


def test_a_face_is_looked_for_where_its_track_goes(core):
    taken = core.take_patches(smooth_scene(), TWO[1:], color="gray")
    state, velocity = states_at(TWO[1:]), np.zeros((1, 14))
    frame = smooth_scene(0.0, 30 - 20j)  # 0.9 face sizes, of which a face may be off by 0.4
    assert follow(core, frame, taken, [0], state, state)[3] == SEEN
    velocity[0, :2] = np.array([30, -20]) / (NOW - SEEN)
    moved, _, _, time = follow(core, frame, taken, [0], state, state, velocity)
    assert time == NOW and abs(complex(*moved[0, :2]) - complex(200, 90)) < 0.15


def test_tracks_follow_their_templates_by_one_kalman_step(core):
    boxes = np.vstack([TWO, [[20.0, 30, 60, 70]]])
    taken = core.take_patches(smooth_scene(), boxes[[1, 0]], color="gray")
    frame, rows = smooth_scene(0.0, 3.25 - 2.5j), [1, 0, -1]  # the last has no template
    anchor, velocity = states_at(boxes), np.full((3, 14), 0.01)
    measured = follow(core, frame, taken, rows, anchor, anchor, velocity)[0]
    whole = follow(core, frame, taken, rows, anchor, anchor, velocity, measurement_noise=0.02)
    assert whole[3].tolist() == [NOW, NOW, SEEN] and measured[2].tolist() == anchor[2].tolist()
    assert (np.abs(whole[0][:2, :2] - measured[:2, :2]) > 1e-3).all()  # between what was predicted and measured
    noise = {"process_noise": RULES["process_noise"], "measurement_noise": 0.02}
    parts = anchor.copy(), velocity.copy(), np.tile([4e-4, 0.0, 4.0], (3, 1)), np.full(3, SEEN)
    predicted, _ = core.predict_tracks(*parts[:2], parts[3], parts[3], now=NOW, coast=RULES["coast"])
    core.correct_tracks(*parts, predicted, measured, np.array([True, True, False]), now=NOW, **noise)
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, **CLOSE)


@pytest.mark.skipif(len(VARIANTS) < 2, reason="needs the native module and Numba")
def test_both_variants_agree():
    boxes = np.array([[100.0, 60, 190, 170], [150.0, 90, 174, 114], [-20.0, 40, 60, 130]])
    first, then = smooth_scene(), smooth_scene(0.2, 6 - 4j)
    taken = [core.take_patches(first, boxes, color="gray") for core in (native, _pure)]
    # crop_normalize differs by its fixed-point taps, 2^-8 of a grey value or so
    np.testing.assert_allclose(taken[0][0], taken[1][0], atol=1e-3)
    found, turn, shift = followed(native, then, taken[1], [0, 1, 2], boxes)
    other, turned, shifted = followed(_pure, then, taken[1], [0, 1, 2], boxes)
    assert found.tolist() == other.tolist() and found.any()
    np.testing.assert_allclose(turn, turned, atol=0.05)
    np.testing.assert_allclose(shift, shifted, atol=0.05)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("take_patches", (np.zeros((1, 3)),), r"boxes must have shape \[n, 4\]; got \[1, 3\]"),
        ("take_patches", (np.array([[5.0, 5, 5, 9]]),), "box 0 has no width or no height"),
        ("take_patches", (np.array([[5.0, math.nan, 7, 9]]),), "box 0 has no width or no height"),
    ],
)
def test_wrong_boxes_are_named(core, name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(core, name)(np.zeros((9, 9), np.uint8), *arguments, color="gray")


def test_wrong_shapes_are_named(core):
    two, one = np.zeros((2, 14)), np.zeros(1)
    with pytest.raises(ValueError, match=r"time must have shape \[2\]; got \[1\]"):
        core.predict_tracks(two, two, one, np.zeros(2), now=0.0, coast=0.0)
    taken = core.take_patches(np.zeros((9, 9), np.uint8), np.array([[1.0, 1, 5, 5]]), color="gray")
    tracks = (two, two, two, np.zeros((2, 3)), np.zeros(2), np.zeros(2))
    rules = {"color": "gray", "now": 0.0, "coast": 0.0, "process_noise": 1.0, "measurement_noise": 1.0}
    with pytest.raises(ValueError, match="row 1 is not one of patches"):
        core.follow_tracks(np.zeros((9, 9), np.uint8), *taken, np.array([0, 1]), *tracks, **rules)
    wrong = (taken[0], taken[1][:, :3], taken[2])
    with pytest.raises(ValueError, match=r"solvers must have shape \[1, 4, 576\]; got \[1, 3, 576\]"):
        core.follow_tracks(np.zeros((9, 9), np.uint8), *wrong, np.array([0, 0]), *tracks, **rules)
    with pytest.raises(ValueError, match="plane must have at least 48 rows and 64 columns"):
        core.scene_pattern(np.zeros((47, 64), np.uint8), rows=12, columns=16, taps=4)
    with pytest.raises(ValueError, match="at least 2 points"):
        core.align_points(np.zeros((1, 1, 2)), np.zeros((1, 2)), rotate=True)


def test_a_track_whose_sides_ran_away_ends_without_being_looked_for(core):
    """Two frames nearly at the same time can make any speed, and log sides grow by their exponential."""
    box = np.array([[100.0, 60, 190, 150]])
    state = np.repeat(core.track_states(box.astype(np.float32), np.zeros((1, 5, 2), np.float32)), 4, 0)
    velocity = np.zeros((4, 14))
    velocity[1:, 2:4] = [[400.0, 400.0], [-4000.0, -4000.0], [0.0, math.inf]]
    time = np.full(4, 10.0)
    tracks = state.copy(), velocity.copy(), np.tile([4e-4, 0.0, 4.0], (4, 1)), time.copy()
    taken = core.take_patches(smooth_scene(), box, color="gray")
    core.follow_tracks(
        smooth_scene(), *taken, np.zeros(4, np.int64), state, *tracks, time, color="gray", now=10.03, coast=0.25,
        process_noise=8.0, measurement_noise=0.02,
    )  # fmt: skip
    assert tracks[3].tolist() == [10.03, 10.0, 10.0, 10.0]
    rules = {"now": 10.03, "coast": 0.25, "patience": 1.0, "min_age": 0.0, "size": (320, 240)}
    kept, _, boxes, _ = core.report_tracks(*tracks[:2], tracks[3], time, time, np.zeros(4, bool), **rules)
    assert kept.tolist() == [True, False, False, False] and len(boxes) == 1
