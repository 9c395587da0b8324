"""Fits the stated deviations on the development part: about 68 % of the errors lie within them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from training.cues.loss import Weights
from training.cues.network import GAZE_UNIT, LANDMARKS, POINT_UNIT, POSE_UNIT, SHAPES, CuesNet, split
from training.cues.train import predict
from training.cues.views import Batch

ONE_SIGMA = 0.6827


@dataclass(frozen=True)
class Calibration:
    """Factors on the learnt deviations: [68], [51], [3], [2]; and what they were fitted on."""

    landmarks: np.ndarray
    shapes: np.ndarray
    pose: np.ndarray
    gaze: np.ndarray
    faces: int

    @classmethod
    def none(cls) -> Calibration:
        """Deviations as learnt."""
        return cls(np.ones(LANDMARKS), np.ones(SHAPES), np.ones(3), np.ones(2), 0)


def deviations(raw: torch.Tensor, weights: Weights) -> dict[str, torch.Tensor]:
    """Learnt deviations: shares of the crop's side, of blendshapes, degrees."""
    said = split(raw)
    return {
        "landmarks": said["landmarks_log"].clamp(-5, 4).exp() * POINT_UNIT,
        "shapes": said["shapes_log"].clamp(-5, 4).exp() * weights.scale,
        "pose": said["pose_log"].clamp(-5, 4).exp() * POSE_UNIT,
        "gaze": said["gaze_log"].clamp(-5, 4).exp() * GAZE_UNIT,
    }


def errors(raw: torch.Tensor, batch: Batch, mean: torch.Tensor) -> dict[str, torch.Tensor]:
    """Absolute errors in the same units; of landmarks [n, 2, 68], x and y apart."""
    said = split(raw)
    points = said["landmarks"].view(-1, LANDMARKS, 2) * POINT_UNIT + mean
    return {
        "landmarks": (points - batch.points).abs().transpose(1, 2),
        "shapes": (said["shapes"].sigmoid() - batch.shapes).abs(),
        "pose": (said["pose"] * POSE_UNIT - batch.pose).abs(),
        "gaze": (said["gaze"] * GAZE_UNIT - batch.gaze).abs(),
    }


def fit(net: CuesNet, batches: list[Batch], weights: Weights, mean: torch.Tensor) -> Calibration:
    """Factors from the development faces: their crops as they are, and others of smaller faces, in equal parts."""
    ratios: dict[str, list[torch.Tensor]] = {"landmarks": [], "shapes": [], "pose": [], "gaze": []}
    for batch in batches:
        raw = predict(net, batch.x)
        stated, wrong = deviations(raw, weights), errors(raw, batch, mean)
        people, answered = batch.real, batch.shaped == 1
        # Points and angles are judged against people, what the face does against the teacher.
        ratio = (wrong["landmarks"] / stated["landmarks"][:, None])[people]
        ratios["landmarks"].append(ratio.reshape(-1, LANDMARKS))
        ratios["pose"].append((wrong["pose"] / stated["pose"])[people])
        for name in ("shapes", "gaze"):
            ratios[name].append((wrong[name] / stated[name])[answered])
    factors = {name: torch.cat(parts).quantile(ONE_SIGMA, 0).numpy() for name, parts in ratios.items()}
    return Calibration(**factors, faces=sum(len(b.x) for b in batches))
