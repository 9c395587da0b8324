"""`FaceDetector`: faces with boxes, scores and five landmarks."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import native
from .._process_bound import ProcessBound
from .._stage_timer import StageTimer
from .._thread_guard import ThreadGuard
from ..errors import SpecError
from ..image import Frame, Image
from ..models import ModelFile, find
from ..models.preprocess import crop_to_input
from ..options import DetectOptions
from ..results import Faces
from ..runtime import Placement, Session, open_session
from .alignment import letterbox_matrix
from .outputs import check_finite


@dataclass(frozen=True)
class Letterbox:
    """How one frame becomes a detector's input: part of it, turned upright, scaled, padded right and below."""

    frame: tuple[int, int]
    """Width, height."""
    region: tuple[int, int, int, int]
    """x0, y0, x1, y1 in frame pixels."""
    scale: float
    """Input pixels per frame pixel."""
    size: tuple[int, int]
    """Width, height of the input."""
    roll: int = 0
    """See `Image.roll`."""

    @property
    def matrix(self) -> NDArray[np.float32]:
        """[2, 3], input to frame."""
        return letterbox_matrix(self.scale, self.region, self.roll)

    def to_frame(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Points [..., 2] of the input, in frame pixels."""
        if not self.roll:
            placed: NDArray[np.float32] = points / np.float32(self.scale) + np.array(self.region[:2], np.float32)
            return placed
        matrix = self.matrix
        placed = points @ matrix[:, :2].T
        placed += matrix[:, 2]
        return placed

    def holds(self, boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which boxes are centred in the region: its padding, inside the frame, shows what lies beyond it."""
        center = (boxes[:, :2] + boxes[:, 2:]) / 2
        held: NDArray[np.bool_] = np.all((center >= self.region[:2]) & (center <= self.region[2:]), 1)
        return held

    def clip(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes cut off at the edge of the frame, corners in order: a turn swaps them."""
        if self.roll:
            boxes = np.concatenate([np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])], 1)
        return np.clip(boxes, 0, np.array(self.frame * 2, np.float32))


# Mean alpha (0 to 255) of a box under which what is painted there is not meant to be seen.
_TRANSPARENT = 16.0


def _is_visible(alpha: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which boxes [n, 4] show something: the colours of transparent pixels are left over from what was cut out."""
    visible = np.ones(len(boxes), bool)
    for row, (x0, y0, x1, y1) in enumerate(boxes.astype(int).tolist()):
        part = alpha[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
        visible[row] = part.size > 0 and float(part.mean()) >= _TRANSPARENT
    return visible


@dataclass(frozen=True, eq=False)
class _Detection:
    """An input, and what was found in it."""

    batch: NDArray[Any]
    box: Letterbox
    faces: Faces


class FaceDetector(ProcessBound):
    """Finds faces in a frame. Belongs to one thread.

    The frame (or the part inside `roi`) is scaled so that its longest side is at most `max_side`, padded to the
    model's grid, and decoded; coordinates come back in pixels of the frame.

    Args:
        model: bundled name, path to an ONNX file with a `ModelSpec`, or None for the default.
        score_threshold: least score; None takes the model's own.
        max_side: longest side of the detector's input in pixels; 0 keeps the frame's own size; None is 320.
        options: all options at once; the two above override it.
        skip_unchanged: when frame i of a call gives the very input that frame i of the call before gave, the model is
            not run again.
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
        skip_unchanged: bool = False,
        device: str = "auto",
        runtime: str = "auto",
        threads: int = 1,
    ) -> None:
        given = {"score_threshold": score_threshold, "max_side": max_side}
        changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        self.options = dataclasses.replace(options or DetectOptions(), **changes)
        placement = Placement(device, runtime, threads)
        self.model: ModelFile = find(
            model if model is not None else self.options.model, "face-detector", float32=placement.is_gpu
        )
        detector = self.model.spec.detector
        assert detector is not None  # ModelSpec's own rule for this task
        self._detector = detector
        threshold = self.options.score_threshold
        self.score_threshold = float(detector.nms.score_threshold if threshold is None else threshold)
        self.session: Session = open_session(self.model, placement)
        # The spec lists the maps in the order of detector.strides.
        self._maps = tuple(o for o in self.model.spec.outputs if o.meaning == "detector_stride")
        self.map_names = tuple(output.name for output in self._maps)
        self._last: list[_Detection] | None = [] if skip_unchanged else None
        self._buffer: NDArray[Any] = np.empty(0)
        self._lying: NDArray[Any] = np.empty(0)
        self._busy = ThreadGuard(type(self).__name__)
        self.timer = StageTimer()
        """Parts `crop`, `model`, `decode`."""

    def detect(self, frame: Frame | Image, color: str = "bgr") -> Faces:
        """Faces in one frame, best score first; an empty `Faces` when there is none.

        Args:
            frame: an `Image`, or pixels as `Image.of` takes them.
            color: format of the pixels.

        Raises:
            TypeError, ValueError: the frame is not what `color` says.
        """
        return self.run_many([Image.of(frame, color)])[0]

    def run_many(self, items: Sequence[Image]) -> list[Faces]:
        """`detect` for one image of each of several cameras."""
        with self._busy:
            return [self._detect(image, position) for position, image in enumerate(items)]

    def _detect(self, image: Image, position: int) -> Faces:
        self.timer.start()
        box = self.letterbox(*image.size, still=image.still, roll=image.roll)
        spec = self.model.spec.image
        batch = self._crop(image, box)
        self.timer.lap("crop")
        known = self._known(position, image, box, batch)
        if known is not None:
            faces = Faces(known.boxes.copy(), known.scores.copy(), known.landmarks.copy())
            self.timer.lap("model")
            faces = self._visible(image, faces)
            self.timer.lap("decode")
            return faces
        outputs = self.session.run({spec.name: batch}, self.map_names)
        maps = [outputs[name] for name in self.map_names]
        self.timer.lap("model")
        for stride, found in zip(self._detector.strides, maps, strict=True):
            if found.shape[2:] != (box.size[1] // stride, box.size[0] // stride):
                raise SpecError(f"{self.model.path}: a map of shape {found.shape} is not that of stride {stride}")
        for output, found in zip(self._maps, maps, strict=True):
            check_finite(found, output, self.model.path)
        boxes, scores, landmarks = native.decode_faces(
            maps,
            self._detector.strides,
            score_threshold=self.score_threshold,
            iou_threshold=self._detector.nms.iou,
            top_k=self._detector.nms.top_k,
            max_faces=self.options.max_faces,
        )
        boxes = box.to_frame(boxes.reshape(-1, 2, 2)).reshape(-1, 4)
        inside = box.holds(boxes)
        faces = Faces(box.clip(boxes[inside]), scores[inside], box.to_frame(landmarks)[inside])
        self._remember(position, image, box, batch, faces)
        faces = self._visible(image, faces)
        self.timer.lap("decode")
        return faces

    def _known(self, position: int, image: Image, box: Letterbox, batch: NDArray[Any]) -> Faces | None:
        """What was found last time in the very same input."""
        if self._last is None or image.still or position >= len(self._last):
            return None
        last = self._last[position]
        if last.box != box or last.batch.shape != batch.shape:
            return None
        middle = batch.shape[2] // 2  # one row tells nearly always
        same = np.array_equal(last.batch[:, :, middle], batch[:, :, middle]) and np.array_equal(last.batch, batch)
        return last.faces if same else None

    def _remember(self, position: int, image: Image, box: Letterbox, batch: NDArray[Any], faces: Faces) -> None:
        """Keep the input, and give its place to the buffer of the last one: nothing is copied but what was found."""
        if self._last is None or image.still or position > len(self._last):
            return
        kept = Faces(faces.boxes.copy(), faces.scores.copy(), faces.landmarks.copy())
        spare: NDArray[Any] = np.empty(0)
        if position < len(self._last):
            spare = self._last.pop(position).batch
        self._last.insert(position, _Detection(batch, box, kept))
        self._buffer = spare

    @staticmethod
    def _visible(image: Image, faces: Faces) -> Faces:
        """Without faces that are painted where nothing is to be seen."""
        if image.format == "bgra" and len(faces):
            return faces[_is_visible(image.pixels[..., 3], faces.boxes)]
        return faces

    def _crop(self, image: Image, box: Letterbox) -> NDArray[Any]:
        """The input, filled.

        Of a frame that lies on its side the native core makes the picture as it lies, since its path for parallel axes
        is many times as fast as that for any turn; the input is the transpose.
        """
        spec, matrix, size = self.model.spec.image, box.matrix, box.size
        out = batch = self._input(size)
        lies = box.roll in (90, 270)
        if lies:
            matrix, size = matrix[:, [1, 0, 2]], (size[1], size[0])
            shape = spec.shape(1, size)
            if self._lying.shape != shape:
                self._lying = np.empty(shape, spec.dtype)
            out = self._lying
        crop_to_input(spec, image.pixels, matrix[None], color=image.format, border="constant", size=size, out=out)
        if lies:
            axes = (0, 1, 3, 2) if spec.layout == "nchw" else (0, 2, 1, 3)
            np.copyto(batch, out.transpose(axes))
        return batch

    def letterbox(self, width: int, height: int, *, still: bool = False, roll: int = 0) -> Letterbox:
        """How a frame of that size becomes the input; `still` and `roll` as in `Image`."""
        x0, y0, x1, y1 = self.options.roi or (0.0, 0.0, 1.0, 1.0)
        left, top = math.floor(x0 * width), math.floor(y0 * height)
        right, bottom = max(left + 1, math.ceil(x1 * width)), max(top + 1, math.ceil(y1 * height))
        longest = max(right - left, bottom - top)
        side = self.options.side(still=still)
        scale = min(1.0, side / longest) if side else 1.0
        across, down = (right - left, bottom - top) if roll in (0, 180) else (bottom - top, right - left)
        size = (self._padded(across * scale), self._padded(down * scale))
        return Letterbox((width, height), (left, top, right, bottom), scale, size, roll)

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return {
            **self.session.describe(),
            "max_side": self.options.side(still=False),
            "max_side_stills": self.options.side(still=True),
            "score_threshold": self.score_threshold,
        }

    def close(self) -> None:
        """Release the model; safe to call twice.

        Raises:
            RuntimeError: it is at work in another thread.
        """
        with self._busy:
            self.session.close()

    def __enter__(self) -> FaceDetector:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _padded(self, length: float) -> int:
        multiple = self._detector.pad_multiple
        return max(1, math.ceil(round(length, 3) / multiple)) * multiple

    def _input(self, size: tuple[int, int]) -> NDArray[Any]:
        """The stage's own input buffer, made anew only when the size changes."""
        spec = self.model.spec.image
        shape = spec.shape(1, size)
        if self._buffer.shape != shape:
            self._buffer = np.empty(shape, spec.dtype)
        return self._buffer
