"""Alignment matrices against slow, obvious versions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeaffect.face import alignment as geometry
from edgeaffect.models import Alignment

TEMPLATE = np.array([[15.0, 20], [33, 20], [24, 28], [17, 36], [31, 36]])


def apply(matrix, points):
    return points @ matrix[:, :2].T + matrix[:, 2]


@given(st.floats(0.05, 20), st.floats(-np.pi, np.pi), st.floats(-500, 500), st.floats(-500, 500))
def test_similarity_is_recovered_exactly(scale, angle, dx, dy):
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    truth = np.array([[c, -s, dx], [s, c, dy]])
    found = geometry.similarity_matrix(apply(truth, TEMPLATE)[None], TEMPLATE)[0]
    np.testing.assert_allclose(found, truth, atol=1e-9 * max(1, abs(dx), abs(dy), scale * 50))


def test_similarity_is_the_least_squares_one():
    noisy = apply(np.array([[2.0, -0.4, 7], [0.4, 2.0, 3]]), TEMPLATE) + np.random.default_rng(0).normal(0, 2, (5, 2))
    found = geometry.similarity_matrix(noisy[None], TEMPLATE)[0]
    rows, target = [], []
    for (x, y), (u, v) in zip(TEMPLATE, noisy, strict=True):
        rows += [[x, -y, 1, 0], [y, x, 0, 1]]
        target += [u, v]
    a, b, tx, ty = np.linalg.lstsq(np.array(rows), np.array(target), rcond=None)[0]
    np.testing.assert_allclose(found, [[a, -b, tx], [b, a, ty]], atol=1e-9)


def test_similarity_without_rotation_keeps_the_axes():
    found = geometry.similarity_matrix(
        apply(np.array([[0, -1.0, 5], [1.0, 0, 5]]), TEMPLATE)[None], TEMPLATE, rotate=False
    )
    assert found[0, 0, 1] == found[0, 1, 0] == 0


def test_box_corners_land_on_box_corners():
    box = np.array([[10.0, 20, 50, 80]])
    matrix = geometry.box_matrix(box, (48, 32), square=False)[0]
    np.testing.assert_allclose(apply(matrix, np.array([[0, 0], [48, 32.0]])), [[10, 20], [50, 80]])


def test_box_square_expand_shift_and_roll():
    box = np.array([[10.0, 20, 50, 80]])
    matrix = geometry.box_matrix(box, (48, 48), expand=1.5, shift=(0, 0.1), roll=[np.pi / 2])[0]
    # side 60; shift 6 px along the rotated y axis, which points to -x when the head is turned clockwise by 90 degrees
    np.testing.assert_allclose(apply(matrix, np.array([[24.0, 24]])), [[30 - 6, 50]], atol=1e-9)
    corner = apply(matrix, np.array([[0.0, 0]]))[0]
    np.testing.assert_allclose(corner, [24 + 45, 50 - 45], atol=1e-9)


def test_letterbox_and_whole():
    np.testing.assert_allclose(apply(geometry.letterbox_matrix(0.5, (3, 4)), np.array([[10.0, 10]])), [[23, 24]])
    np.testing.assert_allclose(apply(geometry.whole_matrix((640, 480), (48, 48)), np.array([[48.0, 48]])), [[640, 480]])


def test_alignments_by_name():
    boxes, points = np.array([[0.0, 0, 48, 48]]), TEMPLATE[None]
    identity = [[1, 0, 0], [0, 1, 0]]
    template = tuple(map(tuple, TEMPLATE))
    for alignment in (Alignment("landmarks5", template=template), Alignment("box"), Alignment("whole")):
        found = geometry.alignment_matrices(alignment, (48, 48), (48, 48), boxes, points)
        np.testing.assert_allclose(found[0], identity, atol=1e-5)
        assert found.dtype == np.float32
    assert geometry.alignment_matrices(
        Alignment("box"), (48, 48), (9, 9), np.zeros((0, 4)), np.zeros((0, 5, 2))
    ).shape == (
        0,
        2,
        3,
    )
    with pytest.raises(ValueError, match="finite"):
        geometry.alignment_matrices(
            Alignment("landmarks5", template=template), (48, 48), (9, 9), boxes, points * np.nan
        )
