"""`FaceModel`: what every model that reads aligned crops of faces has in common: buffers, crops, runs."""

from __future__ import annotations

import itertools
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from .._process_bound import ProcessBound
from .._stage_timer import StageTimer
from .._thread_guard import ThreadGuard
from ..image import Frame, Image, is_one_frame
from ..models import ModelFile, find
from ..models.preprocess import crop_to_input
from ..results import Faces
from ..runtime import Placement, Session, open_session
from .alignment import alignment_matrices, whole_matrix

A = TypeVar("A")
Outputs = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Crops:
    """Where the rows of a batch came from."""

    matrices: NDArray[np.float32]
    """[n, 2, 3] from crop pixels to frame pixels."""
    sizes: Sequence[tuple[int, int]]
    """[n] width, height of each row's frame."""

    def __getitem__(self, rows: slice) -> Crops:
        return Crops(self.matrices[rows], self.sizes[rows])


class FaceModel(ProcessBound, ABC, Generic[A]):
    """Reads one answer per face. Belongs to one thread.

    Args:
        model: bundled name, path to an ONNX file that carries a `ModelSpec`, or None for the task's default.
        task: what the model must be for.
        placement: device, runtime and threads.
    """

    def __init__(self, model: str | os.PathLike[str] | None, task: str, placement: Placement) -> None:
        self.model: ModelFile = find(model, task, float32=placement.is_gpu)
        self.session: Session = open_session(self.model, placement)
        self._input = self.model.spec.image
        self._fixed_batch = self.session.inputs[self._input.name].shape[0]
        self._buffer = np.empty(self._input.shape(1), self._input.dtype)
        self._busy = ThreadGuard(type(self).__name__)
        self.timer = StageTimer()
        """Parts `crop`, `model`, `postprocess`."""

    @abstractmethod
    def wanted(self) -> Sequence[str]:
        """Names of the outputs to ask the session for."""

    @abstractmethod
    def read(self, outputs: Outputs, crops: Crops) -> list[A]:
        """Outputs of some rows -> one answer each."""

    def read_rows(self, outputs: Outputs, matrices: NDArray[np.float32], sizes: Sequence[tuple[int, int]]) -> list[A]:
        """`read`, for outputs of crops that were made elsewhere (on a GPU).

        Args:
            outputs: of the session.
            matrices: see `Crops`.
            sizes: see `Crops`.
        """
        return self.read(outputs, Crops(matrices, sizes))

    def predict(self, frame: Frame | Image, faces: Faces, color: str = "bgr") -> list[A]:
        """One answer per face, in the order of `faces`.

        Args:
            frame: an `Image`, or pixels as `Image.of` takes them.
            faces: boxes and landmarks in pixels of this frame.
            color: format of the pixels.

        Raises:
            TypeError, ValueError: the frame is not what `color` says, or a face has no place or size.
        """
        return self.run_many([(Image.of(frame, color), faces)])[0]

    def run_many(self, items: Sequence[tuple[Image, Faces]]) -> list[list[A]]:
        """One answer per face of each (image, faces): all faces go through the model in one batch.

        Raises:
            TypeError, ValueError: a face has no place or size.
        """
        for _, faces in items:
            if not isinstance(faces, Faces):
                raise TypeError(f"faces must be a `Faces`, such as FaceDetector.detect returns; got {faces!r}")
        counts = [len(faces) for _, faces in items]
        with self._busy:
            self.timer.start()
            batch = self._batch(sum(counts))
            matrices: list[NDArray[np.float32]] = []
            sizes: list[tuple[int, int]] = []
            for (image, faces), count in zip(items, counts, strict=True):
                if count:
                    matrices.append(self.align(image.size, faces))
                    self._fill(image, matrices[-1], batch[len(sizes) : len(sizes) + count])
                    sizes += [image.size] * count
            answers = self._run(batch, Crops(np.concatenate(matrices), sizes)) if sizes else []
        ends = itertools.accumulate(counts)
        return [answers[end - count : end] for count, end in zip(counts, ends, strict=True)]

    def align(self, size: tuple[int, int], faces: Faces) -> NDArray[np.float32]:
        """[n, 2, 3] from the model's crops to a frame of (width, height)."""
        return alignment_matrices(self.model.spec.alignment, self._input.size, size, faces.boxes, faces.landmarks)

    def run_crops(self, crops: Iterable[Frame], color: str = "bgr") -> list[A]:
        """Answers for face crops: each is resized as a whole to the model's input, without alignment.

        Args:
            crops: uint8 [h, w, 3], or [h, w] gray whatever `color` says.
            color: format of the crops.

        Raises:
            TypeError, ValueError: one crop instead of several, or one that is not what `color` says.
        """
        if isinstance(crops, np.ndarray) and is_one_frame(crops):
            raise TypeError(f"predict_crops takes several crops, got one of shape {list(crops.shape)}: give [crop]")
        images = [_crop_image(crop, color) for crop in crops]
        with self._busy:
            self.timer.start()
            batch = self._batch(len(images))
            matrices = np.empty((len(images), 2, 3), np.float32)
            for row, image in enumerate(images):
                matrices[row] = whole_matrix(image.size, self._input.size)
                self._fill(image, matrices[row : row + 1], batch[row : row + 1])
            return self._run(batch, Crops(matrices, [image.size for image in images])) if images else []

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return self.session.describe()

    def close(self) -> None:
        """Release the model; safe to call twice.

        Raises:
            RuntimeError: it is at work in another thread.
        """
        with self._busy:
            self.session.close()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _batch(self, count: int) -> NDArray[Any]:
        """A view of the stage's own buffer, which only ever grows."""
        if count > len(self._buffer):
            self._buffer = np.empty(self._input.shape(count), self._input.dtype)
        return self._buffer[:count]

    def _fill(self, image: Image, matrices: NDArray[np.float32], out: NDArray[Any]) -> None:
        border = self.model.spec.alignment.border
        crop_to_input(self._input, image.pixels, matrices, color=image.format, border=border, out=out)

    def _run(self, batch: NDArray[Any], crops: Crops) -> list[A]:
        self.timer.lap("crop")
        if self._fixed_batch in (None, len(batch)):
            return self._infer(batch, crops)
        if self._fixed_batch != 1:
            raise ValueError(f"{self.model.path} has a fixed batch of {self._fixed_batch}: export it with a free one")
        rows = [slice(i, i + 1) for i in range(len(batch))]
        return [answer for row in rows for answer in self._infer(batch[row], crops[row])]

    def _infer(self, batch: NDArray[Any], crops: Crops) -> list[A]:
        outputs = self.session.run({self._input.name: batch}, self.wanted())
        self.timer.lap("model")
        answers = self.read(outputs, crops)
        self.timer.lap("postprocess")
        return answers


def _crop_image(crop: Frame, color: str) -> Image:
    is_gray = isinstance(crop, np.ndarray) and crop.ndim == 2 and color != "nv12"
    return Image.of(crop, "gray" if is_gray else color)
