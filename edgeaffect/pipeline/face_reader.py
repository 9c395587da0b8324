"""`FaceReader`: when the faces of one camera are read by one model, what it said last, and how that is steadied."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..results import Faces
from .calls import Call, checked_answers
from .frame_view import FrameView
from .scheduling import RoundRobin
from .stages import BatchStage, SmoothStage


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
    """

    def __init__(self, kind: FaceStage, smoother: SmoothStage[Any]) -> None:
        self.kind, self.smoother = kind, smoother
        self._turns = RoundRobin(kind.interval)
        self._latest: dict[int, Any] = {}

    def choose(self, track_ids: Sequence[int], timestamp: float) -> list[int]:
        """Positions in `track_ids` of the faces to read now; they count as read."""
        return self._turns.choose(track_ids, timestamp)

    def read(self, view: FrameView, faces: Faces, chosen: list[int]) -> Generator[Call, Any, list[Any]]:
        """What the model says now, None for faces that are not among `chosen`."""
        raw: list[Any] = [None] * len(faces)
        if chosen:
            part = faces if len(chosen) == len(faces) else faces[chosen]
            answers = yield Call(self.kind.stage, (view.image, part))
            answers = checked_answers(self.kind.name, answers, len(chosen), "face")
            for row, answer in zip(chosen, answers, strict=True):
                raw[row] = answer
        return raw

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
        self._latest = {key: value for key, value in self._latest.items() if key in ids}

    def reset(self) -> None:
        """Forget every face."""
        self.smoother.reset()
        self._turns.reset()
        self._latest.clear()
