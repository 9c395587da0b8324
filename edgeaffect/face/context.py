"""`ContextAffect`: foreign nets that look at a person's body and at the whole scene (EMOTIC: 26 labels, VAD)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._json import plain
from .._process_bound import ProcessBound
from .._thread_guard import ThreadGuard
from ..errors import SpecError
from ..image import Frame, Image
from ..models import find
from ..models.preprocess import crop_to_input
from ..results import Faces
from ..runtime import Placement, open_session
from .alignment import box_matrix, whole_matrix
from .outputs import columns

Boxes = NDArray[np.float32]

HEAD_OF_STATURE = 0.130
"""Head height, chin to crown, as a share of stature (Drillis & Contini 1966, in Winter, Biomechanics, fig. 4.1)."""
SHOULDERS_OF_STATURE = 0.259
"""Breadth of the shoulders as a share of stature (as above)."""
BOX_OF_HEAD = 0.8
"""Height of a detected face's box as a share of the head's: it runs from the forehead to the chin (assumed)."""
ARMS = 1.25
"""Breadth with hanging arms over that of the shoulders (assumed)."""


def bodies_from_faces(boxes: ArrayLike, size: tuple[int, int]) -> Boxes:
    """Boxes of upright bodies under faces, cut off at the frame.

    The box begins at the crown; its height is the stature, box height / `BOX_OF_HEAD` / `HEAD_OF_STATURE` (9.6 face
    boxes), its width `ARMS` * `SHOULDERS_OF_STATURE` of that (3.1). It is a guess: of somebody who sits or lies it
    holds too much or the wrong place. Where bodies are detected, give their boxes.

    Args:
        boxes: [n, 4] faces, xyxy in pixels.
        size: width, height of the frame.

    Returns:
        float32 [n, 4].

    Raises:
        ValueError: a face has no size or lies outside of the frame.
    """
    b = np.asarray(boxes, np.float64).reshape(-1, 4)
    tall = b[:, 3] - b[:, 1]
    head = tall / BOX_OF_HEAD
    stature = head / HEAD_OF_STATURE
    half = ARMS * SHOULDERS_OF_STATURE * stature / 2
    middle, crown = (b[:, 0] + b[:, 2]) / 2, b[:, 3] - head
    found = np.stack([middle - half, crown, middle + half, crown + stature], 1)
    cut = np.clip(found, 0, np.array(size * 2)).astype(np.float32)
    _check(cut, "face")
    return cut


def _check(boxes: Boxes, what: str) -> None:
    usable = np.isfinite(boxes).all(1) & (boxes[:, 2:] > boxes[:, :2]).all(1)
    if not usable.all():
        row = int(np.argmin(usable))
        raise ValueError(f"{what} {row} has no size inside the frame: {boxes[row].round(2).tolist()}; leave it out")


@dataclass(frozen=True, repr=False, eq=False)
class Context:
    """What a person expresses by body and surroundings, as a foreign net says it."""

    extra: Mapping[str, float]
    """Label -> score, 0 to 1, under the net's own names; several may hold. They are no distribution over the eight
    emotions and are not turned into one."""
    valence: float
    arousal: float
    dominance: float
    """Each in [-1, 1]; NaN where the net does not say."""
    va_source: str
    """`rated` or `derived`, as the net's spec says."""
    body: Boxes
    """[4] the box that was cut out, pixels of the frame."""
    body_source: str
    """`given`, or `face`: guessed by `bodies_from_faces`."""

    def top(self, count: int = 3) -> list[tuple[str, float]]:
        """Labels of the highest scores."""
        return sorted(self.extra.items(), key=lambda item: -item[1])[:count]

    def __repr__(self) -> str:
        labels = ", ".join(f"{name} {score:.2f}" for name, score in self.top())
        return f"Context({labels}; V {self.valence:+.2f}, A {self.arousal:+.2f}, D {self.dominance:+.2f})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values; NaN is None."""
        written: dict[str, Any] = plain({name: getattr(self, name) for name in self.__dataclass_fields__})
        return written


