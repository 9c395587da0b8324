"""When somebody speaks: thresholds with hysteresis, and how long speech and pauses last."""

from __future__ import annotations

from dataclasses import dataclass

from .._checks import check, check_seconds, check_share
from .sections import _model


@dataclass(frozen=True, kw_only=True)
class VoiceActivityOptions:
    """How probabilities of frames become speech. Times are seconds."""

    model: str | None = None
    """Name or path; None is the bundled model."""
    enter: float = 0.5
    """Speech begins at a frame with at least this probability ..."""
    leave: float = 0.35
    """... and goes on while frames have at least this one."""
    min_speech: float = 0.2
    """Speech, in a segment or a window, has at least so many seconds of frames with `enter`."""
    min_silence: float = 0.3
    """A pause ends the speech when it is this long."""
    hangover: float = 0.1
    """Added to the end of speech, for sounds that fade out; at most `min_silence`."""

    def __post_init__(self) -> None:
        _model("voice_activity.model", self.model)
        for name in ("enter", "leave"):
            check_share(f"voice_activity.{name}", getattr(self, name))
        check(
            self.leave <= self.enter, "voice_activity.leave", self.leave, f"at most voice_activity.enter ({self.enter})"
        )
        for name in ("min_speech", "min_silence", "hangover"):
            check_seconds(f"voice_activity.{name}", getattr(self, name))
        check(
            self.hangover <= self.min_silence, "voice_activity.hangover", self.hangover,
            f"at most voice_activity.min_silence ({self.min_silence}), or it would reach into the next speech",
        )  # fmt: skip
