"""The guard of a finished network, fitted like a calibration: on the development part, with everything else frozen.

On the faces that trained it a network reads damaged views too well, so a guard learnt there trusts it too much. Here
it meets faces that the network has not seen, each under many kinds of damage, and learns whether the label is still the
one that the network itself gives for the untouched face.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from edgeaffect.export.zoo.affect_net import AffectNet, Guard
from torch.nn import functional

from edgeaffect.evaluation.affect_metrics import EMOTION_COUNT
from training.affect.guard_views import DamagingAugmenter, untouched_opinion
from training.affect.views import alignments, network_input, normalise
from training.autocast import bfloat16
from training.data import FerPlus

ROUNDS = 20
UNTOUCHED_SHARE = 0.35
"""How much of what the guard sees are untouched faces, in which nothing can have changed."""
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 12, 2048, 4e-3, 1e-2
SEED = 101


@dataclass(frozen=True)
class Seen:
    """What a network says of views: pooled features [N, C], logits [N, 10], whether the label is kept.

    Attributes:
        untouched: [N], whether the view is the face as it is.
        face: [N], which face the view shows.
    """

    pooled: torch.Tensor
    logits: torch.Tensor
    same: torch.Tensor
    untouched: torch.Tensor
    face: torch.Tensor


@torch.no_grad()
def look(net: AffectNet, faces: FerPlus, landmarks: np.ndarray, *, rounds: int = ROUNDS) -> Seen:
    """Shows the network `rounds` random views of every face, and the untouched ones.

    Args:
        net: in evaluation mode.
        faces: to look at.
        landmarks: [len(faces), 5, 2] in their pixels, NaN where unknown.
        rounds: views of each face.
    """
    images, maps = torch.from_numpy(faces.images), alignments(landmarks)
    known = untouched_opinion([net], images, torch.from_numpy(maps))[:, :EMOTION_COUNT].argmax(1)
    augment = DamagingAugmenter(maps, torch.Generator().manual_seed(SEED))
    augment.damage = 0.3
    parts: list[tuple[torch.Tensor, ...]] = []
    for number in range(rounds + 1):
        untouched = number == rounds
        for index in torch.arange(len(images)).split(256):
            x = network_input(images[index]) if untouched else normalise(augment(images[index], index))
            with bfloat16():
                features = net.features(x.contiguous(memory_format=torch.channels_last))
            pooled = net.pool(features.float()).flatten(1)
            logits = net.head(pooled)
            same = (logits[:, :EMOTION_COUNT].argmax(1) == known[index]) | untouched
            parts.append((pooled, logits, same.float(), torch.full_like(same, untouched), index))
    return Seen(*(torch.cat(columns) for columns in zip(*parts, strict=True)))


def fit_guard(net: AffectNet, seen: Seen) -> None:
    """Replaces the guard of `net` by one that `seen` taught; raises ValueError for a network without one."""
    if net.guard is None:
        raise ValueError("this network has no guard: build one whose AffectConfig names its hidden units")
    torch.manual_seed(SEED)
    guard = Guard(seen.pooled.shape[1], net.guard.inner.out_features)
    share = seen.untouched.float().mean()
    weight = torch.where(seen.untouched, UNTOUCHED_SHARE / share, (1 - UNTOUCHED_SHARE) / (1 - share))
    optimiser = torch.optim.AdamW(guard.parameters(), weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * max(1, len(weight) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    for _ in range(steps):
        rows = torch.multinomial(weight, min(BATCH, len(weight)), replacement=True)
        optimiser.zero_grad()
        logits = guard(seen.pooled[rows], seen.logits[rows])[:, 0]
        functional.binary_cross_entropy_with_logits(logits, seen.same[rows]).backward()
        optimiser.step()
        schedule.step()
    net.guard = guard.eval()
