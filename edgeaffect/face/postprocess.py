"""Output tensors of an affect model -> `Affect` results, as the model's own spec says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..affect import Affect, entropy
from ..circumplex import EMOTIONS, complete_dominance, vad_from_votes, votes_from_vad
from ..errors import SpecError
from ..labels import LabelMap
from ..models import ModelFile, ModelSpec, OutputSpec
from ..models.calibration_file import AffectCalibration
from ..models.own_head import PROBABILITIES, VALUE
from ..options import AffectOptions
from .outputs import columns

Arrays = Mapping[str, NDArray[Any]]
_DISTRIBUTIONS = ("probabilities", "logits", "log_probs")


def _softmax(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    z = logits / temperature
    z = np.exp(z - z.max(-1, keepdims=True))
    shares: NDArray[np.float32] = z / z.sum(-1, keepdims=True)
    return shares


def _told(spec: ModelSpec) -> bool | None:
    """What a spec says about calibration. A table's degrees of truth are no chances, so silence means no there."""
    if spec.calibration is not None and spec.calibration.temperature:
        return True
    return False if spec.task == "expression" else None


@dataclass(frozen=True)
class _Vad:
    """Means and standard deviations [n, 3] of valence, arousal, dominance."""

    mean: NDArray[np.floating[Any]]
    std: NDArray[np.floating[Any]]


