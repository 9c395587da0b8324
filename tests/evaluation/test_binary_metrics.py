"""ROC AUC against counting pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeaffect.evaluation.binary_metrics import roc_auc


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.booleans()), min_size=2, max_size=30))
def test_area_is_the_share_of_pairs_in_order(pairs: list[tuple[float, bool]]) -> None:
    scores, truth = np.array([s for s, _ in pairs]), np.array([t for _, t in pairs])
    if truth.all() or not truth.any():
        with pytest.raises(ValueError, match="both classes"):
            roc_auc(scores, truth)
        return
    wins = [(a > b) + 0.5 * (a == b) for a in scores[truth] for b in scores[~truth]]
    assert roc_auc(scores, truth) == pytest.approx(np.mean(wins))


@pytest.mark.parametrize(("scores", "truth"), [([0.1, np.nan], [0, 1]), ([0.1], [0, 1]), ([[0.1, 0.2]], [[0, 1]])])
def test_bad_input_is_refused(scores: list, truth: list) -> None:
    with pytest.raises(ValueError, match="scores"):
        roc_auc(scores, truth)
