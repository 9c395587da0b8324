"""Batches of training windows: cut, stretched, mixed, masked on log-mel frames, so that no clip comes twice alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training.voice.corpora import LABELS, TRAINED, Clip
from training.voice.front_end import BANDS, INPUT
from training.voice.loss import masks
from training.voice.prepare import Rows
from training.voice.teacher import Lessons

Random = np.random.Generator
# Natural logarithm of energies per decibel.
_PER_DECIBEL = np.log(10) / 10
# Quiet noise of a recorder, below the voice by this many nepers of power, before and after a short clip.
_QUIET = (7.0, 11.0)


@dataclass(frozen=True)
class Views:
    """How windows are changed."""

    clean: float = 0.4
    """Share of windows of undamaged clips."""
    frames: tuple[int, int] = (130, 260)
    """Least and most length of a window; silence before and after a clip's words is cut off first."""
    stretch: float = 0.12
    """Largest change of pace."""
    warp: float = 0.12
    """Largest change of all frequencies: a longer or shorter vocal tract, and another pitch."""
    equalise: float = 9.0
    """Largest change of a band's level, dB, smooth over the bands."""
    noise: float = 0.35
    """Share of windows with further noise, which also hides how quiet a room was ..."""
    quietest: float = 40.0
    """... from as loud as the voice to this many dB below."""
    bands: int = 8
    """Largest stripe of bands that is hidden, twice a window."""
    time: int = 20
    """Largest stripe of frames that is hidden, twice a window."""
    mixup: float = 0.2
    """Share of windows mixed with another of the same corpus."""


GENTLE = Views(warp=0.0, equalise=6.0, noise=0.2, quietest=30.0)
"""Views of the first stage, in which the network learns what there is to hear."""


@dataclass(frozen=True)
class Batch:
    """Tensors of one step."""

    log_mel: torch.Tensor
    """[N, T, 64]."""
    targets: torch.Tensor
    """[N, 9]."""
    soft: torch.Tensor
    """[N, 9] probabilities of the teacher, or the targets where there is none."""
    features: torch.Tensor
    """[N, F] the teacher's features of the clip; zeros where it was not asked, no columns without a teacher."""
    mask: torch.Tensor
    """bool [N, 9]."""
    arousal: torch.Tensor
    """[N], NaN where unknown."""
    corpus: torch.Tensor
    """int64 [N], position in `TRAINED`."""
    clips: NDArray[np.int64]
    """[N], position in the list of clips."""


def chances(clips: Sequence[Clip], power: float = 0.5) -> NDArray[np.float64]:
    """How often a clip is drawn: groups of a corpus and label count as (their size) ** `power`."""
    groups = [(clip.corpus, clip.label, clip.level) for clip in clips]
    sizes = {group: groups.count(group) for group in set(groups)}
    weight = np.array([sizes[group] ** (power - 1) for group in groups])
    return weight / weight.sum()


