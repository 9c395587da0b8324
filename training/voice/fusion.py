"""When face and voice say the same: fits `edgeaffect/voice/fusion.json` and measures it.

    python -m training.voice.fusion --data DIR --out DIR

Faces of FER+ and voices of the corpora are joined by label: nobody at hand was filmed and recorded together. Constants
are fitted on faces of the `development` part and validation speakers; `FUSION.json` reports faces of `valid` and
development speakers, whom neither models nor constants have seen. `OUT` keeps what the models read, of each voice model
by itself: when that changes, the same command fits and measures anew. `--check` measures the constants as they are.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from edgeaffect._files import file_sha256
from edgeaffect.circumplex import ANCHORS, DIMENSIONS
from edgeaffect.evaluation.affect_metrics import hard_ece
from edgeaffect.models import find
from edgeaffect.options import FusionOptions
from edgeaffect.voice import fusion, pooling
from edgeaffect.voice.fusion import CONSTANTS, NOISE_DBFS, Fusion, weights
from edgeaffect.voice.pooling import SHARED
from edgeaffect.voice.protocols import Fused
from training.cues.evaluate import auc
from training.data import data_folder
from training.provenance import provenance
from training.voice.sides import SNRS, STRENGTHS, Pair, Side, faces, kept, pairs, voices

RESULTS_FILE = Path(__file__).with_name("FUSION.json")
ROUNDS = 2
_RESAMPLES = 1000
_LEAST_ERROR = 0.05
# How long people keep one expression in the delayed curve, seconds on average.
_DWELL = 5.0
DELAYS = (0.0, 0.5, 1.0, 2.0, 4.0)

Array = NDArray[np.float64]


# ---- fitting ----


def fit(found: Sequence[Pair], constants: dict[str, Any]) -> dict[str, Any]:
    """Constants for these pairs, beginning from the ones at hand; `half_life` and the fold of boredom stay."""
    fitted = copy.deepcopy(constants)
    same = [pair for pair in found if pair.matches]
    share = constants["boredom_to_sadness"]
    p = np.stack([pooling.of_face(pair.face.affect.probabilities)[0] for pair in same])
    q = np.stack([_heard(pair.voice, share) for pair in same])
    prior = np.exp((np.log(p.mean(0)) + np.log(q.mean(0))) / 2)
    fitted["prior"] = (prior / prior.sum()).round(4).tolist()
    fitted["error"] = {
        name: _errors([getattr(pair, name) for pair in same if not getattr(pair, name).damage])
        for name in ("face", "voice")
    }
    fitted["weight"] = _fit_weights(same, p, q, fitted["weight"])
    with Using(fitted):
        values = np.stack([_compared(pair) for pair in found])
    bias, *slopes = _fit_logistic(values, np.array([pair.matches for pair in found], np.float64))
    fitted["agreement"] = {"bias": round(bias, 4), "slopes": [round(slope, 4) for slope in slopes]}
    return fitted


def _heard(voice: Side, share: float) -> Array:
    return pooling.of_voice(voice.affect.probabilities, voice.affect.extra, share)


def _errors(sides: Sequence[Side]) -> list[float]:
    """Root mean square distance of a side's valence, arousal, dominance from its label's anchor, beyond its own std."""
    found = []
    for i, name in enumerate(DIMENSIONS):
        off = np.array([getattr(side.affect, name) - ANCHORS[side.label].mean[i] for side in sides])
        own = np.array([getattr(side.affect, f"{name}_std") for side in sides])
        found.append(round(float(np.sqrt(max((off**2 - own**2).mean(), _LEAST_ERROR**2))), 4))
    return found


def _fit_weights(same: Sequence[Pair], p: Array, q: Array, start: dict[str, Any]) -> dict[str, Any]:
    """Weights under which the pool of pairs of one label gives that label the most probability."""
    truth = np.array([SHARED.index(pair.face.label) for pair in same])
    balance = 1 / np.bincount(truth, minlength=len(SHARED))[truth]
    quality = np.array([_quality(pair.face) for pair in same])
    stable = np.array([pair.face.trust for pair in same])
    margin = np.array([pair.voice.trust for pair in same])

    half_life = start["voice"]["half_life"]

    def unpacked(x: Array) -> dict[str, Any]:
        best_face, best_voice, quality_power, stability_power, slope = np.exp(x[[0, 1, 2, 3, 5]])
        return {
            "face": {"best": best_face, "quality_power": quality_power, "stability_power": stability_power},
            "voice": {"best": best_voice, "middle_db": x[4], "slope_db": slope, "half_life": half_life},
        }  # fmt: skip

    def loss(x: Array) -> float:
        made = unpacked(x)
        face = made["face"]["best"] * quality ** made["face"]["quality_power"]
        face = face * np.maximum(stable, 1e-3) ** made["face"]["stability_power"]
        level = np.where(np.isnan(margin), 100.0, margin)
        voice = made["voice"]["best"] / (1 + np.exp(-(level - made["voice"]["middle_db"]) / made["voice"]["slope_db"]))
        logs = face[:, None] * np.log(p) + voice[:, None] * np.log(q)
        logs -= logs.max(1, keepdims=True)
        own = logs[np.arange(len(truth)), truth] - np.log(np.exp(logs).sum(1))
        # A little pull towards where it began, for what the pairs do not tell.
        return float(-(balance * own).sum() / balance.sum() + 1e-3 * ((x - x0) ** 2).sum())

    face, voice = start["face"], start["voice"]
    first = [face["best"], voice["best"], max(face["quality_power"], 0.05), max(face["stability_power"], 0.05)]
    x0 = np.array([*np.log(first), voice["middle_db"], np.log(voice["slope_db"])])
    x = minimize(loss, x0, method="Nelder-Mead", options={"maxiter": 3000, "xatol": 1e-3, "fatol": 1e-6}).x
    return {side: {k: round(float(v), 4) for k, v in values.items()} for side, values in unpacked(x).items()}


def _quality(face: Side) -> float:
    return 1.0 if np.isnan(face.affect.quality) else face.affect.quality


def _weights(pair: Pair) -> fusion.Weights:
    margin = None if np.isnan(pair.voice.trust) else pair.voice.trust
    return weights(_quality(pair.face), pair.face.trust, margin, 0.0)


def _compared(pair: Pair) -> Array:
    return fusion.compared(pair.face.affect, pair.voice.affect, _weights(pair))


def _fit_logistic(values: Array, truth: Array) -> list[float]:
    """Bias and slopes; each measure may count in its own direction only, so that agreement is monotone in it."""

    def loss(x: Array) -> tuple[float, Array]:
        logit = x[0] + values @ x[1:]
        p = 1 / (1 + np.exp(-logit))
        value = np.logaddexp(0, logit) - truth * logit
        slope = np.concatenate([[(p - truth).mean()], values.T @ (p - truth) / len(truth)])
        return float(value.mean() + 1e-4 * (x[1:] ** 2).sum()), slope + np.concatenate([[0.0], 2e-4 * x[1:]])

    bounds = [(None, None), (0, None), (None, 0), (None, 0), (None, 0)]
    return minimize(loss, np.zeros(5), jac=True, bounds=bounds, method="L-BFGS-B").x.tolist()


class Using:
    """Puts constants in the place of those of the package while the block runs."""

    def __init__(self, constants: dict[str, Any]) -> None:
        self._constants = constants

    def __enter__(self) -> None:
        self._before = copy.deepcopy(fusion._constants())
        fusion._constants().clear()
        fusion._constants().update(self._constants)

    def __exit__(self, *_: object) -> None:
        fusion._constants().clear()
        fusion._constants().update(self._before)


# ---- measuring ----


def joined(pair: Pair, *, age: float = 0.0) -> Fused:
    """What `Fusion` makes of a pair."""
    told = {} if np.isnan(pair.voice.trust) else {"speech_level": NOISE_DBFS + pair.voice.trust}
    fused = Fusion(FusionOptions(max_age=10.0)).combine(
        pair.face.affect, pair.voice.affect, cue_stability=pair.face.trust, age=age, **told
    )
    assert fused is not None
    return fused


def raw_agreement(pair: Pair) -> float:
    """Agreement also of what is unsure, which `Fusion` does not tell."""
    return fusion.agreement(pair.face.affect, pair.voice.affect, _weights(pair))


def interval(found: Sequence[Pair], measure: Callable[[NDArray[np.intp]], float]) -> list[float]:
    """95 % interval of a measure of rows, over speakers drawn anew."""
    names = np.array([pair.voice.who for pair in found])
    rows = [np.flatnonzero(names == name) for name in np.unique(names)]
    random = np.random.default_rng(0)
    drawn = (np.concatenate([rows[i] for i in random.integers(0, len(rows), len(rows))]) for _ in range(_RESAMPLES))
    return np.round(np.nanpercentile([measure(taken) for taken in drawn], [2.5, 97.5]), 4).tolist()


def separated(found: Sequence[Pair], score: Array) -> dict[str, Any]:
    """Area under the ROC curve of matching against mismatching pairs, with its interval over speakers; None without."""
    truth = np.array([pair.matches for pair in found], bool)
    if not 0 < truth.sum() < len(truth):
        return {"auc": None, "interval": None, "pairs": len(found), "speakers": len({pair.voice.who for pair in found})}
    return {
        "auc": round(auc(score, truth), 4), "interval": interval(found, lambda rows: auc(score[rows], truth[rows])),
        "ece": calibration_of(score, truth),
        "pairs": len(found), "speakers": len({pair.voice.who for pair in found}),
    }  # fmt: skip


def calibration_of(score: Array, truth: NDArray[np.bool_]) -> float:
    """Expected calibration error of a probability: ten bins of equal width, weighted by what is in them."""
    bins = np.minimum((score * 10).astype(int), 9)
    apart = [abs(score[bins == i].sum() - truth[bins == i].sum()) for i in range(10)]
    return round(float(sum(apart) / len(score)), 4)


def _share(some: Sequence[bool]) -> float | None:
    return round(float(np.mean(some)), 4) if some else None


def shuffled(found: Sequence[Pair], random: np.random.Generator) -> list[float]:
    """Area where the same faces and voices are paired, and called matching, by chance: mean and spread of 20."""
    areas = []
    for _ in range(20):
        voice = random.permutation(len(found))
        score = np.array([raw_agreement(Pair(found[i].face, found[j].voice)) for i, j in enumerate(voice.tolist())])
        areas.append(auc(score, np.array([pair.matches for pair in found])))
    return [round(float(np.mean(areas)), 4), round(float(np.std(areas)), 4)]


def labels_of(found: Sequence[Pair], age: float = 0.0) -> dict[str, float]:
    """Share of the face's label among matching pairs: mean over labels of what each side and both say (7 labels)."""
    right: dict[str, dict[str, list[bool]]] = {}
    for pair in found:
        fused = joined(pair, age=age)
        share = fusion._constants()["boredom_to_sadness"]
        said = {
            "face": SHARED[int(pooling.of_face(pair.face.affect.probabilities)[0].argmax())],
            "voice": SHARED[int(_heard(pair.voice, share).argmax())],
            "fused": fused.affect.label,
        }
        for name, label in said.items():
            right.setdefault(name, {}).setdefault(pair.face.label, []).append(label == pair.face.label)
    recall = {
        name: round(float(np.mean([np.mean(r) for r in by_label.values()])), 4) for name, by_label in right.items()
    }
    return {**recall, "pairs": len(found)}


