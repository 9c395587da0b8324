"""What a clip's label says about nine columns when its corpus knows only some of them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from training.voice.corpora import CORPORA, HIGH_AROUSAL, LABELS, LOW_AROUSAL, label_mask


def compared(corpus: str, label: str) -> NDArray[np.bool_]:
    """Bool [9]: the columns among which the softmax of one clip is taken.

    Note [Labels of other corpora]
    A corpus without boredom says nothing about whether its sad clips are bored: a softmax over all columns would teach
    that boredom is how EmoDB was recorded. One over the corpus's own labels alone would leave the other columns free
    to be large anywhere. So a clip also counts against labels whose arousal its own label rules out: anger is not
    boredom, calm is not surprise.
    """
    other = LOW_AROUSAL if label in HIGH_AROUSAL else HIGH_AROUSAL if label in LOW_AROUSAL else ()
    return label_mask(corpus) | np.isin(LABELS, other)


def masks() -> dict[tuple[str, str], NDArray[np.bool_]]:
    """`compared` for every corpus and label of it; levels have no columns."""
    known = {(corpus, label): compared(corpus, label) for corpus, facts in CORPORA.items() for label in facts.labels}
    return known | {(corpus, ""): np.zeros(len(LABELS), bool) for corpus, facts in CORPORA.items() if not facts.labels}


def emotion_loss(logits: torch.Tensor, targets: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Cross-entropy [N] of targets with the softmax over each row's own columns.

    Args:
        logits: [N, C].
        targets: [N, C] probabilities, 0 outside of the mask; rows of zeros have loss 0.
        mask: bool [N, C]; may be all false where the targets are zero.
    """
    hidden = logits.masked_fill(~mask, -1e4)
    return -(targets * functional.log_softmax(hidden, 1)).sum(1)


def arousal_loss(raw: torch.Tensor, arousal: torch.Tensor) -> torch.Tensor:
    """Binary cross-entropy [N] with high (1), low (0) or in between; rows of NaN have loss 0."""
    known = ~arousal.isnan()
    loss = functional.binary_cross_entropy_with_logits(raw, arousal.nan_to_num(0.5), reduction="none")
    return torch.where(known, loss, 0.0)
