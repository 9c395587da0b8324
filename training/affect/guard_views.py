"""Damaged views of faces, what the untouched face says, and pictures without a face: what the guard is fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from training.affect.augment import Augmenter
from training.affect.damage import damaged
from training.affect.views import mirrored_opinion, network_input
from training.data import FACE_SIZE
from training.face.data import read_pictures

PLAIN_SHARE = 0.4
"""Views that are not damaged, only lit, turned a little and so on, as in every training."""


class DamagingAugmenter(Augmenter):
    """The usual random views, of which all but `PLAIN_SHARE` are damaged on top."""

    def __call__(self, images: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        plain = self._chance(len(images), PLAIN_SHARE)
        x = torch.empty(len(images), 1, FACE_SIZE, FACE_SIZE)
        if plain.any():
            x[plain] = super().__call__(images[plain], index[plain])
        touched = ~plain
        views, places = self._reframe(images[touched].unsqueeze(1).float() / 255, index[touched])
        views = self._light(views)
        random = np.random.default_rng(int(torch.randint(2**31, (1,), generator=self._generator)))
        for view, place in zip(views, places, strict=True):
            view[0] = torch.from_numpy(damaged(view[0].numpy(), place.numpy(), random).astype(np.float32))
        x[touched] = views
        return x


def untouched_opinion(teachers: Sequence[nn.Module], images: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """Log of the mean distribution [N, 10]: of all teachers, of the crop as it is and as the runtime frames it.

    Args:
        teachers: the networks.
        images: uint8 [N, 48, 48].
        maps: [N, 2, 3] from template crop to image; NaN where unknown.
    """
    parts = []
    for start in range(0, len(images), 256):
        part, matrices = images[start : start + 256], maps[start : start + 256].numpy()
        framed = part.clone()
        for row, (image, matrix) in enumerate(zip(part.numpy(), matrices, strict=True)):
            if not np.isnan(matrix).any():
                framed[row] = torch.from_numpy(_framed(image, matrix))
        said = [
            mirrored_opinion(teacher, network_input(view)).softmax(1) for teacher in teachers for view in (part, framed)
        ]
        parts.append(torch.stack(said).mean(0).clamp(min=1e-8).log())
    return torch.cat(parts)


def _framed(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    # The map has pixel centres at +0.5, OpenCV's at whole numbers.
    shifted = matrix.astype(np.float64)
    shifted[:, 2] += shifted[:, :2] @ [0.5, 0.5] - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (FACE_SIZE, FACE_SIZE)
    return np.asarray(cv2.warpAffine(image, shifted, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def no_faces(data: Path, count: int, random: np.random.Generator, *, split: str = "train") -> np.ndarray:
    """Gray squares uint8 [count, 48, 48] of scenes without people, from a split of the detector's data."""
    scenes = [
        cv2.cvtColor(picture.image, cv2.COLOR_BGR2GRAY)
        for picture in read_pictures(data, ("scenes",))
        if picture.category != "Person" and picture.split == split
    ]
    squares = []
    for _ in range(count):
        scene = scenes[random.integers(len(scenes))]
        side = int(random.integers(24, min(scene.shape) + 1))
        y, x = (int(random.integers(0, n - side + 1)) for n in scene.shape)
        square = cv2.resize(scene[y : y + side, x : x + side], (FACE_SIZE, FACE_SIZE), interpolation=cv2.INTER_AREA)
        squares.append(square)
    return np.stack(squares)
