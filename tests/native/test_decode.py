"""decode_faces and nms against naive references."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgeaffect import native

OPTIONS: dict[str, Any] = {"score_threshold": 0.5, "iou_threshold": 0.4, "top_k": 400, "max_faces": 100}


def random_maps(sizes: list[tuple[int, int]], seed: int, density: float = 0.2) -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    maps = []
    for h, w in sizes:
        m = rng.normal(0, 1, (1, 15, h, w)).astype(np.float32)
        m[0, 0] = np.where(rng.random((h, w)) < density, rng.normal(1, 2, (h, w)), -8)
        m[0, 1:5] = np.abs(rng.normal(2, 1, (4, h, w)))
        maps.append(m)
    return maps


def check(maps: list[NDArray[np.float32]], strides: list[int], options: dict[str, Any]) -> None:
    boxes, scores, landmarks = native.decode_faces(maps, strides, **options)
    expected = reference.decode_faces(maps, strides, **options)
    assert (boxes.dtype, scores.dtype, landmarks.dtype) == (np.float32,) * 3
    assert boxes.shape == (len(scores), 4)
    assert landmarks.shape == (len(scores), 5, 2)
    # float32 arithmetic on coordinates of a few hundred pixels: a few units of 2^-15
    np.testing.assert_allclose(scores, expected[1], atol=1e-6)
    np.testing.assert_allclose(boxes, expected[0], atol=3e-4)
    np.testing.assert_allclose(landmarks, expected[2], atol=3e-4)


@pytest.mark.parametrize(
    "sizes", [[(1, 1)], [(3, 7), (2, 4), (1, 2)], [(20, 30), (10, 15), (5, 8)], [(0, 0), (2, 3)], []]
)
@pytest.mark.parametrize("limits", [{}, {"top_k": 7}, {"max_faces": 3}, {"iou_threshold": 0.0}, {"iou_threshold": 1.0}])
def test_matches_reference(sizes: list[tuple[int, int]], limits: dict[str, Any]) -> None:
    check(random_maps(sizes, 3), [8, 16, 32][: len(sizes)], {**OPTIONS, **limits})


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=3),
    seed=st.integers(0, 10_000),
    threshold=st.floats(0.05, 0.95),
    iou=st.floats(0, 1),
)
def test_matches_reference_on_any_maps(sizes, seed, threshold, iou) -> None:
    options = {**OPTIONS, "score_threshold": threshold, "iou_threshold": iou}
    check(random_maps(sizes, seed, 0.5), [8, 16, 32][: len(sizes)], options)


def test_no_face_is_empty() -> None:
    boxes, scores, landmarks = native.decode_faces([np.full((1, 15, 4, 4), -9, np.float32)], [8], **OPTIONS)
    assert boxes.shape == (0, 4)
    assert scores.shape == (0,)
    assert landmarks.shape == (0, 5, 2)


def test_ties_keep_map_order() -> None:
    maps = [np.zeros((1, 15, 1, 3), np.float32) for _ in range(2)]
    for m in maps:
        m[0, 1:5] = 0.1
    boxes, _, _ = native.decode_faces(maps, [8, 16], **OPTIONS)
    np.testing.assert_allclose((boxes[:, 0] + boxes[:, 2]) / 2, [4, 12, 20, 8, 24, 40])


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("channel", [0, 2, 9])
def test_values_that_are_not_finite_are_errors(value: float, channel: int) -> None:
    maps = random_maps([(4, 4)], 0)
    maps[0][0, 0, 2, 1] = 3
    maps[0][0, channel, 2, 1] = value
    with pytest.raises(ValueError, match="not finite at stride 8, row 2, column 1"):
        native.decode_faces(maps, [8], **OPTIONS)


@pytest.mark.parametrize(
    ("maps", "strides", "change", "message"),
    [
        ([(1, 14, 4, 4)], [8], {}, r"\[1, 15, h, w\]; got \[1, 14, 4, 4\]"),
        ([(2, 15, 4, 4)], [8], {}, r"\[1, 15, h, w\]"),
        ([(1, 15, 4, 4)], [8, 16], {}, "1 maps, 2 strides"),
        ([(1, 15, 4, 4)], [0], {}, "strides must be 1 to 65536; got 0"),
        ([(1, 15, 4, 4)], [8], {"score_threshold": 1.0}, "score_threshold"),
        ([(1, 15, 4, 4)], [8], {"iou_threshold": -0.1}, "iou_threshold"),
        ([(1, 15, 4, 4)], [8], {"top_k": 0}, "top_k"),
        ([(1, 15, 4, 4)], [8], {"max_faces": 0}, "max_faces"),
    ],
)
def test_bad_input_is_named(maps, strides, change, message) -> None:
    with pytest.raises(ValueError, match=message):
        native.decode_faces([np.zeros(s, np.float32) for s in maps], strides, **{**OPTIONS, **change})


def test_double_precision_maps_are_refused() -> None:
    with pytest.raises(TypeError):
        native.decode_faces([np.zeros((1, 15, 4, 4))], [8], **OPTIONS)
    with pytest.raises(TypeError):
        native.nms(np.zeros((1, 4)), np.zeros(1, np.float32), 0.5)


@settings(max_examples=80, deadline=None)
@given(count=st.integers(0, 40), seed=st.integers(0, 10_000), threshold=st.floats(0, 1))
def test_nms_matches_reference(count: int, seed: int, threshold: float) -> None:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 50, (count, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(1, 30, (count, 2))], axis=1).astype(np.float32)
    scores = rng.integers(0, 20, count).astype(np.float32) / 20  # with ties
    kept = native.nms(boxes, scores, threshold)
    assert kept.dtype == np.int64
    assert kept.tolist() == reference.nms(boxes.astype(np.float64), scores, threshold)


def test_nms_input_checks() -> None:
    boxes, scores = np.zeros((3, 4), np.float32), np.zeros(3, np.float32)
    for bad, message in (
        ((boxes[:, :3].copy(), scores, 0.5), r"\[n, 4\]"),
        ((boxes, scores[:2], 0.5), "one score per box"),
        ((boxes, scores, 1.5), "iou must be in 0..1"),
        ((boxes, np.array([0, np.nan, 0], np.float32), 0.5), "entry 1 is not"),
    ):
        with pytest.raises(ValueError, match=message):
            native.nms(*bad)


def test_boxes_without_area_never_suppress() -> None:
    boxes = np.array([[5, 5, 5, 5], [5, 5, 5, 5], [0, 0, 10, 10]], np.float32)
    assert native.nms(boxes, np.array([0.9, 0.8, 0.7], np.float32), 0.0).tolist() == [0, 1, 2]
