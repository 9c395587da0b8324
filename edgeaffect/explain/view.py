"""`View`: where a camera saw a face from, so that "down" and "to the left" mean what somebody behind the camera sees.

Cues give head pose and gaze in the camera's frame: a face high in the picture looks down when it looks into the camera.
Words are about the line between face and camera.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from ..cues import Cues, Gaze, HeadPose
from ..face.head_pose import focal_length, towards_camera, turned_gaze, turned_pose

_EYES = slice(36, 48)  # of the 68 points


@dataclass(frozen=True)
class View:
    """A frame that cues were measured in."""

    size: tuple[int, int]
    """Width, height: `Cues.landmarks68` are pixels of this frame."""
    fov: float | None = None
    """Horizontal field of view in degrees, as `CuesOptions.fov`."""
    roll: int = 0
    """Degrees by which the camera is turned, clockwise: up and to the left are those of the people in front of it."""

    def facing(self, cues: Cues) -> Cues:
        """The cues with yaw and pitch of head and gaze relative to the line from the face into the camera.

        Differences of angles, which is right to a degree within 30 degrees of the axis. Points that are none leave the
        angles as they are.
        """
        x, y = (float(value) for value in cues.landmarks68[_EYES].mean(0))
        if not (math.isfinite(x) and math.isfinite(y)):
            return cues
        yaw, pitch = towards_camera((x, y), self.size, focal_length(self.size[0], self.fov))
        head, gaze = cues.head_pose, cues.gaze
        return dataclasses.replace(
            cues,
            head_pose=turned_pose(HeadPose(head.yaw - yaw, head.pitch - pitch, head.roll), self.roll),
            gaze=turned_gaze(Gaze(gaze.yaw - yaw, gaze.pitch - pitch), self.roll),
        )
