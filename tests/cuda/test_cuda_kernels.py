"""The CUDA kernels against naive float64 references: on the GPU, and as host loops of the same source."""

from __future__ import annotations

import ctypes
import itertools

import numpy as np
import pytest
import reference
from cuda_kernels import Kernels

COLORS = ("bgr", "rgb", "bgra", "gray", "nv12", "yuyv")
# Positions are off by 2^-22 of the largest coordinate and 2^-16 pixels (sample_body.h). Frames here are under 128 px,
# and contrast is at most 255 (times 2.02, the largest YUV gain): (128 * 2^-22 + 2^-16) * 255 * 2.02 * 2 axes = 0.047.
LEVELS = 0.05


YUV_VARIANTS = list(itertools.product(("nv12", "yuyv"), ("bt601", "bt709"), ("limited", "full")))


def picture(color: str, width: int, height: int, seed: int = 0):
    """Random frame of any colour as (what the kernels take, what the reference takes)."""
    rng = np.random.default_rng(seed)
    shapes = {"bgr": (3,), "rgb": (3,), "bgra": (4,), "gray": (), "yuyv": (2,), "nv12": ()}
    frame = rng.integers(0, 256, (height, width, *shapes[color]), np.uint8)
    if color != "nv12":
        return frame, frame
    uv = rng.integers(0, 256, (height // 2, width // 2, 2), np.uint8)
    return (frame, uv), (frame, uv)


def rotation(angle: float, scale: float, center: tuple[float, float], size: tuple[int, int]) -> np.ndarray:
    """Output `size` centred at `center` of the frame, turned and scaled."""
    a, b = scale * np.cos(angle), scale * np.sin(angle)
    linear = np.array([[a, -b], [b, a]])
    return np.c_[linear, np.array(center) - linear @ (np.array(size) / 2)].astype(np.float32)


def compare(got: np.ndarray, wanted: np.ndarray, scale: float = 1 / 255, std: float = 1.0) -> None:
    tolerance = LEVELS * scale / std
    if got.dtype == np.float16:
        tolerance += np.abs(wanted).max() * 2.0**-11
    np.testing.assert_allclose(got.astype(np.float64), wanted, rtol=0, atol=tolerance)


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("to", ["rgb", "bgr", "gray"])
@pytest.mark.parametrize("border", ["constant", "replicate"])
def test_crop_every_color_and_border(kernels: Kernels, color: str, to: str, border: str) -> None:
    frame, plain = picture(color, 34, 26)
    size = (7, 5)
    matrices = np.stack([
        rotation(0.0, 1.0, (17.0, 13.0), size),  # inside, whole pixels
        rotation(0.4, 2.3, (3.0, 24.0), size),  # turned, shrunk, over the edge
        rotation(-2.0, 0.3, (33.9, 0.2), size),  # enlarged, in the corner
        rotation(0.1, 1.0, (-60.0, 90.0), size),  # far outside
    ])  # fmt: skip
    options = {"color": color, "to": to, "border": border, "border_value": 77}
    got = kernels.crop([frame], matrices, size, **options)
    compare(got, reference.crop_normalize(plain, matrices, size, **options))


@pytest.mark.parametrize(("color", "matrix", "limits"), YUV_VARIANTS)
def test_crop_yuv_variants(kernels: Kernels, color: str, matrix: str, limits: str) -> None:
    frame, plain = picture(color, 20, 12, seed=1)
    matrices = rotation(0.2, 1.4, (9.0, 7.0), (6, 4))[None]
    options = {"color": color, "yuv_matrix": matrix, "yuv_range": limits, "border_value": 10}
    got = kernels.crop([frame], matrices, (6, 4), **options)
    compare(got, reference.crop_normalize(plain, matrices, (6, 4), **options))


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("color", ["bgr", "nv12"])
def test_crop_every_element_and_layout(kernels: Kernels, dtype: str, layout: str, color: str) -> None:
    frame, plain = picture(color, 22, 18, seed=2)
    matrices = np.stack([rotation(0.3, 1.7, (11, 9), (5, 3)), rotation(0, 0.5, (4, 4), (5, 3))])
    options = {
        "color": color, "mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225), "layout": layout,
        "quant": (0.012, -3) if dtype == "int8" else None,
    }  # fmt: skip
    got = kernels.crop([frame], matrices, (5, 3), dtype=dtype, **options)
    wanted = reference.crop_normalize(plain, matrices, (5, 3), **options)
    if dtype != "int8":
        return compare(got, wanted, std=0.224)
    slack = LEVELS / 255 / 0.224 / 0.012
    assert np.all(np.abs(got - wanted.clip(-128, 127)) <= 0.5 + slack)
    assert got.min() == -128 and got.max() == 127 and np.abs(got).min() < 50  # some saturate, not all
    return None


@pytest.mark.parametrize("scale", [1 / 255, 1e-7, 300.0])  # normal, subnormal and infinite halves
def test_crop_rounds_to_the_nearest_half(kernels: Kernels, scale: float) -> None:
    frame, _ = picture("bgr", 22, 18, seed=4)
    matrices = rotation(0.3, 0.7, (11, 9), (16, 16))[None]
    wide = kernels.crop([frame], matrices, (16, 16), scale=scale, mean=(0.3 * scale,))
    half = kernels.crop([frame], matrices, (16, 16), scale=scale, mean=(0.3 * scale,), dtype="float16")
    fits = np.abs(wide) < 65520
    np.testing.assert_array_equal(np.isinf(half), ~fits)
    # The 1 %: the two kernels may contract multiplications and additions differently.
    off = np.abs(half[fits].astype(np.float64) - wide[fits])
    assert np.all(off <= 0.505 * np.spacing(np.abs(wide[fits]).astype(np.float16)))


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 31), (37, 1), (13, 17)])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (40, 9)])
def test_crop_awkward_shapes(kernels: Kernels, width: int, height: int, size: tuple[int, int]) -> None:
    frame, plain = picture("bgr", width, height, seed=3)
    matrix = np.array([[width / size[0], 0, 0], [0, height / size[1], 0]], np.float32)[None]
    for border in ("constant", "replicate"):
        got = kernels.crop([frame], matrix, size, border=border)
        compare(got, reference.crop_normalize(plain, matrix, size, border=border))


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize(
    "scale", [(1.0001, 1.0), (2.0, 2.0), (1.5, 3.7), (6.0, 6.0), (11.3, 5.0), (0.7, 2.0), (70.0, 3.0)]
)
@pytest.mark.parametrize("count", [1, 16])  # pixels shared out to several threads, and not: see Note [Parts]
def test_crop_upright(kernels: Kernels, color: str, scale: tuple[float, float], count: int) -> None:
    """Crops that are not turned and shrink add up weights per row and column: see Note [Three ways]."""
    frame, plain = picture(color, 98, 66, seed=5)
    size = (7, 5) if scale[0] < 20 else (1, 5)
    shifts = np.random.default_rng(6).uniform(-0.2, 1.2, (count, 2)) * (98, 66)
    matrices = np.stack([np.array([[scale[0], 0, x], [0, scale[1], y]], np.float32) for x, y in shifts])
    matrices[0, :, 2] = 0  # as a letterbox has it
    options = {"color": color, "border": "replicate" if count == 1 else "constant", "border_value": 33}
    got = kernels.crop([frame], matrices, size, **options)
    compare(got, reference.crop_normalize(plain, matrices, size, **options))


