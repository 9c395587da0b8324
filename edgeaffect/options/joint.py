"""Options of what needs face and voice together: who speaks, and how far both say the same."""

from __future__ import annotations

from dataclasses import dataclass

from .._checks import check, check_positive, check_seconds, check_share, is_number


@dataclass(frozen=True, kw_only=True)
class SpeakerOptions:
    """Whose mouth moves with the voice."""

    window: float = 2.0
    """Seconds of mouth and sound that are compared."""
    least: float = 1.0
    """Seconds that a face must have been seen before it can be the speaker."""
    interval: float = 0.1
    """Seconds between two answers about one face; in between the last one stands."""
    start: float = 0.6
    """A face becomes the speaker at this probability ..."""
    stop: float = 0.4
    """... and stays it until it falls below this one ..."""
    hold: float = 0.3
    """... each for so many seconds in a row."""
    pause: float = 1.0
    """Seconds of silence after which nobody speaks."""

    def __post_init__(self) -> None:
        check(
            is_number(self.window) and 1 <= self.window <= 5, "speaker.window", self.window, "seconds from 1 to 5"
        )  # fmt: skip
        check(
            is_number(self.least) and 0.5 <= self.least <= self.window, "speaker.least", self.least,
            f"seconds from 0.5 to speaker.window ({self.window})",
        )  # fmt: skip
        check_share("speaker.start", self.start)
        check_share("speaker.stop", self.stop)
        check(self.stop <= self.start, "speaker.stop", self.stop, f"at most speaker.start ({self.start})")
        for name in ("interval", "hold"):
            check_seconds(f"speaker.{name}", getattr(self, name))
        check_positive("speaker.pause", self.pause, " seconds", most=5)


@dataclass(frozen=True, kw_only=True)
class FusionOptions:
    """Face and voice of one person together."""

    max_age: float = 2.0
    """Seconds between the moment of a face and the end of a voice's window beyond which they are not joined."""
    disagree: float = 0.35
    """Below this agreement it is told on which side face and voice differ, and `is_sure` is False."""
    min_confidence: float = 0.5
    """`is_sure` of the fused affect needs at least this probability of the label."""

    def __post_init__(self) -> None:
        check_positive("fusion.max_age", self.max_age, " seconds")
        check_share("fusion.disagree", self.disagree)
        check_share("fusion.min_confidence", self.min_confidence)
