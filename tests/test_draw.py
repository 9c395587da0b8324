"""Overlay: something is drawn where it should be, at any size, and nothing breaks at the border."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from squares import ShadeAffect, SquareDetector, draw

from edgeaffect import Pipeline
from edgeaffect.draw import annotate, draw_face, to_bgr
from edgeaffect.results import Face


def perceive(frame: np.ndarray):
    return Pipeline(detect=SquareDetector(), affect=ShadeAffect()).process(frame, 0.0)


def test_frame_itself_is_left_alone_and_the_box_is_marked():
    frame = draw((640, 480), (300, 200, 120))
    before = frame.copy()
    result = perceive(frame)
    image = annotate(frame, result)
    np.testing.assert_array_equal(frame, before)
    x0, y0, x1, y1 = result.faces[0].box.astype(int)
    changed = (image != frame).any(2)
    assert changed[y0, x0:x1].mean() > 0.9 and changed[y0:y1, x0].mean() > 0.9  # edges of the box
    assert changed[y0 - 12 : y0, x0:x1].mean() > 0.5  # the label above it
    assert changed[y1 + 8 : y1 + 40, x0:x1].mean() > 0.5  # the bars below it
    assert not changed[:, :100].any() and not changed[:60].any()  # and nothing far away


def test_unsure_is_dimmed():
    frame = draw((640, 480), (300, 200, 120))
    face = perceive(frame).faces[0]
    unsure = dataclasses.replace(face, affect=dataclasses.replace(face.affect, is_sure=False))
    images = [frame.copy(), frame.copy()]
    draw_face(images[0], face)
    draw_face(images[1], unsure)
    x0, y0, *_ = face.box.astype(int)
    bright, dim = (np.ptp(image[y0, x0 + 40].astype(int)) for image in images)
    assert bright > 100 > 40 > dim  # coloured, then gray


@pytest.mark.parametrize("size", [(24, 16), (64, 48), (333, 251), (1920, 1080)])
@pytest.mark.parametrize("place", ["middle", "corner", "all", "outside"])
def test_any_size_and_place(size, place):
    w, h = size
    box = {
        "middle": (w * 0.4, h * 0.4, w * 0.6, h * 0.7),
        "corner": (0, 0, w * 0.3, h * 0.4),
        "all": (0, 0, w, h),
        "outside": (w * 0.9, h * 0.8, w * 1.4, h * 1.5),
    }[place]
    frame = draw(size, (w / 2, h / 2, 12))
    affect = perceive(frame).faces[0].affect
    landmarks = np.full((5, 2), np.nan, np.float32)
    for known in (affect, None, dataclasses.replace(affect, valence=float("nan"), label="boredom")):
        image = frame.copy()
        draw_face(image, Face(np.array(box, np.float32), 0.9, landmarks, 7, known))
        assert image.shape == frame.shape and (image != frame).any()


def test_every_layout_becomes_bgr():
    gray = np.full((32, 48), 126, np.uint8)
    neutral = np.full((16, 48), 128, np.uint8)
    frames = {
        "bgr": np.dstack([gray] * 3), "rgb": np.dstack([gray] * 3), "bgra": np.dstack([gray] * 4), "gray": gray,
        "nv12": np.vstack([gray, neutral]), "yuyv": np.dstack([gray, np.full_like(gray, 128)]),
    }  # fmt: skip
    for color, frame in frames.items():
        image = to_bgr(frame, color)
        assert image.shape == (32, 48, 3) and image.dtype == np.uint8
        assert np.abs(image.astype(int) - 126).max() <= 3
    rgb = np.zeros((2, 2, 3), np.uint8)
    rgb[..., 0] = 200
    assert to_bgr(rgb, "rgb")[0, 0].tolist() == [0, 0, 200]
