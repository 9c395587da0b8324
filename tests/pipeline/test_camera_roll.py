"""Cameras that are mounted turned, and faces that are turned by themselves."""

from __future__ import annotations

import logging

import cv2
import numpy as np
import pytest

from edgeaffect import FaceDetector, Pipeline, PipelineOptions
from edgeaffect.cues import Gaze, HeadPose
from edgeaffect.face.head_pose import turned_gaze, turned_pose
from edgeaffect.face.turn_finder import Turned
from edgeaffect.image import Image
from edgeaffect.models.registry import FILES
from edgeaffect.pipeline.turn_checks import TurnChecks, TurnWatch
from edgeaffect.results import Faces
from edgeaffect.sources import SourceFrame

pytestmark = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")

# camera_roll -> how OpenCV makes the frame of a camera mounted so out of the upright one
SEEN = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


@pytest.fixture(scope="module")
def upright(portrait: np.ndarray) -> np.ndarray:
    """480 x 400: one face, off the middle."""
    return np.ascontiguousarray(portrait[:400, :480])


def seen(points: np.ndarray, roll: int, size: tuple[int, int]) -> np.ndarray:
    """Where points of the upright frame of (width, height) lie in the frame of a camera mounted so."""
    (w, h), x, y = size, points[..., 0], points[..., 1]
    places = {0: (x, y), 90: (y, w - x), 180: (w - x, h - y), 270: (h - y, x)}[roll]
    return np.stack(places, -1)


def mounted(frame: np.ndarray, roll: int) -> np.ndarray:
    return frame if roll == 0 else np.ascontiguousarray(cv2.rotate(frame, SEEN[roll]))


@pytest.mark.parametrize("roll", [90, 180, 270])
def test_results_are_those_of_the_upright_frame_in_pixels_of_the_given_one(upright, roll):
    with Pipeline(device="cpu", cues=True) as plain, Pipeline(device="cpu", cues=True, camera_roll=roll) as turned:
        (a,) = plain.process(upright, 0.0).faces
        (b,) = turned.process(mounted(upright, roll), 0.0).faces
    size = (upright.shape[1], upright.shape[0])
    side = float(np.sqrt(np.prod(a.box[2:] - a.box[:2])))
    corners = seen(a.box.reshape(2, 2), roll, size)
    # Pixels are sampled in another order: the model's input differs by rounding only.
    np.testing.assert_allclose(b.box, np.concatenate([corners.min(0), corners.max(0)]), atol=0.02 * side)
    np.testing.assert_allclose(b.landmarks, seen(a.landmarks, roll, size), atol=0.02 * side)
    np.testing.assert_allclose(b.cues.landmarks68, seen(a.cues.landmarks68, roll, size), atol=0.05 * side)
    np.testing.assert_allclose(b.affect.probabilities, a.affect.probabilities, atol=0.05)
    # Degrees: int8 models answer in steps, and a crop that is turned is sampled elsewhere between pixels.
    back = turned_pose(b.cues.head_pose, roll)
    np.testing.assert_allclose((back.yaw, back.pitch), (a.cues.head_pose.yaw, a.cues.head_pose.pitch), atol=4)
    assert abs((back.roll - a.cues.head_pose.roll + 180) % 360 - 180) < 4


