"""Cues and affect made by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edgeaffect.action_units import BLENDSHAPES, action_unit_stds, action_units
from edgeaffect.affect import Affect, entropy
from edgeaffect.circumplex import EMOTIONS, vad_from_votes
from edgeaffect.cues import Cues, CueStds, Gaze, HeadPose


def cues_of(
    shapes: Mapping[str, float],
    *,
    head: tuple[float, float, float] = (0, 0, 0),
    gaze: tuple[float, float] = (0, 0),
    std: float = 0.05,
) -> Cues:
    """Cues with these blendshapes, all others 0, of a face that is nowhere; deviations grow along their list."""
    full = dict.fromkeys(BLENDSHAPES, 0.0) | dict(shapes)
    stds = {name: std * (1 + i / 50) for i, name in enumerate(BLENDSHAPES)}
    closed = (full["eyeBlinkLeft"] + full["eyeBlinkRight"]) / 2
    return Cues(
        landmarks68=np.full((68, 2), np.nan, np.float32), blendshapes=full, action_units=action_units(full),
        head_pose=HeadPose(*map(float, head)), gaze=Gaze(*map(float, gaze)),
        looking_at_camera=float(max(map(abs, gaze)) < 10), eyes_open=1 - closed, mouth_open=full["jawOpen"],
        std=CueStds(
            landmarks68=np.ones(68, np.float32), blendshapes=stds, action_units=action_unit_stds(stds, full),
            head_pose=HeadPose(2, 2, 2), gaze=Gaze(4, 4), eyes_open=std, mouth_open=std,
        ),
    )  # fmt: skip


def affect_of(label: str, confidence: float = 0.9) -> Affect:
    """That label with this probability, the others share the rest."""
    p = np.full(8, (1 - confidence) / 7, np.float32)
    p[EMOTIONS.index(label)] = confidence
    mean, cov = vad_from_votes(p)
    return Affect(
        p, p, label, confidence, entropy(p), *mean.tolist(), *np.sqrt(np.diag(cov)).tolist(), "derived", 1.0, True
    )
