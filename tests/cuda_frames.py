"""What tests of the CUDA path share: frames on the GPU, and what it means that two results are the same."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import cv2
import numpy as np

from edgeaffect import FaceAffect, FaceDetector
from edgeaffect.cuda import DeviceDetector, DeviceFaceModel, DeviceFrame, GpuContext
from edgeaffect.image import Image
from edgeaffect.results import Affect, Faces


class DeviceStages:
    """Detector and affect model on one context, each frame uploaded once, as a pipeline without tracking uses them."""

    def __init__(self, detector: FaceDetector, affect: FaceAffect, **options: Any) -> None:
        self.context = GpuContext(**options)
        self.detector, self.affect = DeviceDetector(self.context, detector), DeviceFaceModel(self.context, affect)

    def run(self, frames: Sequence[Any], format: str = "bgr") -> list[tuple[Faces, list[Affect]]]:
        """Faces and the affect of each, per frame."""
        uploaded = [self.take(frame, format) for frame in frames]
        found = self.detector.run_many(uploaded)
        return list(zip(found, self.affect.run_many(list(zip(uploaded, found, strict=True))), strict=True))

    def take(self, frame: Any, format: str = "bgr") -> DeviceFrame:
        """As a pipeline's door does."""
        on_host = isinstance(frame, np.ndarray)
        return self.context.upload(Image.of(frame, format)) if on_host else self.context.locate(frame, format)

    def programs(self) -> list[dict[str, Any]]:
        return self.context.programs()

    def close(self) -> None:
        """The models stay open."""
        self.context.close()


def same_results(got: Any, detector: FaceDetector, affect: FaceAffect, frame: np.ndarray, color: str = "bgr") -> None:
    faces, affects = got
    wanted = detector.detect(frame, color)
    assert len(faces) == len(wanted) > 0
    # The letterboxed pixels differ by up to 0.06 grey levels, which moves boxes by a fraction of a pixel.
    np.testing.assert_allclose(faces.boxes, wanted.boxes, atol=0.3)
    np.testing.assert_allclose(faces.landmarks, wanted.landmarks, atol=0.3)
    np.testing.assert_allclose(faces.scores, wanted.scores, atol=2e-3)
    for one, other in zip(affects, affect.predict(frame, wanted, color), strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=0.02)
        assert one.label == other.label and abs(one.valence - other.valence) < 0.02


def nv12(bgr: np.ndarray) -> np.ndarray:
    h, w = bgr.shape[:2]
    planar = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420).reshape(-1)
    y, u, v = planar[: h * w].reshape(h, w), planar[h * w : h * w * 5 // 4], planar[h * w * 5 // 4 :]
    return np.vstack([y, np.stack([u, v], 1).reshape(h // 2, w)])


class OnDevice:
    """An array in the module's memory that shows itself by __cuda_array_interface__."""

    def __init__(self, cuda: ModuleType, array: np.ndarray, **interface: Any) -> None:
        stream = cuda.Stream(0)
        pinned = cuda.PinnedBuffer(array.nbytes, False, 0)
        np.frombuffer(pinned, np.uint8)[:] = array.reshape(-1).view(np.uint8)
        self.buffer = cuda.DeviceBuffer(array.nbytes, 0)
        cuda.copy(self.buffer.address, pinned.address, array.nbytes, stream.handle)
        stream.synchronize()
        self.__cuda_array_interface__ = {
            "data": (self.buffer.address, True), "shape": array.shape, "typestr": array.dtype.str, "strides": None,
            "version": 3, **interface,
        }  # fmt: skip


def same_faces(got: Any, wanted: Any) -> None:
    assert [(face.track_id, face.label) for face in got] == [(face.track_id, face.label) for face in wanted]
    assert len(got) > 0
    for one, other in zip(got, wanted, strict=True):
        np.testing.assert_allclose(one.box, other.box, atol=0.5)
        np.testing.assert_allclose(one.raw.probabilities, other.raw.probabilities, atol=0.02)
