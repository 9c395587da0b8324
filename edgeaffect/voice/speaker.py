"""`SpeakerFinder`: whose mouth moves with the voice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..cues import Cues
from ..options.joint import SpeakerOptions
from ..results import Face
from .protocols import Speech


@dataclass(frozen=True)
class Mouth:
    """What a mouth does at one moment."""

    jaw: float
    """`jawOpen`, 0..1."""
    gap: float
    """Between the inner lips, in distances between the eyes' outer corners."""
    width: float
    """Between the mouth's corners, likewise."""

    @classmethod
    def of(cls, cues: Cues) -> Mouth:
        """The mouth of one reading of cues."""
        raise NotImplementedError


@dataclass(frozen=True)
class Speakers:
    """Who speaks at one moment."""

    probability: Mapping[int, float]
    """Track id -> probability that this face is the one heard; only faces that were seen for long enough."""
    speaker: int | None
    """Track id of the speaker after hysteresis; None where nobody in view is known to speak."""


class SpeakerFinder:
    """Compares the mouths of one camera's faces with one sound. Memory is bounded by the window and the faces.

    Args:
        options: window, thresholds with hysteresis in seconds.
    """

    def __init__(self, options: SpeakerOptions | None = None) -> None:
        self.options = options or SpeakerOptions()

    def hear(self, speech: Speech) -> None:
        """Take over speech that is new since the last call; any chunking gives the same answers."""
        raise NotImplementedError

    def watch(self, track_id: int, time: float, mouth: Mouth) -> None:
        """Take over one look at one face, later than the last one of this face."""
        raise NotImplementedError

    def see(self, timestamp: float, faces: Sequence[Face]) -> int | None:
        """`watch` every face with new cues, then `read`: the speaker's track id, or None."""
        raise NotImplementedError

    def read(self, time: float) -> Speakers:
        """Who speaks at `time`, seconds on the clock of both."""
        raise NotImplementedError

    def forget(self, track_ids: Iterable[int]) -> None:
        """Forget these faces."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forget faces and sound."""
        raise NotImplementedError
