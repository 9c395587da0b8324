"""The face mesh, and affect and cues that are read from it: by construction, and the bundled networks on a face."""

from __future__ import annotations

import numpy as np
import pytest

from edgeaffect import FaceDetector, Faces
from edgeaffect.action_units import BLENDSHAPES
from edgeaffect.face.cues import FaceCues
from edgeaffect.face.face_mesh import FaceMesh, SharedMesh
from edgeaffect.face.head_pose import rotation
from edgeaffect.face.mesh_affect import MeshAffect
from edgeaffect.face.mesh_cues import MeshCues, eyes_in_head, mesh_head, turn_of
from edgeaffect.face.mesh_points import EYES, to_68
from edgeaffect.image import Image
from edgeaffect.models import default_name
from edgeaffect.models.registry import FILES
from edgeaffect.options import CuesOptions

bundled = pytest.mark.skipif(not (FILES / "face-landmarks-permissive.onnx").exists(), reason="no permissive set here")


class CountingMesh(FaceMesh):
    """Counts how often the networks run."""

    runs = 0

    def run_many(self, items):
        self.runs += 1
        return super().run_many(items)


@pytest.fixture(scope="module")
def mesh():
    with CountingMesh() as opened:
        yield opened


@pytest.fixture(scope="module")
def found(portrait) -> Faces:
    with FaceDetector(default_name("face-detector", models="permissive"), max_side=0) as detector:
        return detector.detect(portrait)[:1]


def mirrored(portrait, faces: Faces) -> tuple[np.ndarray, Faces]:
    width = portrait.shape[1]
    boxes = faces.boxes[:, [2, 1, 0, 3]] * (-1, 1, -1, 1) + np.array([width, 0, width, 0])
    points = faces.landmarks[:, [1, 0, 2, 4, 3]] * (-1, 1) + np.array([width, 0])
    picture = np.ascontiguousarray(portrait[:, ::-1])
    return picture, Faces(boxes.astype(np.float32), faces.scores, points.astype(np.float32))


# ---- geometry ----


@pytest.mark.parametrize("angles", [(0, 0, 0), (35, 0, 0), (0, -25, 0), (0, 0, 170), (-20, 15, 60)])
def test_the_turn_of_the_canonical_face_is_found(angles):
    turn = rotation(angles)
    seen = 7.5 * mesh_head() @ turn.T + (300, 200, -40)
    np.testing.assert_allclose(turn_of(seen), turn, atol=1e-9)
    noisy = seen + np.random.default_rng(0).normal(0, 1, seen.shape)
    assert np.linalg.det(turn_of(noisy)) == pytest.approx(1)


def test_the_canonical_face_has_the_axes_of_the_camera():
    head = mesh_head()
    nose, chin, right_eye = head[4], head[152], head[33]
    assert nose[2] == head[:, 2].min() and chin[1] == head[:, 1].max() and right_eye[0] < 0


@pytest.mark.parametrize("look", [(0, 0), (12, 0), (0, 9), (-8, -5)])
def test_the_look_is_read_in_the_frame_of_the_head(look):
    turn = rotation((20, -10, 35))
    upright = np.zeros((478, 3))
    upright[: len(mesh_head())] = mesh_head()
    for iris, (first, last) in EYES:
        radius = 12 / 30 * np.linalg.norm(upright[first] - upright[last])
        # Yaw is positive to the image's right, pitch upwards, and y points down.
        moved = radius * np.array([np.sin(np.radians(look[0])), -np.sin(np.radians(look[1])), 0])
        upright[iris] = (upright[first] + upright[last]) / 2 + moved
    np.testing.assert_allclose(eyes_in_head(upright @ turn.T * 9 + 50, turn), look, atol=1e-6)


def test_the_68_points_are_middles_of_mesh_points():
    points = np.arange(478 * 2, dtype=float).reshape(478, 2)
    np.testing.assert_allclose(to_68(points)[[0, 3, 30]], [points[127], (points[132] + points[58]) / 2, points[4]])


# ---- the networks on a face ----


@bundled
def test_a_smile_is_read_and_not_called_sure(portrait, found, mesh):
    affect = MeshAffect(SharedMesh(mesh)).predict(portrait, found)[0]
    assert affect.label == "happiness" and affect.confidence > 0.6
    assert affect.calibrated is False and not affect.is_sure
    assert affect.quality > 0.9  # the network's own score for a face
    np.testing.assert_allclose(affect.votes, affect.probabilities, rtol=1e-6)  # float32, normalised twice
    assert affect.va_source == "derived" and affect.valence > 0.4


@bundled
def test_no_face_in_the_square_lowers_quality(mesh, found):
    blank = np.full((512, 512, 3), 90, np.uint8)
    assert MeshAffect(SharedMesh(mesh)).predict(blank, found)[0].quality < 0.5


