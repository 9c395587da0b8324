"""What the decoders are trained on, each part by itself so that it can be checked and left out."""

from __future__ import annotations

import torch
from torch.nn import functional

from training.explain.decoder import Decoder
from training.explain.sequences import IGNORED, PREFIX, Batch

TEMPERATURE, DISTIL_TEMPERATURE = 0.07, 2.0


def word_loss(logits: torch.Tensor, targets: torch.Tensor, plans: int = 0, weight: float = 1.0) -> torch.Tensor:
    """Cross-entropy of the next word, mean over counted targets.

    Args:
        logits: [n, T, words].
        targets: [n, T].
        plans: ids below this one are decisions (plan tokens, the end) and count `weight` times: one in six tokens
            decides what is said, the others only how.
        weight: see above.
    """
    each = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="none")
    flat = targets.flatten()
    counted = torch.where(flat == IGNORED, 0.0, torch.where(flat < plans, weight, 1.0)).to(each.dtype)
    return (each * counted).sum() / counted.sum().clamp(1e-9)


def false_claim_loss(logits: torch.Tensor, targets: torch.Tensor, false: torch.Tensor, plans: int) -> torch.Tensor:
    """Unlikelihood of claims that the face does not bear out: -log(1 - their share), mean over decisions.

    A text with a false cue is pushed away where it would begin, at its plan token, so that no word of the language is
    (Welleck et al. 2020; beside preferences between whole texts, which broke the grammar).

    Args:
        logits: [n, T, words].
        targets: [n, T]; places whose target is a decision (below `plans`) count.
        false: [n, plans] bool, plan tokens that would be false of the face.
        plans: see `word_loss`.
    """
    counted = (targets != IGNORED) & (targets < plans)
    rows = counted.nonzero()[:, 0]
    if not len(rows):
        return logits.sum() * 0.0
    share = (logits[counted].softmax(-1)[:, :plans] * false[rows]).sum(-1)
    return -torch.log1p(-share.clamp(max=1 - 1e-4)).mean()


def vad_loss(hidden: torch.Tensor, decoder: Decoder, targets: torch.Tensor) -> torch.Tensor:
    """Squared error of the next word's valence, arousal and dominance, over words that have any."""
    counted = targets != IGNORED
    wanted = decoder.vad[targets.clamp(0)]
    counted = counted & (wanted != 0).any(-1)
    error = (decoder.vad_head(hidden) - wanted).pow(2).mean(-1)
    return (error * counted).sum() / counted.sum().clamp(1)


def soft_vad_loss(
    logits: torch.Tensor, decoder: Decoder, targets: torch.Tensor, meant: torch.Tensor, speaks: torch.Tensor
) -> torch.Tensor:
    """Squared distance of the affect that words are expected to carry from what the votes mean.

    Per sequence the mean over places whose target carries affect of sum_w p(w) vad(w); only texts that speak about the
    face itself (`speaks`) count.
    """
    counted = (targets != IGNORED) & (decoder.vad[targets.clamp(0)] != 0).any(-1)
    expected = logits.softmax(-1) @ decoder.vad
    mean = (expected * counted[..., None]).sum(1) / counted.sum(1).clamp(1)[:, None]
    rows = speaks & counted.any(1)
    return ((mean - meant).pow(2).sum(1) * rows).sum() / rows.sum().clamp(1)


def match_loss(faces: torch.Tensor, texts: torch.Tensor, others: torch.Tensor, speaks: torch.Tensor) -> torch.Tensor:
    """Symmetric InfoNCE between faces and their texts [n, d]; `others`, the same texts with a false cue, are negatives.

    Rows that do not speak about the face are left out on both sides.
    """
    faces, texts, others = faces[speaks], texts[speaks], others[speaks]
    if len(faces) < 2:
        return faces.sum() * 0
    place = torch.arange(len(faces), device=faces.device)
    to_texts = faces @ torch.cat([texts, others]).T / TEMPERATURE
    to_faces = texts @ faces.T / TEMPERATURE
    return (functional.cross_entropy(to_texts, place) + functional.cross_entropy(to_faces, place)) / 2


def sure_loss(sure: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Log score of a confidence (logit) against the share of people who chose the label; its best is that share."""
    counted = ~share.isnan()
    loss = functional.binary_cross_entropy_with_logits(sure, share.nan_to_num(0.5), reduction="none")
    return (loss * counted).sum() / counted.sum().clamp(1)


def distil_loss(student: torch.Tensor, teacher: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """T^2 KL(teacher || student) at temperature T, mean over counted targets."""
    counted = targets != IGNORED
    p = (teacher / DISTIL_TEMPERATURE).log_softmax(-1)
    q = (student / DISTIL_TEMPERATURE).log_softmax(-1)
    divergence = (p.exp() * (p - q)).sum(-1)
    return DISTIL_TEMPERATURE**2 * (divergence * counted).sum() / counted.sum().clamp(1)


def sequence_log_probability(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Sum of log-probabilities [n] of the counted targets."""
    counted = targets != IGNORED
    found = logits.log_softmax(-1).gather(-1, targets.clamp(0)[..., None])[..., 0]
    return (found * counted).sum(-1)


def preference_loss(
    chosen: torch.Tensor,
    rejected: torch.Tensor,
    chosen_before: torch.Tensor,
    rejected_before: torch.Tensor,
    beta: float,
) -> torch.Tensor:
    """Direct preference optimisation (Rafailov et al. 2023) of log-probabilities [n], now and of the model before."""
    return -functional.logsigmoid(beta * ((chosen - chosen_before) - (rejected - rejected_before))).mean()


def counted_words(tokens: torch.Tensor) -> torch.Tensor:
    """Which tokens [n, T] of a text belong to it: behind the prefix, PAD and the end left out."""
    counted = tokens > 2
    counted[:, :PREFIX] = False
    return counted


def other_words(batch: Batch) -> torch.Tensor:
    """Which tokens of `batch.other`, which have no prefix, count."""
    return batch.other > 2
