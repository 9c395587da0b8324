"""FaceCues: field of view, gaze offset, device, and crops that were made elsewhere."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from edgeaffect import FaceDetector
from edgeaffect.cues import Cues
from edgeaffect.errors import Error
from edgeaffect.face import head_pose
from edgeaffect.face.cue_smoother import CueSmoother
from edgeaffect.face.cues import FaceCues
from edgeaffect.models.registry import FILES
from edgeaffect.options import CuesOptions
from edgeaffect.results import Faces

pytestmark = pytest.mark.skipif(not (FILES / "face-cues-int8.onnx").exists(), reason="no bundled cue model here")


@pytest.fixture(scope="module")
def faces(portrait: np.ndarray) -> Faces:
    return FaceDetector(device="cpu").detect(portrait)


def read(portrait: np.ndarray, faces: Faces, **options: object) -> Cues:
    with FaceCues(device="cpu", options=CuesOptions(**options)) as model:  # type: ignore[arg-type]
        return model.predict(portrait, faces)[0]


def test_the_gaze_offset_is_added(portrait: np.ndarray, faces: Faces) -> None:
    plain, moved = read(portrait, faces), read(portrait, faces, gaze_offset=(5.0, -3.0))
    assert moved.gaze.yaw - plain.gaze.yaw == pytest.approx(5)
    assert moved.gaze.pitch - plain.gaze.pitch == pytest.approx(-3)
    assert moved.head_pose == plain.head_pose


def test_the_field_of_view_gives_the_focal_length(portrait: np.ndarray, faces: Faces) -> None:
    assert head_pose.focal_length(640, None) == 640
    assert head_pose.focal_length(640, 90.0) == pytest.approx(320)  # 45 degrees to either side
    assert head_pose.focal_length(640, 2 * np.degrees(np.arctan(0.5))) == pytest.approx(640)
    # This face is left of the middle and above it. The wider the lens, the larger the angle at which it is there, and
    # the further it must be turned to the right and down to look into the lens as it does.
    assert (faces.boxes[0, :2] + faces.boxes[0, 2:] < 512).all()
    wide, narrow = read(portrait, faces, fov=90.0).head_pose, read(portrait, faces, fov=20.0).head_pose
    assert wide.yaw > narrow.yaw + 3 and wide.pitch < narrow.pitch - 10


def test_crops_made_elsewhere_are_read_alike(
    portrait: np.ndarray, faces: Faces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a GPU hands over: outputs of the session, matrices of the crops, sizes of the frames."""
    with FaceCues(device="cpu") as model:
        run, seen = model.session.run, []
        monkeypatch.setattr(model.session, "run", lambda *given: seen.append(run(*given)) or seen[-1])
        (wanted,) = model.predict(portrait, faces)
        size = (portrait.shape[1], portrait.shape[0])
        (got,) = model.read_rows(seen[0], model.align(size, faces), [size])
    assert got.to_dict() == wanted.to_dict()


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(Error, match=r"(?i)cuda"):
        FaceCues(device="cuda:7")


def test_speaking_reaches_the_smoothed_cues(portrait: np.ndarray, faces: Faces) -> None:
    """A mouth that opens and closes four times a second, for two seconds; and one that stays as it is."""
    still = dataclasses.replace(read(portrait, faces), mouth_open=0.1)
    said = {}
    for name, swing in (("talks", 0.25), ("rests", 0.0)):
        smoother = CueSmoother()
        for step in range(60):
            opening = 0.3 + swing * np.sin(2 * np.pi * 4 * step / 30)
            cues = smoother.update(1, dataclasses.replace(still, mouth_open=opening), step / 30)
        said[name] = cues.speaking
    assert said["talks"] is not None and said["rests"] is not None and said["talks"] > 0.5 > said["rests"]
