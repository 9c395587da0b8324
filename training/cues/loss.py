"""What the training minimises: errors against the targets, stated deviations, and what a mirror must not change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from edgeaffect.action_units import BLENDSHAPES
from training.cues.network import GAZE_UNIT, POINT_UNIT, POSE_UNIT, split
from training.cues.pose import read_canonical
from training.cues.prepare import read_template
from training.cues.sdk import five_of_68, similarity
from training.cues.views import Batch

BLINK = [BLENDSHAPES.index(f"eyeBlink{side}") for side in ("Left", "Right")]
# How many times more than other blendshapes of the same trust a blink counts: closed eyes are few.
BLINK_COUNTS = 2.0
# Degrees of a turn, of the head or of the eyes, that count 1 when a view and its mirror image differ by so much.
MIRROR_UNIT = 5.0


@dataclass(frozen=True)
class Weights:
    """What a blendshape's error counts: `scale` [51] its deviation, `trust` [51] the teacher's agreement squared."""

    scale: torch.Tensor
    trust: torch.Tensor


def shape_weights(path: Path) -> Weights:
    """From the training faces; blendshapes that hardly move, or that differ in a mirror, count little, blinks more."""
    with np.load(path) as file:
        keep = (file["split"] == "train") & (file["shaped"] > 0)
        deviation, agreement = file["shapes"][keep].std(0), file["agreement"]
    trust = np.nan_to_num(agreement).clip(0.1, 1) ** 2 * (deviation / 0.05).clip(0, 1)
    trust[BLINK] *= BLINK_COUNTS
    return Weights(torch.tensor(deviation.clip(0.03), dtype=torch.float32), torch.tensor(trust, dtype=torch.float32))


def mean_points() -> torch.Tensor:
    """Where the 68 points lie in a crop without any face to look at [68, 2], shares of its side."""
    indices, model = read_canonical()
    flat = np.zeros((68, 2))
    flat[indices] = model[:, :2]
    matrix = similarity(read_template()[None], five_of_68(flat))[0]
    return torch.tensor(flat @ matrix[:, :2].T + matrix[:, 2], dtype=torch.float32)


def loss_of(
    raw: torch.Tensor, batch: Batch, weights: Weights, mean: torch.Tensor
) -> tuple[torch.Tensor, dict[str, float]]:
    """The loss and its parts."""
    said, parts = split(raw), {}
    point_error = (said["landmarks"].view(-1, 68, 2) * POINT_UNIT + mean - batch.points) / POINT_UNIT
    shape_error = (said["shapes"].sigmoid() - batch.shapes) / weights.scale
    pose_error = (said["pose"] * POSE_UNIT - batch.pose) / POSE_UNIT
    gaze_error = (said["gaze"] * GAZE_UNIT - batch.gaze) / GAZE_UNIT
    answered = batch.shaped[:, None]
    person = torch.where(batch.real, 1.5, 1.0)[:, None, None]
    parts["points"] = (
        functional.huber_loss(point_error, torch.zeros_like(point_error), "none", delta=1.0) * person
    ).mean()
    parts["shapes"] = (shape_error.square() * weights.trust * answered).sum() / (weights.trust.sum() * answered.sum())
    parts["pose"] = functional.huber_loss(pose_error, torch.zeros_like(pose_error), delta=1.0)
    parts["gaze"] = (
        functional.huber_loss(gaze_error, torch.zeros_like(gaze_error), "none", delta=2.0) * answered
    ).mean()

    def likelihood(error: torch.Tensor, log: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        log = log.clamp(-5, 4)
        return ((error.detach().square() * torch.exp(-2 * log) / 2 + log) * weight).mean()

    spread = likelihood(point_error.square().mean(2).sqrt(), said["landmarks_log"], torch.ones(()))
    spread = spread + likelihood(shape_error, said["shapes_log"], answered)
    spread = spread + likelihood(pose_error, said["pose_log"], torch.ones(()))
    spread = spread + likelihood(gaze_error, said["gaze_log"], answered)
    parts["spread"] = spread
    total = parts["points"] * 2 + parts["shapes"] * 3 + parts["pose"] + parts["gaze"] + spread * 0.05
    return total, {name: float(value.detach()) for name, value in parts.items()}


def mirror_loss(raw: torch.Tensor, batch: Batch) -> torch.Tensor:
    """How far the turns said of a face are from those said of its mirror image; needs no label to be right.

    Args:
        raw: outputs [2 n, WIDTH] of `Views.pairs`: the second half shows the faces of the first the other way round.
        batch: its targets. The two views are cut differently, so errors are compared, not angles.
    """
    said, differences = split(raw), []
    for wrong, mirror in (
        (said["pose"] * POSE_UNIT - batch.pose, (-1.0, 1.0, -1.0)),
        (said["gaze"] * GAZE_UNIT - batch.gaze, (-1.0, 1.0)),
    ):
        first, second = wrong.chunk(2)
        differences.append(first * torch.tensor(mirror) - second)
    return (torch.cat(differences, 1) / MIRROR_UNIT).square().mean()
