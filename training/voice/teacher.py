"""Soft labels by a teacher that is told who speaks.

`python -m training.voice.teacher --data DIR --out DIR --encoder WHEEL`

The teacher sees the states of a speaker encoder (Resemblyzer 0.1.4, Apache-2.0: three recurrent layers that have heard
thousands of people; its wheel from the package index holds the weights) and the log-mel statistics of a clip, both
relative to the mean of all clips of the same speaker. What is left is how this person sounds now. A student hears one
clip of a stranger and has no such mean; it learns from the teacher's opinions, which are those of a logistic
regression that has not heard the speaker. Writes `OUT/teacher.npz`.
"""

from __future__ import annotations

import argparse
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edgeaffect._lazy import require
from training.data import data_folder
from training.voice.augment import Samples
from training.voice.corpora import CORPORA, LABELS, SAMPLE_RATE, TRAINED, Clip, read_clips
from training.voice.prepare import Rows, samples_of
from training.voice.scores import uar

MELS, STATES, LAYERS = 40, 256, 3
PARTIAL = 160
FOLDS = 6
COMPONENTS = 160
STRENGTH = 0.05
FEATURES = 64
_BATCH = 64


class Encoder(nn.Module):
    """The recurrent layers of Resemblyzer's `VoiceEncoder`: mel energies [N, T, 40] -> states of each layer."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.LSTM(MELS if not layer else STATES, STATES, batch_first=True) for layer in range(LAYERS)
        )

    def forward(self, mels: torch.Tensor) -> list[torch.Tensor]:
        states = []
        for layer in self.layers:
            mels, _ = layer(mels)
            states.append(mels)
        return states

    @classmethod
    def from_wheel(cls, wheel: Path) -> Encoder:
        """The weights inside of `Resemblyzer-0.1.4-py3-none-any.whl`."""
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read("resemblyzer/pretrained.pt")
        weights = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)["model_state"]
        encoder = cls()
        for number, layer in enumerate(encoder.layers):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            layer.load_state_dict({f"{name}_l0": weights[f"lstm.{name}_l{number}"] for name in names})
        return encoder.eval()


def mel_energies(x: Samples) -> NDArray[np.float32]:
    """[T, 40] mel energies as the encoder was trained on: librosa's, of a clip brought to -30 dBFS."""
    librosa = require("librosa")
    level = max(float(np.sqrt(np.square(x).mean())), 1e-5)
    x = x * max(1.0, 10 ** (-30 / 20) / level)
    mel = librosa.feature.melspectrogram(y=x, sr=SAMPLE_RATE, n_fft=400, hop_length=160, n_mels=MELS)
    energies: NDArray[np.float32] = mel.astype(np.float32).T
    return energies


