"""`MeshAffect`: affect from the blendshapes of a face's mesh, by a table without a trained weight."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._stage_timer import StageTimer
from ..image import Frame, Image
from ..models import ModelFile, find
from ..options import AffectOptions
from ..results import Affect, Faces
from ..runtime import Session, open_session
from .face_mesh import Items, SharedMesh
from .postprocess import AffectPostprocess


class MeshAffect:
    """Reads affect from meshes. Belongs to one thread.

    The table's numbers are degrees of truth, not chances: `Affect.calibrated` and `is_sure` are False until
    `options.calibration` names a file that `edgeaffect calibrate` made of faces of your own. `Affect.quality` is the
    network's score for there being a face.

    Args:
        mesh: where blendshapes come from; closed with this stage.
        model: name or path of a model for task `expression`; None is the bundled table.
        options: thresholds of `is_sure`, calibration.
    """

    def __init__(
        self, mesh: SharedMesh, model: str | os.PathLike[str] | None = None, *, options: AffectOptions | None = None
    ) -> None:
        self._mesh, self._reader = mesh, mesh.join()
        self.model: ModelFile = find(model, "expression")
        self.postprocess = AffectPostprocess(self.model, options or AffectOptions())
        self.session: Session = open_session(self.model)
        self._input = self.model.spec.inputs[0].name

    @property
    def timer(self) -> StageTimer:
        """Parts `crop`, `model`, `postprocess`."""
        return self._mesh.mesh.timer

    def predict(self, frame: Frame | Image, faces: Faces, color: str = "bgr") -> list[Affect]:
        """Affect of each face, in the order of `faces`; arguments and errors as for `FaceAffect.predict`."""
        return self.run_many([(Image.of(frame, color), faces)])[0]

    def run_many(self, items: Items) -> list[list[Affect]]:
        """One answer per face of each (image, faces).

        Raises:
            TypeError, ValueError: a face has no place or size.
        """
        meshes = self._mesh.read(self._reader, items)
        rows = [mesh for found in meshes for mesh in found]
        if not rows:
            return [[] for _ in meshes]
        self.timer.start()
        feed = {self._input: np.stack([mesh.blendshapes for mesh in rows])}
        outputs = self.session.run(feed, self.postprocess.wanted)
        answers = iter(self.postprocess.read(outputs, quality=np.array([mesh.presence for mesh in rows])))
        split: list[list[Affect]] = [[next(answers) for _ in found] for found in meshes]
        self.timer.lap("postprocess")
        return split

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        models: Sequence[str] = (self._mesh.mesh.describe()["model"], self._mesh.mesh.describe()["blendshapes"])
        return {**self.session.describe(), "reads": list(models), "calibrated": self.postprocess.calibrated}

    def close(self) -> None:
        """Release the table and the mesh; safe to call twice."""
        self.session.close()
        self._mesh.mesh.close()
