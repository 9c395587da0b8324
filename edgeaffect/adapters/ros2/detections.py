"""`vision_msgs/Detection2DArray`, and the drawings that Foxglove lays over the image."""

from __future__ import annotations

import numpy as np

from ...circumplex import EMOTIONS
from ...results import Face, Result
from .faces import face_name
from .message import Header, Message

Rgb = tuple[float, float, float]

FACE = "face"
"""Class of a face whose expression is not known yet."""
_SURE, _UNSURE, _DARK = (0.2, 0.85, 0.4), (0.6, 0.6, 0.6), (0.0, 0.0, 0.0)
_LINE_LOOP = 2
_LINE, _TEXT = 2.0, 14.0


def detections(result: Result, header: Header) -> Message:
    """`vision_msgs/Detection2DArray`: one detection per face.

    Its results are the emotions with their probabilities, the most probable one first; `id` is that of the face in
    REP-155. A face that has not been analysed yet has one result, `face`, with the score of the detector.
    """
    listed = [_detection(face, face_name(face, place), header) for place, face in enumerate(result.faces)]
    return Message("vision_msgs/msg/Detection2DArray", {"header": header.message, "detections": listed})


def _detection(face: Face, name: str, header: Header) -> Message:
    x0, y0, x1, y1 = map(float, face.box)
    point = Message("vision_msgs/msg/Point2D", {"x": (x0 + x1) / 2, "y": (y0 + y1) / 2})
    center = Message("vision_msgs/msg/Pose2D", {"position": point, "theta": 0.0})
    box = Message("vision_msgs/msg/BoundingBox2D", {"center": center, "size_x": x1 - x0, "size_y": y1 - y0})
    scores = [(FACE, float(face.score))]
    if face.affect is not None:
        scores = sorted(
            zip(EMOTIONS, face.affect.probabilities.tolist(), strict=True), key=lambda one: one[1], reverse=True
        )
    results = [_hypothesis(name, score) for name, score in scores]
    fields = {"header": header.message, "results": results, "bbox": box, "id": name}
    return Message("vision_msgs/msg/Detection2D", fields)


def _hypothesis(name: str, score: float) -> Message:
    """A class with its score; nothing is said of its place in space."""
    pose = {
        "position": Message("geometry_msgs/msg/Point", {"x": 0.0, "y": 0.0, "z": 0.0}),
        "orientation": Message("geometry_msgs/msg/Quaternion", {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0}),
    }
    unknown = {"pose": Message("geometry_msgs/msg/Pose", pose), "covariance": np.zeros(36)}
    fields = {
        "hypothesis": Message("vision_msgs/msg/ObjectHypothesis", {"class_id": name, "score": score}),
        "pose": Message("geometry_msgs/msg/PoseWithCovariance", unknown),
    }
    return Message("vision_msgs/msg/ObjectHypothesisWithPose", fields)


def image_annotations(result: Result, header: Header) -> Message:
    """`foxglove_msgs/ImageAnnotations`: a box and a line of text per face, gray where we are not sure."""
    points, texts = [], []
    for place, face in enumerate(result.faces):
        sure = face.affect is not None and face.affect.is_sure
        color = _color(_SURE if sure else _UNSURE)
        x0, y0, x1, y1 = map(float, face.box)
        corners = [_point(x0, y0), _point(x1, y0), _point(x1, y1), _point(x0, y1)]
        box = {
            "timestamp": header.time, "type": _LINE_LOOP, "points": corners, "outline_color": color,
            "outline_colors": [], "fill_color": _color(_DARK, 0.0), "thickness": _LINE,
        }  # fmt: skip
        points.append(Message("foxglove_msgs/msg/PointsAnnotation", box))
        text = {
            "timestamp": header.time, "position": _point(x0, y0 - 4), "text": _title(face, face_name(face, place)),
            "font_size": _TEXT, "text_color": color, "background_color": _color(_DARK, 0.6),
        }  # fmt: skip
        texts.append(Message("foxglove_msgs/msg/TextAnnotation", text))
    return Message("foxglove_msgs/msg/ImageAnnotations", {"circles": [], "points": points, "texts": texts})


def _title(face: Face, name: str) -> str:
    affect = face.affect
    if affect is None:
        return name
    doubt = "" if affect.is_sure else "?"
    return f"{name} {affect.label}{doubt} {affect.confidence:.0%}  V {affect.valence:+.2f}  A {affect.arousal:+.2f}"


def _point(x: float, y: float) -> Message:
    return Message("foxglove_msgs/msg/Point2", {"x": x, "y": y})


def _color(rgb: Rgb, opacity: float = 1.0) -> Message:
    return Message("foxglove_msgs/msg/Color", dict(zip("rgba", (*rgb, opacity), strict=True)))
