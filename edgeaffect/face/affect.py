"""`FaceAffect`: expression distribution and valence/arousal/dominance of every face in a frame, in one batch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._stage_timer import StageTimer
from .._thread_guard import ThreadGuard
from ..image import Frame, check_frame, is_one_frame
from ..models import ModelFile, find
from ..models.preprocess import crop_to_input
from ..options import AffectOptions
from ..results import Affect, Faces
from ..runtime import Placement, Session, open_session
from .alignment import alignment_matrices, whole_matrix
from .postprocess import AffectPostprocess


class FaceAffect:
    """Reads affect from faces. Belongs to one thread.

    Args:
        model: bundled name, path to an ONNX file that carries a `ModelSpec`, or None for the default.
        options: thresholds of `is_sure`.
        device: `auto | cpu | cuda | cuda:N`.
        runtime: `auto | onnxruntime | tensorrt`.
        threads: intra-op threads on the CPU.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        options: AffectOptions | None = None,
        device: str = "auto",
        runtime: str = "auto",
        threads: int = 1,
    ) -> None:
        options = options or AffectOptions()
        placement = Placement(device, runtime, threads)
        self.model: ModelFile = find(model if model is not None else options.model, "affect", float32=placement.is_gpu)
        self.session: Session = open_session(self.model, placement)
        self.postprocess = AffectPostprocess(self.model.spec, options)
        self._input = self.model.spec.image
        self._fixed_batch = self.session.inputs[self._input.name].shape[0]
        self._buffer = self._allocate(1)
        self._busy = ThreadGuard(type(self).__name__)
        self.timer = StageTimer()
        """Parts `crop`, `model`, `postprocess`."""

    def predict(self, frame: Frame, faces: Faces, color: str = "bgr") -> list[Affect]:
        """Affect of each face, in the order of `faces`.

        Args:
            frame: uint8; see `frames.check_frame` for shapes and colours.
            faces: boxes and landmarks in pixels of this frame.

        Raises:
            TypeError, ValueError: the frame is not what `color` says, or a face has no place or size.
        """
        return self.predict_many([(frame, faces, color)])[0]

    def predict_many(self, frames: Sequence[tuple[Frame, Faces, str]]) -> list[list[Affect]]:
        """`predict` for (frame, faces, colour) of several cameras: all faces go through the model in one batch."""
        for _, faces, _ in frames:
            if not isinstance(faces, Faces):
                raise TypeError(f"faces must be a `Faces`, such as FaceDetector.detect returns; got {faces!r}")
        counts = [len(faces) for _, faces, _ in frames]
        ends = np.cumsum(counts)
        spec = self.model.spec
        with self._busy:
            self.timer.start()
            batch = self._batch(sum(counts))
            for (frame, faces, color), count, end in zip(frames, counts, ends, strict=True):
                pixels, size = check_frame(frame, color)
                if count:
                    matrices = alignment_matrices(spec.alignment, self._input.size, size, faces.boxes, faces.landmarks)
                    self._fill(pixels, matrices, color, batch[end - count : end])
            affects = self._run(batch) if len(batch) else []
        return [affects[end - count : end] for count, end in zip(counts, ends, strict=True)]

    def predict_crops(self, crops: Iterable[Frame], color: str = "bgr") -> list[Affect]:
        """Affect of face crops: each is resized as a whole to the model's input, without alignment.

        Args:
            crops: uint8 [h, w, 3], or [h, w] gray whatever `color` says.

        Raises:
            TypeError, ValueError: one crop instead of several, or one that is not what `color` says.
        """
        if isinstance(crops, np.ndarray) and is_one_frame(crops):
            raise TypeError(f"predict_crops takes several crops, got one of shape {list(crops.shape)}: give [crop]")
        crops = list(crops)
        with self._busy:
            self.timer.start()
            batch = self._batch(len(crops))
            for row, crop in enumerate(crops):
                kind = "gray" if isinstance(crop, np.ndarray) and crop.ndim == 2 and color != "nv12" else color
                pixels, size = check_frame(crop, kind)
                self._fill(pixels, whole_matrix(size, self._input.size)[None], kind, batch[row : row + 1])
            return self._run(batch) if len(crops) else []

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return self.session.describe()

    def close(self) -> None:
        """Release the model; safe to call twice."""
        self.session.close()

    def __enter__(self) -> FaceAffect:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _allocate(self, count: int) -> NDArray[Any]:
        return np.empty(self._input.shape(count), self._input.dtype)

    def _batch(self, count: int) -> NDArray[Any]:
        """A view of the stage's own buffer, which only ever grows."""
        if count > len(self._buffer):
            self._buffer = self._allocate(count)
        return self._buffer[:count]

    def _fill(self, pixels: Frame, matrices: NDArray[np.float32], color: str, out: NDArray[Any]) -> None:
        border = self.model.spec.alignment.border
        crop_to_input(self._input, pixels, matrices, color=color, border=border, out=out)

    def _run(self, batch: NDArray[Any]) -> list[Affect]:
        self.timer.lap("crop")
        if self._fixed_batch in (None, len(batch)):
            return self._infer(batch)
        if self._fixed_batch != 1:
            raise ValueError(f"{self.model.path} has a fixed batch of {self._fixed_batch}: export it with a free one")
        return [affect for i in range(len(batch)) for affect in self._infer(batch[i : i + 1])]

    def _infer(self, batch: NDArray[Any]) -> list[Affect]:
        outputs = self.session.run({self._input.name: batch}, self.postprocess.wanted)
        self.timer.lap("model")
        affects = self.postprocess.read(outputs)
        self.timer.lap("postprocess")
        return affects
