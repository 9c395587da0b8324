"""`DetectProgram`: letterbox, detector and decode for batches of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from ..errors import Error
from ..results import Faces
from .device_frame import DeviceFrame
from .memory import Layout
from .preprocess import crop_kernel, infer
from .programs import Program, Shape
from .protocols import DetectorModel

# Positions among the values of a face, as csrc/cuda/detect_decode_body.h has them.
_SCORE, _LANDMARKS, _STATE = 4, slice(5, 15), 15
_OUTSIDE = 0


class DetectProgram(Program):
    """Frames to faces.

    Args:
        cuda: the native module.
        stream: its stream.
        detector: its session runs on the same GPU.
        shape: of the batches to come.
        graphs: whether to record a CUDA graph.
    """

    verb = "detect"

    def __init__(
        self, cuda: ModuleType, stream: Any, detector: DetectorModel, shape: Shape, *, graphs: bool = True
    ) -> None:
        super().__init__(cuda, stream, detector.session, shape, graphs=graphs)
        spec = detector.model.spec
        facts = spec.detector
        assert facts is not None  # ModelSpec's own rule for this task
        self._detector = detector
        self._letterbox = box = detector.letterbox(*shape.size, still=shape.still, roll=shape.roll)
        self._boxes = cuda.CropTable(shape.count, shape.format, device=stream.device)
        for i in range(shape.count):
            self._boxes.set(i, box.matrix, i)
        self._crop = crop_kernel(cuda, shape.format, spec.image, box.size, "constant")
        maps = [(box.size[1] // s, box.size[0] // s, s) for s in facts.strides]
        work: dict[str, tuple[tuple[int, ...], Any]] = {
            "input": (spec.image.shape(shape.count, box.size), spec.image.dtype)
        }
        for name, (rows, columns, _) in zip(detector.map_names, maps, strict=True):
            dtype = detector.session.outputs[name].dtype
            if dtype != np.float32:
                raise Error(f"decoding on the GPU takes float32 maps; {name!r} of {spec.name} is {dtype}")
            work[name] = ((shape.count, 15, rows, columns), np.float32)
        top_k = int(facts.nms.top_k)
        most = min(detector.options.max_faces, top_k)
        self._decode = cuda.DecodeFaces(
            maps, score_threshold=detector.score_threshold, iou_threshold=facts.nms.iou, top_k=top_k, max_faces=most,
            region=[float(v) for v in box.region],
        )  # fmt: skip
        results: Layout = {
            "counts": ((shape.count,), np.int32),
            "faces": ((shape.count, most, cuda.FACE_VALUES), np.float32),
        }
        self._allocate(work, results)

    def detect(self, frames: Sequence[DeviceFrame]) -> list[Faces]:
        """Faces of each frame, best score first.

        Raises:
            Error: the detector returned NaN or infinity.
        """
        self._run(frames)
        return [self._read(i) for i in range(len(frames))]

    def _enqueue(self) -> None:
        count, stream = self.shape.count, self._stream.handle
        self._table.upload(stream)
        self._boxes.upload(stream)
        self._crop.launch(self._table, self._boxes, count, self._work.address("input"), stream)
        names = self._detector.map_names
        infer(self._context, self._work, self._work, {name: name for name in names}, count, stream)
        self._decode.launch(
            [self._work.address(name) for name in names], self._boxes, count, self._results.address("faces"),
            self._results.address("counts"), stream,
        )  # fmt: skip

    def _read(self, frame: int) -> Faces:
        count = int(self._results.host["counts"][frame])
        if count < 0:
            name = self._detector.model.spec.name
            raise Error(f"{name} returned values that are not finite; check the file with: edgeaffect models verify")
        # A copy: the pinned memory is overwritten by the next batch.
        values = self._results.host["faces"][frame, :count].copy()
        values = values[values[:, _STATE] != _OUTSIDE]
        return Faces(self._letterbox.clip(values[:, :4]), values[:, _SCORE], values[:, _LANDMARKS].reshape(-1, 5, 2))
