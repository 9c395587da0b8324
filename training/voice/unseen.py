"""How the recipe does on corpora and languages that it never heard.

`python -m training.voice.unseen --data DIR --out DIR`

For every set of `LEFT_OUT` a third of the network (`CONFIG`) is trained on the training speakers of the other corpora,
with a shortened schedule (`RECIPE`) and without the teacher's features, and scored on all clips of the corpora left
out. ASED needs no training: the shipped file has never heard Amharic. Adds `unseen` to `RESULTS.json`, with the corpus
probe of the file (`probe`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from edgeaffect._lazy import require
from edgeaffect.models.registry import FILES
from training.data import data_folder
from training.files import open_on_one_thread
from training.provenance import provenance
from training.voice.batches import GENTLE
from training.voice.clips import ask, of_network, windows
from training.voice.corpora import CORPORA, TRAINED, Clip, read_clips
from training.voice.evaluate import Answers, arousal_auc, statistic, write
from training.voice.export import parameters
from training.voice.network import VoiceConfig
from training.voice.prepare import Rows
from training.voice.scores import Array, recalls, uar
from training.voice.train import Recipe, load_network, read_windows, rows_of, train

# Names of the sets and the corpora that each leaves out. English is in two corpora; the others have a language each.
LEFT_OUT = {
    "ravdess": ("ravdess",),
    "emodb": ("emodb",),
    "nemo": ("nemo",),
    "emospeech": ("emospeech",),
    "baved": ("baved",),
    "english and hindi": ("ravdess", "emospeech"),
}
RECIPE = Recipe(steps=800, batch=32, learning_rate=3e-3, warm_up=100, average_decay=0.99, features=0.0)
CONFIG = VoiceConfig(stem=12, widths=(24, 40, 48), blocks=(0, 1, 0), hidden=64, context=1)


def scores_of(said: Answers, corpora: Sequence[str]) -> dict[str, Any]:
    """UAR with chance, and arousal, of each corpus."""
    record: dict[str, Any] = {}
    for corpus in corpora:
        part: dict[str, Any] = {"language": CORPORA[corpus].language}
        rows = said.rows([corpus])
        if len(rows):
            part["chance"] = round(1 / len(np.unique(said.truth[rows])), 4)
            part["uar"] = statistic(said, rows, lambda r: uar(said.truth[r], said.answer[r]))
        every = np.flatnonzero(said.corpora == corpus)
        part["clips"], part["speakers"] = len(every), len(np.unique(said.speakers[every]))
        part["arousal_auc"] = statistic(said, every, lambda r: arousal_auc(said, r))
        record[corpus] = part
    return record


def leave_out(clips: Sequence[Clip], out: Path, name: str, corpora: Sequence[str]) -> dict[str, Any]:
    """Trains without the named corpora and scores on them."""
    recipe = replace(RECIPE, corpora=tuple(c for c in TRAINED if c not in corpora))
    checkpoint = train(
        clips, read_windows(out, clips, recipe, GENTLE), out, f"without-{name.replace(' ', '-')}", recipe, CONFIG
    )
    rows = np.array([i for i, clip in enumerate(clips) if clip.corpus in corpora])
    said = ask(of_network(load_network(checkpoint)), rows, Rows.load(out / "clean.npz"))
    return scores_of(Answers([clips[row] for row in rows], said.log_probabilities(), said.arousal), corpora)


def embeddings(path: Path, rows: NDArray[np.int64], frames: Rows) -> Array:
    """Mean embedding of every clip, float64 [N, E]."""
    session = open_on_one_thread(path)
    said = [session.run(["features"], {"log_mel": windows(frames[int(row)].astype(np.float32))})[0] for row in rows]
    return np.array([part.mean(0) for part in said], np.float64)


def plain_statistics(rows: NDArray[np.int64], frames: Rows) -> Array:
    """Mean and deviation of log-mel energies relative to the clip's mean, float64 [N, 128]: what any clip shows."""
    parts = []
    for row in rows:
        x = frames[int(row)].astype(np.float64)
        x = x - x.mean()
        parts.append(np.concatenate([x.mean(0), x.std(0)]))
    return np.array(parts)


def guess(fit: Array, corpora: NDArray[np.str_], held: Array, truth: NDArray[np.str_]) -> dict[str, Any]:
    """Recalls of a logistic regression that guesses the corpus."""
    linear = require("sklearn.linear_model")
    mean, std = fit.mean(0), np.maximum(fit.std(0), 1e-6)
    model = linear.LogisticRegression(max_iter=500, class_weight="balanced").fit((fit - mean) / std, corpora)
    answer = model.predict((held - mean) / std)
    return {
        "uar": round(uar(truth, answer), 4),
        "recall": {k: round(v, 4) for k, v in recalls(truth, answer).items()},
    }


def probe(path: Path, clips: Sequence[Clip], frames: Rows) -> dict[str, Any]:
    """How well the corpus can be guessed: from the file's embedding, and from plain statistics of the clip."""
    fit, held = (rows_of(clips, (part,), TRAINED) for part in ("fit", "development"))
    names = [np.array([clips[row].corpus for row in rows]) for rows in (fit, held)]
    return {
        "chance": round(1 / len(TRAINED), 4),
        "embedding": guess(embeddings(path, fit, frames), names[0], embeddings(path, held, frames), names[1]),
        "log_mel": guess(plain_statistics(fit, frames), names[0], plain_statistics(held, frames), names[1]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder with prepared frames; checkpoints go here")
    parser.add_argument("--file", type=Path, default=FILES / "voice-small.onnx")
    parser.add_argument("--only", choices=("left-out", "probe"), help="one of the two; the other is kept as it was")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    clips = read_clips(data_folder(arguments.data))
    if arguments.only != "probe":
        schedule = {"steps": RECIPE.steps, "batch": RECIPE.batch, "parameters": parameters(CONFIG)}
        record: dict[str, Any] = {**schedule, **provenance(Path(__file__).parent), "left_out": {}}
        for name, corpora in LEFT_OUT.items():
            record["left_out"][name] = leave_out(clips, arguments.out, name, corpora)
            print(name, record["left_out"][name], flush=True)
        write({"unseen": record})
    if arguments.only != "left-out":
        found = probe(arguments.file, clips, Rows.load(arguments.out / "clean.npz"))
        print(found)
        write({"probe": found})


if __name__ == "__main__":
    main()
