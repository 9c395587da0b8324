"""Detector scores against cases worked out by hand and a slow reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.evaluation.detection_metrics import (
    Detections,
    coverage_matrix,
    false_positives_per_1000,
    iou_matrix,
    landmark_error,
    match,
    precision_recall,
)

NONE = np.zeros((0, 4))


def boxes_at(*corners: tuple[float, float], side: float = 10.0) -> np.ndarray:
    return np.array([(x, y, x + side, y + side) for x, y in corners], float).reshape(-1, 4)


def found(boxes: np.ndarray, scores: list[float], targets: np.ndarray, ignored: np.ndarray = NONE) -> Detections:
    return Detections(boxes, np.array(scores), targets, ignored)


box = st.tuples(*[st.integers(0, 12)] * 4).map(lambda v: (v[0], v[1], v[0] + v[2], v[1] + v[3]))


@settings(max_examples=60, deadline=None)
@given(st.lists(box, max_size=5), st.lists(box, max_size=5))
def test_overlaps_equal_counting_pixels(first: list[tuple[int, ...]], second: list[tuple[int, ...]]) -> None:
    def pixels(b: tuple[int, ...]) -> set[tuple[int, int]]:
        return {(x, y) for x in range(b[0], b[2]) for y in range(b[1], b[3])}

    a, b = np.array(first, float).reshape(-1, 4), np.array(second, float).reshape(-1, 4)
    iou, coverage = iou_matrix(a, b), coverage_matrix(a, b)
    assert iou.shape == coverage.shape == (len(first), len(second))
    for i, p in enumerate(map(pixels, first)):
        for j, q in enumerate(map(pixels, second)):
            assert iou[i, j] == pytest.approx(len(p & q) / len(p | q) if p | q else 0.0)
            assert coverage[i, j] == pytest.approx(len(p & q) / len(p) if p else 0.0)


def test_inverted_boxes_have_no_area() -> None:
    assert iou_matrix(np.array([[5.0, 5, 1, 1]]), np.array([[0.0, 0, 9, 9]])).item() == 0


def test_a_target_is_found_once_and_by_the_best_score() -> None:
    case = found(boxes_at((1, 0), (0, 0), (50, 50)), [0.6, 0.9, 0.8], boxes_at((0, 0)))
    assert match(case).tolist() == [0, 1, 0]


def test_overlap_below_the_limit_is_false() -> None:
    case = found(boxes_at((5, 0)), [0.9], boxes_at((0, 0)))  # IoU 1/3
    assert match(case, 0.4).tolist() == [0]
    assert match(case, 0.3).tolist() == [1]


def test_ignored_regions_neither_reward_nor_punish() -> None:
    crowd = np.array([[100.0, 100, 200, 200]])
    case = found(boxes_at((0, 0), (120, 120), (195, 150)), [0.9, 0.8, 0.7], boxes_at((0, 0)), crowd)
    assert match(case).tolist() == [1, -1, 0]  # inside the crowd; only half of the last one is
    assert precision_recall([case]).average_precision == pytest.approx(1.0)


def test_a_target_wins_over_an_ignored_region() -> None:
    case = found(boxes_at((0, 0)), [0.9], boxes_at((0, 0)), boxes_at((0, 0)))
    assert match(case).tolist() == [1]


def test_average_precision_by_hand() -> None:
    # Right, false, right, of four targets: precision 1 up to recall 1/4, then 2/3 up to 1/2.
    targets = boxes_at((0, 0), (30, 0), (60, 0), (90, 0))
    case = found(boxes_at((0, 0), (0, 60), (30, 0)), [0.9, 0.8, 0.7], targets)
    curve = precision_recall([case])
    assert curve.average_precision == pytest.approx(0.25 * 1 + 0.25 * 2 / 3)
    assert curve.at(0.75) == (pytest.approx(0.5), pytest.approx(0.25))
    assert curve.at(0.95) == (1.0, 0.0)


def test_scores_are_ranked_over_all_pictures() -> None:
    good = found(boxes_at((0, 0)), [0.5], boxes_at((0, 0)))
    bad = found(boxes_at((40, 40)), [0.9], NONE)
    assert precision_recall([good, bad]).average_precision == pytest.approx(0.5)
    assert precision_recall([good]).average_precision == pytest.approx(1.0)


def test_nothing_found_and_nothing_to_find() -> None:
    assert precision_recall([found(NONE, [], boxes_at((0, 0)))]).average_precision == 0.0
    assert np.isnan(precision_recall([found(NONE, [], NONE)]).average_precision)
    assert np.isnan(precision_recall([]).average_precision)


def test_perfect_detector_scores_one_whatever_the_order() -> None:
    rng = np.random.default_rng(0)
    cases = []
    for count in (1, 7, 0, 3):
        targets = boxes_at(*[(40.0 * k, 0.0) for k in range(count)])
        order = rng.permutation(count)
        cases.append(found(targets[order] + rng.uniform(-1, 1, (count, 4)), list(rng.random(count)), targets))
    assert precision_recall(cases).average_precision == pytest.approx(1.0)


def test_landmark_error() -> None:
    truth = np.zeros((2, 5, 2))
    points = truth + np.array([3.0, 4.0])
    assert landmark_error(points, truth, np.array([10.0, 50.0])).tolist() == pytest.approx([0.5, 0.1])
    with pytest.raises(ValueError, match="need points"):
        landmark_error(points, truth[:1], np.ones(2))


def test_false_positives_per_1000() -> None:
    scores = [np.array([0.9, 0.4]), np.zeros(0), np.array([0.5]), np.array([0.1])]
    assert false_positives_per_1000(scores, 0.5) == 500.0
    with pytest.raises(ValueError, match="at least one"):
        false_positives_per_1000([], 0.5)


def test_malformed_input_is_named() -> None:
    with pytest.raises(ValueError, match="scores must have shape"):
        found(boxes_at((0, 0)), [], NONE)
    with pytest.raises(ValueError, match="targets must have shape"):
        found(NONE, [], np.zeros(4))
