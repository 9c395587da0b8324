"""crop_normalize against the naive float64 reference, against OpenCV, and at its edges."""

from __future__ import annotations

import json
import math
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgeaffect import native

COLORS = ("bgr", "rgb", "bgra", "gray", "nv12", "yuyv")
SHAPES = ((1, 1), (2, 2), (17, 23), (3, 97), (100, 2), (64, 48))  # (height, width); primes and slivers

# Error bound in grey levels of one sampled channel, from the notes in csrc/crop: [Fixed-point taps] in crop_taps.h
# (0.024), [Windows] in crop_windows.h (0.024), [Sums of rows and columns] in crop_aligned_avx512.h and [Sums in 16
# bits] in crop_sums.h (0.025), and what their arithmetic in double and fp32 adds.
LEVELS = 0.028
# An error in Y, U and V can add up in one colour channel: 1.164 + 2.112 for blue of limited BT.709.
YUV_GAIN = 3.3
# fp32 colour and normalisation: a few roundings (2^-24 each) of values up to 255 * YUV_GAIN * scale.
FLOAT_LEVELS = 255 * YUV_GAIN * 2.0**-21


def tolerance(color: str, scale: float = 1 / 255, std: float = 1.0) -> float:
    return (LEVELS * (YUV_GAIN if color in ("nv12", "yuyv") else 1) + FLOAT_LEVELS) * scale / std


def random_frame(color: str, height: int, width: int, seed: int = 0) -> Any:
    """A frame of noise: the highest contrast there is."""
    rng = np.random.default_rng(seed)
    if color in ("nv12", "yuyv"):
        height, width = height + height % 2, width + width % 2
    if color == "nv12":
        return (
            rng.integers(0, 256, (height, width), dtype=np.uint8),
            rng.integers(0, 256, (height // 2, width // 2, 2), dtype=np.uint8),
        )
    shape = {"gray": (height, width), "bgra": (height, width, 4), "yuyv": (height, width, 2)}
    return rng.integers(0, 256, shape.get(color, (height, width, 3)), dtype=np.uint8)


def rotated(center: tuple[float, float], scale: float, angle: float, size: tuple[int, int]) -> NDArray[np.float64]:
    """Matrix that maps an output of `size`, turned by `angle`, around `center` of the frame."""
    c, s = math.cos(angle) * scale, math.sin(angle) * scale
    w, h = size
    return np.array([[c, -s, center[0] - c * w / 2 + s * h / 2], [s, c, center[1] - s * w / 2 - c * h / 2]])


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("border", ["constant", "replicate"])
def test_matches_reference_on_awkward_shapes(color: str, shape: tuple[int, int], border: str) -> None:
    frame = random_frame(color, *shape)
    size = (5, 3)
    matrices = np.stack(
        [
            rotated((shape[1] / 2, shape[0] / 2), scale, angle, size)
            for scale, angle in ((0.3, 0.4), (1.0, -2.0), (2.4, 0.17), (4.5, 1.2), (1.0, 0.0), (3.7, 0.0))
        ]
    )
    options = {"color": color, "border": border, "border_value": 77}
    got = native.crop_normalize(frame, matrices, size, **options)
    expected = reference.crop_normalize(frame, matrices, size, **options)
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance(color))


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("to", ["rgb", "bgr", "gray"])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_every_format_layout_and_dtype(color: str, to: str, layout: str, dtype: str) -> None:
    frame = random_frame(color, 31, 37)
    size = (7, 5)
    matrices = np.stack([rotated((18, 15), 2.6, 0.3, size), rotated((30, 4), 0.7, -0.9, size)]).astype(np.float32)
    mean, std = ((0.4,), (0.25,)) if to == "gray" else ((0.4, 0.5, 0.6), (0.25, 0.3, 0.35))
    quant = (0.03, -5) if dtype == "int8" else None
    options: dict[str, Any] = {
        "color": color, "to": to, "mean": mean, "std": std, "layout": layout, "quant": quant, "border": "replicate",
    }  # fmt: skip
    got = native.crop_normalize(frame, matrices, size, dtype=dtype, **options)
    expected = reference.crop_normalize(frame, matrices, size, **options)
    assert got.dtype == dtype
    assert got.shape == expected.shape
    bound = tolerance(color, std=min(std))
    if dtype == "float16":
        bound += np.abs(expected).max() * 2.0**-11  # half a unit in the last place of binary16
    if quant is not None:
        expected = expected.clip(-128 * 1.0, 127)
        bound = bound / quant[0] + 0.5  # rounding to the nearest integer
    np.testing.assert_allclose(got.astype(np.float64), expected, rtol=0, atol=bound)


@pytest.mark.parametrize("yuv_matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("yuv_range", ["limited", "full"])
@pytest.mark.parametrize("color", ["nv12", "yuyv"])
def test_yuv_conversions(color: str, yuv_matrix: str, yuv_range: str) -> None:
    frame = random_frame(color, 12, 14)
    matrices = np.stack([rotated((7, 6), 1.3, 0.2, (6, 6)), rotated((3, 9), 2.2, 0.0, (6, 6))])
    for to in ("rgb", "gray"):
        options = {"color": color, "to": to, "yuv_matrix": yuv_matrix, "yuv_range": yuv_range, "border_value": 40}
        got = native.crop_normalize(frame, matrices, (6, 6), **options)
        expected = reference.crop_normalize(frame, matrices, (6, 6), **options)
        np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance(color))


@settings(max_examples=150, deadline=None)
@given(
    color=st.sampled_from(COLORS),
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    center=st.tuples(st.floats(-20, 60), st.floats(-20, 60)),
    scales=st.tuples(st.floats(0.05, 7), st.floats(0.05, 7)),
    angle=st.sampled_from([0.0, math.pi / 2, math.pi]) | st.floats(-math.pi, math.pi),
    flip=st.booleans(),
    border=st.sampled_from(["constant", "replicate"]),
)
def test_any_affine_map(color, shape, size, center, scales, angle, flip, border) -> None:
    frame = random_frame(color, *shape)
    matrix = rotated(center, 1.0, angle, size)
    matrix[:, 0] *= scales[0] * (-1 if flip else 1)
    matrix[:, 1] *= scales[1]
    options = {"color": color, "border": border, "border_value": 200}
    got = native.crop_normalize(frame, matrix[None], size, **options)
    expected = reference.crop_normalize(frame, matrix[None], size, **options)
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance(color))


