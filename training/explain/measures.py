"""What "present" means: for every cue a measure of blendshapes and angles, and the threshold that it must reach.

The teacher's own numbers (MediaPipe's blendshapes, the gaze and head pose that follow from its mesh) give the truth;
the package's cues give the same measure with an error, which `evidence` turns into a probability.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edgeaffect.explain.cues import CUES, region_of
from training.explain.faces import VALUES

REGION = {name: region_of(name) for name in CUES if region_of(name) != "head"}
"""Cue -> the region that shows it; the others are the head's, which nothing hides."""
MIRRORED = {"looking_left": "looking_right", "head_left": "head_right"}
SWAP = np.array([CUES.index({**MIRRORED, **{b: a for a, b in MIRRORED.items()}}.get(name, name)) for name in CUES])
"""Place of each cue's counterpart in a mirror."""


@dataclass(frozen=True)
class Measure:
    """A weighted sum of some values, its size, or minus the largest size of some values.

    Attributes:
        weights: names of `VALUES` and what each counts.
        threshold: present from here on.
        band: half the width of the zone about the threshold in which people would argue.
        kind: `sum`; `beyond`, the absolute sum; `within`, minus the largest absolute value.
    """

    weights: Mapping[str, float]
    threshold: float
    band: float
    kind: str = "sum"

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Measures [n] of values [n, VALUES or more]; NaN where a value is."""
        terms = values[:, [VALUES.index(name) for name in self.weights]] * np.array(list(self.weights.values()))
        if self.kind == "within":
            return -np.abs(terms).max(1)
        total = terms.sum(1)
        return np.abs(total) if self.kind == "beyond" else total


def _both(name: str, weight: float = 1.0) -> dict[str, float]:
    return {f"{name}Left": weight / 2, f"{name}Right": weight / 2}


MEASURES: dict[str, Measure] = {
    "smile": Measure(_both("mouthSmile"), 0.4, 0.1),
    "mouth_open": Measure({"jawOpen": 1}, 0.15, 0.05),
    "inner_brows_raised": Measure({"browInnerUp": 1}, 0.35, 0.12),
    "outer_brows_raised": Measure(_both("browOuterUp"), 0.3, 0.12),
    "eyes_wide": Measure(_both("eyeWide"), 0.08, 0.03),
    "eyes_closed": Measure(_both("eyeBlink"), 0.5, 0.12),
    "looking_at_camera": Measure({"gaze_yaw": 1, "gaze_pitch": 1}, -12.0, 3.0, "within"),
    "looking_left": Measure({"gaze_yaw": -1}, 15.0, 4.0),
    "looking_right": Measure({"gaze_yaw": 1}, 15.0, 4.0),
    "looking_up": Measure({"gaze_pitch": 1}, 10.0, 3.0),
    "looking_down": Measure({"gaze_pitch": -1}, 15.0, 4.0),
    "head_left": Measure({"head_yaw": -1}, 15.0, 4.0),
    "head_right": Measure({"head_yaw": 1}, 15.0, 4.0),
    "head_up": Measure({"head_pitch": 1}, 12.0, 3.0),
    "head_down": Measure({"head_pitch": -1}, 15.0, 3.0),
    "head_tilted": Measure({"head_roll": 1}, 12.0, 3.0, "beyond"),
    # Chosen on training faces of FER+, see `training.explain.admission`.
    "brows_lowered": Measure({**_both("browDown"), "browInnerUp": -0.5}, 0.25, 0.1),
    "corners_down": Measure({**_both("mouthFrown"), **_both("mouthSmile", -0.05), "head_pitch": -0.001}, 0.08, 0.03),
}


def measured(values: np.ndarray) -> np.ndarray:
    """Measures [n, CUES] of values [n, VALUES]."""
    return np.stack([MEASURES[name](values) for name in CUES], 1)


THRESHOLDS = np.array([MEASURES[name].threshold for name in CUES])
BANDS = np.array([MEASURES[name].band for name in CUES])
