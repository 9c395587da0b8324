"""What the network is trained on: the pictures of a part with their labels, and how crops become its input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from training.face.augment import Source, face_rows
from training.face.data import is_empty_scene, read_pictures

MEAN, STD = 127.5, 64.0
# Teacher scores below which a face is taken for background; hands and lettering reach 0.3 in enlarged views.
BACKGROUND, SCENES_BACKGROUND = 0.36, 0.6


def normalised(images: torch.Tensor) -> torch.Tensor:
    """Pixels -> network input."""
    return (images.float() - MEAN) / STD


def load_sources(data: Path, labels: Path, split: str = "train") -> list[Source]:
    """Decodes all pictures of a split into memory, with the faces of `labels.npz`."""
    table = np.load(labels)
    ends = np.cumsum(table["counts"])
    rows = {key: slice(end - n, end) for key, n, end in zip(table["keys"], table["counts"], ends, strict=True)}
    faces = face_rows(table["boxes"], table["scores"], table["points"])
    sources = []
    for picture in read_pictures(data):
        if picture.split == split:
            mine = faces[rows[picture.key]]
            mine = mine[mine[:, 4] >= (SCENES_BACKGROUND if is_empty_scene(picture) else BACKGROUND)]
            sources.append(Source.of(picture.image, mine, picture.dataset, picture.key))
    return sources
