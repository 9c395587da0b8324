"""Options of the explainer."""

from __future__ import annotations

from dataclasses import dataclass

from .._checks import check, check_count, check_flag, check_positive

# A path has no more bytes on Linux.
_LONGEST_PATH = 4096


@dataclass(frozen=True, kw_only=True)
class ExplainOptions:
    """Sentences about faces, on request."""

    enabled: bool = False
    """Load the explainer; also `Pipeline(explain=True)`. Needs cues."""
    model: str | None = None
    """Name or path of a bundle; None is the bundled one."""
    beam: int = 1
    """Hypotheses that are followed at once; 1 is greedy, which streams clause by clause."""
    longest: int = 64
    """Most tokens of a text, the prefix and the plan included."""
    gated: bool = True
    """Speak of a cue only as evidence allows; False only to measure what the model says by itself."""
    forced_label: bool = True
    """Tell the model the affect stage's label; False only to measure, with an unknown label."""
    history: float = 5.0
    """`Pipeline`: seconds of cues kept per face, for "what changed"."""

    def __post_init__(self) -> None:
        check_flag("explain.enabled", self.enabled)
        check(
            self.model is None or (isinstance(self.model, str) and len(self.model) <= _LONGEST_PATH), "explain.model",
            self.model, f"the name or path of a bundle as text of up to {_LONGEST_PATH} characters, or None",
        )  # fmt: skip
        check_count("explain.beam", self.beam, 1, 8)
        check_count("explain.longest", self.longest, 16, 256)
        check_flag("explain.gated", self.gated)
        check_flag("explain.forced_label", self.forced_label)
        check_positive("explain.history", self.history, " (seconds)", most=60)
