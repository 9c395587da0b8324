"""Brightness and colourfulness: cases by hand, and a naive loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from edgeaffect.evaluation.picture_attributes import brightness, colourfulness


def test_plain_pictures_by_hand() -> None:
    white, red = np.full((3, 5, 3), 255, np.uint8), np.zeros((3, 5, 3), np.uint8)
    red[..., 2] = 255
    assert brightness(white) == pytest.approx(1) and colourfulness(white) == pytest.approx(0, abs=1e-9)
    assert brightness(red) == pytest.approx(0.299)
    assert colourfulness(red) == pytest.approx(0.3 * math.hypot(255, 127.5))  # no spread, only means


def test_colourfulness_is_the_published_formula() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (7, 3, 3), dtype=np.uint8)
    rg = [float(r) - float(g) for _, g, r in picture.reshape(-1, 3)]
    yb = [(float(r) + float(g)) / 2 - float(b) for b, g, r in picture.reshape(-1, 3)]

    def moments(values: list[float]) -> tuple[float, float]:
        mean = sum(values) / len(values)
        return mean, math.sqrt(sum((v - mean) ** 2 for v in values) / len(values))

    (m1, s1), (m2, s2) = moments(rg), moments(yb)
    assert colourfulness(picture) == pytest.approx(math.sqrt(s1**2 + s2**2) + 0.3 * math.sqrt(m1**2 + m2**2))


@pytest.mark.parametrize("shape", [(4, 4), (0, 4, 3), (4, 4, 4)])
def test_other_arrays_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="uint8"):
        brightness(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="float32"):
        colourfulness(np.zeros((2, 2, 3), np.float32))