@pytest.mark.parametrize("format", ["bgr", "gray", "nv12"])
@pytest.mark.parametrize("roll", [90, 270])
def test_the_input_of_a_lying_frame_is_that_of_the_turned_one(upright, roll, format):
    picture = upright if format == "bgr" else cv2.cvtColor(upright, cv2.COLOR_BGR2GRAY)
    frame = mounted(picture, roll)
    if format == "nv12":
        picture, frame = (
            np.concatenate([p, np.full((p.shape[0] // 2, p.shape[1]), 128, np.uint8)]) for p in (picture, frame)
        )
    with FaceDetector(device="cpu", max_side=224) as detector:
        wanted = detector._crop(Image.of(picture, format), detector.letterbox(480, 400)).copy()
        box = detector.letterbox(400, 480, roll=roll)
        made = detector._crop(Image.of(frame, format, roll=roll), box)
        np.testing.assert_allclose(made, wanted, atol=2 / 255)
        # roi and padding: the frame's corners, brought into the input and back.
        corners = np.array([[0, 0], [400, 480]], np.float32)
        inverse = np.linalg.inv(np.vstack([box.matrix, [0, 0, 1]]))
        there = np.concatenate([corners, np.ones((2, 1), np.float32)], 1) @ inverse.T
        np.testing.assert_allclose(box.to_frame(there[:, :2].astype(np.float32)), corners, atol=1e-3)


def test_a_region_of_the_given_frame_is_looked_at(upright):
    frame = mounted(upright, 90)  # 400 x 480
    with Pipeline(device="cpu", camera_roll=90) as whole:
        (face,) = whole.process(frame, 0.0).faces
    y = (face.box[1] + face.box[3]) / 2 / 480
    with Pipeline(device="cpu", camera_roll=90, roi=(0, max(y - 0.25, 0), 1, min(y + 0.25, 1))) as part:
        (again,) = part.process(frame, 0.0).faces
    np.testing.assert_allclose(again.box, face.box, atol=6)
    with Pipeline(device="cpu", camera_roll=90, roi=(0, 0.8, 1, 1) if y < 0.5 else (0, 0, 1, 0.2)) as other:
        assert not other.process(frame, 0.0).faces


def test_each_camera_has_its_own_roll(upright):
    with Pipeline(device="cpu", camera_roll=(0, 180), check_turn=False) as pipeline:
        a, b = pipeline.process_batch([upright, mounted(upright, 180)], 0.0)
        assert [len(r.faces) for r in (a, b)] == [1, 1]
        np.testing.assert_allclose(b.faces[0].landmarks, (480, 400) - a.faces[0].landmarks, atol=2)
        with pytest.raises(ValueError, match="there is none for camera 2"):
            pipeline.process_batch([upright] * 3, 1.0)


@pytest.mark.parametrize("wrong", [45, -90, 360, "90", True, (), (0, 1)])
def test_other_rolls_are_refused(wrong):
    with pytest.raises(ValueError, match="0, 90, 180 or 270"):
        PipelineOptions().override(camera_roll=wrong)


def test_a_detector_that_does_not_turn_is_refused():
    class Mine:
        def detect(self, frame, color="bgr"):
            return Faces.empty()

    with pytest.raises(TypeError, match="camera_roll cannot turn frames"):
        Pipeline(detect=Mine(), affect=False, camera_roll=90)


def test_kept_crops_stand_upright(upright):
    crops = []
    for roll in (0, 90):
        with Pipeline(device="cpu", camera_roll=roll, crop_keep=True) as pipeline:
            (face,) = pipeline.process(mounted(upright, roll), 0.0).faces
            crops.append(pipeline.kept_crop(face))
    a, b = (crop.pixels.astype(float) for crop in crops)
    assert np.abs(a - b).mean() < 8 < np.abs(a - np.rot90(b)).mean()
    assert crops[1].matrix[0, 0] == 0  # a quarter turn


def test_head_pose_and_gaze_turn_with_the_picture():
    for got, wanted in (
        (turned_pose(HeadPose(20.0, 0.0, 0.0), 90), (0.0, -20.0, 90.0)),  # the image's right becomes down
        (turned_pose(HeadPose(0.0, 10.0, -90.0), 90), (10.0, 0.0, 0.0)),
        (turned_pose(HeadPose(5.0, 6.0, 7.0), 0), (5.0, 6.0, 7.0)),
    ):
        np.testing.assert_allclose((got.yaw, got.pitch, got.roll), wanted, atol=1e-6)
    gaze = turned_gaze(Gaze(12.0, 3.0), 180)
    np.testing.assert_allclose((gaze.yaw, gaze.pitch), (-12.0, -3.0), atol=0.2)


# ---- faces that are turned by themselves ----


def leaning(frame: np.ndarray, degrees: float, size=(560, 560)) -> tuple[np.ndarray, np.ndarray]:
    """The picture turned clockwise, and the matrix [2, 3] from its pixels to the new ones."""
    h, w = frame.shape[:2]
    matrix = cv2.getRotationMatrix2D((w / 2 - 0.5, h / 2 - 0.5), -degrees, 1.0)
    matrix[:, 2] += ((size[0] - w) / 2, (size[1] - h) / 2)
    return cv2.warpAffine(frame, matrix, size, borderValue=(128, 128, 128)), matrix


@pytest.mark.parametrize("still", [True, False])
def test_points_follow_the_turn_at_any_roll_or_the_face_is_not_found(portrait, still):
    picture = np.ascontiguousarray(portrait[20:300, 90:370])
    found, errors = 0, []
    with Pipeline(device="cpu", affect=False) as pipeline:
        base, first = leaning(picture, 0)
        (face,) = pipeline.process(base, 0.0).faces
        side = float(np.sqrt(np.prod(face.box[2:] - face.box[:2])))
        for degrees in range(0, 360, 15):
            frame, matrix = leaning(picture, degrees)
            pipeline.reset()
            moment = SourceFrame(frame, 0, 0.0, "user", "picture", 0.0, still=still)
            faces = pipeline.process_frame(moment).faces
            if not faces:
                continue
            best = max(faces, key=lambda one: one.score)
            wanted = (face.landmarks - first[:, 2]) @ np.linalg.inv(first[:, :2]).T @ matrix[:, :2].T + matrix[:, 2]
            errors.append(float(np.linalg.norm(best.landmarks - wanted, axis=1).mean()) / side)
            found += 1
    assert found >= 16
    assert max(errors) < 0.2, errors  # shares of the face's side; without the check half of them are above 0.4
    assert np.median(errors) < 0.08


def test_a_camera_upside_down_is_told_once(portrait, caplog):
    frame = np.ascontiguousarray(portrait[20:300, 90:370][::-1, ::-1])
    with Pipeline(device="cpu", affect=False) as pipeline, caplog.at_level(logging.WARNING, "edgeaffect"):
        for step in range(60):
            result = pipeline.process(frame, step * 0.1)
        assert len(result.faces) == 1
        left, right = result.faces[0].landmarks[:2]
        assert left[0] > right[0]  # the points follow the turn
        told = [record.message for record in caplog.records if "camera_roll" in record.message]
        assert len(told) == 1
        assert "camera_roll=180" in told[0]
        assert pipeline.describe()["hints"] == told


def test_a_watch_names_the_roll_that_helps():
    for roll, turns, wanted in (
        (0, -88.0, "camera_roll=90"),
        (90, 91.0, "camera_roll=0"),
        (180, -179.0, "camera_roll=0"),
    ):
        watch = TurnWatch(roll)
        for step in range(40):
            watch.add([turns, 3.0 if step % 5 == 0 else turns], step * 0.1, "camera 0")
        assert watch.hint is not None
        assert wanted in watch.hint
    calm = TurnWatch(0)
    for step in range(100):
        calm.add([2.0, 95.0], step * 0.1, "camera 0")
    assert calm.hint is None


def test_a_crowd_is_looked_at_in_turns():
    """Of ten new faces four are looked at per detection; those that are known to be turned keep their points."""
    at = np.arange(10, dtype=np.float32)[:, None] * np.float32([100, 0])
    boxes = np.concatenate([at, at + 40], 1)
    points = at[:, None] + np.float32([[10, 10], [30, 10], [20, 20], [12, 30], [28, 30]])
    faces = Faces(boxes, np.full(10, 0.8, np.float32), points)
    found = Turned(180.0, 0.9, 0.95, np.full((5, 2), 7, np.float32))
    checks = TurnChecks(finder=None, roll=0)
    image = Image.of(np.zeros((48, 1024, 3), np.uint8))
    tried = []
    for step in range(5):
        steps, looks = checks.correct(image, faces, step * 0.1, "camera"), []
        try:
            call = next(steps)
            while True:
                looks.append(len(call.item.tried))
                call = steps.send(found)
        except StopIteration as end:
            told = int((end.value.landmarks == 7).all((1, 2)).sum())
        tried.append((looks.count(12), looks.count(5), told))
    assert tried == [(4, 0, 4), (4, 4, 8), (2, 8, 10), (0, 10, 10), (0, 10, 10)]
