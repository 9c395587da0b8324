"""Layers of cues: each draws where the cues are, and nothing where there are none."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from edgeaffect import Pipeline, Result
from edgeaffect.draw import annotate
from edgeaffect.draw_cues import LAYERS
from edgeaffect.events import BUILTIN
from edgeaffect.models.registry import FILES

pytestmark = pytest.mark.skipif(not (FILES / "face-cues-int8.onnx").exists(), reason="no bundled cue model here")


@pytest.fixture(scope="module")
def result(portrait):
    with Pipeline(cues=True) as pipeline:
        return pipeline.process(portrait)


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_draws_near_the_face(portrait, result, layer):
    plain, drawn = annotate(portrait, result), annotate(portrait, result, layers=[layer])
    changed = np.argwhere((plain != drawn).any(-1))
    assert len(changed) > 100
    x0, y0, x1, y1 = result.faces[0].box
    side = x1 - x0
    low, high = changed.min(0), changed.max(0)
    assert low[0] > y0 - side and high[0] < y1 + 1.5 * side and low[1] > x0 - 2 * side and high[1] < x1 + 2 * side


def test_faces_without_cues_and_unknown_layers(portrait, result):
    with Pipeline() as pipeline:
        without = pipeline.process(portrait)
    assert (annotate(portrait, without, layers=list(LAYERS)) == annotate(portrait, without)).all()
    with pytest.raises(ValueError, match="no layer 'hair' to draw: choose landmarks"):
        annotate(portrait, result, layers=["hair"])


def changed_box(before: np.ndarray, after: np.ndarray) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of the pixels that differ."""
    rows = np.argwhere((before != after).any(-1))
    (y0, x0), (y1, x1) = rows.min(0), rows.max(0)
    return int(x0), int(y0), int(x1) + 1, int(y1) + 1


def enlarged(picture: np.ndarray, result: Result, face_width: float, mirrored: bool) -> tuple[np.ndarray, Result]:
    """Picture and result with a face of that width, at the picture's other side where `mirrored`."""
    (face,) = result.faces
    scale = face_width / float(face.box[2] - face.box[0])
    shown = cv2.resize(picture, None, fx=scale, fy=scale)
    box = face.box * np.float32(scale)
    if mirrored:
        shown, width = np.ascontiguousarray(shown[:, ::-1]), shown.shape[1]
        box = np.array([width - box[2], box[1], width - box[0], box[3]], np.float32)
    height, width = shown.shape[:2]
    face = dataclasses.replace(face, box=box)
    return shown, dataclasses.replace(result, size=(width, height), faces=(face,))


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("face_width", [50, 64, 128, 512])
def test_bars_stand_beside_the_face_and_no_higher(portrait, result, face_width, mirrored):
    picture, shown = enlarged(portrait, result, face_width, mirrored)
    x0, y0, x1, y1 = changed_box(annotate(picture, shown), annotate(picture, shown, layers=["cues"]))
    box = shown.faces[0].box
    assert x0 >= box[2] or x1 <= box[0]  # nothing of the face is covered
    assert y0 >= box[1] - 1 and y1 <= box[3] + 1  # nor the panels above and below it


def test_faces_too_small_for_letters_get_no_bars(portrait, result):
    picture, shown = enlarged(portrait, result, 40, False)
    assert (annotate(picture, shown) == annotate(picture, shown, layers=["cues"])).all()


def test_bars_without_room_beside_the_face_are_left_out(portrait, result):
    picture, shown = enlarged(portrait, result, 70, False)
    x0, _, x1, _ = (round(float(value)) for value in shown.faces[0].box)
    cut = np.ascontiguousarray(picture[:, max(0, x0 - 50) : x1 + 50])
    face = dataclasses.replace(shown.faces[0], box=shown.faces[0].box - np.float32([max(0, x0 - 50), 0] * 2))
    shown = dataclasses.replace(shown, size=(cut.shape[1], cut.shape[0]), faces=(face,))
    assert (annotate(cut, shown) == annotate(cut, shown, layers=["cues"])).all()


def test_small_faces_stay_visible_under_landmarks(portrait, result):
    with Pipeline(cues=True, affect=False) as pipeline:
        small = cv2.resize(portrait, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
        shown = pipeline.process(small)
    x0, y0, x1, y1 = shown.faces[0].box.astype(int)
    assert x1 - x0 < 48
    drawn = (annotate(small, shown) != annotate(small, shown, layers=["landmarks"])).any(-1)[y0:y1, x0:x1]
    assert 0.05 < drawn.mean() < 0.5


def test_many_events_take_several_rows_inside_the_picture(portrait, result):
    names = [rule.name for rule in BUILTIN]
    plain = annotate(portrait, result)
    one, many = (annotate(portrait, result, events=some) for some in (names[:1], names))
    (_, top_of_one, _, _), (_, top, right, bottom) = changed_box(plain, one), changed_box(plain, many)
    assert top < top_of_one and right <= portrait.shape[1] - 2 and bottom <= portrait.shape[0]


def test_events_stand_along_the_lower_edge(portrait, result):
    changed = np.argwhere((annotate(portrait, result) != annotate(portrait, result, events=["smile", "nod"])).any(-1))
    assert changed.min(0)[0] > 0.9 * portrait.shape[0]
