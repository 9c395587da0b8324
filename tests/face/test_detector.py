"""How a frame becomes the detector's input, and which of the found faces count."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edgeaffect import FaceDetector
from edgeaffect.face.detector import Letterbox
from edgeaffect.options import DetectOptions


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector(device="cpu", max_side=320)


@pytest.mark.parametrize(
    ("size", "scale", "padded"),
    [
        ((640, 480), 0.5, (320, 256)),
        ((480, 640), 0.5, (256, 320)),
        ((320, 200), 1.0, (320, 224)),
        ((200, 100), 1.0, (224, 128)),  # small frames are padded, not enlarged
        ((1, 1), 1.0, (32, 32)),
    ],
)
def test_frames_shrink_to_max_side_and_are_padded(
    detector: FaceDetector, size: tuple[int, int], scale: float, padded: tuple[int, int]
) -> None:
    assert detector.letterbox(*size) == Letterbox(size, (0, 0, *size), scale, padded)


def test_max_side_zero_keeps_the_size() -> None:
    box = FaceDetector(device="cpu", max_side=0).letterbox(1000, 40)
    assert (box.scale, box.size) == (1.0, (1024, 64))


def test_stills_are_looked_at_more_closely() -> None:
    detector = FaceDetector(device="cpu")
    assert [detector.letterbox(2560, 1280, still=still).size for still in (False, True)] == [(320, 160), (1280, 640)]


def test_a_region_is_whole_pixels_that_cover_it() -> None:
    detector = FaceDetector(device="cpu", max_side=320, options=DetectOptions(roi=(0.1, 0.3, 0.55, 0.9)))
    box = detector.letterbox(101, 51)
    assert (box.region, box.scale, box.size) == ((10, 15, 56, 46), 1.0, (64, 32))
    # Input pixels to frame pixels: the corner of the input is that of the region.
    np.testing.assert_array_equal(box.matrix, np.array([[1, 0, 10], [0, 1, 15]], np.float32))


def test_boxes_count_when_their_centres_lie_in_the_region() -> None:
    box = Letterbox((100, 100), (20, 30, 60, 80), 1.0, (64, 64))
    centers = np.array([[20, 30], [60, 80], [40, 50], [19, 50], [61, 50], [40, 29], [40, 81]], np.float32)
    boxes = np.concatenate([centers - 8, centers + 8], 1)
    assert box.holds(boxes).tolist() == [True, True, True, False, False, False, False]
    np.testing.assert_array_equal(box.clip(np.array([[-3, -4, 103, 104]], np.float32)), [[0, 0, 100, 100]])


def test_a_face_that_shows_in_the_padding_alone_is_not_in_the_region() -> None:
    """The input is padded with what lies beside the region: here 46 pixels, with a face in them."""
    portrait = pytest.importorskip("skimage.data").astronaut()[40:220, 150:300, ::-1]
    frame = np.full((480, 640, 3), 90, np.uint8)
    frame[200:260, 288:338] = cv2.resize(portrait, (50, 60), interpolation=cv2.INTER_AREA)
    for right, count in ((340, 1), (290, 0)):
        detector = FaceDetector(device="cpu", max_side=320, options=DetectOptions(roi=(0, 0, right / 640, 1)))
        assert len(detector.detect(frame)) == count
