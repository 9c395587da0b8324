"""Batches for the decoders: views of faces, a question about each, and one proved answer."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import torch

from edgeaffect.circumplex import anchor_means
from edgeaffect.explain.content import Known
from edgeaffect.explain.cues import ADMITTED, CUES
from edgeaffect.explain.grammar import realise
from edgeaffect.explain.meaning import Claim
from edgeaffect.explain.vocabulary import EOS, PAD, Vocabulary
from training.explain.corpus import Sample, Thresholds, known_faces, random_request, sample
from training.explain.features import Seen
from training.explain.salience import contributions

PREFIX = 5
IGNORED = -100
# Shares of views whose change is known, whose label is not told, and whose affect features are not.
CHANGE_KNOWN, LABEL_HIDDEN, AFFECT_HIDDEN = 0.35, 0.15, 0.1
# A text says what is true and what the eyes see well; what they see otherwise, or hardly, it says to be unclear.
SEEN_PRESENT, SEEN_ABSENT = 0.7, 0.3
_UNSEEN = CUES.index("head_tilted")  # crops are turned upright
_LIMITS = Thresholds(np.float64(0.3), np.float64(0.7))
_HIDDEN_LABEL = "[none]"


@dataclass
class Batch:
    """One batch of `n` sequences, all tensors.

    Attributes:
        tokens: [n, T] ids, PAD behind the end; targets: [n, T], the next id, IGNORED in the prefix and behind.
        patches, summary, affect, change: see `decoder.Memory`.
        vad: [n, 3], what the votes mean; share: [n] of people's votes for the label, NaN where nobody voted.
        speaks: [n] bool, whether the text is about what the face shows (explain, describe).
        other: [n, T'] ids of the same kind of text with a cue that the face does not show.
        rows: [n] of the `Seen`.
    """

    tokens: torch.Tensor
    targets: torch.Tensor
    patches: torch.Tensor
    summary: torch.Tensor
    affect: torch.Tensor
    change: torch.Tensor
    vad: torch.Tensor
    share: torch.Tensor
    speaks: torch.Tensor
    other: torch.Tensor
    rows: np.ndarray
    samples: list[Sample]
    false: torch.Tensor
    """[n, plans] bool, plan tokens of cues that would be false of the face."""


def changed(cues: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, dict[str, bool] | None]:
    """A change [CUES] that could have led to `cues` (1, 0, 0.5), and what began or ended; None: nothing is known."""
    change = np.zeros(len(cues), np.float32)
    if random.random() >= CHANGE_KNOWN:
        return change, None
    began: dict[str, bool] = {}
    count = random.choice(4, p=(0.25, 0.4, 0.25, 0.1))
    for place in random.permutation(len(cues))[:count].tolist():
        if cues[place] in (0.0, 1.0):
            change[place] = (1 if cues[place] == 1 else -1) * random.uniform(0.55, 1)
            began[CUES[place]] = bool(cues[place] == 1)
    return (change + random.normal(0, 0.06, len(cues)).astype(np.float32)).astype(np.float32), began


def swapped(claims: tuple[Claim, ...], known: Known, random: Random) -> tuple[Claim, ...] | None:
    """The claims with one cue turned round, or taken for another that the face does not show; None without a cue."""
    places = [i for i, c in enumerate(claims) if c.kind == "cue" and c.state in ("present", "absent")]
    if not places:
        return None
    place = random.choice(places)
    claim = claims[place]
    if claim.state == "present" and random.random() < 0.7:
        said = {c.name for c in claims if c.kind == "cue"}
        names = [n for n in CUES if known.state(n) == "absent" and n not in said]
        if claim.is_reason:
            names = [n for n in names if n in ADMITTED]
        if names:
            other = Claim("cue", random.choice(names), "present", claim.is_reason)
            return (*claims[:place], other, *claims[place + 1 :])
    if claim.is_reason:
        return None
    turned = Claim("cue", claim.name, "absent" if claim.state == "present" else "present")
    return (*claims[:place], turned, *claims[place + 1 :])


def spoken(truth: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """1, 0 or 0.5 [n, CUES]: what may be said of cues with that truth (1, 0, 0.5) of which the eyes say `logits`."""
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    sure = np.where(truth > 0.5, p >= SEEN_PRESENT, p <= SEEN_ABSENT)
    sure[:, _UNSEEN] = True
    return np.where(sure, truth.astype(np.float64), 0.5)


def false_plans(states: np.ndarray, vocabulary: Vocabulary) -> np.ndarray:
    """[n, `words_begin`] bool: plan tokens of cues that are false where their states [n, CUES] are 1, 0 or 0.5."""
    false = np.zeros((len(states), vocabulary.words_begin), bool)
    for place, name in enumerate(CUES):
        there, away = (vocabulary.id_of(Claim("cue", name, state).token) for state in ("present", "absent"))
        false[:, there], false[:, away] = states[:, place] < 1, states[:, place] > 0
    return false


class Sequences:
    """Draws batches.

    Args:
        seen: views of faces.
        vocabulary: of the tokens.
        salience: `salience.json`.
        seed: of all randomness.
    """

    def __init__(self, seen: Seen, vocabulary: Vocabulary, salience: dict[str, Any], seed: int) -> None:
        self.seen, self.vocabulary, self.salience = seen, vocabulary, salience
        self.random, self.rng = np.random.default_rng(seed), Random(seed)
        self._order = np.zeros(0, np.int64)
        self._ready: list[Batch] = []

    def known(self, rows: np.ndarray, changes: list[dict[str, bool] | None] | None = None) -> list[Known]:
        """What is known of those views."""
        seen = self.seen
        cues = spoken(seen.cues[rows], seen.summary[rows, : len(CUES)])
        return list(
            known_faces(
                cues,
                seen.facts[rows],
                seen.affect[rows, :8],
                seen.affect[rows, 8:10],
                contributions(self.salience, cues),
                cue_limits=_LIMITS,
                fact_limits=_LIMITS,
                confidence=seen.affect[rows, 11],
                changes=changes,
                least=self.salience["least_salience"],
            )
        )

    def next(self, size: int) -> Batch:
        """A batch of `size` sequences of about the same length."""
        if not self._ready:
            self._ready = self._draw(size, 6)
        return self._ready.pop()

    def _draw(self, size: int, count: int) -> list[Batch]:
        if len(self._order) < size * count:
            self._order = np.concatenate([self._order, self.random.permutation(len(self.seen))])
        rows, self._order = self._order[: size * count], self._order[size * count :]
        shown = spoken(self.seen.cues[rows], self.seen.summary[rows, : len(CUES)])
        moves = [changed(cues, self.random) for cues in shown]
        faces = self.known(rows, [began for _, began in moves])
        samples, others = [], []
        for known in faces:
            request = random_request(self.rng)
            while request.intent == "what_changed" and known.changes is None and self.rng.random() < 0.8:
                request = random_request(self.rng)
            made = sample(request, known, self.rng)
            wrong = swapped(made.claims, known, self.rng)
            others.append(realise(wrong, self.rng) if wrong else ())
            samples.append(made)
        lengths = np.array([len(s.tokens) for s in samples])
        order = np.argsort(lengths, kind="stable")
        change = np.stack([c for c, _ in moves])
        groups = [order[start : start + size] for start in range(0, len(order), size)]
        batches = [
            self.batch(rows[g], [samples[i] for i in g.tolist()], change[g], [others[i] for i in g.tolist()])
            for g in groups
        ]
        return [batches[i] for i in self.random.permutation(len(batches)).tolist()]

    def batch(
        self, rows: np.ndarray, samples: list[Sample], change: np.ndarray, others: list[Any], *, hide: bool = True
    ) -> Batch:
        """Tensors of given sequences."""
        encode, seen = self.vocabulary.encode, self.seen
        ids = []
        for made in samples:
            prefix = list(made.prefix)
            if hide and self.rng.random() < LABEL_HIDDEN:
                prefix[3] = _HIDDEN_LABEL
            ids.append([*encode(prefix), *encode(made.tokens)])
        tokens, targets = padded(ids)
        affect = seen.affect[rows].copy()
        if hide:
            affect[self.random.random(len(rows)) < AFFECT_HIDDEN] = 0
        human, label = seen.human[rows], seen.label[rows]
        return Batch(
            tokens=tokens,
            targets=targets,
            patches=torch.from_numpy(seen.patches[rows].astype(np.float32)),
            summary=torch.from_numpy(seen.summary[rows]),
            affect=torch.from_numpy(affect),
            change=torch.from_numpy(change),
            vad=torch.from_numpy((seen.affect[rows, :8] @ anchor_means()).astype(np.float32)),
            share=torch.from_numpy(human[np.arange(len(rows)), label]),
            speaks=torch.tensor([s.request.intent in ("explain", "describe_region") for s in samples]),
            other=padded([encode(o) or [EOS] for o in others])[0],
            rows=rows,
            samples=samples,
            false=torch.from_numpy(
                false_plans(spoken(seen.cues[rows], seen.summary[rows, : len(CUES)]), self.vocabulary)
            ),
        )


def padded(ids: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens [n, T] and next tokens [n, T] of sequences that begin with a prefix."""
    length = max(map(len, ids))
    tokens = torch.full((len(ids), length), PAD)
    targets = torch.full((len(ids), length), IGNORED)
    for row, sequence in enumerate(ids):
        tokens[row, : len(sequence)] = torch.tensor(sequence)
        if len(sequence) > PREFIX:
            targets[row, PREFIX - 1 : len(sequence) - 1] = torch.tensor(sequence[PREFIX:])
    return tokens, targets
