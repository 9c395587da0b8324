"""Where a training's batches come from: views made as they are needed, or rounds of views rendered once for students.

A student must see its teachers' opinion of the very view it is shown (Beyer et al. 2022, "a good teacher is patient and
consistent"). Teachers cost far more than students, so `render` writes whole rounds once (one view of every face,
labelled or not), `ask` adds what a teacher says of them, and any number of students read both, mirrored at random, over
and over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import nn

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.face.alignment import similarity_matrix
from training.affect.alignment import read_template
from training.affect.augment import Augmenter, mixup
from training.autocast import bfloat16
from training.data import FerPlus, soft_targets

# Contrast of a network's input: pixels 0..1 -> (x - MEAN) / STD. Fixed, so that the runtime needs no statistics.
MEAN, STD = 0.5, 0.25
CLEAN_DAMAGE = 0.3
# Emotions with few faces, and the share of votes from which on a face is an example of one.
RARE = [EMOTIONS.index(name) for name in ("disgust", "fear", "contempt")]
RARE_VOTES = 0.3


def normalise(x: torch.Tensor) -> torch.Tensor:
    """Pixels in 0..1 -> network input."""
    return (x - MEAN) / STD


@dataclass(frozen=True)
class Batch:
    """Normalised views with what is known of them.

    Attributes:
        x: float32 [B, 1, 48, 48].
        targets: float32 [B, 10] human votes as a distribution; zeros where nobody voted.
        hints: float32 [T, B, 10] logits of T teachers.
    """

    x: torch.Tensor
    targets: torch.Tensor
    hints: torch.Tensor


class Views(Protocol):
    """Batches of one epoch after another; the generator's state is all that a checkpoint must hold."""

    generator: torch.Generator
    steps: int

    def epoch(self, number: int, *, clean: bool) -> Iterator[Batch]:
        """The batches of epoch `number`; `clean` asks for little damage."""


def alignments(landmarks: np.ndarray) -> np.ndarray:
    """Maps float32 [N, 2, 3] from template crop to image, as the runtime would frame the faces."""
    return similarity_matrix(landmarks, read_template()).astype(np.float32)


@torch.no_grad()
def opinions(teachers: Sequence[nn.Module], x: torch.Tensor) -> torch.Tensor:
    """Logits [T, B, 10] of the teachers."""
    if not teachers:
        return torch.zeros(0, len(x), 10)
    with bfloat16():
        return torch.stack([teacher(x).float() for teacher in teachers])


class LiveViews:
    """Fresh random views of the fit faces, with the teachers asked on the spot."""

    def __init__(
        self,
        faces: FerPlus,
        landmarks: np.ndarray,
        generator: torch.Generator,
        *,
        batch: int,
        damage: float,
        mixup_share: float,
        teachers: Sequence[nn.Module] = (),
    ) -> None:
        targets, usable = soft_targets(faces.votes)
        fit = (faces.split == "fit") & usable
        self.images = torch.from_numpy(faces.images[fit])
        self.targets = torch.from_numpy(targets[fit])
        self.generator = generator
        self.batch, self.damage, self.mixup_share, self.teachers = batch, damage, mixup_share, teachers
        self.augment = Augmenter(alignments(landmarks[fit]), generator)
        self.steps = len(self.images) // batch

    def epoch(self, number: int, *, clean: bool) -> Iterator[Batch]:
        self.augment.damage = CLEAN_DAMAGE if clean else self.damage
        order = torch.randperm(len(self.images), generator=self.generator)
        for index in order[: self.steps * self.batch].split(self.batch):
            views = self.augment(self.images[index], index)
            views, targets = mixup(views, self.targets[index], 0.0 if clean else self.mixup_share, self.generator)
            x = normalise(views).contiguous(memory_format=torch.channels_last)
            yield Batch(x, targets, opinions(self.teachers, x))


@dataclass(frozen=True)
class Rendering:
    """How the rounds of views are made; round k uses `damage[k % len(damage)]`."""

    rounds: int = 12
    damage: tuple[float, ...] = (0.3, 0.5, 0.7, 1.0)
    mixup_share: float = 0.15
    seed: int = 5


def round_file(folder: Path, number: int) -> Path:
    """Where a round lies."""
    return folder / f"round-{number:02}.npz"


def opinion_file(folder: Path, number: int, teacher: str) -> Path:
    """Where a teacher's logits of a round lie."""
    return folder / f"round-{number:02}.{teacher}.npy"


