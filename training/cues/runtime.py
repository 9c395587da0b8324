"""A finished file as the run time will use it: frame -> detector -> crop -> ONNX Runtime -> the frame's coordinates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgeaffect.models.spec import METADATA_KEY as SPEC_KEY
from training.cues import pose
from training.cues.export import METADATA_KEY, OUTPUTS
from training.cues.sdk import FaceDetector, cut, similarity
from training.files import open_on_one_thread

# How much the angles that the network says count beside those of its points (see RESULTS.json, `pose_choice`).
LEARNT_SHARE = 1.0


@dataclass(frozen=True)
class Cues:
    """What the faces of one frame do; see `export.MEANINGS`. Points in frame pixels, angles in the camera's frame."""

    points: np.ndarray
    points_std: np.ndarray
    shapes: np.ndarray
    shapes_std: np.ndarray
    head: np.ndarray
    """[n, 3]; `head_net` and `head_points` are its two sources: learnt angles, and the rigid head on the points."""
    head_std: np.ndarray
    head_net: np.ndarray
    head_points: np.ndarray
    eyes: np.ndarray
    """[n, 2], relative to the head."""
    eyes_std: np.ndarray
    gaze: np.ndarray
    """[n, 2], in the camera's frame."""


def read_facts(metadata: Mapping[str, str]) -> dict[str, Any]:
    """Input, framing and names of blendshapes, from the metadata of an exported or of a shipped file."""
    if METADATA_KEY in metadata:
        return json.loads(metadata[METADATA_KEY])
    spec = json.loads(metadata[SPEC_KEY])
    names = next(output["labels"] for output in spec["outputs"] if output["name"] == "blendshapes")
    return {"input": spec["inputs"][0], "framing": spec["alignment"], "blendshapes": names}


class CueModel:
    """Reads `face-cues*.onnx`."""

    def __init__(self, file: Path) -> None:
        self.session = open_on_one_thread(file)
        self.facts = read_facts(self.session.get_modelmeta().custom_metadata_map)
        self.template = np.array(self.facts["framing"]["template"])
        self.canonical = pose.read_canonical()
        self.side = int(self.facts["input"]["size"][0])
        self.names: list[str] = self.facts["blendshapes"]

    def crops(self, frame: np.ndarray, matrices: np.ndarray) -> np.ndarray:
        """Network inputs of the crops that `matrices` cut out of a BGR frame."""
        given = self.facts["input"]
        x = cut(frame, matrices, self.side, given["color"])
        return ((x * given["scale"] - given["mean"][0]) / given["std"][0]).astype(np.float32)

    def run(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Outputs by name."""
        return dict(zip(OUTPUTS, self.session.run(list(OUTPUTS), {"image": x}), strict=True))

    def __call__(self, frame: np.ndarray, landmarks: np.ndarray) -> Cues:
        """Cues of the faces with the five `landmarks` [n, 5, 2] in a BGR frame."""
        matrices = similarity(landmarks, self.template)
        said = self.run(self.crops(frame, matrices))
        size = (frame.shape[1], frame.shape[0])
        points = said["landmarks"].reshape(-1, 68, 2).astype(np.float64)
        points = np.einsum("nij,nkj->nki", matrices[:, :, :2], points) + matrices[:, None, :, 2]
        scale = np.hypot(matrices[:, 0, 0], matrices[:, 1, 0])
        net = pose.to_camera(said["pose"], matrices, self.side, size)
        solved = np.array([pose.solve(p, size, self.canonical) for p in points])
        head = blend(net, solved)
        return Cues(
            points,
            said["landmarks_std"] * scale[:, None],
            said["blendshapes"],
            said["blendshapes_std"],
            head,
            said["pose_std"],
            net,
            solved,
            said["gaze"],
            said["gaze_std"],
            pose.gaze_to_camera(head, said["gaze"]),
        )


def blend(net: np.ndarray, solved: np.ndarray, share: float = LEARNT_SHARE) -> np.ndarray:
    """Mean of two sets of angles [n, 3] in degrees, the first counting `share`."""
    away = (solved - net + 180) % 360 - 180
    return net + (1 - share) * away


def detect(detector: FaceDetector, frame: np.ndarray, expected: np.ndarray) -> np.ndarray | None:
    """The detector's five landmarks [1, 5, 2] of the face whose 68 points are expected; None where it has none."""
    faces = detector.detect(frame)
    found = np.asarray(faces.landmarks, np.float64)
    if not len(found):
        return None
    size = np.sqrt(np.prod(expected.max(0) - expected.min(0)))
    away = np.linalg.norm(found.mean(1) - expected[17:].mean(0), axis=1) / size
    best = int(away.argmin())
    return found[best : best + 1] if away[best] < 0.4 else None
