"""`FaceDetector`: faces with boxes, scores and five landmarks."""

from __future__ import annotations

import dataclasses
import math
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import native
from .backends import Session, open_session
from .frames import Frame, check_frame
from .geometry import letterbox_matrix
from .models import ModelFile, find
from .options import DetectOptions
from .results import Faces


class FaceDetector:
    """Finds faces in a frame.

    The frame (or the part inside `roi`) is scaled so that its longest side is at most `max_side`, padded to the
    model's grid, and decoded; coordinates come back in pixels of the frame.

    Args:
        model: bundled name, path to an ONNX file with a `ModelSpec`, or None for the default.
        score_threshold: least score; None takes the model's own.
        max_side: longest side of the detector's input in pixels; 0 keeps the frame's own size.
        options: all options at once; the two above override it.
        device: `auto | cpu | cuda | cuda:N`.
        runtime: `auto | onnxruntime | tensorrt`.
        threads: intra-op threads on the CPU.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        score_threshold: float | None = None,
        max_side: int | None = None,
        options: DetectOptions | None = None,
        device: str = "auto",
        runtime: str = "auto",
        threads: int = 1,
    ) -> None:
        given = {"score_threshold": score_threshold, "max_side": max_side}
        changes = {key: value for key, value in given.items() if value is not None}
        self.options = dataclasses.replace(options or DetectOptions(), **changes)
        self.model: ModelFile = find(model if model is not None else self.options.model, "face-detector")
        detector = self.model.spec.detector
        assert detector is not None  # ModelSpec's own rule for this task
        self._detector = detector
        threshold = self.options.score_threshold
        self.score_threshold = float(detector.nms["score_threshold"] if threshold is None else threshold)
        self.session: Session = open_session(self.model, device=device, runtime=runtime, threads=threads)
        # The spec lists the maps in the order of detector.strides.
        self._names = tuple(o.name for o in self.model.spec.outputs if o.meaning == "detector_stride")
        self._buffer: NDArray[Any] = np.empty(0)

    def detect(self, frame: Frame, color: str = "bgr") -> Faces:
        """Faces in one frame, best score first; an empty `Faces` when there is none.

        Args:
            frame: uint8; see `frames.check_frame` for shapes and colours.

        Raises:
            TypeError, ValueError: the frame is not what `color` says.
        """
        pixels, (width, height) = check_frame(frame, color)
        x0, y0, x1, y1 = self._region(width, height)
        longest = max(x1 - x0, y1 - y0)
        scale = min(1.0, self.options.max_side / longest) if self.options.max_side else 1.0
        spec = self.model.spec.input
        size = (self._padded((x1 - x0) * scale), self._padded((y1 - y0) * scale))
        batch = self._input(size)
        native.crop_normalize(
            pixels, letterbox_matrix(scale, (x0, y0))[None], size, color=color, to=spec.color, scale=spec.scale,
            mean=spec.mean, std=spec.std, layout=spec.layout, dtype=spec.dtype, quant=spec.quant, border="constant",
            out=batch,
        )  # fmt: skip
        maps = self.session.run({spec.name: batch}, self._names)
        boxes, scores, landmarks = native.decode_faces(
            [maps[name] for name in self._names],
            self._detector.strides,
            score_threshold=self.score_threshold,
            iou_threshold=float(self._detector.nms["iou"]),
            top_k=int(self._detector.nms["top_k"]),
            max_faces=self.options.max_faces,
        )
        corner = np.array([x0, y0], np.float32)
        boxes = boxes / np.float32(scale) + np.tile(corner, 2)
        landmarks = landmarks / np.float32(scale) + corner
        # The padding of a region inside the frame shows what lies beyond it: keep faces centred in the region.
        center = (boxes[:, :2] + boxes[:, 2:]) / 2
        inside = np.all((center >= corner) & (center <= (x1, y1)), 1)
        np.clip(boxes[:, 0::2], 0, width, out=boxes[:, 0::2])
        np.clip(boxes[:, 1::2], 0, height, out=boxes[:, 1::2])
        return Faces(boxes[inside], scores[inside], landmarks[inside])

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return {
            **self.session.describe(),
            "max_side": self.options.max_side,
            "score_threshold": self.score_threshold,
        }

    def close(self) -> None:
        self.session.close()

    def _region(self, width: int, height: int) -> tuple[int, int, int, int]:
        x0, y0, x1, y1 = self.options.roi or (0.0, 0.0, 1.0, 1.0)
        left, top = math.floor(x0 * width), math.floor(y0 * height)
        return left, top, max(left + 1, math.ceil(x1 * width)), max(top + 1, math.ceil(y1 * height))

    def _padded(self, length: float) -> int:
        multiple = self._detector.pad_multiple
        return max(1, math.ceil(round(length, 3) / multiple)) * multiple

    def _input(self, size: tuple[int, int]) -> NDArray[Any]:
        """The stage's own input buffer, made anew only when the size changes."""
        spec = self.model.spec.input
        c, (w, h) = spec.channels, size
        shape = (1, c, h, w) if spec.layout == "nchw" else (1, h, w, c)
        if self._buffer.shape != shape:
            self._buffer = np.empty(shape, spec.dtype)
        return self._buffer
