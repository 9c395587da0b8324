"""`leaning`: a yes/no question whose cue is undecided is answered by the side that is more likely than not.

States are set for what is said unasked, where a claim must be right nearly always. Who asks whether it is so wants the
likelier answer: each cue's probability is held against its `lean`, where yes and no are equally often right on people
that the weights were not fitted on. What is hidden, or as near to one side as to the other, stays "Hard to tell".
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

from .content import CO_VOTED, EVEN, Known, answer_of
from .cues import COMPOSITES, CUE_TABLE, MEASURED, MOODS
from .meaning import OPPOSABLE, Request, bin_of

BAND = 0.01
"""A probability this near to its `lean` says nothing."""
LEAN_TONE = 0.08
"""Valence or arousal that is further from 0 leans to its side."""
_JUST = 1.001
_TIED = 0.03  # votes of the label that are no more than this above another's are a tie


def leaning(request: Request, known: Known, probabilities: Mapping[str, float], leans: Mapping[str, float]) -> Known:
    """What is known of a face, with what is asked decided where it is only undecided.

    Args:
        request: what is asked; only yes/no questions change anything.
        known: what is known.
        probabilities: cue or fact -> 0..1.
        leans: cue or fact -> the probability from which on it is rather there.

    Returns:
        `known` itself where nothing leans; else a copy whose answer is `yes` or `no`.
    """
    if request.intent not in OPPOSABLE or not known.has_face or answer_of(request, known) != "maybe":
        return known
    if request.intent == "is_emotion":
        return _felt(request.slot, known)
    if known.state(request.slot) != "unclear":
        return known
    states, facts = dict(known.states), dict(known.facts)
    for name in COMPOSITES.get(request.slot, (request.slot,)):
        if known.state(name) == "unclear" and (name in MEASURED or name not in CUE_TABLE):
            side = _side(name, known, probabilities, leans)
            (states if name in CUE_TABLE else facts)[name] = side
    return dataclasses.replace(known, states=states, facts=facts)


def _side(name: str, known: Known, probabilities: Mapping[str, float], leans: Mapping[str, float]) -> str:
    if name in CUE_TABLE and any(known.state(other) == "present" for other in CUE_TABLE[name].excludes):
        return "absent"
    above = probabilities.get(name, math.nan) - leans.get(name, 0.5)
    if math.isnan(above) or abs(above) < BAND:
        return "unclear"
    return "present" if above > 0 else "absent"


def _felt(slot: str, known: Known) -> Known:
    """What is known when it is decided whether a face looks so.

    Of the label: yes, as its confidence is said beside it. Of an emotion that others may see: no, as the label is
    another, but where both have nearly as many votes. Of a mood near its middle: no, it is neither, or rather a side.
    """
    if slot in MOODS:
        value, sign = known.valence if slot in MOODS[:2] else known.arousal, 1 if slot in MOODS[::2] else -1
        if math.isnan(value):
            return known
        if sign * value <= LEAN_TONE:
            return dataclasses.replace(known, leans="no")
        side = sign * EVEN * _JUST
        if slot in MOODS[:2]:
            return dataclasses.replace(known, valence=side)
        return dataclasses.replace(known, arousal=side)
    if slot == known.label:
        return known if bin_of(known.confidence) == "hard" else dataclasses.replace(known, leans="yes")
    ahead = known.votes.get(known.label, 0.0) - known.votes.get(slot, 0.0)
    if not ahead > _TIED:  # also where nobody knows the votes
        return known
    return dataclasses.replace(known, votes={**known.votes, slot: CO_VOTED / 2})
