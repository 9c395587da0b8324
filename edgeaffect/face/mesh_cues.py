"""`MeshCues`: cues of a face from its mesh, with no number that was fitted to pictures of people by us."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._stage_timer import StageTimer
from ..action_units import BLENDSHAPES
from ..cues import Cues
from ..image import Frame, Image
from ..models import ModelFile
from ..options import CuesOptions
from ..results import Faces
from . import head_pose
from .cues import cues_of
from .face_mesh import Items, Mesh, SharedMesh
from .mesh_points import EYES, to_68

Array = NDArray[np.float64]

_HEAD = Path(__file__).with_name("mesh_head.json")
# An eyeball has a radius of 12 mm, its visible slit is 30 mm wide (averages of adults).
_EYEBALL_OF_SLIT = 12 / 30
# Degrees that yaw and pitch of a look are taken to be off by (one sigma): a round number, not measured.
_GAZE_STD = (5.0, 5.0)


@cache
def mesh_head() -> Array:
    """MediaPipe's canonical face [468, 3] in centimetres: x to the image's right, y down, z away from the camera.

    `python -m training.permissive.canonical` writes it from the task file (Apache-2.0).
    """
    return np.array(json.loads(_HEAD.read_text("utf-8"))["points_cm"], np.float64)


def turn_of(points: Array) -> Array:
    """The rotation [3, 3] that turns the canonical face as a mesh [468 or more, 3] is turned (Kabsch 1976)."""
    head = mesh_head()
    mesh = points[: len(head)]
    u, _, v = np.linalg.svd((mesh - mesh.mean(0)).T @ (head - head.mean(0)))
    turn: Array = u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ v))]) @ v
    return turn


def eyes_in_head(points: Array, turn: Array) -> Array:
    """Yaw and pitch [2] of the look relative to the head, degrees: irises off the middle between the eyes' corners.

    Args:
        points: mesh [478, 3].
        turn: of the head, [3, 3].
    """
    angles = []
    for iris, (first, last) in EYES:
        across = points[last] - points[first]
        radius = max(_EYEBALL_OF_SLIT * float(np.linalg.norm(across)), 1e-9)
        off = (points[iris] - (points[first] + points[last]) / 2) @ turn / radius  # in the head's own frame
        angles.append(np.degrees(np.arcsin(off[:2].clip(-0.9, 0.9))))
    look: Array = np.mean(angles, 0) * (1.0, -1.0)
    return look


class MeshCues:
    """Reads cues from meshes. Belongs to one thread.

    `Cues.std` is None: the errors of these networks on people are not published. Head pose puts MediaPipe's canonical
    face onto the mesh, gaze compares irises with the corners of the eyes (docs/permissive.md has measured errors).

    Args:
        mesh: where points and blendshapes come from; closed with this stage.
        options: field of view, tolerance of looking, offset of the gaze.
    """

    def __init__(self, mesh: SharedMesh, *, options: CuesOptions | None = None) -> None:
        self._mesh, self._reader = mesh, mesh.join()
        self._options = options or CuesOptions()

    @property
    def model(self) -> ModelFile:
        """The model of the points."""
        return self._mesh.mesh.model

    @property
    def timer(self) -> StageTimer:
        """Parts `crop`, `model`, `postprocess`; only the last where another stage has read this frame's mesh."""
        return self._mesh.mesh.timer

    def predict(self, frame: Frame | Image, faces: Faces, color: str = "bgr") -> list[Cues]:
        """Cues of each face, in the order of `faces`; arguments and errors as for `FaceCues.predict`."""
        return self.run_many([(Image.of(frame, color), faces)])[0]

    def run_many(self, items: Items) -> list[list[Cues]]:
        """One answer per face of each (image, faces).

        Raises:
            TypeError, ValueError: a face has no place or size.
        """
        meshes = self._mesh.read(self._reader, items)
        self.timer.start()
        answers = [[self._cues(mesh) for mesh in found] for found in meshes]
        self.timer.lap("postprocess")
        return answers

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return self._mesh.mesh.describe()

    def close(self) -> None:
        """Release the mesh; safe to call twice."""
        self._mesh.mesh.close()

    def _cues(self, mesh: Mesh) -> Cues:
        focal = head_pose.focal_length(mesh.size[0], self._options.fov)
        turn = turn_of(mesh.points)
        middle = mesh.points[: len(mesh_head()), :2].mean(0)
        # The mesh is seen in parallel, along the ray through its middle.
        here = np.array([[[1, 0, middle[0]], [0, 1, middle[1]]]])
        head = head_pose.angles_of(head_pose.crop_to_camera(here, 0, mesh.size, focal) @ turn)[0]
        eyes = eyes_in_head(mesh.points, turn)
        gaze = head_pose.gaze_in_camera(head[None], eyes[None])[0] + np.array(self._options.gaze_offset)
        shapes = dict(zip(BLENDSHAPES, mesh.blendshapes.tolist(), strict=True))
        return cues_of(
            to_68(mesh.points[:, :2]), shapes, head, gaze, gaze_std=_GAZE_STD, size=mesh.size, options=self._options,
            std=None,
        )  # fmt: skip
