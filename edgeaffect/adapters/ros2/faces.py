"""What REP-155 says about one face: `roi`, `cropped`, `landmarks`, `facs`, `expression`."""

from __future__ import annotations

import numpy as np

from ..._lazy import require
from ...affect import Affect
from ...cues import Cues
from ...draw import to_bgr
from ...image import Frame
from ...results import Face
from .message import Header, Message

WORDS = {
    "neutral": "neutral", "happiness": "happy", "surprise": "surprised", "sadness": "sad", "anger": "angry",
    "disgust": "disgusted", "fear": "scared", "boredom": "bored",
}  # fmt: skip
"""Our labels -> words of `hri_msgs/Expression`, which knows neither contempt nor calm."""
CROP_SIDE = 128
"""Pixels of a cropped face: REP-155's default of `/humans/faces/width` and `height`."""
_POINTS, _UNITS = 70, 99
_RIGHT_EYE, _LEFT_EYE = slice(36, 42), slice(42, 48)  # of the person, in iBUG's order


def face_name(face: Face, place: int) -> str:
    """Identifier of a face: a word that may stand in a topic, where none begins with a digit.

    Args:
        face: its track id makes the name; a face of a still picture has none.
        place: among the faces of its frame.
    """
    return f"s{place}" if face.track_id is None else f"f{face.track_id}"


def roi(face: Face, size: tuple[int, int], header: Header) -> Message:
    """`hri_msgs/NormalizedRegionOfInterest2D`: the box as shares of the frame, the detector's score as confidence."""
    x0, y0, x1, y1 = (np.clip(face.box / np.array([*size, *size]), 0, 1)).tolist()
    fields = {"header": header.message, "xmin": x0, "ymin": y0, "xmax": x1, "ymax": y1, "c": float(face.score)}
    return Message("hri_msgs/msg/NormalizedRegionOfInterest2D", fields)


def cropped(pixels: Frame, color: str, face: Face, header: Header) -> Message:
    """`sensor_msgs/Image`, BGR, 128x128: the face in a square that keeps its shape, black outside of the frame.

    Args:
        pixels: the frame of the face, in the layout that `color` names.
        color: see `image.Image.of`.
        face: its box is in pixels of the frame.
        header: of the frame.
    """
    cv2 = require("cv2")
    x0, y0, x1, y1 = map(float, face.box)
    scale = CROP_SIDE / max(x1 - x0, y1 - y0, 1.0)
    middle = (CROP_SIDE / 2 - scale * (x0 + x1) / 2, CROP_SIDE / 2 - scale * (y0 + y1) / 2)
    # Pixel centres lie at +0.5 for us and at whole numbers for OpenCV.
    shift = (scale - 1) / 2
    matrix = np.array([[scale, 0, middle[0] + shift], [0, scale, middle[1] + shift]])
    how = cv2.INTER_LINEAR
    crop = cv2.warpAffine(to_bgr(pixels, color), matrix, (CROP_SIDE, CROP_SIDE), flags=how, borderValue=(0, 0, 0))
    return image(crop, header)


def image(bgr: Frame, header: Header) -> Message:
    """`sensor_msgs/Image` of a BGR picture [h, w, 3]."""
    height, width = bgr.shape[:2]
    fields = {
        "header": header.message, "height": height, "width": width, "encoding": "bgr8", "is_bigendian": 0,
        "step": width * 3, "data": np.ascontiguousarray(bgr).reshape(-1),
    }  # fmt: skip
    return Message("sensor_msgs/msg/Image", fields)


def landmarks(cues: Cues, score: float, size: tuple[int, int], header: Header) -> Message:
    """`hri_msgs/FacialLandmarks`: 70 points as shares of the frame, iBUG's 68 and two pupils.

    Pupils are not measured: they are the middles of the eyes, with confidence 0. That of the others is the score of the
    detector.
    """
    points = cues.landmarks68
    middles = np.stack([points[_RIGHT_EYE].mean(0), points[_LEFT_EYE].mean(0)])
    places = np.clip(np.concatenate([points, middles]) / np.array(size), 0, 1).tolist()
    confidences = [float(score)] * len(points) + [0.0] * (_POINTS - len(points))
    listed = [
        Message("hri_msgs/msg/NormalizedPointOfInterest2D", {"x": x, "y": y, "c": c})
        for (x, y), c in zip(places, confidences, strict=True)
    ]
    fields = {"header": header.message, "landmarks": listed, "height": size[1], "width": size[0]}
    return Message("hri_msgs/msg/FacialLandmarks", fields)


def action_units(cues: Cues, score: float, header: Header) -> Message:
    """`hri_msgs/FacialActionUnits`: intensities 0..1 by FACS number.

    Confidence is 1 less the standard deviation, or the score of the detector where the model tells none; 0 stands for
    units that nothing measures.
    """
    intensity, confidence = np.zeros(_UNITS, np.float32), np.zeros(_UNITS, np.float32)
    for number, value in cues.action_units.items():
        intensity[number] = value
        confidence[number] = score if cues.std is None else max(0.0, 1 - cues.std.action_units[number])
    fields = {"header": header.message, "intensity": intensity, "confidence": confidence}
    return Message("hri_msgs/msg/FacialActionUnits", fields)


def expression(affect: Affect, header: Header) -> Message:
    """`hri_msgs/Expression`; the word is empty where we are not sure, and for what REP-155 has no word."""
    word = WORDS.get(affect.label, "") if affect.is_sure else ""
    fields = {
        "header": header.message, "expression": word, "valence": float(affect.valence),
        "arousal": float(affect.arousal), "confidence": float(affect.confidence),
    }  # fmt: skip
    return Message("hri_msgs/msg/Expression", fields)
