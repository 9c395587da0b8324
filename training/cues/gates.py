"""What the cue files were asked to reach, and whether they do: rows of the model card from `RESULTS.json`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAMES = ("face-cues", "face-cues-int8")
"""The shipped files, whose sizes count together."""


@dataclass(frozen=True)
class Gate:
    """One requirement: what is measured, the value, both ends of what is allowed, and what was hoped for."""

    name: str
    value: float
    least: float = -math.inf
    most: float = math.inf
    goal: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the value lies in the interval."""
        return self.least <= self.value <= self.most

    @property
    def asked(self) -> str:
        """The interval in words."""
        if math.isinf(self.least):
            text = f"at most {self.most:g}"
        elif math.isinf(self.most):
            text = f"at least {self.least:g}"
        else:
            text = f"{self.least:g} to {self.most:g}"
        return text if self.goal is None else f"{text}, goal {self.goal:g}"


def accuracy(scores: Mapping[str, Any]) -> list[Gate]:
    """Gates of one file, from its scores through the detector."""

    def value(key: str) -> float:
        return float(scores[key]["value"])

    gates = [
        Gate("error of 68 points, % of their box", 100 * value("landmark_error"), most=3),
        Gate("blendshapes r", value("blendshape_r"), least=0.75, goal=0.85),
        Gate("faces of 48 px: error of 68 points, %", 100 * value("landmark_error_48px"), most=4),
        Gate("faces of 48 px: blendshapes r", value("blendshape_r_48px"), least=0.6),
        Gate("head pose, mean absolute error, degrees", value("head_pose_error"), most=4),
        Gate("closed eyes, AUC", value("closed_eyes_auc"), least=0.95),
        Gate("gaze yaw r, faces of 100 px and more", value("gaze_yaw_r"), least=0.5, goal=0.7),
        Gate("gaze pitch r, faces of 100 px and more", value("gaze_pitch_r"), least=0.5, goal=0.7),
        Gate("gaze yaw of a picture plus its mirror's, degrees", float(scores["mirror_gaze_yaw"]), most=2),
    ]
    return gates + [
        Gate(f"errors within the stated deviation, {name.replace('_', ' ')}, %", 100 * share, 60, 76)
        for name, share in scores["coverage"].items()
        if name != "blendshapes_all"
    ]


def cost(record: Mapping[str, Any]) -> list[Gate]:
    """Gates of size, and of time where it was measured: that of the faster file."""
    size = sum(record["files"][name]["bytes"] for name in NAMES)
    gates = [Gate("both files, MB", size / 1e6, most=1.5)]
    if times := record.get("one_face"):
        gates.append(Gate(f"time of one face, share of {times['peer']}'s", times["share_of_peer"], most=0.2))
        gates.append(Gate(f"time of one face, multiple of {times['ruler']}'s", times["times_ruler"], most=3))
    return gates
