"""`JudgeRule`: calibration of the judge."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class JudgeRule:
    """Fitted on statements about training people: logit p = bias + scale * logit q + match * (s - mean).

    q is `judge.truth_of`, s the match score of picture and text.
    """

    bias: float = 0.0
    scale: float = 1.0
    match: float = 0.0
    mean: float = 0.0

    def probability(self, truth: float, match: float | None) -> float:
        """0..1."""
        logit = self.bias + self.scale * math.log(truth / (1 - truth))
        if match is not None:
            logit += self.match * (match - self.mean)
        return 1 / (1 + math.exp(-min(max(logit, -30.0), 30.0)))
