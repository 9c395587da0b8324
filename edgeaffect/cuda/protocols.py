"""What the stages on a GPU need of the face stages, which belong to a layer above this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..models import ModelFile
from ..options import DetectOptions
from ..results import Faces
from ..runtime import Session

A = TypeVar("A")


class Letterbox(Protocol):
    """How one frame becomes a detector's input."""

    @property
    def size(self) -> tuple[int, int]:
        """Width, height of the input."""

    @property
    def region(self) -> tuple[int, int, int, int]:
        """The part of the frame that is looked at: x0, y0, x1, y1 in frame pixels."""

    @property
    def matrix(self) -> NDArray[np.float32]:
        """[2, 3], from input pixels to frame pixels."""

    def clip(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes cut off at the edge of the frame, corners in order."""


class DetectorModel(Protocol):
    """A face detector with its options; `face.detector.FaceDetector` is one."""

    @property
    def model(self) -> ModelFile:
        """The file, with its spec."""

    @property
    def session(self) -> Session:
        """The model, loaded on the GPU."""

    @property
    def options(self) -> DetectOptions:
        """What is read of them here: `max_faces`."""

    @property
    def score_threshold(self) -> float:
        """Minimum score of a face."""

    @property
    def map_names(self) -> tuple[str, ...]:
        """Outputs, in the order of the detector's strides."""

    def letterbox(self, width: int, height: int, *, still: bool = False, roll: int = 0) -> Letterbox:
        """How a frame of that size becomes the input; `still` and `roll` as in `Image`."""

    def describe(self) -> dict[str, Any]:
        """What really runs."""

    def close(self) -> None:
        """Release the model."""


class FaceModel(Protocol[A]):
    """Reads one answer per face; `face.face_model.FaceModel` is one."""

    @property
    def model(self) -> ModelFile:
        """The file, with its spec."""

    @property
    def session(self) -> Session:
        """The model, loaded on the GPU."""

    def wanted(self) -> Sequence[str]:
        """Names of the outputs that the answers need."""

    def align(self, size: tuple[int, int], faces: Faces) -> NDArray[np.float32]:
        """[n, 2, 3] from the model's crops to a frame of (width, height)."""

    def read_rows(
        self, outputs: Mapping[str, NDArray[Any]], matrices: NDArray[np.float32], sizes: Sequence[tuple[int, int]]
    ) -> list[A]:
        """One answer per row; `matrices` and `sizes` (of its frame) say where each came from."""

    def describe(self) -> dict[str, Any]:
        """What really runs."""

    def close(self) -> None:
        """Release the model."""
