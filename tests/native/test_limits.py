"""What would overflow, overlap or take hours is refused by name, with the same words by both variants of the core."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from edgeaffect import _pure, native

FRAME = np.full((8, 8, 3), 200, np.uint8)
ONE = np.array([[[1.0, 0, 0], [0, 1, 0]]])
VARIANTS = [native.crop_normalize]
if native.VARIANT != "pure" and importlib.util.find_spec("numba"):
    VARIANTS.append(_pure.crop_normalize)

NAN, INF = float("nan"), float("inf")


def matrix(a: float, b: float, c: float, d: float) -> np.ndarray:
    return np.array([[[a, b, 0], [c, d, 0]]], np.float64)


@pytest.fixture(params=VARIANTS, ids=lambda function: function.__module__.split(".")[1])
def crop(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return request.param


@pytest.fixture(params=[native, _pure], ids=["native", "pure"])
def core(request: pytest.FixtureRequest) -> Any:
    """What decodes and suppresses; the pure one needs NumPy only."""
    return request.param


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": NAN}, "scale must be a finite float32 number; got nan"),
        ({"scale": -NAN}, "scale must be a finite float32 number; got nan"),
        ({"scale": INF}, "scale must be a finite float32 number; got inf"),
        ({"scale": 1e300}, "scale must be a finite float32 number; got 1e\\+300"),
        ({"mean": [NAN]}, "mean must be a finite float32 number; got nan"),
        ({"mean": [0, -INF, 0]}, "mean must be a finite float32 number; got -inf"),
        ({"std": [INF]}, "std must be a finite float32 number; got inf"),
        ({"std": [1, NAN, 1]}, "std must be a finite float32 number; got nan"),
        ({"std": [0.0]}, "std must be positive; got 0"),
        ({"std": [-2.5]}, "std must be positive; got -2.5"),
        ({"std": [1e-300]}, "std must be positive; got 1e-300"),
        ({"std": [1e-38], "scale": 1e10}, "scale, mean, std and quant give values that float32 cannot hold"),
        ({"mean": [3e38], "std": [0.1]}, "scale, mean, std and quant give values that float32 cannot hold"),
        ({"dtype": "int8", "quant": (5e-324, 0)}, "quant scale must be positive; got 4.94066e-324"),
        ({"dtype": "int8", "quant": (NAN, 0)}, "quant scale must be a finite float32 number; got nan"),
        ({"dtype": "int8", "quant": (INF, 0)}, "quant scale must be a finite float32 number; got inf"),
        ({"dtype": "int8", "quant": (1e-38, 0), "scale": 10}, "values that float32 cannot hold"),
    ],
)
def test_numbers_that_give_no_number(crop, options, message):
    with pytest.raises(ValueError, match=f"^{message}|{message}$"):
        crop(FRAME, ONE, (2, 2), **options)


def test_the_largest_numbers_that_are_taken_stay_finite(crop):
    got = crop(FRAME, ONE, (2, 2), scale=1e35)
    assert np.isfinite(got).all()
    np.testing.assert_allclose(got, 2e37, rtol=1e-5)
    assert (crop(FRAME, ONE, (2, 2), scale=1e35, dtype="int8", quant=(1.0, 0)) == 127).all()
    assert (crop(FRAME, ONE, (2, 2), scale=-1e35, dtype="int8", quant=(1.0, 0)) == -128).all()


@pytest.mark.parametrize("strides", [(2**62, 2**62), (2**63 - 1, 64), (64, 2**63 - 1), (2**31, 64), (64, 2**61)])
def test_strides_whose_products_overflow(crop, strides):
    with pytest.raises(ValueError, match="spans 2 GiB or more"):
        crop(np.zeros(1000, np.uint8), ONE, (2, 2), color="nv12", frame_size=(8, 4), strides=strides)


@pytest.mark.parametrize("stride", [2**62, -(2**62), -(2**63), 2**31 - 1])
def test_views_whose_rows_lie_too_far_apart(crop, stride):
    bytes_ = np.zeros(64, np.uint8)
    for color, shape in {"gray": (4, 8), "nv12": (6, 8), "bgr": (4, 8, 3)}.items():
        frame = np.lib.stride_tricks.as_strided(bytes_, shape, (stride, *((3, 1) if len(shape) == 3 else (1,))))
        with pytest.raises(ValueError, match="spans 2 GiB or more"):
            crop(frame, ONE, (2, 2), color=color)
    luma, chroma = np.zeros((4, 8), np.uint8), np.lib.stride_tricks.as_strided(bytes_, (2, 4, 2), (stride, 2, 1))
    if abs(stride) > 2**31:
        with pytest.raises(ValueError, match="spans 2 GiB or more"):
            crop((luma, chroma), ONE, (2, 2), color="nv12")


@pytest.mark.parametrize(
    ("matrices", "size", "message"),
    [
        (matrix(4000, 0, 0, 1), (2000, 1), "matrix 0 asks for 8000000 samples per output row; at most 4194304"),
        (matrix(16384, 0, 0, 1), (32768, 1), "matrix 0 asks for 536870912 samples per output row"),
        (matrix(1500, 0.1, 0.1, 1500), (64, 64), r"matrices 0 to 0 ask for 9\d+ samples"),
        (np.repeat(matrix(60, 9, -9, 60), 500, 0), (56, 56), r"matrices 0 to \d+ ask for \d+ samples"),
        (np.repeat(matrix(9, 0, 0, 9), 9, 0), (4096, 4096), r"matrices 0 to 1 ask for 2717908992 samples"),
    ],
)  # fmt: skip
def test_matrices_that_ask_for_hours(crop, matrices, size, message):
    started = time.thread_time()
    with pytest.raises(ValueError, match=message):
        crop(np.zeros((64, 64, 3), np.uint8), matrices, size, dtype="int8", quant=(1.0, 0))
    assert time.thread_time() - started < 5


def test_the_largest_frame_in_one_small_picture_is_not_too_much(crop):
    if crop is _pure.crop_normalize:
        pytest.skip("a minute for a billion samples")
    frame = np.full((8192, 8192), 7, np.uint8)  # as many megabytes as a test may take; the count is what matters
    np.testing.assert_allclose(crop(frame, matrix(52, 0, 0, 52), (640, 640), color="gray", to="gray", scale=1.0,
                                    border="replicate"), 7, rtol=1e-5)  # fmt: skip


def test_out_may_not_lie_in_what_is_read(crop):
    gray = np.zeros((64, 64), np.uint8)
    options: dict[str, Any] = {"color": "gray", "to": "gray", "dtype": "int8", "quant": (1.0, 0)}
    with pytest.raises(ValueError, match="out overlaps the memory of the frame or of the matrices"):
        crop(gray, ONE, (64, 64), out=gray.view(np.int8).reshape(1, 1, 64, 64), **options)
    flipped = gray[::-1]
    with pytest.raises(ValueError, match="out overlaps"):
        crop(flipped, ONE, (64, 1), out=gray[:1].view(np.int8).reshape(1, 1, 1, 64), **options)
    luma, chroma = np.zeros((8, 8), np.uint8), np.zeros((4, 4, 2), np.uint8)
    with pytest.raises(ValueError, match="out overlaps"):
        crop((luma, chroma), ONE, (4, 2), out=chroma.view(np.int8).reshape(-1)[8:16].reshape(1, 1, 2, 4),
             **{**options, "color": "nv12"})  # fmt: skip
    matrices = np.zeros(12)
    matrices[:6] = ONE.ravel()
    with pytest.raises(ValueError, match="out overlaps"):
        crop(gray, matrices[:6].reshape(1, 2, 3), (2, 2), out=matrices.view(np.float32)[8:12].reshape(1, 1, 2, 2),
             color="gray", to="gray")  # fmt: skip


def test_out_beside_the_frame_in_one_buffer_is_fine(crop):
    buffer = np.zeros(8192, np.uint8)
    frame, out = buffer[:4096].reshape(64, 64), buffer[4096:].view(np.int8).reshape(1, 1, 64, 64)
    frame[:] = 9
    crop(frame, ONE, (64, 64), color="gray", to="gray", scale=1.0, dtype="int8", quant=(1.0, 0), out=out,
         border="replicate")  # fmt: skip
    assert (out == 9).all() and (frame == 9).all()


DECODE: dict[str, Any] = {"score_threshold": 0.5, "iou_threshold": 0.4, "top_k": 400, "max_faces": 100}


@pytest.mark.parametrize("stride", [0, -8, 65537, 2**31 - 1])
def test_strides_that_no_detector_has(core, stride):
    maps = np.zeros((1, 15, 2, 2), np.float32)
    maps[0, 0] = NAN
    with pytest.raises(ValueError, match=f"strides must be 1 to 65536; got {stride}$"):
        core.decode_faces([maps], [stride], **DECODE)
    with pytest.raises(ValueError, match="the score logit is not finite at stride 65536, row 0, column 0"):
        core.decode_faces([maps], [65536], **DECODE)


@pytest.mark.parametrize("top_k", [0, -1, 100_001, 2**31 - 1])
def test_candidates_whose_pairs_would_take_hours(core, top_k):
    maps = np.full((1, 15, 2, 2), -9, np.float32)
    with pytest.raises(ValueError, match=f"top_k must be 1 to 100000; got {top_k}$"):
        core.decode_faces([maps], [8], **{**DECODE, "top_k": top_k})
    assert len(core.decode_faces([maps], [8], **{**DECODE, "top_k": 100_000})[1]) == 0


def test_boxes_whose_pairs_would_take_hours(core):
    boxes = np.zeros((100_001, 4), np.float32)
    with pytest.raises(ValueError, match="boxes must be at most 100000; got 100001"):
        core.nms(boxes, boxes[:, 0].copy(), 0.5)
    same = np.tile(np.array([0, 0, 1, 1], np.float32), (1000, 1))
    assert core.nms(same, same[:, 0].copy(), 0.5).tolist() == [0]


def test_maps_of_more_cells_than_can_be_counted(core):
    maps = np.zeros((1, 15, 8192, 8193), np.float32)  # 4 GB that nobody touches
    with pytest.raises(
        ValueError, match=r"outputs\[0\] must have at most 67108864 cells; got shape \[1, 15, 8192, 8193\]"
    ):
        core.decode_faces([maps], [8], **DECODE)


@pytest.mark.filterwarnings("error")
def test_thresholds_beyond_float32(core):
    maps = np.full((1, 15, 1, 1), 1.0, np.float32)
    maps[0, 0] = 50
    # As float32 they are 0 and 1: every cell is a candidate, and none is.
    assert len(core.decode_faces([maps], [8], **{**DECODE, "score_threshold": 1e-300})[1]) == 1
    assert len(core.decode_faces([maps], [8], **{**DECODE, "score_threshold": 1 - 1e-12})[1]) == 0
    for name in ("score_threshold", "iou_threshold"):
        with pytest.raises(ValueError, match=name):
            core.decode_faces([maps], [8], **{**DECODE, name: NAN})
    with pytest.raises(ValueError, match=r"iou must be in 0\.\.1; got nan"):
        core.nms(np.zeros((1, 4), np.float32), np.zeros(1, np.float32), NAN)
