"""`FaceMesh`: MediaPipe's 478 points and 51 blendshapes of every face in a frame; `SharedMesh`: one run for all.

What the permissive set stands on: affect (`mesh_affect`) and cues (`mesh_cues`) are both read from it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..action_units import BLENDSHAPES
from ..errors import SpecError
from ..image import Image
from ..models import ModelFile, OutputSpec, find
from ..results import Faces
from ..runtime import Placement, Session, open_session
from .face_model import Crops, FaceModel, Outputs
from .mesh_points import COUNT

Items = Sequence[tuple[Image, Faces]]


@dataclass(frozen=True, eq=False)
class Mesh:
    """What the two networks say of one face."""

    points: NDArray[np.float64]
    """[478, 3] x, y in pixels of the frame, pixel centres at +0.5; z in the same unit, growing away from the camera."""
    presence: float
    """0..1: that there is a face, as MediaPipe's network scores it."""
    blendshapes: NDArray[np.float32]
    """[51] 0..1, in the order of `action_units.BLENDSHAPES`."""
    size: tuple[int, int]
    """Width, height of the frame."""


class FaceMesh(FaceModel[Mesh]):
    """Reads meshes of faces. Belongs to one thread.

    Args:
        model: name or path of a model for task `face-mesh`; None is the bundled one.
        blendshapes: name or path of a model for task `blendshapes`; None is the bundled one.
        device: `auto | cpu | cuda | cuda:N`; faces are cut out on the CPU in any case.
        runtime: `auto | onnxruntime | tensorrt`.
        threads: intra-op threads on the CPU.

    Raises:
        SpecError: a model has not the points or blendshapes that are needed.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        blendshapes: str | os.PathLike[str] | None = None,
        *,
        device: str = "auto",
        runtime: str = "auto",
        threads: int = 1,
    ) -> None:
        placement = Placement(device, runtime, threads)
        super().__init__(model, "face-mesh", placement)
        self.blendshape_model: ModelFile = find(blendshapes, "blendshapes")
        self._points = _output(self.model, "landmarks")
        self._presence = _output(self.model, "presence")
        self._shapes = _output(self.blendshape_model, "blendshapes")
        if tuple(self._shapes.labels) != BLENDSHAPES:
            raise SpecError(f"{self.blendshape_model.path}: blendshapes must be labelled as the Face Landmarker's 51")
        self._blendshape_session: Session = open_session(self.blendshape_model, placement)
        self._blendshape_input = self.blendshape_model.spec.inputs[0].name

    def wanted(self) -> Sequence[str]:
        """Names of the outputs that meshes come from."""
        return (self._points.name, self._presence.name)

    def read(self, outputs: Outputs, crops: Crops) -> list[Mesh]:
        """One `Mesh` per row."""
        matrices = crops.matrices.astype(np.float64)
        points = np.asarray(outputs[self._points.name], np.float64).reshape(len(matrices), COUNT, 3)
        points[..., :2] = points[..., :2] @ matrices[:, :, :2].swapaxes(1, 2) + matrices[:, None, :, 2]
        points[..., 2] *= np.hypot(matrices[:, 0, 0], matrices[:, 1, 0])[:, None]
        feed = {self._blendshape_input: np.ascontiguousarray(points[..., :2], np.float32)}
        shapes = self._blendshape_session.run(feed, (self._shapes.name,))[self._shapes.name]
        if self._shapes.slice is not None:
            shapes = shapes[:, slice(*self._shapes.slice)]
        presence = outputs[self._presence.name].reshape(-1).tolist()
        return [Mesh(*row) for row in zip(points, presence, shapes, crops.sizes, strict=True)]

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return {**super().describe(), "blendshapes": self._blendshape_session.describe()["model"]}

    def close(self) -> None:
        """Release both models; safe to call twice."""
        super().close()
        self._blendshape_session.close()

    def __enter__(self) -> FaceMesh:
        return self


def _output(model: ModelFile, meaning: str) -> OutputSpec:
    output = model.spec.output(meaning)
    if output is None:
        raise SpecError(f"{model.path}: a model for {model.spec.task} needs an output of meaning {meaning}")
    return output


@dataclass
class _Kept:
    """The newest answers, until every reader had them."""

    items: tuple[tuple[Image, Faces], ...]
    answers: list[list[Mesh]]
    readers: set[int]

    def is_of(self, items: Items) -> bool:
        return len(items) == len(self.items) and all(
            image is kept and np.array_equal(faces.landmarks, known.landmarks)
            for (image, faces), (kept, known) in zip(items, self.items, strict=True)
        )


class SharedMesh:
    """Lets several stages read one mesh: the first that asks for faces runs the networks, the others get that answer.

    Each reader gets an answer once; whoever asks again for the same frame wants it looked at anew.

    Args:
        mesh: whose answers are shared.
    """

    def __init__(self, mesh: FaceMesh) -> None:
        self.mesh = mesh
        self._readers = 0
        self._kept: _Kept | None = None

    def join(self) -> int:
        """One more reader; its number is for `read`."""
        self._readers += 1
        return self._readers

    def read(self, reader: int, items: Items) -> list[list[Mesh]]:
        """Meshes of the faces of each (image, faces).

        Raises:
            TypeError, ValueError: a face has no place or size.
        """
        kept = self._kept
        if kept is None or reader in kept.readers or not kept.is_of(items):
            kept = _Kept(tuple(items), self.mesh.run_many(items), set())
        kept.readers.add(reader)
        self._kept = kept if len(kept.readers) < self._readers else None
        return kept.answers
