"""Facial action units from blendshapes, by one published table.

The table is the ARKit part of Melinda Ozel's "ARKit to FACS: Blendshape Cheat Sheet" (facethefacs.com): which action
unit of the Facial Action Coding System (Ekman, Friesen, Hager 2002) a blendshape draws. A unit's intensity is the mean
of its two sides, or the largest of shapes that each draw it alone. No FACS coder saw these faces: `source` says
`derived`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

BLENDSHAPES = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
"""The Face Landmarker's names without `_neutral`: ARKit's without `tongueOut`. Left and right are the person's own."""


@dataclass(frozen=True)
class ActionUnit:
    """One unit: its FACS number and name, and the groups of blendshapes that draw it."""

    number: int
    name: str
    groups: tuple[tuple[str, ...], ...]
    """Each group is averaged (its sides); the unit is the largest group."""


def _sides(shape: str) -> tuple[str, ...]:
    return (f"{shape}Left", f"{shape}Right")


ACTION_UNITS = (
    ActionUnit(1, "inner brow raiser", (("browInnerUp",),)),
    ActionUnit(2, "outer brow raiser", (_sides("browOuterUp"),)),
    ActionUnit(4, "brow lowerer", (_sides("browDown"),)),
    ActionUnit(5, "upper lid raiser", (_sides("eyeWide"),)),
    ActionUnit(6, "cheek raiser", (_sides("cheekSquint"),)),
    ActionUnit(7, "lid tightener", (_sides("eyeSquint"),)),
    ActionUnit(9, "nose wrinkler", (_sides("noseSneer"),)),
    ActionUnit(10, "upper lip raiser", (_sides("mouthUpperUp"),)),
    ActionUnit(12, "lip corner puller", (_sides("mouthSmile"),)),
    ActionUnit(14, "dimpler", (_sides("mouthDimple"),)),
    ActionUnit(15, "lip corner depressor", (_sides("mouthFrown"),)),
    ActionUnit(16, "lower lip depressor", (_sides("mouthLowerDown"),)),
    ActionUnit(17, "chin raiser", (("mouthShrugLower",),)),
    ActionUnit(18, "lip pucker", (("mouthPucker",),)),
    ActionUnit(20, "lip stretcher", (_sides("mouthStretch"),)),
    ActionUnit(22, "lip funneler", (("mouthFunnel",),)),
    ActionUnit(24, "lip pressor", (_sides("mouthPress"),)),
    ActionUnit(26, "jaw drop", (("jawOpen",),)),
    ActionUnit(28, "lip suck", (("mouthRollLower", "mouthRollUpper"),)),
    ActionUnit(29, "jaw thrust", (("jawForward",),)),
    ActionUnit(30, "jaw sideways", (("jawLeft",), ("jawRight",))),
    ActionUnit(34, "cheek puff", (("cheekPuff",),)),
    ActionUnit(43, "eyes closed", (_sides("eyeBlink"),)),
)


def action_units(blendshapes: Mapping[str, float]) -> dict[int, float]:
    """FACS number -> intensity 0..1.

    Args:
        blendshapes: name -> 0..1, with every name of `BLENDSHAPES`.
    """
    return {
        unit.number: max(sum(blendshapes[name] for name in group) / len(group) for group in unit.groups)
        for unit in ACTION_UNITS
    }


def action_unit_stds(stds: Mapping[str, float], blendshapes: Mapping[str, float]) -> dict[int, float]:
    """Standard deviation of each unit: that of its group's mean, errors of both sides taken for independent.

    Args:
        stds: blendshape -> standard deviation.
        blendshapes: blendshape -> value, which tells the group that a unit takes.
    """
    result = {}
    for unit in ACTION_UNITS:
        group = max(unit.groups, key=lambda names: sum(blendshapes[name] for name in names) / len(names))
        result[unit.number] = sum(stds[name] ** 2 for name in group) ** 0.5 / len(group)
    return result
