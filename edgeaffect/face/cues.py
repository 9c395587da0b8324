"""`FaceCues`: landmarks, blendshapes, action units, head pose and gaze of every face in a frame, in one batch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..action_units import BLENDSHAPES, action_unit_stds, action_units
from ..cues import Cues, CueStds, Gaze, HeadPose
from ..errors import SpecError
from ..options import CuesOptions
from ..runtime import Placement
from . import head_pose
from .face_model import Crops, FaceModel, Outputs
from .outputs import columns

_MEANINGS = (
    "landmarks", "landmarks_std", "blendshapes", "blendshapes_std", "head_pose", "head_pose_std", "gaze", "gaze_std",
)  # fmt: skip


class FaceCues(FaceModel[Cues]):
    """Reads what faces do. Belongs to one thread.

    Args:
        model: bundled name, path to an ONNX file that carries a `ModelSpec` for task `cues`, or None for the default.
        options: field of view, tolerance of looking.
        device: `auto | cpu | cuda | cuda:N`.
        runtime: `auto | onnxruntime | tensorrt`.
        threads: intra-op threads on the CPU.

    Raises:
        SpecError: the model lacks an output that cues need.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        options: CuesOptions | None = None,
        device: str = "auto",
        runtime: str = "auto",
        threads: int = 1,
    ) -> None:
        self._options = options or CuesOptions()
        super().__init__(
            model if model is not None else self._options.model, "cues", Placement(device, runtime, threads)
        )
        found = {meaning: self.model.spec.output(meaning) for meaning in _MEANINGS}
        missing = [meaning for meaning, output in found.items() if output is None]
        if missing:
            raise SpecError(f"{self.model.path}: cues need outputs of meaning {', '.join(missing)}")
        self._outputs = {meaning: output for meaning, output in found.items() if output is not None}
        self._names = tuple(self._outputs["blendshapes"].labels)
        if set(self._names) != set(BLENDSHAPES):
            unlike = sorted(set(self._names) ^ set(BLENDSHAPES))
            raise SpecError(f"{self.model.path}: labels of blendshapes must be the 51 of ARKit; not so: {unlike}")

    def __enter__(self) -> FaceCues:
        return self

    def wanted(self) -> Sequence[str]:
        """Names of the outputs that cues come from."""
        return tuple(dict.fromkeys(output.name for output in self._outputs.values()))

    def read(self, outputs: Outputs, crops: Crops) -> list[Cues]:
        """One `Cues` per row."""
        said = {meaning: self._columns(outputs, meaning) for meaning in _MEANINGS}
        return [
            self._cues({name: rows[i] for name, rows in said.items()}, crops[i : i + 1])
            for i in range(len(crops.sizes))
        ]

    def _columns(self, outputs: Outputs, meaning: str) -> NDArray[np.float64]:
        return np.asarray(columns(outputs, self._outputs[meaning], self.model.path), np.float64)

    def _cues(self, said: dict[str, NDArray[np.float64]], crop: Crops) -> Cues:
        matrix, size = crop.matrices[0].astype(np.float64), crop.sizes[0]
        focal = head_pose.focal_length(size[0], self._options.fov)
        points = said["landmarks"].reshape(68, 2) @ matrix[:, :2].T + matrix[:, 2]
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        # A rigid head put onto the points (head_pose.solve) is no better and costs a millisecond: `pose_choice` in
        # training/cues/RESULTS.json.
        turn = head_pose.crop_to_camera(matrix[None], self._input.size[0], size, focal)
        head = head_pose.angles_of(turn @ head_pose.rotation(said["head_pose"][None]))[0]
        gaze = head_pose.gaze_in_camera(head[None], said["gaze"][None])[0] + np.array(self._options.gaze_offset)
        shapes = dict(zip(self._names, said["blendshapes"].tolist(), strict=True))
        shape_stds = dict(zip(self._names, said["blendshapes_std"].tolist(), strict=True))
        # Errors of head and eyes add up.
        gaze_std = np.hypot(said["gaze_std"], said["head_pose_std"][:2])
        stds = CueStds(
            landmarks68=(said["landmarks_std"] * scale).astype(np.float32),
            blendshapes=shape_stds,
            action_units=action_unit_stds(shape_stds, shapes),
            head_pose=HeadPose(*said["head_pose_std"].tolist()),
            gaze=Gaze(*gaze_std.tolist()),
            eyes_open=float(np.hypot(shape_stds["eyeBlinkLeft"], shape_stds["eyeBlinkRight"])) / 2,
            mouth_open=shape_stds["jawOpen"],
        )
        return cues_of(points, shapes, head, gaze, gaze_std=gaze_std, size=size, options=self._options, std=stds)


def cues_of(
    points: NDArray[np.floating[Any]],
    blendshapes: dict[str, float],
    head: NDArray[np.float64],
    gaze: NDArray[np.float64],
    *,
    gaze_std: Sequence[float] | NDArray[np.float64],
    size: tuple[int, int],
    options: CuesOptions,
    std: CueStds | None,
) -> Cues:
    """The cues that follow from what a model says of a face.

    Args:
        points: [68, 2], pixels of the frame.
        blendshapes: 0 to 1 by name.
        head: yaw, pitch, roll in degrees.
        gaze: yaw, pitch in degrees.
        gaze_std: standard deviation of both, degrees.
        size: width and height of the frame in pixels.
        options: field of view, tolerance of looking.
        std: deviations where the model knows them.
    """
    middle = points[36:48].mean(0)  # between the eyes
    focal = head_pose.focal_length(size[0], options.fov)
    return Cues(
        landmarks68=points.astype(np.float32),
        blendshapes=blendshapes,
        action_units=action_units(blendshapes),
        head_pose=HeadPose(*head.tolist()),
        gaze=Gaze(*gaze.tolist()),
        looking_at_camera=head_pose.looking_probability(
            (float(gaze[0]), float(gaze[1])),
            (float(gaze_std[0]), float(gaze_std[1])),
            head_pose.towards_camera((float(middle[0]), float(middle[1])), size, focal),
            options.looking_tolerance,
        ),
        eyes_open=eyes_open(blendshapes),
        mouth_open=blendshapes["jawOpen"],
        std=std,
    )


def eyes_open(blendshapes: dict[str, Any]) -> float:
    """0 (closed) to 1: what the mean of both eyes' blinks leaves."""
    return float(min(max(1 - (blendshapes["eyeBlinkLeft"] + blendshapes["eyeBlinkRight"]) / 2, 0), 1))
