"""`FaceFeatures`: the activations of an affect model that heads for labels of one's own stand on."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..models.own_head import feature_output, pool
from ..runtime import Placement
from .face_model import Crops, FaceModel, Outputs


class FaceFeatures(FaceModel[NDArray[np.float32]]):
    """Pooled features [channels] of every face. Belongs to one thread.

    Args:
        model: bundled name, path to an ONNX file with an output of meaning `features`, or None for the default.
        device: `auto | cpu | cuda | cuda:N`.
        runtime: `auto | onnxruntime | tensorrt`.

    Raises:
        SpecError: the model gives no features.
    """

    def __init__(
        self, model: str | os.PathLike[str] | None = None, *, device: str = "auto", runtime: str = "auto"
    ) -> None:
        super().__init__(model, "affect", Placement(device, runtime, 1))
        self._output = feature_output(self.model)
        self.axes: int | None = None
        """Axes of the model's feature output; None before the first face."""

    def wanted(self) -> Sequence[str]:
        """Name of the feature output."""
        return (self._output.name,)

    def read(self, outputs: Outputs, crops: Crops) -> list[NDArray[np.float32]]:
        """One row of pooled features per face."""
        values = np.asarray(outputs[self._output.name], np.float32)
        self.axes = values.ndim
        return list(pool(values))

    def __enter__(self) -> FaceFeatures:
        return self