def stretched(frames: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """Frames [T, B] at another pace, by linear interpolation."""
    count = max(2, round(len(frames) / factor))
    at = np.linspace(0, len(frames) - 1, count)
    low = np.minimum(at.astype(int), len(frames) - 2)
    share = (at - low)[:, None].astype(np.float32)
    return frames[low] * (1 - share) + frames[low + 1] * share


def spoken(frames: NDArray[np.float32], margin: int = 12) -> NDArray[np.float32]:
    """Frames from the first to the last that is within 35 dB of the loudest, with a margin on both sides."""
    power = frames.max(1)
    loud = np.flatnonzero(power > power.max() - 35 * _PER_DECIBEL)
    return frames[max(0, loud[0] - margin) : loud[-1] + margin + 1]


def window(frames: NDArray[np.float32], count: int, random: Random) -> NDArray[np.float32]:
    """A random stretch of `count` frames; a shorter clip gets quiet noise before and after."""
    if len(frames) >= count:
        start = int(random.integers(0, len(frames) - count + 1))
        return frames[start : start + count]
    level = float(np.log(np.exp(frames).mean())) - random.uniform(*_QUIET)
    out = (level - 0.7 + 1.1 * random.standard_normal((count, BANDS))).astype(np.float32)
    start = int(random.integers(0, count - len(frames) + 1))
    out[start : start + len(frames)] = frames
    return out


def smooth_curve(random: Random, size: int, largest: float, points: int = 6) -> NDArray[np.float32]:
    """A random curve of `size` values within +-largest."""
    knots = random.uniform(-largest, largest, points)
    return np.interp(np.linspace(0, points - 1, size), np.arange(points), knots).astype(np.float32)


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's scale, which the front end has: linear below 1 kHz, logarithmic above."""
    high = 15 + 27 * np.log(np.maximum(hertz, 1000) / 1000) / np.log(6.4)
    return np.where(hertz < 1000, hertz * 3 / 200, high)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    high = 1000 * np.exp((np.maximum(mel, 15) - 15) / 27 * np.log(6.4))
    return np.where(mel < 15, mel * 200 / 3, high)


def warped(frames: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """Frames [T, B] of a voice whose frequencies are all `factor` times as high (vocal tract length perturbation).

    Between bands, log energies are interpolated; beyond the lowest and highest band, those go on.
    """
    edges = _mel(np.array([INPUT.low_hz, INPUT.high_hz]))
    step = (edges[1] - edges[0]) / (BANDS + 1)
    centres = edges[0] + step * np.arange(1, BANDS + 1)
    at = np.clip((_mel(_hertz(centres) / factor) - edges[0]) / step - 1, 0, BANDS - 1)
    low = np.minimum(at.astype(int), BANDS - 2)
    share = (at - low).astype(np.float32)
    return frames[:, low] * (1 - share) + frames[:, low + 1] * share


class Windows:
    """Draws batches from rendered clips."""

    def __init__(
        self,
        clips: Sequence[Clip],
        rows: NDArray[np.int64],
        versions: Sequence[Rows],
        clean: Rows,
        views: Views,
        lessons: Lessons | None = None,
    ) -> None:
        """Prepare.

        Args:
            clips: all clips of the cache.
            rows: which of them are trained on.
            versions: damaged frames of all clips.
            clean: undamaged frames of all clips.
            views: how windows are changed.
            lessons: what a teacher says of all clips.
        """
        self.rows, self.versions, self.clean, self.views = rows, versions, clean, views
        chosen = [clips[row] for row in rows]
        self.chances = chances(chosen)
        known = masks()
        self.mask = np.stack([known[clip.corpus, clip.label] for clip in chosen])
        self.targets = np.array([[clip.label == label for label in LABELS] for clip in chosen], np.float32)
        self.soft = self.targets if lessons is None else lessons.labels[rows]
        untaught = self.soft.sum(1) == 0
        self.soft = np.where(untaught[:, None], self.targets, self.soft)
        self.features = np.zeros((len(rows), 0), np.float32) if lessons is None else lessons.features[rows]
        self.arousal = np.array([clip.arousal for clip in chosen], np.float32)
        self.corpus = np.array([TRAINED.index(clip.corpus) for clip in chosen])

    def frames(self, position: int, random: Random) -> NDArray[np.float32]:
        """Frames of one version of a clip, at a random pace."""
        pick = random.random()
        source = self.clean if pick < self.views.clean else self.versions[int(random.integers(len(self.versions)))]
        frames = spoken(source[int(self.rows[position])].astype(np.float32))
        if self.views.warp:
            frames = warped(frames, float(np.exp(random.uniform(-self.views.warp, self.views.warp))))
        return stretched(frames, float(random.uniform(1 - self.views.stretch, 1 + self.views.stretch)))

    def window(self, position: int, count: int, random: Random) -> NDArray[np.float32]:
        """One changed window [count, 64]."""
        views = self.views
        x = window(self.frames(position, random), count, random)
        x = x + smooth_curve(random, BANDS, views.equalise * _PER_DECIBEL)
        if random.random() < views.noise:
            level = np.log(np.exp(x).mean()) - random.uniform(0, views.quietest) * _PER_DECIBEL
            grain = np.log(np.maximum(random.exponential(1.0, x.shape), 1e-3))
            noise = level + smooth_curve(random, BANDS, 3.0) + grain
            x = np.logaddexp(x, noise.astype(np.float32))
        middle = np.log(np.exp(x).mean()) - 3
        for _ in range(2):
            width = int(random.integers(0, views.bands + 1))
            start = int(random.integers(0, BANDS - width + 1))
            x[:, start : start + width] = middle
            width = int(random.integers(0, min(views.time, count // 6) + 1))
            start = int(random.integers(0, count - width + 1))
            x[start : start + width] = middle
        return x.astype(np.float32)

    def draw(self, size: int, random: Random) -> Batch:
        """A batch of windows of one random length."""
        count = int(random.integers(self.views.frames[0], self.views.frames[1] + 1))
        at = random.choice(len(self.rows), size, p=self.chances)
        log_mel = np.stack([self.window(int(position), count, random) for position in at])
        log_mel -= np.log(np.exp(log_mel).mean((1, 2), keepdims=True))
        return self._mixed(log_mel, at, random)

    def _mixed(self, log_mel: NDArray[np.float32], at: NDArray[np.int64], random: Random) -> Batch:
        targets, mask, arousal = self.targets[at].copy(), self.mask[at].copy(), self.arousal[at].copy()
        soft, features = self.soft[at].copy(), self.features[at].copy()
        corpus = self.corpus[at]
        x = log_mel.copy()
        for i in np.flatnonzero(random.random(len(at)) < self.views.mixup):
            j = int(random.choice(np.flatnonzero(corpus == corpus[i])))
            share = float(random.beta(0.4, 0.4))
            x[i] = np.log(share * np.exp(log_mel[i]) + (1 - share) * np.exp(log_mel[j]) + 1e-12)
            targets[i] = share * self.targets[at[i]] + (1 - share) * self.targets[at[j]]
            soft[i] = share * self.soft[at[i]] + (1 - share) * self.soft[at[j]]
            features[i] = share * self.features[at[i]] + (1 - share) * self.features[at[j]]
            mask[i] = self.mask[at[i]] & self.mask[at[j]]
            arousal[i] = share * self.arousal[at[i]] + (1 - share) * self.arousal[at[j]]
        tensor = torch.from_numpy
        return Batch(
            log_mel=tensor(x),
            targets=tensor(targets),
            soft=tensor(soft),
            features=tensor(features),
            mask=tensor(mask),
            arousal=tensor(arousal),
            corpus=tensor(corpus),
            clips=np.asarray(self.rows[at]),
        )


def read_versions(out: Path) -> list[Rows]:
    """All damaged versions that have been rendered."""
    return [Rows.load(path) for path in sorted(out.glob("version-?.npz"))]
