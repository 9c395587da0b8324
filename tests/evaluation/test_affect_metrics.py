"""Expression scores against hand-computed cases and naive loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.evaluation import affect_metrics as metrics

CERTAIN = np.eye(8)


def distributions(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(8, 0.5), count)


def test_clean_votes_removes_single_votes_and_leaves_the_input_alone() -> None:
    votes = np.array([[1, 2, 0, 7, 0, 0, 0, 0, 0, 0]], np.uint8)
    assert metrics.clean_votes(votes).tolist() == [[0, 2, 0, 7, 0, 0, 0, 0, 0, 0]]
    assert votes[0, 0] == 1


@pytest.mark.parametrize(
    ("counts", "label", "kept"),
    [
        ([6, 4, 0, 0, 0, 0, 0, 0, 0, 0], 0, True),
        ([5, 5, 0, 0, 0, 0, 0, 0, 0, 0], 0, False),  # exactly half is no majority
        ([0, 0, 0, 0, 0, 0, 0, 0, 9, 0], 8, False),  # unknown is no emotion
        ([0, 0, 0, 0, 0, 0, 0, 4, 3, 0], 7, True),
        ([0] * 10, 0, False),
    ],
)
def test_majority_protocol(counts: list[int], label: int, kept: bool) -> None:
    labels, mask = metrics.majority_labels([counts])
    assert mask.tolist() == [kept]
    assert labels.tolist() == [label]


def test_emotion_shares_ignore_unknown_votes_and_mask_empty_rows() -> None:
    shares, usable = metrics.emotion_shares([[3, 1, 0, 0, 0, 0, 0, 0, 6, 0], [0, 0, 0, 0, 0, 0, 0, 0, 5, 5]])
    assert shares[0, :2].tolist() == [0.75, 0.25]
    assert usable.tolist() == [True, False]
    assert not shares[1].any()


def test_confusion_recall_and_f1_by_hand() -> None:
    confusion = metrics.confusion_matrix([0, 0, 1, 1, 1], [0, 1, 1, 1, 0], 3)
    assert confusion.tolist() == [[1, 1, 0], [1, 2, 0], [0, 0, 0]]
    recall = metrics.per_class_recall(confusion)
    assert recall[:2] == pytest.approx([1 / 2, 2 / 3])
    assert math.isnan(recall[2])
    assert metrics.macro_f1(confusion) == pytest.approx((1 / 2 + 2 / 3) / 2)


def test_divergences() -> None:
    p, q = distributions(50), distributions(50, 1)
    naive = [sum(a * math.log(a / b) for a, b in zip(x, y, strict=True)) for x, y in zip(p, q, strict=True)]
    assert metrics.kl_divergence(p, q) == pytest.approx(naive)
    assert metrics.kl_divergence(p, p) == pytest.approx(np.zeros(50), abs=1e-12)
    assert metrics.js_divergence(p, q) == pytest.approx(metrics.js_divergence(q, p))
    assert metrics.js_divergence(CERTAIN[:1], CERTAIN[1:2]) == pytest.approx([math.log(2)])
    assert metrics.kl_divergence(CERTAIN[:1], CERTAIN[1:2])[0] == math.inf


def test_hard_ece_by_hand() -> None:
    # Two faces at confidence 0.9, one right: |0.5 - 0.9|; one at 0.6, right: |1 - 0.6|.
    p = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])
    assert metrics.hard_ece(p, [0, 1, 1]) == pytest.approx((2 * 0.4 + 0.4) / 3)


def test_soft_ece_is_zero_for_the_human_distribution_and_hard_ece_is_not() -> None:
    human = distributions(500)
    assert metrics.soft_ece(human, human) == pytest.approx(0, abs=1e-12)
    assert metrics.hard_ece(human, human.argmax(1)) > 0.1


def test_ece_bins_hold_their_upper_edge() -> None:
    p = np.array([[1.0, 0.0], [0.5, 0.5]])
    assert metrics.hard_ece(p, [0, 0], bins=2) == pytest.approx((0 + 0.5) / 2)


def test_brier_takes_labels_or_distributions() -> None:
    p = distributions(20)
    labels = np.arange(20) % 8
    assert metrics.brier(p, labels) == pytest.approx(metrics.brier(p, CERTAIN[labels]))
    assert metrics.brier(CERTAIN[:1], [1]) == 2.0
    assert metrics.brier(p, p) == 0.0


def test_risk_coverage_by_hand() -> None:
    curve = metrics.risk_coverage([0.9, 0.5, 0.8, 0.6], [True, False, True, False])
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert curve.at(0.5) == 0
    assert curve.at(1.0) == 0.5
    assert curve.area == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    with pytest.raises(ValueError, match="coverage"):
        curve.at(0)


def test_wilson_interval_against_published_value() -> None:
    # Newcombe 1998, table I: 81 of 263 -> 0.2553 to 0.3662.
    assert metrics.wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert metrics.wilson_interval(0, 5)[0] == pytest.approx(0, abs=1e-12)
    with pytest.raises(ValueError, match="successes"):
        metrics.wilson_interval(3, 2)


def test_bootstrap_interval_agrees_with_the_normal_one() -> None:
    hits = np.arange(1000) % 10 < 8
    low, high = metrics.bootstrap_interval(hits)
    half = 1.96 * math.sqrt(0.8 * 0.2 / 1000)
    assert (low, high) == pytest.approx((0.8 - half, 0.8 + half), abs=4e-3)
    assert metrics.bootstrap_interval(hits) == (low, high)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 200), st.integers(0, 1000), st.integers(1, 40))
def test_ece_against_a_naive_loop(count: int, seed: int, bins: int) -> None:
    p = distributions(count, seed)
    labels = np.random.default_rng(seed).integers(0, 8, count)
    total = 0.0
    for k in range(bins):
        inside = [i for i in range(count) if k / bins < p[i].max() <= (k + 1) / bins]
        total += abs(sum((p[i].argmax() == labels[i]) - p[i].max() for i in inside)) / count
    assert metrics.hard_ece(p, labels, bins) == pytest.approx(total, abs=1e-9)