class ContextAffect(ProcessBound):
    """Reads people in their surroundings. Belongs to one thread.

    Args:
        model: path of an ONNX file for task `context`: two pictures, body and scene (`edgeaffect export`).
        device: `auto | cpu | cuda | cuda:N`.
        runtime: `auto | onnxruntime | tensorrt`.
        threads: intra-op threads on the CPU.

    Raises:
        SpecError: the model is for another task, or its spec does not fit the file.
    """

    def __init__(
        self, model: str | os.PathLike[str], *, device: str = "auto", runtime: str = "auto", threads: int = 1
    ) -> None:
        self.model = find(model, "context")
        spec = self.model.spec
        self.session = open_session(self.model, Placement(device, runtime, threads))
        self._body, self._scene = spec.pictures
        self._labels = [o for m in ("label_scores", "label_logits") if (o := spec.output(m))]
        self._vad = [(i, o) for i, m in enumerate(("valence", "arousal", "dominance")) if (o := spec.output(m))]
        self._vad_mean = spec.output("vad_mean")
        names = [label for output in self._labels for label in output.labels]
        if len(set(names)) != len(names):
            raise SpecError(f"{self.model.path}: a label is named twice among its outputs: {names}")
        self._busy = ThreadGuard(type(self).__name__)

    def predict(
        self, frame: Frame | Image, faces: Faces | None = None, *, bodies: ArrayLike | None = None, color: str = "bgr"
    ) -> list[Context]:
        """One answer per person.

        Args:
            frame: an `Image`, or pixels as `Image.of` takes them.
            faces: whose bodies are guessed by `bodies_from_faces` where `bodies` is None.
            bodies: [n, 4] boxes of people, xyxy in pixels of this frame.
            color: format of the pixels.

        Raises:
            TypeError: neither faces nor bodies are given.
            ValueError: a box has no size inside the frame, or there is not one body per face.
            ModelError: the model returned NaN or infinity.
        """
        image = Image.of(frame, color)
        boxes, source = self._boxes(image, faces, bodies)
        if not len(boxes):
            return []
        alignment, border = self.model.spec.alignment, self.model.spec.alignment.border
        matrices = box_matrix(boxes, self._body.size, square=alignment.square, expand=alignment.expand,
                              shift=alignment.shift).astype(np.float32)  # fmt: skip
        whole = whole_matrix(image.size, self._scene.size)[None]
        with self._busy:
            body = crop_to_input(self._body, image.pixels, matrices, color=image.format, border=border)
            scene = crop_to_input(self._scene, image.pixels, whole, color=image.format, border=border)
            outputs = self._run(body, np.repeat(scene, len(boxes), 0))
        return self._read(outputs, boxes, source)

    def _boxes(self, image: Image, faces: Faces | None, bodies: ArrayLike | None) -> tuple[Boxes, str]:
        if bodies is None:
            if not isinstance(faces, Faces):
                raise TypeError(f"give `faces`, such as FaceDetector.detect returns, or `bodies`; got {faces!r}")
            return bodies_from_faces(faces.boxes, image.size), "face"
        boxes = np.asarray(bodies, np.float32).reshape(-1, 4)
        if faces is not None and len(boxes) != len(faces):
            raise ValueError(f"give one body per face; got {len(boxes)} bodies and {len(faces)} faces")
        cut = np.clip(boxes, 0, np.array(image.size * 2, np.float32))
        _check(cut, "body")
        return cut, "given"

    def _run(self, body: NDArray[Any], scene: NDArray[Any]) -> dict[str, NDArray[Any]]:
        names = tuple(dict.fromkeys(output.name for output in self.model.spec.outputs))
        fixed = self.session.inputs[self._body.name].shape[0]
        size = fixed or len(body)  # 1 where the file's batch is fixed: checked when it was opened
        parts = [
            self.session.run({self._body.name: body[i : i + size], self._scene.name: scene[i : i + size]}, names)
            for i in range(0, len(body), size)
        ]
        return {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in names}

    def _read(self, outputs: dict[str, NDArray[Any]], boxes: Boxes, source: str) -> list[Context]:
        path = self.model.path
        n = len(boxes)
        scores: list[dict[str, float]] = [{} for _ in range(n)]
        for output in self._labels:
            values = np.asarray(columns(outputs, output, path), np.float64)
            if output.meaning == "label_logits":
                values = 1 / (1 + np.exp(-values.clip(-60, 60)))
            for told, row in zip(scores, values.clip(0, 1).tolist(), strict=True):
                told.update(zip(output.labels, row, strict=True))
        vad = np.full((n, 3), np.nan)
        if self._vad_mean is not None:
            vad = np.asarray(columns(outputs, self._vad_mean, path), np.float64).clip(-1, 1)
        for i, output in self._vad:
            vad[:, i] = np.asarray(columns(outputs, output, path), np.float64)[:, 0].clip(-1, 1)
        va_source = self.model.spec.va_source or "derived"
        return [
            Context(scores[i], float(v), float(a), float(d), va_source, boxes[i], source)
            for i, (v, a, d) in enumerate(vad.tolist())
        ]

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return self.session.describe()

    def close(self) -> None:
        """Release the model; safe to call twice."""
        with self._busy:
            self.session.close()

    def __enter__(self) -> ContextAffect:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
