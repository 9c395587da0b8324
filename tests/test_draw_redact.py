"""Regions made unknowable."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.draw_redact import METHODS, redact_boxes

pytest.importorskip("cv2")
NUMBER = st.floats(-1e4, 1e4) | st.just(float("nan")) | st.just(float("inf"))


def noise(height: int = 60, width: int = 80) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_inside_goes_and_the_rest_stays(method):
    before = noise()
    image = before.copy()
    redact_boxes(image, [[20, 10, 50, 40]], method, margin=0.1)
    inside = np.zeros(image.shape[:2], bool)
    inside[7:43, 17:53] = True  # a tenth of 30 pixels more on each side
    np.testing.assert_array_equal(image[~inside], before[~inside])
    region = image[7:43, 17:53].astype(float)
    # Of 36 x 36 pixels at most 4 x 4 means are left: neighbours hardly differ, however wild they were.
    steps = np.abs(np.diff(region, axis=1)).mean()
    assert steps < 0.15 * np.abs(np.diff(before[7:43, 17:53].astype(float), axis=1)).mean()


def test_a_block_keeps_nothing():
    one, other = noise(), 255 - noise()
    for image in (one, other):
        redact_boxes(image, [[0, 0, 80, 60]], "block")
    np.testing.assert_array_equal(one, other)
    assert len(np.unique(one.reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize("method", METHODS)
@given(boxes=st.lists(st.tuples(NUMBER, NUMBER, NUMBER, NUMBER), max_size=3), margin=st.floats(0, 3))
@settings(max_examples=25, deadline=None)
def test_any_box_is_taken(method, boxes, margin):
    image = noise(9, 7)
    redact_boxes(image, boxes, method, margin)
    assert image.shape == (9, 7, 3)


def test_other_methods_are_refused():
    with pytest.raises(ValueError, match=r"blur, pixelate, block.*'smear'"):
        redact_boxes(noise(), [[0, 0, 5, 5]], "smear")
