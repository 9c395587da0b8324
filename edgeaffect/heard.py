"""`Voice`: what was heard over one window of sound, or over a whole clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._fields import Fields
from ._json import plain
from .affect import Affect

CLOCKS = ("monotonic", "media", "user")
"""Where the time of a frame or a sound comes from: a live source, the position in a file, or the caller."""

SILENCE_DBFS = -120.0
"""Level of digital silence, and the least level that is told."""


@dataclass(frozen=True, repr=False, eq=False)
class Voice:
    """What was heard between two moments."""

    is_speech: bool
    """Whether somebody speaks in it for at least `voice.min_speech` seconds."""
    affect: Affect | None
    """What the voice expresses; calm and boredom in `extra`, which together with `probabilities` sums to 1. None when
    nobody speaks."""
    level_dbfs: float
    """Root mean square of the samples in decibels, 0 for a square wave of full scale, -120 for silence."""
    window: tuple[float, float]
    """Begin and end in seconds on `clock`."""
    timestamp: float
    """When it was known: the end of the window, seconds on `clock`."""
    clock: str
    """`monotonic` (a microphone), `media` (position in a clip or film) or `user` (told by the caller)."""

    @property
    def label(self) -> str | None:
        """Label of `affect`."""
        return self.affect.label if self.affect else None

    @property
    def probability(self) -> float | None:
        """Probability of that label."""
        return self.affect.confidence if self.affect else None

    def __repr__(self) -> str:
        start, end = self.window
        heard = repr(self.affect) if self.is_speech else "no speech"
        return f"Voice({start:.2f} to {end:.2f} s, {self.level_dbfs:.0f} dBFS, {heard})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `$defs/voice` of the results' JSON Schema describes them."""
        own = {"affect": self.affect.to_dict() if self.affect else None}
        return {name: own[name] if name in own else plain(getattr(self, name)) for name in self.__dataclass_fields__}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Voice:
        """Inverse of `to_dict`; null numbers are NaN.

        Raises:
            ValueError: a field is missing, of a wrong kind, or outside its range; the message names it.
        """
        return cls.from_fields(Fields(data, "voice"))

    @classmethod
    def from_fields(cls, fields: Fields) -> Voice:
        """`from_dict`, for a voice inside of something else."""
        is_speech, affect = fields.flag("is_speech"), fields.optional("affect", Affect.from_fields)
        if is_speech != (affect is not None):
            has = "none" if affect is None else "one"
            raise ValueError(
                f"voice.is_speech is {str(is_speech).lower()} and voice.affect is {has}: there is an affect when, and "
                "only when, somebody speaks"
            )
        return cls(
            is_speech=is_speech,
            affect=affect,
            level_dbfs=fields.number("level_dbfs", SILENCE_DBFS),
            window=fields.interval("window"),
            timestamp=fields.seconds("timestamp"),
            clock=fields.choice("clock", CLOCKS),
        )
