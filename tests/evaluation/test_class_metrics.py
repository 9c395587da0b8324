"""Classes, label scores and sets of words against hand-computed cases and scikit-learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeaffect.evaluation import affect_metrics, class_metrics, emotion_wheel
from edgeaffect.evaluation.emotion_wheel import PLUTCHIK, ew_mean, ew_scores, read_grouping


def test_uar_is_the_mean_recall_of_classes_that_are_there() -> None:
    # class 0: 2 of 3, class 1: 1 of 1, class 2: nobody
    assert class_metrics.uar([0, 0, 1, 1], [0, 0, 0, 1], 3) == pytest.approx((2 / 3 + 1) / 2)
    assert class_metrics.accuracy([0, 0, 1, 1], [0, 0, 0, 1]) == 0.75


def test_classes_and_labels_agree_with_scikit_learn() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(0)
    rated, said = generator.integers(0, 5, 300), generator.integers(0, 5, 300)
    assert class_metrics.uar(said, rated, 5) == pytest.approx(sklearn.balanced_accuracy_score(rated, said))
    assert class_metrics.macro_f1_of(said, rated, 5) == pytest.approx(sklearn.f1_score(rated, said, average="macro"))
    assert class_metrics.binary_f1(said > 2, rated > 2) == pytest.approx(sklearn.f1_score(rated > 2, said > 2))
    scores, truth = generator.integers(0, 20, (200, 4)) / 20, generator.random((200, 4)) < 0.2  # many ties
    value, each = class_metrics.mean_average_precision(scores, truth)
    assert each == pytest.approx([sklearn.average_precision_score(truth[:, i], scores[:, i]) for i in range(4)])
    assert value == pytest.approx(sklearn.average_precision_score(truth, scores, average="macro"))
    assert class_metrics.mean_auc(scores, truth) == pytest.approx(sklearn.roc_auc_score(truth, scores))
    log_loss = affect_metrics.brier(np.eye(5)[said], rated)
    assert log_loss == pytest.approx(sklearn.mean_squared_error(np.eye(5)[rated], np.eye(5)[said]) * 5)


def test_js_divergence_agrees_with_scipy() -> None:
    distance = pytest.importorskip("scipy.spatial.distance")
    p, q = np.random.default_rng(1).dirichlet(np.ones(8), (2, 20))
    expected = [distance.jensenshannon(a, b) ** 2 for a, b in zip(p, q, strict=True)]
    assert affect_metrics.js_divergence(p, q) == pytest.approx(expected)


def test_average_precision_by_hand() -> None:
    # true at ranks 1 and 3: (1 + 2/3) / 2
    assert class_metrics.average_precision([0.9, 0.8, 0.7], [1, 0, 1]) == pytest.approx(5 / 6)
    assert class_metrics.average_precision([0.5, 0.5], [1, 0]) == 0.5  # a tie is one step
    with pytest.raises(ValueError, match="none of 2 is"):
        class_metrics.average_precision([0.5, 0.4], [0, 0])
    value, each = class_metrics.mean_average_precision([[0.9, 0.1], [0.1, 0.2]], [[1, 0], [0, 0]])
    assert value == 1 and np.isnan(each[1])
    with pytest.raises(ValueError, match="some of them true"):
        class_metrics.mean_average_precision([[0.1]], [[0]])


def test_class_numbers() -> None:
    names, said, rated = class_metrics.class_numbers(["b", "a"], ["a", "c"])
    assert names == ("a", "b", "c") and said.tolist() == [1, 0] and rated.tolist() == [0, 2]
    with pytest.raises(ValueError, match="got 1 for 2"):
        class_metrics.class_numbers(["a"], ["a", "b"])


def test_ew_scores_by_hand() -> None:
    # 1: {joy} of {joy}; 2: {joy, sadness} against {sadness, fear}: 1/2 and 1/2; 3: nothing said, 0 and 0
    predicted = [["Happy", "joyful"], ["happy", "sad"], []]
    rated = [["delighted"], ["gloomy ", "scared"], ["angry"]]
    scores = ew_scores(predicted, rated)
    assert (scores.precision, scores.recall, scores.f1, scores.samples) == (0.5, 0.5, 0.5, 3)


def test_ew_drops_words_without_a_group_and_names_them() -> None:
    scores = ew_scores([["happy", "blue"], ["happy"]], [["joy", "zesty"], ["zesty"]])
    assert scores.samples == 1 and scores.f1 == 1 and scores.unknown == ("blue", "zesty")
    with pytest.raises(ValueError, match="no rated word of 1 samples has a group"):
        ew_scores([["happy"]], [["zesty"]])
    with pytest.raises(ValueError, match="split it first"):
        ew_scores(["happy"], [["joy"]])
    assert ew_mean([["happy"]], [["joy"]], [PLUTCHIK, {"happy": "a", "joy": "b"}]) == 0.5


def test_the_wheel_puts_no_word_into_two_sectors() -> None:
    words = [word for name, text in emotion_wheel._SECTORS.items() for word in (name, *text.split())]
    assert len(words) == len(set(words)) == len(PLUTCHIK)
    assert len(set(PLUTCHIK.values())) == 8


def test_a_grouping_is_read_and_checked(tmp_path: Path) -> None:
    table = tmp_path / "wheel.csv"
    table.write_text("word,group\nHappy,Joy\nsad,sadness\n")
    assert read_grouping(table) == {"happy": "joy", "sad": "sadness"}
    table.write_text("word,group\nhappy,joy\nhappy,trust\n")
    with pytest.raises(ValueError, match="line 3: 'happy' stands in joy and in trust"):
        read_grouping(table)
    table.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="needs the columns word and group; it has a, b"):
        read_grouping(table)
