"""`calibrate_gaze`: the constant error of the gaze of one person on one camera."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..errors import PictureError
from ..options import CuesOptions
from ..results import Result
from . import head_pose

_LEAST_READINGS = 10


def calibrate_gaze(
    results: Iterable[Result | PictureError], options: CuesOptions | None = None, *, track_id: int | None = None
) -> tuple[float, float]:
    """What to pass as `cues_gaze_offset`, from results of a person who looks into the camera.

    A second or two will do. The median over `Face.raw_cues` is taken, so blinks and glances aside do not matter.

    Args:
        results: of a pipeline with `cues=True`; pictures of a list that could not be read do not count.
        options: `pipeline.options.cues` of that pipeline: its field of view and the offset that it had already.
        track_id: whose face it is; None where there is one person only.

    Returns:
        Yaw, pitch in degrees.

    Raises:
        ValueError: too few readings of cues, or several people and no `track_id`.
    """
    options = options or CuesOptions()
    errors: dict[int | None, list[tuple[float, float]]] = {}
    for result in results:
        if isinstance(result, PictureError):
            continue
        focal = head_pose.focal_length(result.size[0], options.fov)
        for face in result.faces:
            if face.raw_cues is not None and track_id in (None, face.track_id):
                x, y = face.raw_cues.landmarks68[36:48].mean(0)  # between the eyes
                yaw, pitch = head_pose.towards_camera((float(x), float(y)), result.size, focal)
                gaze = face.raw_cues.gaze
                errors.setdefault(face.track_id, []).append((yaw - gaze.yaw, pitch - gaze.pitch))
    if len(errors) > 1:
        raise ValueError(f"cues of several faces, {', '.join(map(str, errors))}: say whose gaze it is with track_id=")
    readings = next(iter(errors.values()), [])
    if len(readings) < _LEAST_READINGS:
        raise ValueError(
            f"{len(readings)} readings of cues are too few, at least {_LEAST_READINGS} are needed: look into the "
            "camera of a pipeline with cues=True for a second or two"
        )
    yaw, pitch = np.median(readings, 0).tolist()
    return options.gaze_offset[0] + yaw, options.gaze_offset[1] + pitch
