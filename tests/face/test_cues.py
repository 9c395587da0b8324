"""Cues: conventions of every sign, the bundled model on a real face and its mirror, smoothing, options."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from edgeaffect import Pipeline
from edgeaffect.action_units import ACTION_UNITS, BLENDSHAPES, action_units
from edgeaffect.errors import Error, ModelError
from edgeaffect.events import builtin_rules
from edgeaffect.face import head_pose
from edgeaffect.face.cues import FaceCues, cues_of
from edgeaffect.models.registry import FILES
from edgeaffect.options import CuesOptions
from edgeaffect.results import Result

bundled = pytest.mark.skipif(not (FILES / "face-cues-int8.onnx").exists(), reason="no bundled cue model in this tree")
SIZE = (640, 480)


def turn(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Rotation by hand: what each angle does to a face that looks at the camera (towards -z), x right and y down."""
    y, p, r = map(math.radians, (yaw, pitch, roll))
    about_y = np.array([[math.cos(y), 0, -math.sin(y)], [0, 1, 0], [math.sin(y), 0, math.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(p), math.sin(p)], [0, -math.sin(p), math.cos(p)]])
    about_z = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def projected(yaw: float, pitch: float, roll: float, place: tuple[float, float, float] = (0, 0, 60)) -> np.ndarray:
    """The rigid head as the camera sees it, by hand: turn, move, divide by depth."""
    _, model = head_pose.canonical_head()
    points = model @ turn(yaw, pitch, roll).T + place
    return points[:, :2] / points[:, 2:] * SIZE[0] + np.array(SIZE) / 2


@pytest.mark.parametrize("angles", [(0, 0, 0), (25, 0, 0), (0, 20, 0), (0, 0, 30), (-30, 10, -15)])
def test_the_rigid_head_is_found_again(angles):
    found = head_pose.solve(projected(*angles), SIZE, SIZE[0])
    np.testing.assert_allclose(found, angles, atol=0.5)


def test_signs_are_those_of_the_contract():
    nose, chin = 30, 8
    straight = projected(0, 0, 0)
    assert projected(20, 0, 0)[nose, 0] > straight[nose, 0]  # yaw: the nose moves to the image's right
    assert projected(0, 20, 0)[nose, 1] < straight[nose, 1]  # pitch: the nose moves up
    turned = projected(0, 0, 20)
    assert turned[chin, 0] < straight[chin, 0]  # roll, clockwise: the chin moves to the image's left


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 4, 3)])
def test_rotations_are_the_product_of_three(shape):
    angles = np.random.default_rng(2).uniform(-170, 170, shape)
    matrices = head_pose.rotation(angles)
    assert matrices.shape == (*shape, 3)
    for index in np.ndindex(*shape[:-1]):
        np.testing.assert_allclose(matrices[index], turn(*angles[index]), atol=1e-12)


def test_rotations_and_angles_are_inverse():
    angles = np.array([[10.0, -20.0, 30.0], [-45.0, 5.0, -80.0]])
    np.testing.assert_allclose(head_pose.angles_of(head_pose.rotation(angles)), angles, atol=1e-9)
    np.testing.assert_allclose(head_pose.blend(np.array([170.0]), np.array([-170.0]), 0.5), [180.0])


def test_gaze_adds_eyes_to_the_head():
    head = np.array([[10.0, 0, 0], [0, 0, 90.0]])
    np.testing.assert_allclose(
        head_pose.gaze_in_camera(head, np.array([[5.0, 0], [0, 0]])), [[15, 0], [0, 0]], atol=1e-9
    )
    tilted = head_pose.gaze_in_camera(head[1:], np.array([[10.0, 0.0]]))[0]
    assert tilted[1] < -9  # a head that leans to its left on the image's right looks "right" by looking down


def test_looking_needs_the_place_in_the_picture():
    middle = head_pose.towards_camera((320, 240), SIZE, 640)
    right = head_pose.towards_camera((640, 240), SIZE, 640)
    high = head_pose.towards_camera((320, 0), SIZE, 640)
    assert middle == (0, 0) and right[0] < -20 and high[1] < -15
    assert head_pose.looking_probability((0, 0), (3, 3), middle, 10) > 0.99
    assert head_pose.looking_probability((0, 0), (3, 3), right, 10) < 0.01
    assert head_pose.looking_probability((right[0], 0), (3, 3), right, 10) > 0.99
    assert head_pose.looking_probability((10, 0), (3, 3), middle, 10) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("fov", "tolerance"), [(None, 10.0), (90.0, 3.0)])
def test_who_looks_into_the_camera_does_so_with_the_eyes(fov, tolerance):
    """A face whose eyes are far from its other points, and whose gaze goes from the eyes to the camera."""
    points = np.full((68, 2), (600.0, 450.0))
    points[36:48] = 100.0
    options = CuesOptions(fov=fov, looking_tolerance=tolerance)
    focal = head_pose.focal_length(SIZE[0], fov)
    gaze = np.array(head_pose.towards_camera((100.0, 100.0), SIZE, focal))
    shapes = dict.fromkeys(BLENDSHAPES, 0.25)
    cues = cues_of(points, shapes, np.zeros(3), gaze, gaze_std=(4.0, 4.0), size=SIZE, options=options, std=None)
    straight = head_pose.looking_probability((0, 0), (4.0, 4.0), (0, 0), tolerance)
    assert cues.looking_at_camera == pytest.approx(straight)
    assert (cues.eyes_open, cues.mouth_open) == (0.75, 0.25)