def calibration(found: Sequence[Pair]) -> float:
    """Expected calibration error of the fused label on matching pairs."""
    p = np.stack([joined(pair).affect.probabilities for pair in found]).astype(np.float64)
    return round(float(hard_ece(p, np.array([SHARED.index(pair.face.label) for pair in found]))), 4)


def curves(faces: Sequence[Side], voices: Sequence[Side], random: np.random.Generator) -> dict[str, Any]:
    """What both say together as one side gets worse, late or lost; matching pairs of the test part."""

    def matching(face_damage: int, voice_damage: int) -> list[Pair]:
        some = pairs(
            [f for f in faces if f.damage == face_damage],
            [v for v in voices if v.damage == voice_damage],
            random,
            rounds=3,
        )
        return [pair for pair in some if pair.matches]

    def summary(some: list[Pair], **more: float) -> dict[str, float]:
        return {
            **labels_of(some, **more),
            "agreement": round(float(np.mean([raw_agreement(pair) for pair in some])), 4),
        }

    clean = matching(0, 0)
    late = {}
    for delay in DELAYS:
        changed = random.random(len(clean)) < 1 - np.exp(-delay / _DWELL)
        order = random.permutation(len(clean))
        moved = [
            Pair(pair.face, clean[j].voice) if is_old else pair
            for pair, j, is_old in zip(clean, order, changed, strict=True)
        ]
        told, untold = labels_of(moved, age=delay), labels_of(moved)
        late[f"{delay:g} s"] = {**told, "fused_without_stamps": untold["fused"]}
    absent = Fusion().combine(clean[0].face.affect, None), Fusion().combine(None, clean[0].voice.affect)
    return {
        "voice in noise": {
            "clean": summary(clean), **{f"{snr:g} dB": summary(matching(0, i + 1)) for i, snr in enumerate(SNRS)}
        },
        "face damaged": {f"strength {s}": summary(matching(s, 0)) for s in range(1, STRENGTHS + 1)},
        "voice late": late,
        "one side absent": "None: the other side stands alone" if absent == (None, None) else "joined",
    }  # fmt: skip


