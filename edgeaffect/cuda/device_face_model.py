"""`DeviceFaceModel`: a model that reads faces, as a stage on a GPU."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from .._process_bound import ProcessBound
from .._stage_timer import StageTimer
from ..models import ModelFile
from ..results import Faces
from .context import GpuContext, power_of_two
from .device_frame import DeviceFrame
from .face_program import Crop, FaceProgram
from .preprocess import check_input, row_shape
from .programs import Shape, group_frames
from .protocols import FaceModel

A = TypeVar("A")

# Faces of one launch; more take several.
_MAX_ROWS = 64


class DeviceFaceModel(ProcessBound, Generic[A]):
    """Reads faces of frames on the GPU, for one camera or several.

    The answers are those of the model's stage on the CPU (`FaceAffect.run_many`, for one), up to rounding.

    Args:
        context: where frames lie; other stages may share it.
        model: its session runs on the same GPU.

    Raises:
        DeviceError: the model runs elsewhere, or has tensors that the GPU path cannot serve.
    """

    warmup_calls = 2
    """The second one records."""

    def __init__(self, context: GpuContext, model: FaceModel[A]) -> None:
        context.check_model("face model", model.session.describe()["device"])
        check_input(model.model.spec)
        for name in model.wanted():
            row_shape(model.session.outputs[name])
        self.context, self._model = context, model
        self.timer = StageTimer()

    @property
    def model(self) -> ModelFile:
        """The file it runs."""
        return self._model.model

    def run_many(self, items: Sequence[tuple[DeviceFrame, Faces]]) -> list[list[A]]:
        """One answer per face, per frame. All faces in frames of one size and format are one batch.

        Args:
            items: a frame, as the context's `upload` returns it, and its faces.

        Raises:
            ValueError: a face has no place or size.
            Error: the model returned NaN or infinity.
        """
        found: list[list[A]] = [[] for _ in items]
        busy = [i for i, (_, faces) in enumerate(items) if len(faces)]
        for shape, rows in group_frames(items[i][0] for i in busy).items():
            members = [busy[row] for row in rows]
            crops: list[Crop] = []
            for k, i in enumerate(members):
                crops += [(matrix, k) for matrix in self._model.align(shape.size, items[i][1])]
            answers = self._analyse(shape, [items[i][0] for i in members], crops)
            for (_, k), answer in zip(crops, answers, strict=True):
                found[members[k]].append(answer)
        return found

    def describe(self) -> dict[str, Any]:
        """What really runs: model and GPU."""
        return {**self._model.describe(), **self.context.describe()}

    def close(self) -> None:
        """Release the model and what its context holds; safe to call twice."""
        self.context.close()
        self._model.close()

    def _analyse(self, shape: Shape, frames: Sequence[DeviceFrame], crops: Sequence[Crop]) -> list[A]:
        # Rows of tables are cheap: fewer different batches, fewer graphs.
        shape = replace(shape, count=power_of_two(shape.count))
        answers: list[A] = []
        c = self.context
        for first in range(0, len(crops), _MAX_ROWS):
            part = crops[first : first + _MAX_ROWS]
            rows = power_of_two(len(part))
            make = functools.partial(FaceProgram[A], c.cuda, c.stream, self._model, shape, rows, graphs=c.graphs)
            answers += c.program((self, shape, rows), make).analyse(frames, part)
        return answers