@pytest.mark.parametrize("color", ["bgr", "gray", "nv12", "yuyv"])
@pytest.mark.parametrize("border", ["constant", "replicate"])
@pytest.mark.parametrize("scale", [0.7, 2.0, 3.3, 4.0, 6.5, 9.0])
@pytest.mark.parametrize("flip", [1, -1])
def test_letterbox_with_padding_on_every_side(color: str, border: str, scale: float, flip: int) -> None:
    """Axis-aligned boxes larger than the frame: rows and columns that see only the border, up to far outside."""
    size = (21, 9)
    frame = random_frame(color, int(3 * scale), int(9 * scale))
    matrix = np.array([[flip * scale, 0, -6 * scale if flip > 0 else 15 * scale], [0, scale, -3.2 * scale]])
    options = {"color": color, "border": border, "border_value": 90}
    got = native.crop_normalize(frame, matrix[None], size, **options)
    expected = reference.crop_normalize(frame, matrix[None], size, **options)
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance(color))


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("angle", [0.17, -0.5, 0.785, 1.57, 3.0])
@pytest.mark.parametrize(
    ("scale", "size"), [(0.95, (19, 9)), (1.9, (11, 5)), (2.8, (9, 3)), (4.6, (5, 3)), (11.0, (2, 2))]
)
def test_rotated_boxes_inside_a_large_frame(color: str, angle: float, scale: float, size: tuple[int, int]) -> None:
    """Far from the border, where taps are read straight from the frame; every shape of block."""
    frame = random_frame(color, 80, 120)
    matrix = rotated((60.3, 40.6), scale, angle, size)[None]
    got = native.crop_normalize(frame, matrix, size, color=color)
    np.testing.assert_allclose(
        got, reference.crop_normalize(frame, matrix, size, color=color), rtol=0, atol=tolerance(color)
    )


