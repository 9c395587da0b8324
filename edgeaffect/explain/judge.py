"""How far a statement about a face holds, from what the reader takes it to claim and what evidence says of that."""

from __future__ import annotations

from .aspects import UNKNOWN, probability_of
from .evidence import Evidence
from .judge_rule import JudgeRule
from .reading import MENTIONED, Reading, Said

_LEAST = 0.05
"""A claim that a text makes with less probability than this is left out."""
_EDGE = 1e-4


def truth_of(claims: dict[str, Said], evidence: Evidence) -> float | None:
    """Probability that everything holds that a text claims; None where it claims nothing.

    Each aspect counts by how surely the text speaks of it: (1 - said) + said there * p + said not there * (1 - p).
    """
    if all(said.mentioned < MENTIONED for said in claims.values()):
        return None
    truth = 1.0
    for aspect, said in claims.items():
        if said.mentioned >= _LEAST:
            p = probability_of(aspect, evidence)
            truth *= 1 - said.mentioned + said.present * p + said.absent * (1 - p)
    return min(max(truth, _EDGE), 1 - _EDGE)


def judged(reading: Reading, evidence: Evidence, rule: JudgeRule) -> float:
    """Probability that a statement holds.

    Args:
        reading: of the statement.
        evidence: of the face.
        rule: calibration.

    Returns:
        0..1; 0.5 where the statement claims nothing that could be measured.
    """
    truth = truth_of(dict(reading.claims), evidence)
    return UNKNOWN if truth is None else rule.probability(truth)