def test_crop_leaves_flat_pictures_flat(kernels: Kernels) -> None:
    frame = np.full((70, 90, 3), 255, np.uint8)
    matrices = np.stack([rotation(a, s, (45, 35), (5, 5)) for a in (0.0, 0.3) for s in (0.4, 1.0, 1.7, 6.3)])
    assert np.abs(kernels.crop([frame], matrices, (5, 5), scale=1.0) - 255).max() < 1e-4


def test_crop_row_strides(kernels: Kernels) -> None:
    frame, _ = picture("bgr", 16, 12)
    matrices = rotation(0.5, 1.2, (8, 6), (6, 6))[None]
    wide = np.zeros((12, 29, 3), np.uint8)
    wide[:, 5:21] = frame
    plain = kernels.crop([frame], matrices, (6, 6))
    np.testing.assert_array_equal(kernels.crop([wide[:, 5:21]], matrices, (6, 6)), plain)
    flipped = np.ascontiguousarray(frame[::-1])[::-1]
    assert flipped.strides[0] < 0
    np.testing.assert_array_equal(kernels.crop([flipped], matrices, (6, 6)), plain)


def test_crop_many_frames_in_one_launch(kernels: Kernels) -> None:
    frames = [picture("bgr", 20 + 3 * i, 15 + i, seed=i)[0] for i in range(3)]
    matrices = np.stack([rotation(0.1 * i, 1.0 + 0.2 * i, (9, 8), (4, 4)) for i in range(6)])
    rows = [2, 0, 1, 1, 0, 2]
    got = kernels.crop(frames, matrices, (4, 4), rows)
    for i, row in enumerate(rows):
        compare(got[i : i + 1], reference.crop_normalize(frames[row], matrices[i : i + 1], (4, 4)))


