"""Regions of one tone cannot be seen, whatever a network makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from edgeaffect.explain.flat_regions import covered

# Eyes, nose and corners of the mouth of a face in a crop of 96.
POINTS = np.array([[33, 26], [63, 26], [48, 44], [36, 58], [60, 58]], np.float32)


def crop() -> np.ndarray:
    return np.random.default_rng(0).normal(120, 20, (96, 96)).astype(np.float32)


def test_a_face_with_texture_is_not_covered() -> None:
    assert covered(crop(), POINTS) == []


@pytest.mark.parametrize(("fact", "row"), [("eyes_covered", 26), ("mouth_covered", 58), ("brows_covered", 12)])
def test_a_bar_covers_its_region_alone(fact: str, row: int) -> None:
    image = crop()
    image[row - 6 : row + 7, 10:86] = 118
    assert covered(image, POINTS) == [fact]


def test_noise_of_a_camera_over_a_bar() -> None:
    image = crop()
    image[20:33] = 0 + np.random.default_rng(1).normal(0, 0.5, (13, 96))
    assert covered(image, POINTS) == ["eyes_covered"]


def test_a_region_outside_of_the_crop_says_nothing() -> None:
    assert covered(crop(), POINTS - [0, 90]) == []
