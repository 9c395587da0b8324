"""`AffectProgram`: crops and affect model for a fixed number of faces, on buffers of its own."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import Error
from ..face.affect import FaceAffect
from ..results import Affect
from ..runtime.session import TensorInfo
from .frame_buffers import FrameBuffers
from .memory import Arena, Layout
from .preprocess import crop_kernel, infer


class AffectProgram:
    """From a table of crops to affect.

    Args:
        cuda: the native module.
        stream: its stream.
        affect: whose session runs on the same GPU.
        buffers: the frames that are cropped from.
        rows: faces in all.
    """

    def __init__(self, cuda: ModuleType, stream: Any, affect: FaceAffect, buffers: FrameBuffers, rows: int) -> None:
        spec, infos = affect.model.spec, affect.session.outputs
        self._stream, self._affect, self._inbox, self.rows = stream, affect, buffers, rows
        self._kernel = crop_kernel(cuda, buffers.shape.color, spec.image, spec.image.size, spec.alignment.border)
        self.arena = Arena(cuda, {"input": (spec.image.shape(rows), spec.image.dtype)}, stream.device)
        self.layout: Layout = {
            _key(name): ((rows, *_row_shape(infos[name])), infos[name].dtype) for name in affect.postprocess.wanted
        }
        """Of the results."""
        self.session = affect.session.new_context()

    def enqueue(self, crops: Any, results: Arena) -> None:
        """Put everything on the stream; `crops` is on the device already, `results` holds `layout`."""
        stream = self._stream.handle
        self._kernel.launch(self._inbox.table, crops, self.rows, self.arena.address("input"), stream)
        outputs = {name: _key(name) for name in self._affect.postprocess.wanted}
        infer(self.session, self.arena, results, outputs, self.rows, stream)

    def read(self, results: Arena, rows: NDArray[np.intp]) -> list[Affect]:
        """Affect of some rows."""
        postprocess = self._affect.postprocess
        return (
            postprocess.read({name: results.host[_key(name)][rows] for name in postprocess.wanted}) if len(rows) else []
        )


def _key(name: str) -> str:
    """Of a model's output among the results, apart from the detector's own two."""
    return f"output:{name}"


def _row_shape(info: TensorInfo) -> tuple[int, ...]:
    row = info.shape[1:]
    if None in row:
        raise Error(f"output {info.name!r} has a free shape {info.shape}; on the GPU only its batch may be free")
    return tuple(n for n in row if n is not None)
