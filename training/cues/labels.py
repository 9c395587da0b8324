"""Reads what `label.py` wrote, and splits it by person or clip."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np

from edgeaffect.action_units import BLENDSHAPES

POOLS = ("points68", "web", "webmorph", "omi", "photos", "multi", "ferplus")
# Shares of (test, development); the rest trains.
SHARES = (0.13, 0.07)


@dataclass(frozen=True)
class Labels:
    """Labels of `n` faces; see `label.py` for the arrays."""

    keys: np.ndarray
    groups: np.ndarray
    codes: np.ndarray
    """JPEG bytes of each crop, object [n]."""
    real68: np.ndarray
    scale: np.ndarray
    found: np.ndarray
    points: np.ndarray
    blendshapes: np.ndarray
    transforms: np.ndarray
    split: np.ndarray
    names: list[str]

    def take(self, rows: np.ndarray) -> Labels:
        """The faces at `rows`, indices or a boolean mask."""
        kept = {f.name: getattr(self, f.name) for f in fields(self)}
        return Labels(**{k: v if k == "names" else v[rows] for k, v in kept.items()})

    def part(self, split: str) -> Labels:
        """The faces of `train`, `dev` or `test`."""
        return self.take(self.split == split)


def split_of(group: str) -> str:
    """`train`, `dev` or `test`: a hash of the person's or clip's name, the same in every pool."""
    position = int.from_bytes(hashlib.sha1(group.encode()).digest()[:4], "big") / 2**32
    return "test" if position < SHARES[0] else "dev" if position < sum(SHARES) else "train"


def read_labels(folder: Path, pools: tuple[str, ...] = POOLS) -> Labels:
    """All labels of the named pools in a fixed order.

    Raises:
        FileNotFoundError: a pool has no labels.
        ValueError: the teacher named other blendshapes than `edgeaffect.action_units` does.
    """
    parts: dict[str, list[np.ndarray]] = {}
    names: list[str] = []
    for pool in pools:
        files = sorted(folder.glob(f"labels-{pool}-*-of-*.npz"))
        files = [f for f in files if not f.name.endswith(".partial.npz")]
        if not files:
            raise FileNotFoundError(f"no labels-{pool}-*.npz in {folder}: run training/cues/label.py first")
        for path in files:
            with np.load(path) as file:
                names = file["names"].tolist()
                for key in ("keys", "groups", "real68", "scale", "found", "points", "blendshapes", "transforms"):
                    parts.setdefault(key, []).append(file[key])
                data, starts = file["crops"].tobytes(), np.concatenate([[0], file["ends"]])
            codes = np.empty(len(starts) - 1, object)
            codes[:] = [data[a:b] for a, b in pairwise(starts.tolist())]
            parts.setdefault("codes", []).append(codes)
    if tuple(names) != BLENDSHAPES:
        unlike = sorted(set(names) ^ set(BLENDSHAPES)) or "their order"
        raise ValueError(
            f"blendshapes in {folder} are not the package's, unlike: {unlike}; label with mediapipe==0.10.21"
        )
    whole = {key: np.concatenate(value) for key, value in parts.items()}
    split = np.array([split_of(group) for group in whole["groups"].tolist()])
    return Labels(**whole, split=split, names=names)
