"""Names of emotions as published models write them -> canonical names (`circumplex.EMOTIONS`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .circumplex import EMOTIONS

ALIASES = {
    "happy": "happiness", "joy": "happiness", "surprised": "surprise", "sad": "sadness", "angry": "anger",
    "disgusted": "disgust", "fearful": "fear", "afraid": "fear", "scared": "fear", "contemptuous": "contempt",
}  # fmt: skip


def canonical(label: str) -> str:
    """Canonical name of a label, or the label itself when it is none of the eight."""
    name = label.strip().lower()
    name = ALIASES.get(name, name)
    return name if name in EMOTIONS else label


class LabelMap:
    """Re-orders a model's columns into the canonical eight; the others keep their own names.

    Args:
        labels: the model's labels in its own order.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        names = [canonical(label) for label in labels]
        if len(set(names)) != len(names):
            raise ValueError(f"two labels mean the same emotion: {list(labels)}")
        self._source = np.array([i for i, name in enumerate(names) if name in EMOTIONS], np.intp)
        self._target = np.array([EMOTIONS.index(names[i]) for i in self._source], np.intp)
        self._is_canonical = names == list(EMOTIONS)
        self._foreign = {name: i for i, name in enumerate(names) if name not in EMOTIONS}

    @property
    def foreign(self) -> tuple[str, ...]:
        """Labels outside the canonical eight."""
        return tuple(self._foreign)

    def split(self, values: NDArray[np.float32]) -> tuple[NDArray[np.float32], list[dict[str, float]]]:
        """[n, k] in the model's order -> ([n, 8] canonical, 0 where the model has no such class; foreign by name)."""
        if self._is_canonical and values.shape[1] == len(EMOTIONS):
            return values.astype(np.float32), [{} for _ in range(len(values))]
        result = np.zeros((len(values), len(EMOTIONS)), np.float32)
        result[:, self._target] = values[:, self._source]
        extra = [{name: float(row[i]) for name, i in self._foreign.items()} for row in values]
        return result, extra