def test_crop_skips_empty_rows_and_takes_none(kernels: Kernels) -> None:
    frame, _ = picture("bgr", 16, 12)
    got = kernels.crop([frame], np.stack([rotation(0, 1, (8, 6), (4, 4))] * 3), (4, 4), [0, -1, 0])
    assert not got[1].any() and got[0].any()  # the buffer came zeroed and row 1 was left as it was
    np.testing.assert_array_equal(got[0], got[2])
    assert kernels.crop([frame], np.zeros((0, 2, 3), np.float32), (4, 4)).shape == (0, 3, 4, 4)


def test_crop_agrees_with_the_cpu_core(kernels: Kernels) -> None:
    from edgeaffect import native

    frame, _ = picture("bgr", 127, 95, seed=7)
    matrices = np.stack([rotation(0.02 * i, 0.4 + 0.3 * i, (60, 40), (24, 24)) for i in range(9)])
    got = kernels.crop([frame], matrices, (24, 24), border="replicate")
    wanted = native.crop_normalize(frame, matrices, (24, 24), border="replicate")
    # The core's own error is below 0.028 grey levels (its notes, summed up in tests/native/test_crop_normalize.py).
    np.testing.assert_allclose(got, wanted, rtol=0, atol=(LEVELS + 0.028) / 255)


def test_crop_refuses_bad_matrices_and_sizes(kernels: Kernels) -> None:
    frame, _ = picture("bgr", 16, 12)
    good = rotation(0, 1, (8, 6), (4, 4))
    for bad in (np.zeros((2, 3)), np.full((2, 3), np.nan), good * [[1e6, 1, 1]]):
        with pytest.raises(ValueError, match="matrix 0 is not finite, is singular, or shrinks"):
            kernels.crop([frame], bad[None], (4, 4))
    with pytest.raises(ValueError, match="color must be one of bgr"):
        kernels.crop([frame], good[None], (4, 4), color="hsv")
    with pytest.raises(ValueError, match="each side must be"):
        kernels.crop([frame], good[None], (40000, 1))


STRIDES = (8, 16, 32)
OPTIONS = {"score_threshold": 0.5, "iou_threshold": 0.4, "top_k": 400}
IDENTITY = np.array([[1, 0, 0], [0, 1, 0]], np.float32)


def detector_maps(seed: int, width: int, height: int, frames: int = 1, share: float = 0.05) -> list[np.ndarray]:
    """Random maps [frames, 15, h, w] in which about `share` of the cells are candidates, many of them overlapping."""
    rng = np.random.default_rng(seed)
    maps = []
    for stride in STRIDES:
        m = rng.normal(0, 1, (frames, 15, height // stride, width // stride)).astype(np.float32)
        # Quarter steps: equal scores occur, and their order matters.
        m[:, 0] = np.round(4 * (m[:, 0] * 2 + np.quantile(-2 * m[:, 0], share) + 0.01)) / 4
        m[:, 1:5] = np.exp(m[:, 1:5] * 0.5)
        maps.append(m)
    return maps


def check_decode(kernels: Kernels, maps: list[np.ndarray], max_faces: int, **options) -> None:
    n = len(maps[0])
    options["max_faces"] = max_faces
    faces, counts = kernels.decode(maps, STRIDES, [IDENTITY] * n, **options)
    for i in range(n):
        boxes, scores, landmarks = reference.decode_faces([m[i : i + 1] for m in maps], STRIDES, **options)
        k = counts[i]
        assert k == len(scores)
        np.testing.assert_allclose(faces[i, :k, 4], scores, rtol=1e-6)
        np.testing.assert_allclose(faces[i, :k, :4], boxes, rtol=1e-6, atol=1e-4)
        np.testing.assert_allclose(faces[i, :k, 5:15].reshape(-1, 5, 2), landmarks, rtol=1e-6, atol=1e-4)
        assert not faces[i, k:].any()


@pytest.mark.parametrize(("width", "height"), [(32, 32), (320, 256), (416, 96)])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3])
def test_decode_against_the_reference(kernels: Kernels, width: int, height: int, share: float) -> None:
    check_decode(kernels, detector_maps(width, width, height, frames=2, share=share), 16, **OPTIONS)


@pytest.mark.parametrize(("top_k", "max_faces"), [(1, 1), (5, 3), (400, 400), (1024, 50)])
def test_decode_limits(kernels: Kernels, top_k: int, max_faces: int) -> None:
    check_decode(kernels, detector_maps(5, 320, 320, share=0.4), max_faces, **(OPTIONS | {"top_k": top_k}))


def test_decode_more_candidates_than_fit(kernels: Kernels) -> None:
    """Every one of 5,000 cells is a candidate: the block keeps the best while it walks."""
    maps = detector_maps(9, 512, 480, share=1.0)
    assert all((m[:, 0] >= 0).all() for m in maps)
    check_decode(kernels, maps, 30, **(OPTIONS | {"top_k": 1024}))


