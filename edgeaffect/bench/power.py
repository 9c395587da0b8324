"""What `edgeaffect tune --power` chooses from: settings whose cost in accuracy was measured.

Costs are those of the table under "Low power" in docs/benchmark.md (`python -m benchmarks.low_power`: one portrait
under a camera that moves at walking pace). Its row of a detection every 0.5 s is left out: it takes the least power
and loses moving faces, so it would always be chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Profile:
    """One setting, and how its results differ from those of the defaults."""

    row: str
    """Its name in the table."""
    max_side: int
    detect_interval: float
    """Seconds."""
    affect_interval: float
    """Seconds."""
    threads: int
    same_label: float
    """Share of frames with the label of the defaults."""
    valence: float
    """Mean difference of valence from theirs."""
    overlap: float
    """Mean overlap (IoU) of a face's box with the true one."""

    def values(self, *, cues: bool) -> dict[str, Any]:
        """Options by flat name; cues are read as often as affect."""
        names = ("max_side", "detect_interval", "affect_interval", "threads")
        own = {name: getattr(self, name) for name in names}
        return own | ({"cues_enabled": True, "cues_interval": self.affect_interval} if cues else {})

    def cost(self, *, cues: bool) -> str:
        """What it costs in accuracy, in one line."""
        return (
            f"cost where it was measured (docs/benchmark.md, Low power): same label {self.same_label:.3f}, valence "
            f"differs by {self.valence:.3f}, overlap with the true box {self.overlap:.3f} (defaults "
            f"{PROFILES[0].overlap:.3f}); a reading is up to {self.affect_interval:g} s old"
            f"{'; of cues: not measured' if cues else ''}"
        )


PROFILES = (
    Profile("defaults", 320, 0.1, 0.0, 1, same_label=1.000, valence=0.000, overlap=0.914),
    Profile("`threads=2`", 320, 0.1, 0.0, 2, same_label=1.000, valence=0.000, overlap=0.914),
    Profile("the same with `max_side` 320", 320, 0.2, 0.2, 1, same_label=1.000, valence=0.000, overlap=0.917),
    Profile("low power, as above", 256, 0.2, 0.2, 1, same_label=1.000, valence=0.000, overlap=0.918),
)