@bundled
def test_a_mirror_swaps_sides_and_signs(portrait, found, mesh):
    read = MeshCues(SharedMesh(mesh))
    seen, other = read.predict(portrait, found)[0], read.predict(*mirrored(portrait, found))[0]
    assert abs(seen.head_pose.yaw + other.head_pose.yaw) < 3 and abs(seen.head_pose.roll + other.head_pose.roll) < 3
    assert abs(seen.head_pose.pitch - other.head_pose.pitch) < 3
    assert abs(seen.gaze.yaw + other.gaze.yaw) < 4
    for name in BLENDSHAPES:
        counterpart = name.replace("Left", "R").replace("Right", "Left")
        counterpart = counterpart[:-1] + "Right" if counterpart.endswith("R") else counterpart
        if "Smile" in name or "Blink" in name:
            assert seen.blendshapes[name] == pytest.approx(other.blendshapes[counterpart], abs=0.15)


@bundled
def test_options_of_the_gaze_count(portrait, found, mesh):
    (plain,) = MeshCues(SharedMesh(mesh)).predict(portrait, found)
    options = CuesOptions(gaze_offset=(3.0, -2.0), looking_tolerance=90.0)
    (moved,) = MeshCues(SharedMesh(mesh), options=options).predict(portrait, found)
    assert moved.gaze.yaw - plain.gaze.yaw == pytest.approx(3, abs=1e-3)
    assert moved.gaze.pitch - plain.gaze.pitch == pytest.approx(-2, abs=1e-3)
    assert moved.looking_at_camera > 0.99 > plain.looking_at_camera


@bundled
def test_cues_agree_with_the_other_cue_model(portrait, found, mesh):
    if not (FILES / "face-cues.onnx").exists():
        pytest.skip("no bundled cue model in this tree")
    ours = MeshCues(SharedMesh(mesh)).predict(portrait, found)[0]
    with FaceCues("face-cues", device="cpu") as reader:
        theirs = reader.predict(portrait, found)[0]
    side = np.sqrt(np.prod(np.ptp(theirs.landmarks68, axis=0)))
    assert np.linalg.norm(ours.landmarks68 - theirs.landmarks68, axis=1).mean() < 0.06 * side
    for name in ("yaw", "pitch", "roll"):
        assert abs(getattr(ours.head_pose, name) - getattr(theirs.head_pose, name)) < 10
    assert ours.action_units[12] > 0.5 and ours.eyes_open > 0.7
    assert ours.std is None and 0 <= ours.looking_at_camera <= 1


@bundled
def test_faces_of_several_pictures_are_one_batch(portrait, found, mesh):
    picture, faces = mirrored(portrait, found)
    items = [(Image.of(portrait), found), (Image.of(picture), Faces.empty()), (Image.of(picture), faces)]
    together = mesh.run_many(items)
    assert [len(answers) for answers in together] == [1, 0, 1]
    for (image, given), answers in zip(items, together, strict=True):
        for alone, answer in zip(mesh.run_many([(image, given)])[0], answers, strict=True):
            np.testing.assert_allclose(answer.points, alone.points, atol=0.05)
            np.testing.assert_allclose(answer.blendshapes, alone.blendshapes, atol=1e-3)


@bundled
def test_points_are_pixels_of_the_frame(portrait, found, mesh):
    (seen,) = mesh.run_many([(Image.of(portrait), found)])[0]
    moved = np.zeros((600, 640, 3), np.uint8)
    moved[40:552, 70:582] = portrait
    there = Faces(found.boxes + np.float32([70, 40] * 2), found.scores, found.landmarks + np.float32([70, 40]))
    (again,) = mesh.run_many([(Image.of(moved), there)])[0]
    np.testing.assert_allclose(again.points[:, :2], seen.points[:, :2] + (70, 40), atol=0.5)
    assert seen.size == (512, 512) and again.size == (640, 600)


@bundled
def test_affect_and_cues_of_one_frame_share_a_run(portrait, found, mesh):
    shared = SharedMesh(mesh)
    affect, cues = MeshAffect(shared), MeshCues(shared)
    image = Image.of(portrait)
    before = mesh.runs
    affect.run_many([(image, found)])
    cues.run_many([(image, found)])
    assert mesh.runs == before + 1
    affect.run_many([(image, found)])  # the same picture once more is looked at anew: its pixels may have changed
    assert mesh.runs == before + 2
    cues.run_many([(Image.of(portrait), found)])  # another frame
    assert mesh.runs == before + 3
    assert affect.run_many([(image, Faces.empty())]) == [[]]


@bundled
def test_a_picture_is_held_no_longer_than_readers_wait_for_it(portrait, found, mesh):
    alone = SharedMesh(mesh)
    MeshAffect(alone).run_many([(Image.of(portrait), found)])
    assert alone._kept is None
    shared = SharedMesh(mesh)
    affect, cues = MeshAffect(shared), MeshCues(shared)
    image = Image.of(portrait)
    affect.run_many([(image, found)])
    assert shared._kept is not None
    cues.run_many([(image, found)])
    assert shared._kept is None