def test_many_taps_do_not_overflow() -> None:
    frame = np.full((400, 900, 3), 255, np.uint8)
    for angle in (0.0, 0.05):
        matrix = rotated((450, 200), 300, angle, (1, 1))[None]  # 301 * 301 taps of 255
        np.testing.assert_allclose(native.crop_normalize(frame, matrix, (1, 1)), 1.0, rtol=1e-5)


def test_constant_image_stays_constant() -> None:
    frame = np.full((50, 60, 3), 201, np.uint8)
    for scale in (0.2, 1.0, 1.9, 3.3, 5.1, 7.0):
        for angle in (0.4, 0.0):
            matrix = rotated((30, 25), scale, angle, (8, 8))[None]
            got = native.crop_normalize(frame, matrix, (8, 8), border="replicate")
            # Integer weights sum to exactly one; fp32 weights, where boxes have too many rows or columns, nearly so.
            np.testing.assert_allclose(got, 201 / 255, rtol=3e-7 if angle else 1e-6)


@pytest.mark.parametrize("width", [360, 480])
def test_nothing_of_the_call_before_is_left(width: int) -> None:
    """On AVX-512 the 16-bit sums of a dark frame are NaN as floats, and a column of weight 0 read them."""
    dark, frame = np.ones((8, 2000), np.uint8), np.full((8, width), 100, np.uint8)
    for scale in (65.1, 71.7, 75.2, 80.3):
        for start in np.arange(-5.0, 40.0, 3.1):
            native.crop_normalize(dark, np.eye(2, 3)[None], (2000, 8), color="gray", to="gray")
            matrix = np.array([[[scale, 0, start], [0, 1, 0]]])  # more taps than its sums hold: the floats of AVX2
            got = native.crop_normalize(frame, matrix, (int((width - start) // scale), 8), color="gray", to="gray",
                                        border="replicate")  # fmt: skip
            np.testing.assert_allclose(got, 100 / 255, rtol=1e-5)


def test_close_to_opencv_at_one_tap() -> None:
    cv2 = pytest.importorskip("cv2")
    y, x = np.mgrid[0:80, 0:90]
    slope = 2  # grey levels per pixel along x, and along y
    frame = np.minimum(slope * x + slope * y // 2, 255).astype(np.uint8)
    matrix = rotated((45, 40), 0.8, 0.3, (40, 36))
    # OpenCV's indices are at integer centres: shift by half a pixel on both sides of the map.
    shifted = matrix.copy()
    shifted[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(frame, shifted, (40, 36), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    got = native.crop_normalize(frame, matrix[None], (40, 36), color="gray", to="gray", scale=1.0, border="replicate")
    # OpenCV 4.8 rounds positions to 1/32 pixel (an error of 1/64 per axis) and the result to an integer.
    bound = 0.5 + slope * 2 / 64 + LEVELS
    np.testing.assert_allclose(got[0, 0], warped, rtol=0, atol=bound)


def test_strided_frames_equal_contiguous_ones() -> None:
    frame = random_frame("bgr", 40, 50)
    matrices = np.stack([rotated((25, 20), 2.2, 0.3, (8, 8)), rotated((45, 38), 1.4, 0.0, (8, 8))])
    for view in (frame[::-1], frame[3:33, 5:45], frame[::2], np.broadcast_to(frame[:1], frame.shape)):
        expected = native.crop_normalize(np.ascontiguousarray(view), matrices, (8, 8))
        np.testing.assert_array_equal(native.crop_normalize(view, matrices, (8, 8)), expected)


def test_nv12_forms_agree() -> None:
    y, uv = random_frame("nv12", 30, 40)
    stacked = np.concatenate([y, uv.reshape(15, 40)])
    padded_y, padded_uv = np.zeros((30, 48), np.uint8), np.zeros((15, 64), np.uint8)
    padded_y[:, :40], padded_uv[:, :40] = y, uv.reshape(15, 40)
    padded = np.concatenate([padded_y.ravel(), padded_uv.ravel()])
    matrices = rotated((20, 15), 1.7, 0.3, (9, 9))[None]
    expected = native.crop_normalize((y, uv), matrices, (9, 9), color="nv12")
    for frame, options in (
        (stacked, {}),
        (stacked.ravel(), {"frame_size": (40, 30)}),
        (padded, {"frame_size": (40, 30), "strides": (48, 64)}),
    ):
        got = native.crop_normalize(frame, matrices, (9, 9), color="nv12", **options)
        np.testing.assert_array_equal(got, expected)


def test_yuyv_buffer() -> None:
    frame = random_frame("yuyv", 10, 12)
    padded = np.zeros((10, 32), np.uint8)
    padded[:, :24] = frame.reshape(10, 24)
    matrices = rotated((6, 5), 1.2, 0.3, (5, 5))[None]
    expected = native.crop_normalize(frame, matrices, (5, 5), color="yuyv")
    got = native.crop_normalize(padded.ravel(), matrices, (5, 5), color="yuyv", frame_size=(12, 10), strides=(32,))
    np.testing.assert_array_equal(got, expected)


def test_out_is_filled_and_returned() -> None:
    frame, matrices = random_frame("bgr", 20, 20), np.stack([rotated((10, 10), 1.1, 0.2, (6, 4))] * 3)
    out = np.full((3, 3, 4, 6), np.nan, np.float32)
    assert native.crop_normalize(frame, matrices, (6, 4), out=out) is out
    np.testing.assert_array_equal(out, native.crop_normalize(frame, matrices, (6, 4)))
    for bad in (out[:2], out.astype(np.float64), out[..., ::-1], np.empty((3, 4, 6, 3), np.float32)):
        with pytest.raises(ValueError, match="out must be"):
            native.crop_normalize(frame, matrices, (6, 4), out=bad)


def test_no_boxes() -> None:
    got = native.crop_normalize(random_frame("bgr", 4, 4), np.empty((0, 2, 3), np.float32), (6, 4))
    assert got.shape == (0, 3, 4, 6)


def test_int8_rounds_half_to_even_and_saturates() -> None:
    frame = np.arange(0, 256, dtype=np.uint8)[None]
    identity = np.array([[[1.0, 0, 0], [0, 1, 0]]])
    options: dict[str, Any] = {"color": "gray", "to": "gray", "scale": 1.0, "dtype": "int8"}
    got = native.crop_normalize(frame, identity, (256, 1), quant=(2.0, -20), **options)[0, 0, 0]
    expected = np.clip(np.rint(np.arange(256) / 2 - 20), -128, 127)
    np.testing.assert_array_equal(got, expected)


def test_far_boxes_see_only_border() -> None:
    frame = random_frame("bgr", 10, 10)
    for distance in (1e3, 1e9, 1e18):
        matrices = np.stack([rotated((distance, -distance), 1.3, angle, (4, 4)) for angle in (0.0, 0.3)])
        got = native.crop_normalize(frame, matrices, (4, 4), scale=1.0, border_value=9)
        np.testing.assert_allclose(got, 9, rtol=1e-6)
        got = native.crop_normalize(frame, matrices, (4, 4), scale=1.0, border="replicate")
        np.testing.assert_allclose(got, np.broadcast_to(frame[0, 9, ::-1, None, None], got.shape), rtol=1e-6)


GOOD: dict[str, Any] = {"frame": np.zeros((8, 8, 3), np.uint8), "matrices": np.eye(2, 3)[None], "size": (4, 4)}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"frame": np.zeros((8, 8, 3), np.float32)}, TypeError, "uint8"),
        ({"frame": [[1]]}, TypeError, "NumPy array"),
        ({"frame": np.zeros((8, 8), np.uint8)}, ValueError, r"\[height, width, 3\]"),
        ({"frame": np.zeros((8, 8, 5), np.uint8)}, ValueError, r"got \[8, 8, 5\]"),
        ({"frame": np.zeros((0, 8, 3), np.uint8)}, ValueError, "empty"),
        ({"frame": np.zeros((8, 8, 3), np.uint8)[:, ::2]}, ValueError, "ascontiguousarray"),
        ({"frame": np.zeros((8, 8, 3), np.uint8)[..., ::-1]}, ValueError, "ascontiguousarray"),
        ({"frame": np.zeros((8, 7, 2), np.uint8), "color": "yuyv"}, ValueError, "even width"),
        ({"frame": np.zeros((8, 8), np.uint8), "color": "nv12"}, ValueError, "multiple of 3"),
        ({"frame": np.zeros(96, np.uint8), "color": "nv12"}, ValueError, "frame_size"),
        ({"frame": np.zeros(95, np.uint8), "color": "nv12", "frame_size": (8, 8)}, ValueError, "needs 96"),
        ({"frame_size": (8, 8)}, ValueError, "1-D"),
        ({"matrices": np.eye(2, 3)}, ValueError, r"\[N, 2, 3\]"),
        ({"matrices": np.eye(2, 3, dtype=int)[None]}, TypeError, "float"),
        ({"matrices": np.zeros((1, 2, 3))}, ValueError, "matrix 0 is singular"),
        ({"matrices": np.array([np.eye(2, 3), [[1, 2, 0], [2, 4, 0]]])}, ValueError, "matrix 1 is singular"),
        ({"matrices": np.full((1, 2, 3), np.nan)}, ValueError, "matrix 0 holds NaN"),
        ({"matrices": np.array([[[1, 0, np.inf], [0, 1, 0]]])}, ValueError, "matrix 0 holds NaN or inf"),
        ({"matrices": np.eye(2, 3)[None] * 1e6}, ValueError, "at most 16384"),
        ({"size": (0, 4)}, ValueError, "size"),
        ({"size": (4, 100000)}, ValueError, "size"),
        ({"color": "hsv"}, ValueError, "color must be one of bgr, rgb, bgra, gray, nv12, yuyv; got 'hsv'"),
        ({"to": "bgra"}, ValueError, "to must be one of"),
        ({"layout": "chw"}, ValueError, "layout"),
        ({"dtype": "float64"}, ValueError, "dtype"),
        ({"dtype": "int8"}, ValueError, "quant"),
        ({"quant": (1.0, 0)}, ValueError, "quant"),
        ({"dtype": "int8", "quant": (0.0, 0)}, ValueError, "quant scale"),
        ({"border": "reflect"}, ValueError, "border"),
        ({"border_value": 256}, ValueError, "border_value"),
        ({"mean": (1.0, 2.0)}, ValueError, "mean must hold 1 or 3"),
        ({"std": (0.0,)}, ValueError, "std"),
        ({"yuv_matrix": "bt2020"}, ValueError, "yuv_matrix"),
        ({"yuv_range": "tv"}, ValueError, "yuv_range"),
    ],
)
def test_bad_input_is_named(change: dict[str, Any], error: type[Exception], message: str) -> None:
    arguments = {**GOOD, **change}
    with pytest.raises(error, match=message):
        native.crop_normalize(arguments.pop("frame"), arguments.pop("matrices"), arguments.pop("size"), **arguments)


def test_threads_do_not_disturb_each_other() -> None:
    frame = random_frame("bgr", 200, 300)
    cases = [
        (rotated((150, 100), s, 0.3, (n, n))[None], (n, n)) for s, n in ((3.1, 31), (0.7, 64), (1.6, 17), (9.0, 7))
    ]
    expected = [native.crop_normalize(frame, m, size) for m, size in cases]
    wrong: list[int] = []

    def work(index: int) -> None:
        m, size = cases[index]
        for _ in range(30):
            if not np.array_equal(native.crop_normalize(frame, m, size), expected[index]):
                wrong.append(index)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(cases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


_SIMD_SCRIPT = """
import sys, json, hashlib, numpy as np
from edgeaffect import native
sys.path[:0] = sys.argv[1].split(":")
import test_crop_normalize as t
values = []
for color in t.COLORS:
    frame = t.random_frame(color, 130, 170)
    for n, scale in ((40, 1.0), (33, 2.0), (12, 4.6), (21, 0.5), (9, 7.3)):
        for angle in (0.0, 0.17, 0.7, 2.0):
            m = np.stack([t.rotated(c, scale, angle, (n, n)) for c in ((85, 65), (160, 20))])
            values.append(native.crop_normalize(frame, m, (n, n), color=color, border="replicate").ravel())
np.save(sys.argv[2], np.concatenate(values))
print(native.simd())
"""


@pytest.mark.skipif(native.VARIANT == "pure", reason="the pure variant has one path")
def test_every_simd_path_agrees_with_scalar(tmp_path) -> None:
    results = {}
    for path in ("scalar", "avx2", "avx512", "neon"):
        target = tmp_path / f"{path}.npy"
        modules = f"{Path(__file__).parent}:{Path(__file__).parents[1]}"
        command = [sys.executable, "-c", _SIMD_SCRIPT, modules, str(target)]
        done = subprocess.run(
            command, env={**os.environ, "EDGEAFFECT_SIMD": path}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            assert f"EDGEAFFECT_SIMD={path} is not available here" in done.stderr
            continue
        assert done.stdout.strip() == path
        results[path] = np.load(target)
    assert "scalar" in results
    assert native.simd() in results
    for values in results.values():
        # both are within the bound of the exact value
        np.testing.assert_allclose(values, results["scalar"], rtol=0, atol=2 * tolerance("nv12"))


@pytest.mark.skipif(native.VARIANT == "pure", reason="the pure variant has one path")
def test_unknown_simd_path_is_an_error() -> None:
    code = "from edgeaffect import native; native.simd()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "EDGEAFFECT_SIMD": "mmx"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "EDGEAFFECT_SIMD=mmx is not available here; allowed: " in done.stderr


def test_nothing_is_allocated_once_warm() -> None:
    """Peak memory does not grow by repeated calls into a caller's buffer."""
    code = """
import json, resource, numpy as np
from edgeaffect import native
frame = np.zeros((1080, 1920, 3), np.uint8)
m = np.array([[[4.0, 0.7, 300], [-0.7, 4.0, 300]]] * 8)
out = np.empty((8, 3, 112, 112), np.float32)
def peak():
    for _ in range(3): native.crop_normalize(frame, m, (112, 112), out=out)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
first = peak()
for _ in range(20): last = peak()
print(json.dumps(last - first))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) < 512  # KiB


def test_a_frame_from_another_process_is_a_frame() -> None:
    """Unpickled arrays have a dtype object of their own, equal to NumPy's but not the same."""
    frame = random_frame("bgr", 9, 11)
    sent = pickle.loads(pickle.dumps(frame))
    assert sent.dtype is not frame.dtype
    matrix = np.eye(2, 3)[None]
    expected = native.crop_normalize(frame, matrix, (5, 4))
    np.testing.assert_array_equal(native.crop_normalize(sent, matrix, (5, 4)), expected)


@pytest.mark.parametrize("color", ["bgr", "gray", "nv12"])
def test_rows_beyond_one_batch_of_sums(color: str) -> None:
    """An output row that weighs more rows of the frame than one 32-bit sum takes (kRowBatch), with none left over."""
    frame = random_frame(color, 1100, 6, seed=3)
    matrices = np.array([[[1.5, 0, -1], [0, 520.3, 3]], [[2, 0, 0], [0, 1100 / 3, 0]], [[1, 0, 0], [0, 512, 0]]])
    for border in ("constant", "replicate"):
        options = {"color": color, "border": border, "border_value": 9}
        got = native.crop_normalize(frame, matrices, (3, 3), **options)
        wanted = reference.crop_normalize(frame, matrices, (3, 3), **options)
        np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance(color))