def pieces(mels: NDArray[np.float32]) -> NDArray[np.float32]:
    """[P, 160, 40]: the pieces of 1.6 s that the encoder hears, the last one filled up with silence."""
    count = -(-len(mels) // PARTIAL)
    padded = np.zeros((count * PARTIAL, MELS), np.float32)
    padded[: len(mels)] = mels
    return padded.reshape(count, PARTIAL, MELS)


@torch.no_grad()
def statistics(encoder: Encoder, clips: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """[N, 1616]: mean and deviation over the louder frames of every layer's states, and of log-mel energies.

    Args:
        encoder: the recurrent layers.
        clips: mel energies [T, 40] of each clip; all are heard in one batch, because a recurrent step of one is slow.
    """
    cut = [pieces(mels) for mels in clips]
    heard = [states.numpy() for states in encoder(torch.from_numpy(np.concatenate(cut)))]
    rows, first = [], 0
    for mels, own in zip(clips, cut, strict=True):
        states = [s[first : first + len(own)].reshape(-1, STATES)[: len(mels)] for s in heard]
        first += len(own)
        power = mels.sum(1)
        loud = power > power.max() * 10**-3.5
        logs = np.log(mels + 1e-8)
        parts = [*states, logs - logs[loud].mean()]
        rows.append(np.concatenate([f(part[loud], axis=0) for part in parts for f in (np.mean, np.std)]))
    return np.array(rows, np.float32)


def relative_to_speaker(features: NDArray[np.float32], speakers: Sequence[str]) -> NDArray[np.float64]:
    """Features [N, D] minus the mean of their speaker's clips, in deviations of all clips."""
    names, place = np.unique(np.asarray(speakers), return_inverse=True)
    means = np.stack([features[place == k].mean(0) for k in range(len(names))])
    centred = features.astype(np.float64) - means[place]
    scaled: NDArray[np.float64] = centred / np.maximum(centred.std(0), 1e-6)
    return scaled


def opinions(features: NDArray[np.float64], labels: Sequence[str], speakers: Sequence[str]) -> NDArray[np.float64]:
    """Probabilities [N, 9], each by a regression on the other speakers."""
    decomposition, linear, selection = (
        require(f"sklearn.{name}") for name in ("decomposition", "linear_model", "model_selection")
    )
    groups, truth = np.asarray(speakers), np.asarray(labels)
    said = np.zeros((len(truth), len(LABELS)))
    folds = selection.GroupKFold(min(FOLDS, len(np.unique(groups))))
    for fit, held in folds.split(features, truth, groups):
        reduce = decomposition.PCA(min(COMPONENTS, len(fit) - 1, features.shape[1]), random_state=0).fit(features[fit])
        model = linear.LogisticRegression(C=STRENGTH, max_iter=300, class_weight="balanced")
        model.fit(reduce.transform(features[fit]), truth[fit])
        columns = [LABELS.index(label) for label in model.classes_]
        said[np.ix_(held, columns)] = model.predict_proba(reduce.transform(features[held]))
    return said


@dataclass(frozen=True)
class Lessons:
    """What the teacher says of every clip; zeros where it was not asked.

    Attributes:
        labels: float32 [N, 9] probabilities.
        features: float32 [N, F] principal components of the features relative to the speaker, of unit deviation.
    """

    labels: NDArray[np.float32]
    features: NDArray[np.float32]


def components(features: NDArray[np.float64]) -> NDArray[np.float32]:
    """[N, FEATURES] leading principal components, each of unit deviation."""
    pca = require("sklearn.decomposition").PCA(min(FEATURES, *features.shape), whiten=True, random_state=0)
    whitened: NDArray[np.float32] = pca.fit_transform(features).astype(np.float32)
    return whitened


def read_lessons(path: Path) -> Lessons | None:
    """What `teach` wrote; None where it was not run."""
    if not path.exists():
        return None
    with np.load(path) as file:
        return Lessons(file["labels"], file["features"])


def teach(clips: Sequence[Clip], waves: Rows, wheel: Path, path: Path) -> Lessons:
    """Lessons for the clips of the training part; kept in `path`."""
    if not path.exists():
        encoder = Encoder.from_wheel(wheel)
        rows = [i for i, clip in enumerate(clips) if clip.part == "fit" and clip.corpus in TRAINED]
        heard = [
            statistics(encoder, [mel_energies(samples_of(waves, row)) for row in rows[first : first + _BATCH]])
            for first in range(0, len(rows), _BATCH)
        ]
        features = relative_to_speaker(np.concatenate(heard), [clips[row].speaker for row in rows])
        labels = np.zeros((len(clips), len(LABELS)), np.float32)
        for corpus in (name for name in TRAINED if CORPORA[name].labels):
            at = [i for i, row in enumerate(rows) if clips[row].corpus == corpus]
            own = [clips[rows[i]] for i in at]
            truth = np.array([clip.label for clip in own])
            said = opinions(features[at], truth.tolist(), [clip.speaker for clip in own])
            labels[[rows[i] for i in at]] = said
            print(corpus, round(uar(truth, np.array(LABELS)[said.argmax(1)]), 3), flush=True)
        kept = np.zeros((len(clips), FEATURES), np.float32)
        kept[rows] = components(features)
        np.savez(path, labels=labels, features=kept)
    lessons = read_lessons(path)
    assert lessons is not None
    return lessons


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder with the decoded clips")
    parser.add_argument("--encoder", required=True, type=Path, help="Resemblyzer-0.1.4-py3-none-any.whl")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    clips = read_clips(data_folder(arguments.data))
    teach(clips, Rows.load(arguments.out / "clips.npz"), arguments.encoder, arguments.out / "teacher.npz")


if __name__ == "__main__":
    main()