def test_action_units_follow_the_table():
    zero = dict.fromkeys(BLENDSHAPES, 0.0)
    assert set(action_units(zero).values()) == {0.0}
    for unit in ACTION_UNITS:
        for group in unit.groups:
            assert action_units({**zero, **dict.fromkeys(group, 0.8)})[unit.number] == pytest.approx(0.8)
    assert action_units({**zero, "mouthSmileLeft": 1.0})[12] == 0.5
    assert len(set(BLENDSHAPES)) == 51 and "_neutral" not in BLENDSHAPES


@bundled
def test_a_real_face_and_its_mirror(portrait):
    def read(image: np.ndarray):
        with Pipeline(cues=True) as pipeline:
            (face,) = pipeline.process(image).faces
        assert face.cues is not None and face.raw_cues is not None  # the first frame after a reset carries cues
        return face

    face, mirrored = read(portrait), read(np.ascontiguousarray(portrait[:, ::-1]))
    cues, other = face.raw_cues, mirrored.raw_cues
    x0, y0, x1, y1 = face.box
    inside = (cues.landmarks68 > (x0 - 40, y0 - 40)).all() and (cues.landmarks68 < (x1 + 40, y1 + 40)).all()
    assert inside and abs(float(cues.landmarks68[36:48].mean(0)[1] - face.landmarks[:2, 1].mean())) < 6
    assert cues.action_units[12] > 0.5 and cues.eyes_open > 0.6 and cues.mouth_open < 0.4
    assert cues.head_pose.yaw == pytest.approx(-other.head_pose.yaw, abs=6)
    assert cues.head_pose.pitch == pytest.approx(other.head_pose.pitch, abs=6)
    assert cues.looking_at_camera > 0.5
    assert all(0 <= value <= 1 for value in cues.blendshapes.values())
    assert cues.std.head_pose.yaw > 0 and (cues.std.landmarks68 > 0).all()


@bundled
def test_cues_over_time_in_json_and_options(portrait):
    with Pipeline(cues=True, cues_interval=0.5, affect=False) as pipeline:
        results = [pipeline.process(portrait, timestamp=i / 30) for i in range(60)]
        assert "cues" in pipeline.describe()["stages"]
    read = [result.faces[0].raw_cues is not None for result in results]
    assert read[0] and 3 <= sum(read) <= 5 and all(result.faces[0].cues is not None for result in results)
    assert results[-1].faces[0].affect is None
    again = Result.from_json(results[-1].to_json())
    assert again.to_dict() == results[-1].to_dict() and "AU12" in again.to_dict()["faces"][0]["cues"]["action_units"]
    with Pipeline() as plain:
        assert plain.process(portrait).faces[0].cues is None
    for wrong in ({"cues_fov": 0}, {"cues_looking_tolerance": 0}, {"cues_gaze_offset": (1,)}, {"cues_interval": -1}):
        with pytest.raises(ValueError, match="cues"):
            Pipeline(cues=True, **wrong)
    with pytest.raises((Error, ValueError), match="affect"):
        Pipeline(cues="affect-nano")


@bundled
def test_smoothed_cues_are_steadier_and_keep_up(portrait):
    rng = np.random.default_rng(3)
    with Pipeline(cues=True, affect=False, detect_interval=0.0) as pipeline:
        raw, smooth = [], []
        for i in range(40):
            noisy = np.clip(portrait + rng.normal(0, 12, portrait.shape), 0, 255).astype(np.uint8)
            moved = cv2.warpAffine(noisy, np.float32([[1, 0, i], [0, 1, 0]]), (512, 512))
            (face,) = pipeline.process(moved, timestamp=i / 30).faces
            raw.append(face.raw_cues)
            smooth.append(face.cues)
    for name in ("yaw", "pitch"):
        spread = [np.diff([getattr(c.head_pose, name) for c in some]).std() for some in (raw, smooth)]
        assert spread[1] < 0.7 * spread[0]
    lag = smooth[-1].landmarks68.mean(0) - raw[-1].landmarks68.mean(0)
    assert np.abs(lag).max() < 0.5  # points follow a face that moves a pixel a frame


@bundled
def test_events_of_a_source(portrait, tmp_path):
    frames = [portrait] * 60
    with Pipeline(cues=True) as pipeline:
        events = list(pipeline.events(frames))
    smiles = [event for event in events if event.name == "smile"]
    assert [event.phase for event in smiles] == ["start", "end"] and smiles[0].track_id == 1
    with Pipeline() as plain, pytest.raises(ValueError, match="needs cues: make the pipeline with cues=True"):
        next(plain.events(frames, rules=builtin_rules(["smile"])))


@bundled
def test_cues_that_turn_into_nan_name_the_file_and_the_output():
    model = FaceCues()
    given = {name: np.zeros(info.shape[1:], info.dtype)[None] for name, info in model.session.inputs.items()}
    outputs = model.session.run(given, model.wanted())
    place = np.array([[[1, 0, 0], [0, 1, 0]]], np.float32), [(64, 48)]
    assert len(model.read_rows(outputs, *place)) == 1
    for name in model.wanted():
        broken = {**outputs, name: np.full_like(outputs[name], np.nan)}
        with pytest.raises(ModelError, match=rf"face-cues.*onnx returned values .*'{name}'.*models verify"):
            model.read_rows(broken, *place)