def render(
    folder: Path,
    rendering: Rendering,
    faces: FerPlus,
    landmarks: np.ndarray,
    unlabelled: tuple[np.ndarray, np.ndarray],
) -> None:
    """Writes the rounds that are missing: `images` uint8 [N, 48, 48] and `targets` float16 [N, 10].

    Args:
        folder: of the rounds.
        rendering: how.
        faces: FER+; only its fit part is used.
        landmarks: [len(faces), 5, 2] in their pixels, NaN where unknown.
        unlabelled: images uint8 [M, 48, 48] and landmarks [M, 5, 2] of faces without votes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    targets, usable = soft_targets(faces.votes)
    fit = (faces.split == "fit") & usable
    images = torch.from_numpy(np.concatenate([faces.images[fit], unlabelled[0]]))
    votes = torch.from_numpy(np.concatenate([targets[fit], np.zeros((len(unlabelled[0]), targets.shape[1]))])).float()
    maps = alignments(np.concatenate([landmarks[fit], unlabelled[1]]))
    for number in range(rendering.rounds):
        path = round_file(folder, number)
        if path.exists():
            continue
        generator = torch.Generator().manual_seed(rendering.seed * 1000 + number)
        augment = Augmenter(maps, generator)
        augment.damage = rendering.damage[number % len(rendering.damage)]
        order = torch.randperm(len(images), generator=generator)
        pixels, known = [], []
        for index in order.split(256):
            views = augment(images[index], index)
            # Only faces with votes are blended, and only with each other: half a target would say nothing.
            voted = votes[index].sum(1) > 0
            mixed, blended = mixup(views[voted], votes[index][voted], rendering.mixup_share, generator)
            views[voted] = mixed
            known_here = votes[index].clone()
            known_here[voted] = blended
            pixels.append((views * 255).round().clamp(0, 255).byte()[:, 0].numpy())
            known.append(known_here.half().numpy())
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, images=np.concatenate(pixels), targets=np.concatenate(known))
        partial.replace(path)


def mirrored_opinion(teacher: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Log of the mean distribution [B, 10] of faces and their mirrors: better than either, for twice the time."""
    straight, mirrored = (opinions([teacher], view)[0].softmax(1) for view in (x, x.flip(3)))
    return ((straight + mirrored) / 2).clamp(min=1e-8).log()


def ask(folder: Path, number: int, name: str, teacher: nn.Module) -> None:
    """Writes the teacher's `mirrored_opinion` float16 [N, 10] of every view of a round, unless it is there."""
    path = opinion_file(folder, number, name)
    if path.exists():
        return
    with np.load(round_file(folder, number)) as arrays:
        images = torch.from_numpy(arrays["images"])
    said = [mirrored_opinion(teacher, network_input(part)).half().numpy() for part in images.split(256)]
    partial = path.with_suffix(".partial.npy")
    np.save(partial, np.concatenate(said))
    partial.replace(path)


def network_input(images: torch.Tensor) -> torch.Tensor:
    """uint8 faces [B, S, S] as normalised float32 [B, 1, S, S] in the order that convolutions like."""
    return normalise(images.unsqueeze(1).float() / 255).contiguous(memory_format=torch.channels_last)


class RenderedViews:
    """The rounds in `folder`, one an epoch, in a new order and mirrored at random.

    Each view comes with what the `teachers` said of it. Clean epochs take the rounds with the least damage in turn.
    `rare_share` adds that share of views once more, drawn from faces in which people saw a rare emotion: targets are
    distributions, so it shifts what the net sees and not what it is told.
    """

    def __init__(
        self,
        folder: Path,
        rendering: Rendering,
        generator: torch.Generator,
        *,
        batch: int,
        teachers: Sequence[str],
        rare_share: float = 0.0,
    ) -> None:
        self.folder, self.rendering, self.generator, self.batch = folder, rendering, generator, batch
        self.teachers = teachers
        with np.load(round_file(folder, 0)) as first:
            count = len(first["images"])
        self.repeats = round(rare_share * count)
        self.steps = (count + self.repeats) // batch
        least = min(rendering.damage)
        kinds = rendering.damage
        self._clean = [k for k in range(rendering.rounds) if kinds[k % len(kinds)] == least]

    def epoch(self, number: int, *, clean: bool) -> Iterator[Batch]:
        choice = self._clean[number % len(self._clean)] if clean else number % self.rendering.rounds
        with np.load(round_file(self.folder, choice)) as arrays:
            images, targets = torch.from_numpy(arrays["images"]), torch.from_numpy(arrays["targets"])
        said = [np.load(opinion_file(self.folder, choice, teacher)) for teacher in self.teachers]
        logits = torch.from_numpy(np.stack(said))
        rare = (targets[:, RARE].amax(1) >= RARE_VOTES).nonzero().flatten()
        again = rare[torch.randint(max(len(rare), 1), (self.repeats * bool(len(rare)),), generator=self.generator)]
        rows = torch.cat([torch.arange(len(images)), again])
        rows = rows[torch.randperm(len(rows), generator=self.generator)]
        for index in rows[: self.steps * self.batch].split(self.batch):
            x = network_input(images[index])
            mirrored = torch.rand(len(index), generator=self.generator) < 0.5
            x[mirrored] = x[mirrored].flip(3)
            yield Batch(x, targets[index].float(), logits[:, index].float())
