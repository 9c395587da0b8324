"""`LevelMeter`: energy of a sound per hop, and its level in decibels."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..heard import SILENCE_DBFS


def dbfs(energy: float) -> float:
    """Level of a mean square, in decibels relative to a square wave of full scale."""
    return max(SILENCE_DBFS, 10 * math.log10(energy)) if energy > 0 else SILENCE_DBFS


class LevelMeter:
    """Mean square of each whole hop of samples, as they come; any chunking gives the same bits.

    Args:
        hop: samples.
    """

    def __init__(self, hop: int) -> None:
        self._hop = hop
        self.reset()

    def reset(self) -> None:
        """Forget every sample."""
        self._tail = np.zeros(0, np.float32)
        self._energies = np.zeros(0, np.float64)
        self._total, self._blocks = 0.0, 0

    def accept(self, samples: NDArray[np.float32]) -> None:
        """Take over samples."""
        joined = np.concatenate([self._tail, samples]) if len(self._tail) else samples
        whole = len(joined) // self._hop
        blocks = joined[: whole * self._hop].reshape(whole, self._hop).astype(np.float64)
        # Squares first: a sum that NumPy converts in pieces would depend on where the pieces end.
        energies = np.add.reduce(blocks * blocks, axis=1) / self._hop
        for energy in energies.tolist():
            self._total += energy
        self._blocks += whole
        self._energies = np.concatenate([self._energies, energies])
        self._tail = joined[whole * self._hop :].copy()

    def take(self, hops: int) -> NDArray[np.float64]:
        """[hops] mean squares that were not taken yet, oldest first."""
        taken, self._energies = self._energies[:hops], self._energies[hops:]
        return taken

    @property
    def samples(self) -> int:
        """Samples so far."""
        return self._blocks * self._hop + len(self._tail)

    def whole(self) -> float:
        """Mean square of all samples so far; 0 before the first."""
        tail = self._tail.astype(np.float64)
        return (self._total * self._hop + float(np.add.reduce(tail * tail))) / max(1, self.samples)
