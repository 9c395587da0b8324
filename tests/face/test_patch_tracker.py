"""PatchTracker: known motions of a real face are measured from its pixels."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from followed import followed

from edgeaffect import native
from edgeaffect.face.patch_tracker import PatchTracker
from edgeaffect.image import Image

SIZE = (640, 480)
BOX = np.array([[270.0, 190.0, 370.0, 310.0]])


@pytest.fixture(scope="module")
def frame() -> np.ndarray:
    """A real face at BOX."""
    portrait = pytest.importorskip("skimage.data").astronaut()[..., ::-1]
    return transformed(np.ascontiguousarray(portrait), 1.0, 0.0, (225, 120), (320, 250))


def transformed(image, zoom, roll, center, target) -> np.ndarray:
    """Zoom and roll about `center`, which goes to `target`; OpenCV's pixel centres are whole numbers."""
    c, s = zoom * math.cos(roll), zoom * math.sin(roll)
    linear = np.array([[c, -s], [s, c]])
    offset = np.array(target) - linear @ np.array(center)
    matrix = np.hstack([linear, (offset + linear @ [0.5, 0.5] - 0.5)[:, None]])
    return cv2.warpAffine(image, matrix, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def follow(tracker, frame, boxes=BOX, color="bgr", ids=(5,)):
    """Which faces are found, their turns, and where their centres went."""
    found, turn, shift = followed(native, frame, tracker.templates, tracker.rows(list(ids)), boxes, color=color)
    center = turn * ((boxes[:, :2] + boxes[:, 2:]) / 2 @ [1, 1j]) + shift
    return found, turn, np.stack([center.real, center.imag], 1)


@pytest.mark.parametrize("zoom", [0.93, 1.0, 1.08])
@pytest.mark.parametrize("roll", [-0.06, 0.0, 0.08])
@pytest.mark.parametrize("shift", [(0, 0), (9, -6), (-4.5, 12.25)])
def test_known_motion_is_found(frame, zoom, roll, shift):
    tracker = PatchTracker()
    tracker.remember(Image.of(frame, "bgr"), [5], BOX)
    target = np.array([320.0, 250.0]) + shift
    found, turn, center = follow(tracker, transformed(frame, zoom, roll, (320, 250), target))
    assert found.tolist() == [True]
    assert np.abs(center[0] - target).max() < 1.0  # of a face of 110 px
    assert abs(turn[0]) == pytest.approx(zoom, abs=0.02)
    assert np.angle(turn[0]) == pytest.approx(roll, abs=0.015)


def test_exposure_and_noise_do_not_matter(frame):
    tracker = PatchTracker()
    tracker.remember(Image.of(frame, "bgr"), [5], BOX)
    rng = np.random.default_rng(0)
    later = transformed(frame, 1.0, 0.0, (320, 250), (327, 246)) * 0.6 + 30 + rng.normal(0, 6, frame.shape)
    found, _, center = follow(tracker, later.clip(0, 255).astype(np.uint8))
    assert found[0] and np.abs(center[0] - (327, 246)).max() < 1.0


def test_another_picture_is_not_taken_for_the_face(frame):
    tracker = PatchTracker()
    tracker.remember(Image.of(frame, "bgr"), [5], BOX)
    rng = np.random.default_rng(0)
    others = [
        np.zeros_like(frame),
        rng.integers(0, 255, frame.shape, np.uint8),
        np.ascontiguousarray(frame[::-1]),
        transformed(frame, 1.0, 0.0, (320, 250), (420, 250)),  # further away than a face moves between detections
    ]
    for other in others:
        assert not follow(tracker, other)[0][0]


def test_faces_are_known_by_id_and_forgotten_at_the_next_detection(frame):
    tracker = PatchTracker()
    other = BOX + 60
    tracker.remember(Image.of(frame, "bgr"), [5, 8], np.vstack([BOX, other]))
    boxes = np.vstack([other, BOX, BOX])
    found, turn, _ = follow(tracker, frame, boxes, ids=(8, 5, 3))
    assert found.tolist() == [True, True, False] and np.abs(turn - 1).max() < 1e-3
    tracker.remember(Image.of(frame, "bgr"), [8], other)
    assert follow(tracker, frame, boxes, ids=(8, 5, 3))[0].tolist() == [True, False, False]
    tracker.reset()
    assert not follow(tracker, frame, boxes, ids=(8, 5, 3))[0].any()


def test_other_layouts_and_boxes_beyond_the_border(frame):
    gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    tracker = PatchTracker()
    tracker.remember(Image.of(gray, "gray"), [5], BOX)
    assert follow(tracker, transformed(gray, 1.0, 0.0, (320, 250), (325, 250)), color="gray")[0][0]
    tiny = np.full((3, 2), 9, np.uint8)
    far = np.array([[-50.0, -40.0, -10.0, 5.0]])
    tracker.remember(Image.of(tiny, "gray"), [1], far)
    found, turn, center = follow(tracker, tiny, far, "gray", (1,))
    assert not found[0] and np.isfinite(turn).all() and np.isfinite(center).all()