def evaluate(faces: Sequence[Side], voices: Sequence[Side]) -> dict[str, Any]:
    """Everything that `FUSION.json` holds of one part."""
    random = np.random.default_rng(5)
    found = pairs(faces, voices, random, ROUNDS)
    score = np.array([raw_agreement(pair) for pair in found])
    told = [i for i, pair in enumerate(found) if joined(pair).agreement is not None]
    clean = [i for i, pair in enumerate(found) if not pair.face.damage and not pair.voice.damage]
    both = [i for i in told if i in set(clean)]

    def among(rows: Sequence[int]) -> dict[str, Any]:
        return separated([found[i] for i in rows], score[list(rows)])

    differs = {
        name: [joined(found[i]).disagreement is not None for i in both if found[i].matches == matches]
        for name, matches in (("matching", True), ("mismatching", False))
    }
    same = [pair for pair in found if pair.matches and not pair.face.damage and not pair.voice.damage]
    return {
        "agreement": {
            "told, clean": {**among(both), "share_of_pairs": round(len(both) / len(clean), 4)},
            "all, clean": among(clean),
            "told, half damaged": {**among(told), "share_of_pairs": round(len(told) / len(found), 4)},
            "all, half damaged": among(range(len(found))),
            "shuffled (mean, spread of 20)": shuffled([found[i] for i in clean], random),
            "by corpus, all, clean": {
                corpus: among([i for i in clean if found[i].voice.who.startswith(corpus)])
                for corpus in sorted({pair.voice.who.split("/")[0] for pair in found})
            },
        },
        "disagreement told": {name: _share(some) for name, some in differs.items()},
        "labels": {**labels_of(same), "hard_ece": calibration(same)},
        "curves": curves(faces, voices, random),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder that keeps what the models read")
    parser.add_argument("--model", help="name or path of the voice model (default: the bundled one)")
    parser.add_argument("--check", action="store_true", help="measure the constants as they are")
    arguments = parser.parse_args()
    data, out = data_folder(arguments.data), arguments.out
    out.mkdir(parents=True, exist_ok=True)
    model = find(arguments.model, "voice")
    # What a voice says hangs on both models: without speech it says nothing.
    digest = "-".join(file_sha256(file.path)[:8] for file in (model, find(None, "voice-activity")))
    sides = {
        part: (
            kept(out / f"faces-{part}.jsonl", faces(data, part)),
            kept(out / f"voices-{part}-{digest}.jsonl", voices(data, part, arguments.model)),
        )
        for part in (("test",) if arguments.check else ("fit", "test"))
    }
    if not arguments.check:
        found = pairs(*sides["fit"], np.random.default_rng(4), ROUNDS)
        made = {
            "by": "python -m training.voice.fusion", "voice": f"{model.name} {model.spec.version}",
            "faces": len({pair.face.who for pair in found}), "speakers": len({pair.voice.who for pair in found}),
        }  # fmt: skip
        fitted = {**fit(found, json.loads(CONSTANTS.read_text("utf-8"))), "made": made}
        CONSTANTS.write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")
        fusion._constants.cache_clear()
    facts = {
        "joined_by": "label", "voice": f"{model.name} {model.spec.version}", **provenance(RESULTS_FILE.parent),
        **evaluate(*sides["test"]),
    }  # fmt: skip
    RESULTS_FILE.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    print(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
