"""`FaceReader`: when the faces of one camera are read by one model, what it said last, and how that is steadied."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..face.face_model import FaceModel
from ..image import Image
from ..results import Faces
from .calls import Asked, Call, checked_answers
from .frame_view import FrameView
from .scheduling import RoundRobin
from .stages import BatchStage, SmoothStage
from .unchanged import UnchangedFaces

_GRID = np.float32(1024)  # steps per pixel; a power of two, so that a place on the grid is an exact float


@dataclass(frozen=True)
class FaceStage:
    """One kind of reading: a model, and the fields of `Face` that it fills. A new face model is one more of these."""

    name: str
    """Name of the stage in `timings_ms`, `models` and `describe`."""
    stage: BatchStage
    smoothed: str
    """Field of `Face` with the value steadied over the track."""
    raw: str
    """Field of `Face` with this frame's own value."""
    interval: float
    """Seconds between two readings of one face; 0 = every face in every frame."""


class FaceReader:
    """One `FaceStage` on one camera.

    Args:
        kind: what is read.
        smoother: steadies it; of this camera.
        skip_unchanged: a face whose pixels have not changed keeps its reading. Only for a `FaceModel`, and for frames
            on the host: of a model of the user's own nobody knows what it looks at.
    """

    def __init__(self, kind: FaceStage, smoother: SmoothStage[Any], *, skip_unchanged: bool = False) -> None:
        self.kind, self.smoother = kind, smoother
        self._model = kind.stage if skip_unchanged and isinstance(kind.stage, FaceModel) else None
        self._unchanged = None if self._model is None else UnchangedFaces(self._model.model.spec.image.size)
        self.asked = 0
        """Faces that the model was asked about in the last `read`."""
        self._turns = RoundRobin(kind.interval)
        self._latest: dict[int, Any] = {}

    def choose(self, track_ids: Sequence[int], timestamp: float) -> list[int]:
        """Positions in `track_ids` of the faces to read now; they count as read."""
        return self._turns.choose(track_ids, timestamp)

    def put_back(self) -> None:
        """The faces chosen last do not count as read: the frame ended before their turn."""
        self._turns.put_back()

    def read(self, view: FrameView, faces: Faces, chosen: list[int]) -> Generator[Call, Any, list[Any]]:
        """What the model says now, None for faces that are not among `chosen`."""
        raw: list[Any] = [None] * len(faces)
        faces = _on_grid(faces) if chosen and faces.track_ids is not None else faces
        watch = self._watch(view, faces) if chosen else None
        if watch is not None:
            for row in chosen:
                raw[row] = watch.find(row)
            chosen = [row for row in chosen if raw[row] is None]
        self.asked = len(chosen)
        if chosen:
            part = faces if len(chosen) == len(faces) else faces[chosen]
            answers = yield Call(self.kind.stage, (view.image, part))
            answers = checked_answers(self.kind.name, answers, len(chosen), "face")
            for row, answer in zip(chosen, answers, strict=True):
                raw[row] = answer
                if watch is not None:
                    watch.keep(row, answer)
        return raw

    def _watch(self, view: FrameView, faces: Faces) -> _Watch | None:
        """What tells whether faces have changed; None where nobody asks."""
        image = view.image
        if self._unchanged is None or self._model is None or faces.track_ids is None:
            return None
        if not isinstance(image, Image) or image.still:
            return None
        return _Watch(self._unchanged, self._model, image, faces, faces.track_ids.tolist())

    def smooth(self, track_ids: Sequence[int], raw: Sequence[Any], timestamp: float) -> list[Any]:
        """Steadied value of every face; that of the last reading where there is no new one."""
        for track_id, value in zip(track_ids, raw, strict=True):
            if value is not None:
                self._latest[track_id] = self.smoother.update(track_id, value, timestamp)
        return [self._latest.get(track_id) for track_id in track_ids]

    def keep(self, track_ids: Iterable[int]) -> None:
        """Forget every face that is not among these."""
        ids = set(track_ids)
        self.smoother.keep(ids)
        self._turns.keep(ids)
        if self._unchanged is not None:
            self._unchanged.forget_except(ids)
        self._latest = {key: value for key, value in self._latest.items() if key in ids}

    def reset(self) -> None:
        """Forget every face."""
        self.smoother.reset()
        self._turns.reset()
        if self._unchanged is not None:
            self._unchanged.forget_except(())
        self._latest.clear()


def read_together(
    readers: Sequence[FaceReader], view: FrameView, faces: Faces, chosen: Sequence[list[int]]
) -> Generator[Asked, Any, list[list[Any]]]:
    """`FaceReader.read` of several readers of one frame, whose calls are asked in one go.

    An error of one ends the frame as if those after it had not begun.

    Args:
        readers: in their order.
        view: the frame.
        faces: in it.
        chosen: for each reader the rows of the faces to read.

    Returns:
        For each reader what `read` returns.
    """
    readings = [reader.read(view, faces, rows) for reader, rows in zip(readers, chosen, strict=True)]
    if len(readings) == 1:
        return [(yield from readings[0])]
    raws: dict[int, list[Any]] = {}
    calls: dict[int, Call] = {}
    for i, reading in enumerate(readings):
        try:
            calls[i] = next(reading)
        except StopIteration as end:  # every face kept its reading
            raws[i] = end.value
    answers = (yield tuple(calls.values())) if calls else []
    for i, answer in zip(calls, answers, strict=True):
        try:
            readings[i].throw(answer) if isinstance(answer, Exception) else readings[i].send(answer)
        except StopIteration as end:
            raws[i] = end.value
        except Exception:
            for later in readers[i + 1 :]:
                later.put_back()
            raise
    return [raws[i] for i in range(len(readings))]


def _on_grid(faces: Faces) -> Faces:
    """The faces at places of whole thousandths of a pixel (2^-10), far below what a tracker knows.

    A tracker whose picture stands still goes to and fro by rounding, by some 10^-5 pixels; on the grid it stands too,
    and so does the crop.
    """
    return Faces(_rounded(faces.boxes), faces.scores, _rounded(faces.landmarks), faces.track_ids)


def _rounded(places: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = places * _GRID
    np.rint(scaled, out=scaled)
    scaled /= _GRID
    return scaled


class _Watch:
    """The faces of one frame, for `UnchangedFaces`; their matrices are only made where somebody asks."""

    def __init__(
        self, unchanged: UnchangedFaces, model: FaceModel[Any], image: Image, faces: Faces, ids: list[int]
    ) -> None:
        self._unchanged, self._model, self._image, self._faces, self._ids = unchanged, model, image, faces, ids
        self._matrices: NDArray[np.float32] | None = None

    def find(self, row: int) -> Any:
        return self._unchanged.find(self._image, self._ids[row], lambda: self._matrix(row))

    def keep(self, row: int, value: Any) -> None:
        box = self._faces.boxes[row]
        self._unchanged.keep(self._image, self._ids[row], box, lambda: self._matrix(row), value)

    def _matrix(self, row: int) -> NDArray[np.float32]:
        if self._matrices is None:
            self._matrices = self._model.align(self._image.size, self._faces)
        matrix: NDArray[np.float32] = self._matrices[row]
        return matrix
