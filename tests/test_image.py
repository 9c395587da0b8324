"""What callers hand in: every wrong frame gets an error that names it; every odd but right one passes."""

import numpy as np
import pytest

from edgeaffect import native
from edgeaffect.image import COLORS, MAX_SIDE, check_frame

BGR = np.zeros((6, 8, 3), np.uint8)


@pytest.mark.parametrize(
    ("frame", "color", "error", "message"),
    [
        (None, "bgr", TypeError, "NoneType .*cannot read"),
        ([[1, 2]], "gray", TypeError, "list"),
        (BGR.astype(np.float64), "bgr", TypeError, "float64.*uint8"),
        (np.full((4, 4, 3), np.nan), "bgr", TypeError, "uint8"),
        (BGR.astype(np.uint16), "bgr", TypeError, "uint16"),
        (np.zeros((4, 4, 5), np.uint8), "bgr", ValueError, r"\[4, 4, 5\]"),
        (np.zeros((4, 4, 4), np.uint8), "bgr", ValueError, "bgra"),
        (np.zeros((4, 4), np.uint8), "rgb", ValueError, "gray"),
        (np.zeros((0, 0, 3), np.uint8), "bgr", ValueError, "empty"),
        (np.zeros((0, 5), np.uint8), "gray", ValueError, "empty"),
        (BGR, "hsv", ValueError, "color must be one of"),
        (np.zeros((8, 8), np.uint8), "nv12", ValueError, "3 / 2"),
        (np.zeros((9, 7), np.uint8), "nv12", ValueError, "even width"),
        (np.zeros((9, 7, 2), np.uint8), "yuyv", ValueError, "even width"),
        (np.zeros(12, np.uint8), "gray", ValueError, r"\[12\]"),
        (BGR, ["bgr"], ValueError, "color must be one of"),
        (BGR.astype(np.uint16), "bgr", TypeError, ">> 8"),
        (np.zeros((2, 40000, 3), np.uint8), "bgr", ValueError, "40000x2 .*at most 32768: scale it down"),
    ],
)
def test_wrong_frames(frame, color, error, message):
    with pytest.raises(error, match=message):
        check_frame(frame, color)


def test_sizes_of_every_format():
    shapes = {
        "bgr": (6, 8, 3),
        "rgb": (6, 8, 3),
        "bgra": (6, 8, 4),
        "gray": (6, 8),
        "nv12": (9, 8),
        "yuyv": (6, 8, 2),
    }
    assert set(shapes) == set(COLORS)
    for color, shape in shapes.items():
        frame = np.zeros(shape, np.uint8)
        same, size = check_frame(frame, color)
        assert size == (8, 6) and same is frame


@pytest.mark.parametrize(
    "view",
    [lambda f: f[..., ::-1], lambda f: f[:, ::-1], lambda f: f[:, ::2], lambda f: f.transpose(1, 0, 2)],
)
def test_scattered_pixels_are_gathered_once(view):
    frame = np.random.default_rng(0).integers(0, 255, (6, 8, 3), np.uint8)
    packed, _ = check_frame(view(frame), "bgr")
    np.testing.assert_array_equal(packed, view(frame))
    assert packed.strides[2] == 1


def test_rows_may_lie_anywhere_without_a_copy():
    frame = np.zeros((12, 16, 3), np.uint8)
    for view in (frame[::-1], frame[::2], frame[2:8, 3:9]):
        assert check_frame(view, "bgr")[0] is view


def test_the_largest_frame_is_the_cores():
    matrix, out = np.eye(2, 3, dtype=np.float32)[None], np.empty((1, 3, 1, 1), np.float32)
    native.crop_normalize(np.zeros((1, MAX_SIDE, 3), np.uint8), matrix, (1, 1), out=out)
    with pytest.raises(ValueError, match=str(MAX_SIDE)):
        native.crop_normalize(np.zeros((1, MAX_SIDE + 1, 3), np.uint8), matrix, (1, 1), out=out)
