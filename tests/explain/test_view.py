"""Head and gaze are told as somebody behind the camera sees them, wherever the face is in the picture."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from face_parts import cues_of

from edgeaffect.explain.view import View
from edgeaffect.explain.viewpoint import from_camera


@pytest.mark.parametrize(("x", "y"), [(320, 240), (600, 60), (30, 400)])
@pytest.mark.parametrize("fov", [None, 90.0])
def test_a_look_into_the_camera_is_straight(x: float, y: float, fov: float | None) -> None:
    focal = 640 if fov is None else 320  # tan 45 degrees
    towards = -math.degrees(math.atan((x - 320) / focal)), math.degrees(math.atan((y - 240) / focal))
    cues = cues_of({}, head=(towards[0] + 5, towards[1] - 3, 7), gaze=(towards[0], towards[1]))
    placed = dataclasses.replace(cues, landmarks68=np.full((68, 2), (x, y), np.float32))
    seen = View((640, 480), fov).facing(placed)
    assert (seen.gaze.yaw, seen.gaze.pitch) == pytest.approx((0, 0), abs=1e-4)
    assert (seen.head_pose.yaw, seen.head_pose.pitch, seen.head_pose.roll) == pytest.approx((5, -3, 7), abs=1e-4)
    assert seen.looking_at_camera == placed.looking_at_camera and seen.blendshapes is placed.blendshapes


@pytest.mark.parametrize(("text", "wanted"), [
    ("Is he looking at me?", "Is he looking at the camera?"),
    ("She stares straight at us.", "She stares straight at the camera."),
    ("does he look back at you", "does he look back at the camera"),
    ("Is she facing us?", "Is she facing at the camera?"),
    ("She is looking at the dog", "She is looking at the dog"), ("does she like me", "does she like me"),
    ("LOOKING AT ME", "LOOKING at the camera"), ("", ""),
])  # fmt: skip
def test_whoever_asks_stands_where_the_camera_is(text: str, wanted: str) -> None:
    assert from_camera(text) == wanted


def test_points_that_are_none_leave_the_angles() -> None:
    cues = cues_of({}, head=(1, 2, 3), gaze=(4, 5))
    assert View((640, 480)).facing(cues) is cues
