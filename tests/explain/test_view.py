"""Head and gaze are told as somebody behind the camera sees them, wherever the face is in the picture."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from face_parts import cues_of

from edgeaffect.explain.view import View


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


def test_points_that_are_none_leave_the_angles() -> None:
    cues = cues_of({}, head=(1, 2, 3), gaze=(4, 5))
    assert View((640, 480)).facing(cues) is cues
