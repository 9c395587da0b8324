"""`DeviceDetector`: face detection as a stage on a GPU."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from .._process_bound import ProcessBound
from .._stage_timer import StageTimer
from ..models import ModelFile
from ..results import Faces
from .context import GpuContext
from .detect_program import DetectProgram
from .device_frame import DeviceFrame
from .preprocess import check_input
from .programs import group_frames
from .protocols import DetectorModel


class DeviceDetector(ProcessBound):
    """Finds faces in frames on the GPU, for one camera or several.

    The faces are those of `FaceDetector.detect`, up to rounding.

    Args:
        context: where frames lie; other stages may share it.
        detector: its session runs on the same GPU.

    Raises:
        DeviceError: the detector runs elsewhere, or its input is one that the kernels do not write.
    """

    warmup_calls = 2
    """The second one records."""

    def __init__(self, context: GpuContext, detector: DetectorModel) -> None:
        context.check_model("detector", detector.session.describe()["device"])
        check_input(detector.model.spec)
        self.context, self._detector = context, detector
        self.timer = StageTimer()

    @property
    def model(self) -> ModelFile:
        """The file it runs."""
        return self._detector.model

    def run_many(self, items: Sequence[DeviceFrame]) -> list[Faces]:
        """Faces of each frame, best score first. Frames of one size and format are one batch.

        Args:
            items: frames, as the context's `upload` and `locate` return them.

        Raises:
            Error: the detector returned NaN or infinity.
        """
        found: dict[int, Faces] = {}
        c = self.context
        for shape, rows in group_frames(items, stills=True).items():
            make = functools.partial(DetectProgram, c.cuda, c.stream, self._detector, shape, graphs=c.graphs)
            program = c.program((self, shape), make)
            found.update(zip(rows, program.detect([items[i] for i in rows]), strict=True))
        return [found[i] for i in range(len(items))]

    def describe(self) -> dict[str, Any]:
        """What really runs: model, GPU, and how each shape of batch is launched."""
        return {**self._detector.describe(), **self.context.describe(), "programs": self.context.programs()}

    def close(self) -> None:
        """Release the model and what its context holds; safe to call twice."""
        self.context.close()
        self._detector.close()
