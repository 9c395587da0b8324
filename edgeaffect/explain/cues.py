"""What an explanation may speak of: cues, visible facts, regions, and which of them exclude each other.

Left and right are those of somebody who looks at the picture, as everywhere in edgeaffect.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..circumplex import EMOTIONS

REGIONS = ("mouth", "eyes", "brows", "head")
"""Parts of a face that a question can ask about; gaze belongs to the eyes."""


@dataclass(frozen=True)
class Cue:
    """One cue.

    Attributes:
        region: the part of the face that shows it; hidden when that part is covered.
        admitted: whether "because" may name it: it says something about what raters saw (the admission test of
            `training/cues`). Others are described, never given as a reason.
        measured: whether the cues of this version measure it well enough to be spoken of at all.
        excludes: cues that cannot be present at the same time.
    """

    region: str
    admitted: bool = False
    measured: bool = True
    excludes: tuple[str, ...] = ()


CUE_TABLE: dict[str, Cue] = {
    "smile": Cue("mouth", admitted=True, excludes=("corners_down",)),
    "mouth_open": Cue("mouth", admitted=True),
    "inner_brows_raised": Cue("brows", admitted=True, excludes=("brows_lowered",)),
    "outer_brows_raised": Cue("brows", admitted=True, excludes=("brows_lowered",)),
    "eyes_wide": Cue("eyes", admitted=True, excludes=("eyes_closed",)),
    "eyes_closed": Cue("eyes", excludes=("eyes_wide", "looking_at_camera")),
    "looking_at_camera": Cue(
        "eyes", excludes=("eyes_closed", "looking_left", "looking_right", "looking_up", "looking_down")
    ),
    "looking_left": Cue("eyes", excludes=("looking_right", "looking_at_camera")),
    "looking_right": Cue("eyes", excludes=("looking_left", "looking_at_camera")),
    "looking_up": Cue("eyes", excludes=("looking_down", "looking_at_camera")),
    "looking_down": Cue("eyes", excludes=("looking_up", "looking_at_camera")),
    "head_left": Cue("head", excludes=("head_right",)),
    "head_right": Cue("head", excludes=("head_left",)),
    "head_up": Cue("head", excludes=("head_down",)),
    "head_down": Cue("head", excludes=("head_up",)),
    "head_tilted": Cue("head"),
    "brows_lowered": Cue("brows", admitted=True, excludes=("inner_brows_raised", "outer_brows_raised")),
    "corners_down": Cue("mouth", admitted=True, excludes=("smile",)),
}

CUES = tuple(CUE_TABLE)
"""Names of all cues, in the order of every array of cues."""
ADMITTED = tuple(name for name, cue in CUE_TABLE.items() if cue.admitted and cue.measured)
"""Cues that "because" may name."""
MEASURED = tuple(name for name, cue in CUE_TABLE.items() if cue.measured)
"""Cues that may be spoken of."""
GAZE = tuple(name for name in CUES if name.startswith("looking_"))
"""Cues that answer "where does the person look"."""

FACTS = (
    "glasses", "mouth_covered", "eyes_covered", "brows_covered", "cut_off", "blurred", "dark", "profile", "no_face",
)  # fmt: skip
"""Visible facts that are no cues, in the order of every array of facts. `no_face` is never present beside another."""
COVERED_BY = {"mouth_covered": "mouth", "eyes_covered": "eyes", "brows_covered": "brows"}
"""Fact -> the region that cannot be seen when it holds."""

COMPOSITES: dict[str, tuple[str, ...]] = {
    "brows_raised": ("inner_brows_raised", "outer_brows_raised"),
    "looking_sideways": ("looking_left", "looking_right"),
    "head_turned": ("head_left", "head_right", "profile"),
    "face_covered": ("mouth_covered", "eyes_covered", "brows_covered"),
}
"""What people say for any of several cues or facts: it holds when one of its parts does."""
MOODS = ("pleasant", "unpleasant", "lively", "calm")
"""Valence and arousal in words: above and below 0."""

ASPECTS = (*CUES, *FACTS, *COMPOSITES, *EMOTIONS, *MOODS)
"""Everything that a statement can claim or deny, in the order of the reader's `claims`."""


def region_of(name: str) -> str | None:
    """The region that shows a cue, or a composite of cues; None for anything else."""
    name = COMPOSITES.get(name, (name,))[0]
    return CUE_TABLE[name].region if name in CUE_TABLE else None


def cues_of(region: str) -> tuple[str, ...]:
    """Cues that a region shows, in order; of `"all"`, every cue.

    Raises:
        ValueError: no such region.
    """
    if region != "all" and region not in REGIONS:
        raise ValueError(f"region must be all or one of {', '.join(REGIONS)}; got {region!r}")
    return tuple(name for name, cue in CUE_TABLE.items() if region in ("all", cue.region))
