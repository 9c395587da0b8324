"""What more recall of a rare emotion costs, on readings worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("training.affect.rare_classes", reason="training/ is only in the source tree")
from edgeaffect.circumplex import EMOTIONS
from training.affect import rare_classes as rare

FEAR, NEUTRAL = EMOTIONS.index("fear"), EMOTIONS.index("neutral")


def reading(of_fear: list[float], of_neutral: list[float]) -> rare.Reading:
    """Faces of fear, then neutral ones, each with a probability of fear (the rest is neutral's); two that are plain."""
    chances = np.array([*of_fear, *of_neutral])
    p = np.zeros((len(chances), len(EMOTIONS)))
    p[:, FEAR], p[:, NEUTRAL] = chances, 1 - chances
    plain = [EMOTIONS.index(name) for name in ("disgust", "contempt")]
    labels = [FEAR] * len(of_fear) + [NEUTRAL] * len(of_neutral) + plain
    return np.concatenate([p, np.eye(len(EMOTIONS))[plain]]), np.array(labels)


def test_the_least_weight_that_raises_the_recall_by_ten_points() -> None:
    faces = reading([0.9] * 5 + [0.4] + [0.01] * 4, [0.1] * 10)
    assert rare.recall(faces, rare.weighted({}), "fear") == 0.5
    weight = rare.least_weight(faces, "fear")
    # The sixth face turns at a weight of 0.6 / 0.4, none of the others before 99.
    assert 1.5 <= weight < 1.5 * np.exp(0.1)
    assert rare.recall(faces, rare.weighted({"fear": weight}), "fear") == 0.6


def test_no_weight_is_enough() -> None:
    with pytest.raises(ValueError, match=r"raises the recall of fear to 0\.60"):
        rare.least_weight(reading([0.9] * 5 + [1e-6] * 5, [0.1]), "fear")


def test_accuracy_pays_for_recall() -> None:
    faces = reading([0.9, 0.3], [0.3, 0.3, 0.1, 0.1])
    plain, raised = (rare.report(faces, rare.weighted(w)) for w in ({}, {"fear": 3.0}))
    assert (plain["accuracy"], raised["accuracy"]) == (7 / 8, 6 / 8)
    assert (plain["fear"]["recall"], raised["fear"]["recall"]) == (0.5, 1.0)
    assert (plain["fear"]["precision"], raised["fear"]["precision"]) == (1.0, 0.5)
    assert rare.loss_of_accuracy(faces, rare.weighted({"fear": 3.0}))["value"] == pytest.approx(1 / 8)
