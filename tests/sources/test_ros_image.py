"""Pixels out of `sensor_msgs/Image`: in place where they can be, right in every encoding, refused by name otherwise."""

from __future__ import annotations

import array
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeaffect import SourceError
from edgeaffect.draw import to_bgr
from edgeaffect.image import Image
from edgeaffect.sources.ros_image import COPIED, ENCODINGS, VIEWED, frame_of

cv2 = pytest.importorskip("cv2")
# Smooth, as pairs of pixels share their chroma, and different to the left, right, top and bottom.
ROWS, COLUMNS = np.mgrid[0:48, 0:64]
SCENE = np.stack([40 + COLUMNS * 2, 60 + ROWS * 3, 150 - COLUMNS], -1).astype(np.uint8)


def message(rows: np.ndarray, encoding: str, size: tuple[int, int], pad: int = 0) -> SimpleNamespace:
    """Rows [h, bytes] of an image of (width, height), with bytes that mean nothing at the end of each."""
    padded = np.concatenate([rows, np.full((len(rows), pad), 77, np.uint8)], 1)
    return SimpleNamespace(
        height=size[1], width=size[0], encoding=encoding, is_bigendian=0, step=padded.shape[1], data=padded.reshape(-1)
    )


def encoded(bgr: np.ndarray, encoding: str) -> np.ndarray:
    """Rows of bytes, by OpenCV."""
    height, width = bgr.shape[:2]
    key = encoding.lower()
    if key in ("bgr8", "8uc3"):
        return bgr.reshape(height, -1)
    if key in ("mono8", "8uc1"):
        return cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    if key == "nv12":
        planes = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420).reshape(-1)
        chroma = planes[height * width :].reshape(2, -1)
        return np.concatenate([planes[: height * width], chroma.T.reshape(-1)]).reshape(height * 3 // 2, width)
    codes = {
        "rgb8": cv2.COLOR_BGR2RGB, "bgra8": cv2.COLOR_BGR2BGRA, "8uc4": cv2.COLOR_BGR2BGRA, "rgba8": cv2.COLOR_BGR2RGBA,
        "yuyv": cv2.COLOR_BGR2YUV_YUY2, "yuv422_yuy2": cv2.COLOR_BGR2YUV_YUY2,
        "uyvy": cv2.COLOR_BGR2YUV_UYVY, "yuv422": cv2.COLOR_BGR2YUV_UYVY,
    }  # fmt: skip
    return cv2.cvtColor(bgr, codes[key]).reshape(height, -1)


@pytest.mark.parametrize("pad", [0, 6])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_shows_the_scene(encoding, pad):
    sent = message(encoded(SCENE, encoding), encoding, (64, 48), pad)
    frame = frame_of(sent)
    assert Image.of(frame.pixels, frame.color).size == (64, 48)
    seen = to_bgr(frame.pixels, frame.color)
    wanted = SCENE if encoding not in ("mono8", "8UC1") else cv2.cvtColor(cv2.cvtColor(SCENE, 6), cv2.COLOR_GRAY2BGR)
    exact = encoding not in ("nv12", "yuyv", "yuv422_yuy2", "uyvy", "yuv422")
    assert np.abs(seen.astype(int) - wanted).max() <= (0 if exact else 6)
    assert np.shares_memory(frame.pixels, sent.data) == (encoding in VIEWED)
    assert (encoding in VIEWED) != (encoding in COPIED)


@pytest.mark.parametrize("kind", [bytes, lambda data: array.array("B", data), list, memoryview, bytearray])
def test_data_of_any_kind(kind):
    sent = message(encoded(SCENE, "bgr8"), "bgr8", (64, 48))
    sent.data = kind(sent.data.tobytes())
    np.testing.assert_array_equal(frame_of(sent).pixels, SCENE)


def test_arrays_of_rclpy_are_looked_at_in_place():
    sent = message(encoded(SCENE, "bgr8"), "bgr8", (64, 48))
    sent.data = array.array("B", sent.data.tobytes())
    pixels = frame_of(sent).pixels
    sent.data[0] = 123
    assert pixels[0, 0, 0] == 123


@pytest.mark.parametrize("encoding", ["16UC1", "32FC1", "bayer_rggb8", "mono16", "nv21", "jpeg", ""])
def test_other_encodings_are_refused_by_name(encoding):
    with pytest.raises(SourceError, match=f"encoding '{encoding}' are not read, bgr8, "):
        frame_of(message(encoded(SCENE, "bgr8"), encoding, (64, 48)))


@given(
    st.sampled_from(ENCODINGS), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1),
    st.integers(0, 300),
)  # fmt: skip
def test_no_header_makes_it_read_what_is_not_there(encoding, width, height, step, size):
    """Whatever a header claims: a frame inside of the data, or an error that says what is wrong."""
    sent = SimpleNamespace(width=width, height=height, step=step, encoding=encoding, data=np.zeros(size, np.uint8))
    try:
        frame = frame_of(sent)
    except SourceError:
        return
    assert frame.pixels.nbytes <= max(size, 1) and int(frame.pixels.sum()) == 0


def test_compressed_images():
    picture = cv2.imencode(".png", SCENE)[1].reshape(-1)
    sent = SimpleNamespace(format="bgr8; png compressed bgr8", data=picture)
    np.testing.assert_array_equal(frame_of(sent).pixels, SCENE)
    with pytest.raises(SourceError, match="holds depth"):
        frame_of(SimpleNamespace(format="16UC1; compressedDepth png", data=picture))
    with pytest.raises(SourceError, match="CompressedImage of format 'jpeg'"):
        frame_of(SimpleNamespace(format="jpeg", data=np.zeros(10, np.uint8)))
    with pytest.raises(SourceError, match="max_pixels"):
        frame_of(sent, max_pixels=100)
    with pytest.raises(SourceError, match="is no image"):
        frame_of(object())
