"""`JudgeRule`: calibration of the judge."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class JudgeRule:
    """Fitted on statements about development people: logit p = bias + scale * logit q, q is `judge.truth_of`."""

    bias: float = 0.0
    scale: float = 1.0

    def probability(self, truth: float) -> float:
        """0..1, of a truth between 0 and 1."""
        logit = self.bias + self.scale * math.log(truth / (1 - truth))
        return 1 / (1 + math.exp(-min(max(logit, -30.0), 30.0)))