def test_decode_agrees_with_the_cpu_core(kernels: Kernels) -> None:
    from edgeaffect import native

    maps = detector_maps(11, 320, 192, share=0.2)
    faces, counts = kernels.decode(maps, STRIDES, [IDENTITY], max_faces=24, **OPTIONS)
    boxes, scores, landmarks = native.decode_faces(maps, STRIDES, max_faces=24, **OPTIONS)
    assert counts[0] == len(scores)
    np.testing.assert_allclose(faces[0, : len(scores), :4], boxes, atol=1e-4)
    np.testing.assert_allclose(faces[0, : len(scores), 4], scores, atol=1e-6)
    np.testing.assert_allclose(faces[0, : len(scores), 5:15].reshape(-1, 5, 2), landmarks, atol=1e-4)


@pytest.mark.parametrize(("channel", "value"), [(0, np.nan), (0, np.inf), (0, -np.inf), (3, np.nan), (9, -np.inf)])
def test_decode_reports_what_is_not_finite(kernels: Kernels, channel: int, value: float) -> None:
    maps = detector_maps(3, 64, 64, frames=2, share=0.2)
    y, x = np.argwhere(maps[0][1, 0] == maps[0][1, 0].max())[0]
    maps[0][1, channel, y, x] = value
    faces, counts = kernels.decode(maps, STRIDES, [IDENTITY] * 2, max_faces=8, **OPTIONS)
    assert counts[0] > 0 and counts[1] == -1
    assert faces[0].any() and not faces[1].any()


def test_decode_maps_to_the_frame(kernels: Kernels) -> None:
    maps = detector_maps(4, 96, 64, share=0.1)
    letterbox = np.array([[3, 0, 40], [0, 3, 20]], np.float32)
    plain, counts = kernels.decode(maps, STRIDES, [IDENTITY], max_faces=8, **OPTIONS)
    moved, moved_counts = kernels.decode(maps, STRIDES, [letterbox], max_faces=8, **OPTIONS)
    k = counts[0]
    assert k == moved_counts[0] > 1
    shift = np.array([40, 20], np.float32)
    np.testing.assert_allclose(moved[0, :k, :4], plain[0, :k, :4] * 3 + np.tile(shift, 2), rtol=1e-6, atol=1e-4)
    np.testing.assert_allclose(moved[0, :k, 5:15], plain[0, :k, 5:15] * 3 + np.tile(shift, 5), rtol=1e-6, atol=1e-4)
    np.testing.assert_array_equal(moved[0, :k, 4], plain[0, :k, 4])


def test_decode_marks_faces_outside_the_region(kernels: Kernels) -> None:
    """A letterbox's padding shows what lies beyond the region: a face there is marked, and does not spoil the rest."""
    maps, region = detector_maps(4, 96, 64, share=0.3), (8.0, 8.0, 70.0, 40.0)
    faces, counts = kernels.decode(maps, STRIDES, [IDENTITY], max_faces=64, region=region, **OPTIONS)
    found = faces[0, : counts[0]]
    center = (found[:, :2] + found[:, 2:4]) / 2
    inside = np.all((center >= region[:2]) & (center <= region[2:]), 1)
    np.testing.assert_array_equal(found[:, 15], inside.astype(np.float32))
    assert 0 < inside.sum() < counts[0] and np.any(found[:, :2] >= (70, 40))
    assert not faces[0, counts[0] :].any()


def test_decode_refuses_bad_limits(kernels: Kernels) -> None:
    maps = detector_maps(4, 32, 32)
    with pytest.raises(ValueError, match=r"on a GPU top_k must be 1\.\.1024; got 5000"):
        kernels.decode(maps, STRIDES, [IDENTITY], max_faces=8, **(OPTIONS | {"top_k": 5000}))
    with pytest.raises(ValueError, match=r"max_faces must be 1\.\.top_k"):
        kernels.decode(maps, STRIDES, [IDENTITY], max_faces=401, **OPTIONS)


def test_decode_does_not_depend_on_the_order_of_threads(kernels: Kernels) -> None:
    """Host loops only: between two barriers the threads of a block may run in any order."""
    if kernels.module.device_name(0) != "cpu":
        pytest.skip("a GPU orders its threads itself")
    reorder = ctypes.CDLL(kernels.module.__file__).edgeaffect_set_thread_order
    maps = detector_maps(21, 480, 480, share=0.7)
    options = OPTIONS | {"top_k": 1000}
    wanted = kernels.decode(maps, STRIDES, [IDENTITY], max_faces=64, **options)
    try:
        for seed in (1, 2):
            reorder(seed)
            got = kernels.decode(maps, STRIDES, [IDENTITY], max_faces=64, **options)
            np.testing.assert_array_equal(got[0], wanted[0])
            np.testing.assert_array_equal(got[1], wanted[1])
    finally:
        reorder(0)
