"""`FaceProgram`: crops and a face model for a fixed number of faces in batches of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from .device_frame import DeviceFrame
from .memory import Layout
from .preprocess import crop_kernel, infer, row_shape
from .programs import Program, Shape
from .protocols import FaceModel

A = TypeVar("A")
Crop = tuple[NDArray[np.float32], int]
"""Matrix [2, 3] from the model's input to the frame, and the row of the frame in its batch."""
_NO_CROP: Crop = (np.zeros((2, 3), np.float32), -1)


class FaceProgram(Program, Generic[A]):
    """Frames and crops to answers.

    Args:
        cuda: the native module.
        stream: its stream.
        model: its session runs on the same GPU.
        shape: of the batches to come.
        rows: faces of all frames together; a run may have fewer.
        graphs: whether to record a CUDA graph.
    """

    verb = "analyse"

    def __init__(
        self, cuda: ModuleType, stream: Any, model: FaceModel[A], shape: Shape, rows: int, *, graphs: bool = True
    ) -> None:
        super().__init__(cuda, stream, model.session, shape, graphs=graphs)
        spec, infos = model.model.spec, model.session.outputs
        self._model, self.rows = model, rows
        self._wanted = tuple(model.wanted())
        self._crops = cuda.CropTable(rows, shape.format, device=stream.device)
        self._crop = crop_kernel(cuda, shape.format, spec.image, spec.image.size, spec.alignment.border)
        results: Layout = {name: ((rows, *row_shape(infos[name])), infos[name].dtype) for name in self._wanted}
        self._allocate({"input": (spec.image.shape(rows), spec.image.dtype)}, results)

    def analyse(self, frames: Sequence[DeviceFrame], crops: Sequence[Crop]) -> list[A]:
        """One answer per crop, of at most `rows`."""
        for row in range(self.rows):
            self._crops.set(row, *(crops[row] if row < len(crops) else _NO_CROP))
        self._run(frames)
        # Copies: the pinned memory is overwritten by the next batch.
        outputs = {name: self._results.host[name][: len(crops)].copy() for name in self._wanted}
        matrices = np.stack([matrix for matrix, _ in crops])
        return self._model.read_rows(outputs, matrices, [self.shape.size] * len(crops))

    def describe(self) -> dict[str, Any]:
        """What it does for which batches, and how it runs."""
        return super().describe() | {"faces": self.rows}

    def _enqueue(self) -> None:
        stream = self._stream.handle
        self._table.upload(stream)
        self._crops.upload(stream)
        self._crop.launch(self._table, self._crops, self.rows, self._work.address("input"), stream)
        outputs = {name: name for name in self._wanted}
        infer(self._context, self._work, self._results, outputs, self.rows, stream)
