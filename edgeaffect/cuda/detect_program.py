"""`Detection`: letterbox, detector, decode and alignment of a batch, on buffers of its own."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import Error
from ..face.detector import FaceDetector
from ..models.spec import ModelSpec
from ..results import Faces
from .frame_buffers import FrameBuffers
from .memory import Arena, Layout
from .preprocess import crop_kernel, infer

# Of the values of a face, as csrc/cuda/detect_decode_body.h has them.
_SCORE, _LANDMARKS, _STATE = 4, slice(5, 15), 15
_OUTSIDE, _UNFRAMED = 0, -1


class Detection:
    """From the frames of an buffers to faces, and to crops of the best of them.

    Args:
        cuda: the native module.
        stream: its stream.
        detector: whose session runs on the same GPU.
        buffers: the frames.
        affect: of the model that the faces are cropped for; None crops nothing.
        crop_rows: faces per frame that are cropped, the best ones.
    """

    def __init__(
        self,
        cuda: ModuleType,
        stream: Any,
        detector: FaceDetector,
        buffers: FrameBuffers,
        affect: ModelSpec | None,
        crop_rows: int,
    ) -> None:
        spec = detector.model.spec
        facts = spec.detector
        assert facts is not None  # ModelSpec's own rule for this task
        shape, device = buffers.shape, stream.device
        self._stream, self._detector, self._inbox = stream, detector, buffers
        top_k = facts.nms.top_k
        self.faces = min(detector.options.max_faces, top_k)
        """Most faces of a frame."""
        self.crop_rows = min(crop_rows, self.faces) if affect is not None else 0
        self._letterbox = detector.letterbox(*shape.size)
        self._boxes = cuda.CropTable(shape.count, shape.color, device=device)
        for i in range(shape.count):
            self._boxes.set(i, self._letterbox.matrix, i)
        self._letterbox_kernel = crop_kernel(cuda, shape.color, spec.image, self._letterbox.size, "constant")
        width, height = self._letterbox.size
        maps = [(height // s, width // s, s) for s in facts.strides]
        layout: dict[str, tuple[tuple[int, ...], Any]] = {
            "input": (spec.image.shape(shape.count, self._letterbox.size), spec.image.dtype)
        }
        for name, (rows, columns, _) in zip(detector.map_names, maps, strict=True):
            dtype = detector.session.outputs[name].dtype
            if dtype != np.float32:
                raise Error(f"decoding on the GPU takes float32 maps; {name!r} of {spec.name} is {dtype}")
            layout[name] = ((shape.count, 15, rows, columns), np.float32)
        self.arena = Arena(cuda, layout, device)
        rows = shape.count * self.crop_rows
        self.crops = cuda.CropTable(rows, shape.color, device=device) if rows else None
        self._decode = cuda.DecodeFaces(
            maps, score_threshold=detector.score_threshold, iou_threshold=facts.nms.iou, top_k=top_k,
            max_faces=self.faces, alignment=_alignment(cuda, affect) if affect is not None else None,
            crop_rows=self.crop_rows, region=[float(v) for v in self._letterbox.region],
        )  # fmt: skip
        self.layout: Layout = {
            "counts": ((shape.count,), np.int32),
            "faces": ((shape.count, self.faces, cuda.FACE_VALUES), np.float32),
        }
        """Of the results."""
        self.session = detector.session.new_context()

    def enqueue(self, results: Arena) -> None:
        """Put everything on the stream; `results` holds `layout`."""
        count, stream = self._inbox.shape.count, self._stream.handle
        self._boxes.upload(stream)
        self._letterbox_kernel.launch(self._inbox.table, self._boxes, count, self.arena.address("input"), stream)
        names = self._detector.map_names
        infer(self.session, self.arena, self.arena, {name: name for name in names}, count, stream)
        self._decode.launch(
            [self.arena.address(name) for name in names], self._inbox.table, self._boxes, count,
            results.address("faces"), results.address("counts"), self.crops, stream,
        )  # fmt: skip

    def read(self, results: Arena, frame: int) -> tuple[Faces, NDArray[np.intp]]:
        """Faces of one frame, best first; and the row of each among the frame's crops, -1 where it has none.

        Raises:
            Error: the detector returned NaN or infinity, or a face that cannot be cropped.
        """
        name = self._detector.model.spec.name
        count = int(results.host["counts"][frame])
        if count < 0:
            raise Error(f"{name} returned values that are not finite; check the file with: edgeaffect models verify")
        # A copy: the pinned memory is overwritten by the next batch.
        values = results.host["faces"][frame, :count].copy()
        kept = np.flatnonzero(values[:, _STATE] != _OUTSIDE)
        values = values[kept]
        if np.any(values[:, _STATE] == _UNFRAMED):
            box = values[values[:, _STATE] == _UNFRAMED][0, :4].tolist()
            raise Error(f"{name} found a face at {box} that cannot be cropped: its box or landmarks have no extent")
        faces = Faces(self._letterbox.clip(values[:, :4]), values[:, _SCORE], values[:, _LANDMARKS].reshape(-1, 5, 2))
        return faces, np.where(kept < self.crop_rows, kept, -1)


def _alignment(cuda: ModuleType, spec: ModelSpec) -> Any:
    f = spec.alignment
    return cuda.Alignment(
        f.kind, square=f.square, rotate=f.rotate, expand=f.expand, shift=f.shift, template=f.template or (),
        size=spec.image.size,
    )  # fmt: skip
