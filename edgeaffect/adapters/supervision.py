"""`to_supervision`: results as `supervision.Detections`, for its annotators, zones, filters and sinks."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import require
from ..circumplex import EMOTIONS
from ..results import Face, Result

UNKNOWN = len(EMOTIONS)
"""Class id of a face that has not been analysed yet; the others follow `circumplex.EMOTIONS`."""
_UNKNOWN_NAME = "face"


def to_supervision(result: Result) -> Any:
    """`supervision.Detections` of the faces of a result.

    `xyxy` float32 [n, 4] in pixels of the frame; `confidence` [n] is the detector's score; `class_id` [n] is the place
    of the label in `circumplex.EMOTIONS`; `tracker_id` [n], or None where no face has one (still pictures). `data`
    holds `class_name`, `emotion_confidence`, `is_sure`, `valence`, `arousal` (NaN while a face has not been analysed).

    Raises:
        DependencyError: supervision is missing.
    """
    supervision = require("supervision")
    faces = result.faces
    if not faces:
        return supervision.Detections.empty()
    ids = [face.track_id for face in faces]
    return supervision.Detections(
        xyxy=np.stack([face.box for face in faces]).astype(np.float32),
        confidence=np.array([face.score for face in faces], np.float32),
        class_id=np.array([_class_of(face) for face in faces]),
        tracker_id=None if None in ids else np.array(ids),
        data={
            "class_name": np.array([face.label or _UNKNOWN_NAME for face in faces]),
            "emotion_confidence": _values(faces, "confidence"),
            "is_sure": np.array([face.affect is not None and face.affect.is_sure for face in faces]),
            "valence": _values(faces, "valence"),
            "arousal": _values(faces, "arousal"),
        },
    )


def _class_of(face: Face) -> int:
    return EMOTIONS.index(face.label) if face.label in EMOTIONS else UNKNOWN


def _values(faces: tuple[Face, ...], name: str) -> Any:
    return np.array([np.nan if face.affect is None else getattr(face.affect, name) for face in faces], np.float32)
