"""What the rooms of sound hand each other: chunks of sound, speech over time, who speaks, what face and voice say.

`Pipeline` and `VoiceStream` know only these; sources of sound, the activity model, the speaker finder and fusion are
objects that fit. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..affect import Affect
from ..heard import Voice
from ..results import Face


class SoundChunk(Protocol):
    """Some samples with their place in time."""

    @property
    def samples(self) -> NDArray[Any]:
        """int16 or float32 [n] or [n, channels]; valid until the next chunk is taken."""

    @property
    def sample_rate(self) -> int:
        """Hz."""

    @property
    def timestamp(self) -> float:
        """Seconds on `clock` at which the first sample begins. A step ahead of the sound so far is a gap."""

    @property
    def clock(self) -> str:
        """`monotonic` (a microphone) or `media` (position in a file)."""


@runtime_checkable
class SoundSource(Protocol):
    """A microphone, a file of sound, or the track of a film."""

    name: str
    live: bool
    """The world does not wait: read in a thread of its own. Else read as far as the frames have come."""
    ended: bool
    """Nothing more will come."""

    def poll(self) -> SoundChunk | None:
        """The next chunk, in the order of time; None: it `ended`, or a live source has nothing yet. Does not wait.

        Raises:
            SourceError: the sound was lost for good.
        """

    def close(self) -> None:
        """Release the device or file; safe to call twice."""


@runtime_checkable
class Activity(Protocol):
    """Finds speech in log-mel frames, as they come (`VoiceActivity`)."""

    def accept(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability [n] that each frame [n, bands] is speech; continues where the last call ended."""

    def reset(self) -> None:
        """The next frame begins a new sound."""

    def describe(self) -> dict[str, Any]:
        """What really runs."""

    def close(self) -> None:
        """Release the model; safe to call twice."""


@dataclass(frozen=True, eq=False)
class Speech:
    """Speech over time: what the speaker finder sees of the sound. One value per log-mel frame (10 ms)."""

    times: NDArray[np.float64]
    """[n] centres of the frames, on the clock of the camera's frames, increasing."""
    probability: NDArray[np.float32]
    """[n] that somebody speaks."""
    level_dbfs: NDArray[np.float32]
    """[n] level of the sound."""


@runtime_checkable
class SpeakerFinder(Protocol):
    """Whose mouth moves with the voice: one camera's faces against one sound. `voice.speaker.SpeakerFinder` is it."""

    def hear(self, speech: Speech) -> None:
        """Take over speech that is new since the last call; may reach past the time of the newest frame."""

    @property
    def probability(self) -> Mapping[int, float]:
        """Track id -> probability that this face is the one heard, as of the last `see`; empty in silence."""

    def see(self, timestamp: float, faces: Sequence[Face]) -> int | None:
        """Take over the faces of one frame (cues in `raw_cues` or `cues`); who speaks now, by track id, or None."""

    def reset(self) -> None:
        """Forget faces and sound."""


@dataclass(frozen=True, eq=False)
class Fused:
    """Face and voice of one person together. `voice.fusion.fuse` makes it."""

    affect: Affect
    """Both in log-probability and valence/arousal space, weighted by how far each can be trusted."""
    agreement: float | None
    """0 (they contradict each other) to 1; None when either side is missing, silent or unsure."""
    disagreement: str | None
    """On which side they differ, such as "face positive, voice tense"; None where they do not."""


class Fuse(Protocol):
    """`voice.fusion.Fusion` is it."""

    def __call__(
        self, face: Face, voice: Voice | None, *, timestamp: float | None = None, noise_dbfs: float = -75.0
    ) -> Fused | None:
        """Join a face (its `affect`; `cues` where there are) and the voice that is its own.

        Args:
            face: of one frame.
            voice: what was heard last.
            timestamp: of the frame, seconds on the voice's clock.
            noise_dbfs: level of the sound while nobody speaks.

        Returns:
            None where a side is missing, silent or too old.
        """
