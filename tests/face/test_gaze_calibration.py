"""The gaze offset of one person: what makes a look into the camera read as one, wherever the face is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeaffect import Pipeline, Result, calibrate_gaze
from edgeaffect.cues import Gaze
from edgeaffect.errors import PictureError
from edgeaffect.models.registry import FILES
from edgeaffect.options import CuesOptions

pytestmark = pytest.mark.skipif(
    not (FILES / "face-cues-int8.onnx").exists(), reason="no bundled cue model in this tree"
)


def results(picture: np.ndarray, count: int = 12, **options: object) -> list[Result]:
    with Pipeline(cues=True, affect=False, **options) as pipeline:
        return [pipeline.process(picture, timestamp=i / 10) for i in range(count)]


@pytest.fixture(scope="module")
def aside(portrait: np.ndarray) -> np.ndarray:
    """The portrait at the left of a wide picture."""
    wide = np.zeros((512, 1400, 3), np.uint8)
    wide[:, :512] = portrait
    return wide


def test_a_calibrated_look_meets_the_camera_wherever_the_face_is(aside: np.ndarray) -> None:
    before = results(aside)
    offset = calibrate_gaze(before)
    after = results(aside, cues_gaze_offset=offset)
    looking = [some[-1].faces[0].raw_cues.looking_at_camera for some in (before, after)]
    assert max(map(abs, offset)) > 5 and looking[1] > max(looking[0], 0.9)
    # Once more, from results that hold the offset already: nothing is left, and the offset stays.
    again = calibrate_gaze(after, CuesOptions(gaze_offset=offset))
    np.testing.assert_allclose(again, offset, atol=1e-3)


def test_glances_aside_do_not_count(portrait: np.ndarray) -> None:
    steady = results(portrait)
    glancing = []
    for i, result in enumerate(steady):
        (face,) = result.faces
        gaze = Gaze(40.0, -30.0) if i % 3 == 0 else face.raw_cues.gaze
        face = dataclasses.replace(face, raw_cues=dataclasses.replace(face.raw_cues, gaze=gaze))
        glancing.append(dataclasses.replace(result, faces=(face,)))
    np.testing.assert_allclose(calibrate_gaze(glancing), calibrate_gaze(steady), atol=0.5)


def test_the_field_of_view_counts(aside: np.ndarray) -> None:
    seen = results(aside, cues_fov=100.0)
    narrow, wide = calibrate_gaze(seen), calibrate_gaze(seen, CuesOptions(fov=100.0))
    assert wide[0] > narrow[0] + 5  # a face at the left of a wide view has to turn further to the right


def test_too_little_to_learn_from_is_refused(portrait: np.ndarray) -> None:
    some = results(portrait, 5)
    with pytest.raises(ValueError, match="5 readings of cues are too few, at least 10"):
        calibrate_gaze(some)
    with Pipeline() as plain, pytest.raises(ValueError, match=r"0 readings .* cues=True"):
        calibrate_gaze([plain.process(portrait)])
    both = results(np.concatenate([portrait, portrait[:, ::-1]], 1))
    with pytest.raises(ValueError, match=r"several faces, 1, 2: .*track_id="):
        calibrate_gaze(both)
    assert calibrate_gaze(both, track_id=1) != calibrate_gaze(both, track_id=2)


def test_a_list_of_pictures_may_hold_one_that_cannot_be_read(portrait: np.ndarray, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), portrait)
    (tmp_path / "b.png").write_bytes(b"no picture")
    with Pipeline(cues=True, affect=False) as pipeline:
        one, bad = pipeline.stream([tmp_path / "a.png", tmp_path / "b.png"])
    assert isinstance(one, Result) and isinstance(bad, PictureError)
    assert calibrate_gaze([bad, *[one] * 10]) == calibrate_gaze([one] * 10)