class AffectPostprocess:
    """Reads affect out of a model's outputs; built once per model.

    Where a model does not give `votes`, its probabilities stand in for them; where it gives no spread of valence and
    arousal, the spread of the vote mixture does; where it rates no dominance, dominance is completed from the two.
    A model of valence and arousal alone gets the posterior of the anchors at that point as its probabilities.

    Raises:
        SpecError: the spec names neither a class distribution nor valence and arousal, or `options.calibration` names a
            file that is none, or one for another model.
        FileNotFoundError: there is no such calibration.
    """

    def __init__(self, model: ModelFile, options: AffectOptions) -> None:
        spec = model.spec
        found = next((o for m in _DISTRIBUTIONS if (o := spec.output(m))), None)
        if found is None and not (spec.output("valence") and spec.output("arousal")):
            raise SpecError(f"{spec.name}: no output means one of {', '.join(_DISTRIBUTIONS)}, or valence and arousal")
        if found is not None and not found.labels:
            raise SpecError(f"{spec.name}: output {found.name!r} has no labels")
        self._distribution = found
        self._votes = spec.output("votes")
        try:
            self._labels = LabelMap(found.labels if found else ())
            self._vote_labels = LabelMap(self._votes.labels) if self._votes else None
        except ValueError as error:
            raise SpecError(f"{spec.name}: {error}") from error
        self._vad_mean, self._vad_std = spec.output("vad_mean"), spec.output("vad_std")
        self._valence, self._arousal = spec.output("valence"), spec.output("arousal")
        self._dominance, self._quality = spec.output("dominance"), spec.output("quality")
        self._temperature = spec.calibration.temperature.get("logits", 1.0) if spec.calibration else 1.0
        rated = self._vad_mean is not None or self._valence is not None
        self._va_source = (spec.va_source or "derived") if rated else "derived"
        self._own = next((o for m in (PROBABILITIES, VALUE) if (o := spec.output(m))), None)
        self._options = options
        self._path = model.path
        self._calibration = self._read_calibration(spec, found)
        self.calibrated: bool | None = self._calibration is not None or _told(spec)
        """See `Affect.calibrated`."""
        used = (found, self._votes, self._vad_mean, self._vad_std, self._valence, self._arousal, self._dominance,
                self._quality, self._own)  # fmt: skip
        self.wanted: tuple[str, ...] = tuple(dict.fromkeys(o.name for o in used if o is not None))
        """Names of the output tensors that `read` needs."""

    def read(self, outputs: Arrays, quality: NDArray[Any] | None = None) -> list[Affect]:
        """One `Affect` per row of the batch.

        Args:
            outputs: of the model.
            quality: [n], where another model tells it.

        Raises:
            ModelError: the model returned NaN or infinity.
        """
        probabilities, extra = self._read_probabilities(outputs)
        if self._calibration is not None:
            probabilities = self._calibration.apply(probabilities)
        votes = self._read_votes(outputs, probabilities)
        best = [self._best(p, e) for p, e in zip(probabilities, extra, strict=True)]
        vad = self._read_vad(outputs, votes, [label for label, _ in best])
        if quality is None:
            quality = self._take(outputs, self._quality)[:, 0] if self._quality else np.full(len(best), np.nan)
        rows = zip(
            probabilities, votes, best, vad.mean.tolist(), vad.std.tolist(), quality.tolist(), extra,
            self._read_own(outputs, len(best)), strict=True,
        )  # fmt: skip
        return [self._affect(*row) for row in rows]

    def _read_own(self, outputs: Arrays, rows: int) -> list[dict[str, float]]:
        if self._own is None:
            return [{} for _ in range(rows)]
        values = self._take(outputs, self._own)
        return [dict(zip(self._own.labels, row, strict=True)) for row in values.tolist()]

    def _affect(
        self,
        probabilities: NDArray[np.float32],
        votes: NDArray[np.float32],
        best: tuple[str, float],
        mean: list[float],
        std: list[float],
        quality: float,
        extra: dict[str, float],
        own: dict[str, float],
    ) -> Affect:
        label, confidence = best
        return Affect(
            probabilities=probabilities,
            votes=votes,
            label=label,
            confidence=confidence,
            entropy=entropy(votes),
            valence=mean[0],
            arousal=mean[1],
            dominance=mean[2],
            valence_std=std[0],
            arousal_std=std[1],
            dominance_std=std[2],
            va_source=self._va_source,
            quality=quality,
            is_sure=self.calibrated is not False and self._options.is_sure(confidence, quality),
            extra=extra,
            calibrated=self.calibrated,
            own=own,
        )

    def _read_calibration(self, spec: ModelSpec, distribution: OutputSpec | None) -> AffectCalibration | None:
        path = self._options.calibration
        if path is None:
            return None
        calibration = AffectCalibration.read(path)
        calibration.check_model(f"{spec.name} {spec.version}", path)
        if distribution is not None and (foreign := self._labels.foreign):
            raise SpecError(f"{path}: {spec.name} has labels outside the eight ({', '.join(foreign)}): not calibrated")
        return calibration

    def _read_probabilities(self, outputs: Arrays) -> tuple[NDArray[np.float32], list[dict[str, float]]]:
        found = self._distribution
        if found is not None:
            raw = self._take(outputs, found)
        else:
            assert self._valence is not None and self._arousal is not None
            raw = np.concatenate([self._take(outputs, self._valence), self._take(outputs, self._arousal)], 1)
        if found is not None and found.meaning in ("logits", "log_probs"):
            raw = _softmax(raw, self._temperature if found.meaning == "logits" else 1.0)
        if found is None:
            return votes_from_vad(raw.clip(-1, 1)).astype(np.float32), [{} for _ in raw]
        return self._labels.split(raw)

    def _take(self, outputs: Arrays, spec: OutputSpec) -> NDArray[np.float32]:
        return np.asarray(columns(outputs, spec, self._path), np.float32)

    @staticmethod
    def _best(probabilities: NDArray[np.float32], extra: dict[str, float]) -> tuple[str, float]:
        row = int(probabilities.argmax())
        name, value = EMOTIONS[row], float(probabilities[row])
        if not extra:
            return name, value
        foreign = max(extra, key=extra.__getitem__)
        return (foreign, extra[foreign]) if extra[foreign] > value else (name, value)

    def _read_votes(self, outputs: Arrays, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._votes and self._vote_labels:
            return self._vote_labels.split(self._take(outputs, self._votes))[0]
        total = probabilities.sum(1, keepdims=True)
        # A model that saw only labels outside the eight leaves no mass here: then nothing is known, i.e. uniform.
        uniform = np.float32(1 / len(EMOTIONS))
        shares: NDArray[np.float32] = np.where(total > 1e-6, probabilities / np.maximum(total, 1e-6), uniform)
        return shares

    def _read_vad(self, outputs: Arrays, votes: NDArray[np.float32], labels: list[str]) -> _Vad:
        if self._vad_mean and self._vad_std:
            return _Vad(self._take(outputs, self._vad_mean), self._take(outputs, self._vad_std))
        mean, cov = vad_from_votes(votes)
        std = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
        if self._vad_mean:
            return _Vad(self._take(outputs, self._vad_mean), std)
        if self._valence and self._arousal:
            mean[:, 0] = self._take(outputs, self._valence)[:, 0].clip(-1, 1)
            mean[:, 1] = self._take(outputs, self._arousal)[:, 0].clip(-1, 1)
            if self._dominance:
                mean[:, 2] = self._take(outputs, self._dominance)[:, 0].clip(-1, 1)
            else:
                top = [label if label in EMOTIONS else EMOTIONS[int(v.argmax())]
                       for label, v in zip(labels, votes, strict=True)]  # fmt: skip
                for i, label in enumerate(top):
                    mean[i, 2] = complete_dominance(mean[i, 0], mean[i, 1], label)
        return _Vad(mean, std)
