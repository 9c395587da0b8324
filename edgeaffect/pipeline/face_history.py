"""`FaceHistory`: each face as it was at its last analysis, and its cues of the last seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..cues import Cues
from ..results import Face

# Two moments are at least so far apart: 25 of five seconds are enough to see what changed.
_STEP = 0.2
_ROUNDING = 1e-6  # of times that are sums
# A change is told against moments that are at least so old: what is newer is still the same movement.
_YOUNGEST = 1.0


@dataclass(frozen=True)
class Seen:
    """A face at its last analysis."""

    timestamp: float
    face: Face
    size: tuple[int, int]
    """Width, height of its frame."""


class FaceHistory:
    """Of one camera. Written by the thread of the pipeline; any other may read, as every entry is replaced as a whole.

    Args:
        seconds: how far back cues are kept.
        roll: of the camera, degrees clockwise.
    """

    def __init__(self, seconds: float, roll: int = 0) -> None:
        self._seconds, self.roll = seconds, roll
        self._latest: dict[int, Seen] = {}
        self._cues: dict[int, tuple[tuple[float, Cues], ...]] = {}

    def keep(self, faces: Sequence[Face], timestamp: float, size: tuple[int, int]) -> None:
        """Take over faces of one frame of (width, height) that were analysed in it."""
        for face in faces:
            if face.track_id is None:
                continue
            self._latest[face.track_id] = Seen(timestamp, face, size)
            past = self._cues.get(face.track_id, ())
            if face.cues is not None and (not past or timestamp - past[-1][0] >= _STEP - _ROUNDING):
                first = next((i for i, (at, _) in enumerate(past) if timestamp - at <= self._seconds), len(past))
                self._cues[face.track_id] = (*past[first:], (timestamp, face.cues))

    def latest(self, track_id: int) -> Seen | None:
        """The face at its last analysis; None for one that is not known."""
        return self._latest.get(track_id)

    def before(self, track_id: int, timestamp: float) -> tuple[Cues, ...]:
        """Its cues from one second before that moment back to the limit, the newest last."""
        past = self._cues.get(track_id, ())
        return tuple(cues for at, cues in past if _YOUNGEST <= timestamp - at <= self._seconds)

    def forget_except(self, track_ids: Iterable[int]) -> None:
        """Forget every face that is not among these."""
        ids = set(track_ids)
        self._latest = {key: value for key, value in self._latest.items() if key in ids}
        self._cues = {key: value for key, value in self._cues.items() if key in ids}
