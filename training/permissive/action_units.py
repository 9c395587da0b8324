"""Blendshapes -> FACS action units: one table, no trained weight.

The pairing follows the descriptions of the shapes (Apple's `ARFaceAnchor.BlendShapeLocation`, whose names MediaPipe
uses) and of the action units (Ekman, Friesen and Hager 2002); compare M. Ozel's "ARKit to FACS cheat sheet". Nobody who
codes FACS looked at these numbers: they are derived.
AU11 and AU23 have no shape. AU6 and AU9 have one each that MediaPipe's network hardly ever moves.
"""

from __future__ import annotations

import numpy as np

from training.permissive.points import BLENDSHAPES

INPUTS = BLENDSHAPES[1:]
"""Names of the 51 blendshapes; `_neutral` is left out."""

# A shape without a side stands alone, one with two sides for their mean.
SHAPES = {
    1: "browInnerUp", 2: "browOuterUp", 4: "browDown", 5: "eyeWide", 6: "cheekSquint", 7: "eyeSquint", 9: "noseSneer",
    10: "mouthUpperUp", 12: "mouthSmile", 14: "mouthDimple", 15: "mouthFrown", 16: "mouthLowerDown",
    17: "mouthShrugLower", 20: "mouthStretch", 24: "mouthPress", 26: "jawOpen",
}  # fmt: skip

# An open smile lifts the upper lip by itself: only what AU12 leaves unexplained is AU10.
BEYOND = {10: 12}
# Lips part when one of these opens them; there is no shape of its own.
PARTED, PARTS = 25, (10, 16, 26)
# One-sided movement: what the person's left (L) or right (R) does beyond the other side.
ONE_SIDED = (12, 14)

SIGNALS = tuple(f"AU{unit}" for unit in SHAPES) + tuple(f"{side}{unit}" for unit in ONE_SIDED for side in "LR")
NAMES = (*SIGNALS, f"AU{PARTED}")


def _weights(shape: str) -> np.ndarray:
    """float32 [51]: the mean of a shape's sides."""
    row = np.zeros(len(INPUTS), np.float32)
    for name in (shape,) if shape in INPUTS else (f"{shape}Left", f"{shape}Right"):
        row[INPUTS.index(name)] = 1
    return row / row.sum()


def matrix() -> np.ndarray:
    """float32 [51, signals]: signals are the positive part of blendshapes @ matrix."""
    columns = []
    for unit, shape in SHAPES.items():
        beyond = SHAPES[BEYOND[unit]] if unit in BEYOND else None
        columns.append(_weights(shape) - (_weights(beyond) if beyond else 0))
    for unit in ONE_SIDED:
        left, right = (INPUTS.index(SHAPES[unit] + side) for side in ("Left", "Right"))
        row = np.zeros(len(INPUTS), np.float32)
        row[left], row[right] = 1, -1
        columns += [row, -row]
    return np.stack(columns, 1)


def action_units(blendshapes: np.ndarray) -> np.ndarray:
    """Strengths [n, k] in 0..1 of `NAMES` from blendshapes [n, 51]."""
    signals = np.maximum(np.asarray(blendshapes, np.float32) @ matrix(), 0)
    parts = [SIGNALS.index(f"AU{unit}") for unit in PARTS]
    return np.concatenate([signals, signals[:, parts].max(1, keepdims=True)], 1)
