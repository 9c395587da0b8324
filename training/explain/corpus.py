"""The corpus: what a decoder learns to say about measured faces, each sequence proved by the grammar's inverse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.explain.content import Known, plan
from edgeaffect.explain.cues import ADMITTED, COVERED_BY, CUES, FACTS, REGIONS, region_of
from edgeaffect.explain.grammar import realise
from edgeaffect.explain.meaning import OWN_OPPOSITE, SLOTS_OF, Claim, Request, prefix
from edgeaffect.explain.parsing import parse, words_of

Floats = NDArray[np.floating]

# How often each intent is asked: the many slots of yes/no questions need more examples than "explain".
SHARES: dict[str, float] = {
    "explain": 0.3, "describe_region": 0.14, "is_cue": 0.14, "is_fact": 0.06, "is_emotion": 0.1, "where_looking": 0.05,
    "why_not": 0.08, "what_changed": 0.06, "how_sure": 0.03, "describe_visible": 0.02, "refuse": 0.015,
    "unclear": 0.005,
}  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One training sequence: `<bos> ...prefix` and `tokens <eos>`."""

    request: Request
    claims: tuple[Claim, ...]
    prefix: tuple[str, ...]
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Thresholds:
    """States of cues and facts: present at `high` and above, absent at `low` and below."""

    low: Floats
    """[C] or a scalar."""
    high: Floats


def known_faces(
    cues: Floats,
    facts: Floats,
    votes: Floats,
    affect: Floats,
    contributions: Floats,
    *,
    cue_limits: Thresholds,
    fact_limits: Thresholds,
    confidence: Floats | None = None,
    changes: Sequence[Mapping[str, bool] | None] | None = None,
    least: float = 0.1,
) -> Iterator[Known]:
    """What is known of each face, from arrays.

    Args:
        cues: [N, len(CUES)] probabilities.
        facts: [N, len(FACTS)] probabilities.
        votes: [N, 8] shares of observers.
        affect: [N, 2] valence and arousal.
        contributions: [N, 8, len(CUES)] what each cue adds to each label in the linear model of votes.
        cue_limits: thresholds of cues.
        fact_limits: thresholds of facts.
        confidence: [N] of the most frequent label; its share of votes when None.
        changes: of each face, cue -> whether it began; None: nothing is known of the moments before.
        least: a cue counts as a reason from this contribution on, and as missing from its negative on.

    Raises:
        ValueError: arrays of other shapes.
    """
    count = len(cues)
    shapes = [(cues, (count, len(CUES))), (facts, (count, len(FACTS))), (votes, (count, 8)), (affect, (count, 2))]
    for array, shape in (*shapes, (contributions, (count, 8, len(CUES)))):
        if array.shape != shape:
            raise ValueError(f"an array of shape {shape} is needed; got {array.shape}")
    cue_states, fact_states = _states(cues, cue_limits), _states(facts, fact_limits)
    for i in range(count):
        fact = dict(zip(FACTS, fact_states[i], strict=True))
        hidden = {region for name, region in COVERED_BY.items() if fact[name] == "present"}
        states = {
            name: "hidden" if region_of(name) in hidden else state
            for name, state in zip(CUES, cue_states[i], strict=True)
        }
        best = int(votes[i].argmax())
        yield Known(
            states=states,
            facts=fact,
            label=EMOTIONS[best],
            confidence=float(votes[i, best] if confidence is None else confidence[i]),
            votes=dict(zip(EMOTIONS, map(float, votes[i]), strict=True)),
            valence=float(affect[i, 0]),
            arousal=float(affect[i, 1]),
            reasons={e: _ranked(contributions[i, k], states, "present", least) for k, e in enumerate(EMOTIONS)},
            missing={e: _ranked(-contributions[i, k], states, "absent", least) for k, e in enumerate(EMOTIONS)},
            changes=None if changes is None else changes[i],
        )


def random_request(rng: Random) -> Request:
    """A question, its intent by `SHARES`, its slot at random."""
    intent = rng.choices(tuple(SHARES), tuple(SHARES.values()))[0]
    slots = SLOTS_OF[intent]
    if intent == "describe_region" and rng.random() < 0.25:
        slots = ("all",)
    elif intent == "is_cue" and rng.random() < 0.3:
        slots = ADMITTED
    return Request(intent, rng.choice(slots), intent not in OWN_OPPOSITE or rng.random() < 0.75)


def requests_of(known: Known) -> Iterator[Request]:
    """One question of every kind that a face can be asked."""
    yield Request("explain")
    yield from (Request("describe_region", region) for region in ("all", *REGIONS))
    yield from (Request("is_cue", name, present) for name in SLOTS_OF["is_cue"] for present in (True, False))
    yield from (Request("is_fact", name, present) for name in SLOTS_OF["is_fact"] for present in (True, False))
    yield from (Request("is_emotion", name) for name in SLOTS_OF["is_emotion"])
    yield from (Request("why_not", name) for name in EMOTIONS)
    yield from (Request(name) for name in ("where_looking", "what_changed", "how_sure", "describe_visible", "unclear"))
    yield from (Request("refuse", name) for name in SLOTS_OF["refuse"])


def sample(request: Request, known: Known, rng: Random) -> Sample:
    """One way to answer, proved.

    Raises:
        AssertionError: the words do not say what they should; a mistake in the grammar.
    """
    claims = plan(request, known, rng)
    tokens = tuple(realise(claims, rng))
    said = parse(words_of(tokens))
    if said != claims:
        raise AssertionError(f"{' '.join(tokens)!r} says {said}, not {claims}")
    return Sample(request, claims, prefix(request, known.label, known.confidence), (*tokens, "<eos>"))


def samples(known: Known, rng: Random, count: int = 16) -> Iterator[Sample]:
    """Questions and answers about one face, "explain" always among them."""
    yield sample(Request("explain"), known, rng)
    for _ in range(count - 1):
        yield sample(random_request(rng), known, rng)


def _states(probabilities: Floats, limits: Thresholds) -> NDArray[np.str_]:
    return np.where(probabilities >= limits.high, "present", np.where(probabilities <= limits.low, "absent", "unclear"))


def _ranked(contributions: Floats, states: Mapping[str, str], state: str, least: float) -> tuple[str, ...]:
    order = np.argsort(-contributions, kind="stable")
    return tuple(CUES[k] for k in order if contributions[k] >= least and states[CUES[k]] == state)
