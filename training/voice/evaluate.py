"""Scores of a voice file on speakers it never heard: `python -m training.voice.evaluate --data DIR --out DIR`.

The report is on the development speakers of the corpora it was trained on, and on the whole of ASED, of which nothing
was trained on. Clips go through the runtime's `VoiceAffect.predict` (`--path runtime`), or through the same windows
without its test for speech (`--path windows`: the model alone). Writes `RESULTS.json`; intervals are 95 %, by
resampling speakers.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect.models.registry import FILES
from edgeaffect.models.spec import ModelSpec
from training.data import data_folder
from training.files import open_on_one_thread
from training.provenance import provenance
from training.voice.clips import WINDOW, Predict, ask
from training.voice.corpora import ASED_PART, CORPORA, LABELS, Clip, read_clips, read_samples
from training.voice.front_end import BANDS
from training.voice.prepare import Rows
from training.voice.scores import Array, answers, auc, calibration_error, interval, own_labels, recalls, uar

RESULTS_FILE = Path(__file__).with_name("RESULTS.json")
SPLITS = {"development": ("development", ASED_PART), "validation": ("validation",)}
GATES = {"ravdess uar": 0.70, "pooled ece": 0.05, "arousal auc": 0.88, "arousal auc ravdess": 0.88}

# What listeners score on the same material, as far as its authors or the README beside the data tell.
HUMANS = {
    "ravdess": "10 ratings a recording (Livingstone and Russo 2018); hits by voice alone are not known here",
    "emodb": "only utterances that at least 80 % of 20 listeners recognised are in the set (Burkhardt et al. 2005)",
    "nemo": "unknown: not told beside the data",
    "emospeech": "unknown: not told beside the data",
    "baved": "unknown: not told beside the data",
    "ased": "clips on which at least 5 of 8 judges agreed are kept",
}


class Answers:
    """What a model says about clips.

    Attributes:
        clips: the clips.
        logs: [N, 9] log-probabilities.
        arousal: [N], larger is more aroused.
        silent: bool [N], no speech was found: counted as wrong.
        free: [N] most probable of all labels, also of those that the corpus lacks.
    """

    def __init__(
        self, clips: Sequence[Clip], logs: Array, arousal: Array, silent: NDArray[np.bool_] | None = None
    ) -> None:
        self.clips, self.arousal = list(clips), arousal
        self.silent = np.zeros(len(self.clips), bool) if silent is None else silent
        self.corpora = np.array([clip.corpus for clip in self.clips])
        self.speakers = np.array([clip.speaker for clip in self.clips])
        self.truth = np.array([clip.label for clip in self.clips])
        self.probabilities = own_labels(np.exp(logs), self.corpora.tolist())
        self.free = np.array(LABELS)[logs.argmax(1)]
        named = answers(np.exp(logs), self.corpora.tolist())
        self.answer = np.where(self.silent, "(no speech)", named)
        self.levels = np.array([clip.arousal for clip in self.clips])

    def rows(self, corpora: Sequence[str]) -> NDArray[np.int64]:
        """Positions of the clips with emotions of these corpora."""
        return np.flatnonzero(np.isin(self.corpora, corpora) & (self.truth != ""))


def of_file(path: Path) -> tuple[Predict, float]:
    """What a file says about windows, and the temperature of its logits."""
    session = open_on_one_thread(path)
    calibration = ModelSpec.from_onnx(path).calibration

    def predict(x: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        logits, arousal = session.run(["logits", "arousal"], {"log_mel": x})
        return logits, arousal[:, 0]

    return predict, calibration.temperature.get("logits", 1.0) if calibration else 1.0


def by_windows(path: Path, clips: Sequence[Clip], rows: NDArray[np.int64], frames: Rows) -> Answers:
    """Answers of a file through windows of 3 s every 0.5 s."""
    predict, temperature = of_file(path)
    said = ask(predict, rows, frames)
    return Answers([clips[row] for row in rows], said.log_probabilities(temperature), said.arousal)


def by_runtime(path: Path, clips: Sequence[Clip], rows: NDArray[np.int64], data: Path) -> Answers:
    """Answers of a file through `VoiceAffect.predict`."""
    from edgeaffect import VoiceAffect

    voice = VoiceAffect(path)
    chosen = [clips[row] for row in rows]
    shares, arousal, silent = [], [], []
    for samples in read_samples(data, chosen):
        affect = voice.predict(samples, 16000).affect
        silent.append(affect is None)
        shares.append([1 / len(LABELS)] * len(LABELS) if affect is None else [affect.probability(k) for k in LABELS])
        arousal.append(0.0 if affect is None else affect.arousal)
    return Answers(chosen, np.log(np.maximum(shares, 1e-12)), np.array(arousal), np.array(silent))


def statistic(said: Answers, rows: NDArray[np.int64], score: Callable[[NDArray[np.int64]], float]) -> dict[str, Any]:
    """Value and interval of a score of rows of `said`, resampling the speakers of `rows`."""
    return interval(lambda part: score(rows[part]), said.speakers[rows].tolist())


def mean_uar(said: Answers, rows: NDArray[np.int64]) -> float:
    """Mean over corpora of their UAR: each corpus has its own labels, so answers are not pooled."""
    corpora = said.corpora[rows]
    return float(
        np.mean([uar(said.truth[part], said.answer[part]) for c in np.unique(corpora) for part in [rows[corpora == c]]])
    )


def ece(said: Answers, rows: NDArray[np.int64]) -> float:
    """Calibration error over each corpus's own labels, renormalised.

    A clip in which no speech is found has no probability that could be wrong: it counts in recall, and not here.
    """
    rows = rows[~said.silent[rows]]
    return calibration_error(said.probabilities[rows].max(1), said.answer[rows] == said.truth[rows])


def ece_if_calibrated(said: Answers, rows: NDArray[np.int64], draws: int = 1000) -> dict[str, float]:
    """What `ece` of these clips would be if every probability were right: mean and 95th percentile over drawn truths.

    Bins of few clips are off by chance alone, so a calibrated model does not reach 0.
    """
    rows, random = rows[~said.silent[rows]], np.random.default_rng(0)
    sure = said.probabilities[rows].max(1)
    errors = [calibration_error(sure, random.random(len(sure)) < sure) for _ in range(draws)]
    return {"mean": round(float(np.mean(errors)), 4), "most": round(float(np.quantile(errors, 0.95)), 4)}


def arousal_auc(said: Answers, rows: NDArray[np.int64]) -> float:
    """AUC of arousal, high against low; clips in between are left out."""
    levels = said.levels[rows]
    rows = rows[(levels == 0) | (levels == 1)]
    return auc(said.arousal[rows], said.levels[rows] == 1)


def confusion(said: Answers, rows: NDArray[np.int64]) -> dict[str, dict[str, int]]:
    """Counts of answers for every true label."""
    table: dict[str, dict[str, int]] = {}
    for truth, answer in zip(said.truth[rows].tolist(), said.answer[rows].tolist(), strict=True):
        row = table.setdefault(truth, {})
        row[answer] = row.get(answer, 0) + 1
    return table


def score(said: Answers) -> dict[str, Any]:
    """The record of one file."""
    record: dict[str, Any] = {"corpora": {}}
    for corpus, facts in CORPORA.items():
        every = np.flatnonzero(said.corpora == corpus)
        if not len(every):
            continue
        part: dict[str, Any] = {
            "clips": len(every), "speakers": len(np.unique(said.speakers[every])), "language": facts.language,
            "listeners": HUMANS[corpus],
        }  # fmt: skip
        rows = said.rows([corpus])
        if len(rows):
            part["chance"] = round(1 / len(np.unique(said.truth[rows])), 4)
            part["uar"] = statistic(said, rows, lambda r: uar(said.truth[r], said.answer[r]))
            part["ece"] = statistic(said, rows, lambda r: ece(said, r))
            part["recall"] = {k: round(v, 4) for k, v in recalls(said.truth[rows], said.answer[rows]).items()}
            part["confusion"] = confusion(said, rows)
        part["arousal_auc"] = statistic(said, every, lambda r: arousal_auc(said, r))
        foreign = [label for label in ("calm", "boredom") if label not in facts.labels]
        part["foreign"] = {label: round(float((said.free[every] == label).mean()), 4) for label in foreign}
        part["without_speech"] = int(said.silent[every].sum())
        record["corpora"][corpus] = part
    heard = [c for c in record["corpora"] if c != "ased"]
    rows, every = said.rows(heard), np.flatnonzero(np.isin(said.corpora, heard))
    record["pooled"] = {
        "corpora": heard,
        "mean_uar": statistic(said, rows, lambda r: mean_uar(said, r)),
        "ece": statistic(said, rows, lambda r: ece(said, r)),
        "ece_if_calibrated": ece_if_calibrated(said, rows),
        "arousal_auc": statistic(said, every, lambda r: arousal_auc(said, r)),
        "arousal_auc_within": statistic(said, every, lambda r: within(said, r)),
    }
    return record


def within(said: Answers, rows: NDArray[np.int64]) -> float:
    """Mean over corpora of the AUC of arousal: comparisons within a corpus only."""
    values = [arousal_auc(said, rows[said.corpora[rows] == corpus]) for corpus in np.unique(said.corpora[rows])]
    return float(np.nanmean(values))


def gates(record: dict[str, Any]) -> dict[str, Any]:
    """What was asked and what was reached."""
    ravdess, pooled = record["corpora"]["ravdess"], record["pooled"]
    reached = {
        "ravdess uar": ravdess["uar"]["value"],
        "pooled ece": pooled["ece"]["value"],
        "arousal auc": pooled["arousal_auc"]["value"],
        "arousal auc ravdess": ravdess["arousal_auc"]["value"],
    }
    return {
        name: {
            "asked": asked, "reached": reached[name],
            "met": bool(reached[name] <= asked if name.endswith("ece") else reached[name] >= asked),
        }
        for name, asked in GATES.items()
    }  # fmt: skip


def latency(path: Path, calls: int = 100) -> dict[str, Any]:
    """CPU milliseconds of one window of 3 s through a voice file as the runtime opens it, one thread."""
    from edgeaffect import VoiceAffect

    frames = np.random.default_rng(0).normal(-9, 3, (WINDOW, BANDS)).astype(np.float32)
    with VoiceAffect(path, device="cpu") as voice:
        voice.read(frames)
        times = []
        for _ in range(calls):
            start = time.process_time()
            voice.read(frames)
            times.append((time.process_time() - start) * 1000)
    return {"calls": calls, "p50": round(float(np.median(times)), 3), "p90": round(float(np.quantile(times, 0.9)), 3)}


def write(section: dict[str, Any], path: Path = RESULTS_FILE) -> None:
    """Adds sections to the record file, with where they come from."""
    record = json.loads(path.read_text("utf-8")) if path.exists() else {}
    record |= section
    path.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder with prepared frames")
    parser.add_argument("--file", type=Path, default=FILES / "voice-small.onnx")
    parser.add_argument("--split", default="development", choices=SPLITS, help="`validation` for choices")
    parser.add_argument("--path", default="runtime", choices=("runtime", "windows"))
    arguments = parser.parse_args()
    data = data_folder(arguments.data)
    clips = read_clips(data)
    rows = np.array([i for i, clip in enumerate(clips) if clip.part in SPLITS[arguments.split]])
    if arguments.path == "runtime":
        said = by_runtime(arguments.file, clips, rows, data)
    else:
        said = by_windows(arguments.file, clips, rows, Rows.load(arguments.out / "clean.npz"))
    record = score(said)
    record["gates"] = gates(record)
    for name, part in record["corpora"].items():
        print(name, part.get("uar"), "ECE", part.get("ece"), "arousal", part["arousal_auc"], part["without_speech"])
    print(json.dumps(record["pooled"]), json.dumps(record["gates"]), sep="\n")
    if arguments.split == "development":
        spec = ModelSpec.from_onnx(arguments.file)
        file = {
            "name": spec.name,
            "version": spec.version,
            "bytes": arguments.file.stat().st_size,
            "recipe": spec.recipe,
        }
        write({"file": file, arguments.path: {**provenance(Path(__file__).parent), "scores": record}})
        write({"latency_ms": {**provenance(Path(__file__).parent), **latency(arguments.file)}})


if __name__ == "__main__":
    main()
