"""Output tensors of a voice model -> `Affect`, as the model's own spec says; answers of several windows joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..affect import Affect, entropy
from ..circumplex import EMOTIONS, vad_from_voice
from ..errors import SpecError
from ..face.outputs import columns
from ..labels import LabelMap
from ..models import ModelFile, OutputSpec

_DISTRIBUTIONS = ("logits", "log_probs", "probabilities")
_LEAST = -18.0
"""A window is never surer against a label than this (a chance of 1.5e-8): no single one can rule it out for a clip."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What a model says about one window of voice, or of several together."""

    log_probabilities: NDArray[np.float64]
    """[k] of the model's labels in its own order; their exponentials sum to 1."""
    valence: float | None = None
    """-1 to 1, of the model's own head; None where it has none."""
    arousal: float | None = None


def _normalised(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max()
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum())
    return result


class VoicePostprocess:
    """Reads affect out of a voice model's outputs; built once per model.

    Valence, arousal and dominance come from the distribution over all labels by the anchors (`circumplex.ANCHORS`,
    `VOICE_ANCHORS`); a model's own valence or arousal goes before.

    Raises:
        SpecError: the spec names no distribution with labels, or two labels mean the same.
    """

    def __init__(self, model: ModelFile) -> None:
        spec = model.spec
        found = next((o for meaning in _DISTRIBUTIONS if (o := spec.output(meaning))), None)
        if found is None:
            raise SpecError(f"{spec.name}: no output means one of {', '.join(_DISTRIBUTIONS)}")
        try:
            self._labels = LabelMap(found.labels)
        except ValueError as error:
            raise SpecError(f"{spec.name}: {error}") from error
        self._distribution = found
        self._valence, self._arousal = spec.output("valence"), spec.output("arousal")
        temperature = spec.calibration.temperature if spec.calibration else {}
        self._temperature = temperature.get("logits", 1.0) if found.meaning == "logits" else 1.0
        self._calibrated = bool(temperature) or None
        self._va_source = (spec.va_source or "derived") if self._valence or self._arousal else "derived"
        self._path = model.path
        used = (found, self._valence, self._arousal)
        self.wanted: tuple[str, ...] = tuple(dict.fromkeys(o.name for o in used if o is not None))
        """Names of the output tensors that `read` needs."""

    def read(self, outputs: Mapping[str, NDArray[Any]]) -> list[Reading]:
        """One reading per row.

        Raises:
            ModelError: the model returned NaN or infinity.
        """
        values = np.asarray(columns(outputs, self._distribution, self._path), np.float64)
        if self._distribution.meaning == "probabilities":
            with np.errstate(divide="ignore"):
                values = np.log(values)
        values = values / self._temperature
        heads = [self._head(outputs, spec, len(values)) for spec in (self._valence, self._arousal)]
        return [
            Reading(_normalised(np.maximum(_normalised(row), _LEAST)), heads[0][i], heads[1][i])
            for i, row in enumerate(values)
        ]

    def _head(self, outputs: Mapping[str, NDArray[Any]], spec: OutputSpec | None, rows: int) -> list[float | None]:
        if spec is None:
            return [None] * rows
        return [float(value) for value in columns(outputs, spec, self._path)[:, 0].clip(-1, 1)]

    def affect(self, reading: Reading, min_confidence: float) -> Affect:
        """The `Affect` of a reading; `is_sure` needs so much probability of the label."""
        shares = np.exp(reading.log_probabilities).astype(np.float32)
        rows, extras = self._labels.split(shares[None])
        probabilities, extra = rows[0], extras[0]
        named = {**dict(zip(EMOTIONS, probabilities.tolist(), strict=True)), **extra}
        label = max(named, key=named.__getitem__)
        total = float(probabilities.sum())
        uniform = np.full(len(EMOTIONS), 1 / len(EMOTIONS), np.float32)
        votes = probabilities / np.float32(total) if total > 1e-6 else uniform
        mean, covariance = vad_from_voice(named)
        std = np.sqrt(np.diag(covariance))
        for row, told in enumerate((reading.valence, reading.arousal)):
            if told is not None:
                mean[row] = told
        return Affect(
            probabilities=probabilities,
            votes=votes,
            label=label,
            confidence=named[label],
            entropy=entropy(votes),
            valence=float(mean[0]),
            arousal=float(mean[1]),
            dominance=float(mean[2]),
            valence_std=float(std[0]),
            arousal_std=float(std[1]),
            dominance_std=float(std[2]),
            va_source=self._va_source,
            quality=float("nan"),
            is_sure=named[label] >= min_confidence,
            extra=extra,
            calibrated=self._calibrated,
        )


class ClipSum:
    """The answer over all windows of a clip, as they come: O(1) memory.

    Mean of the log probabilities, and of valence and arousal, of the windows with speech that have their full length;
    the exponentials of the mean are normalised to sum to 1. A clip that is shorter than a window is its longest one.
    """

    def __init__(self) -> None:
        self._count = 0
        self._sums: NDArray[np.float64] | None = None
        self._last: Reading | None = None

    def add(self, reading: Reading, *, is_full: bool) -> None:
        """Take over a window with speech, later than the one before."""
        self._last = reading
        if is_full:
            row = np.array([*reading.log_probabilities, reading.valence or 0.0, reading.arousal or 0.0])
            self._sums = row if self._sums is None else self._sums + row
            self._count += 1

    def reading(self) -> Reading | None:
        """All windows together; None before the first."""
        last = self._last
        if self._sums is None or last is None:
            return last
        *logs, valence, arousal = (self._sums / self._count).tolist()
        return Reading(
            _normalised(np.array(logs)),
            None if last.valence is None else valence,
            None if last.arousal is None else arousal,
        )
