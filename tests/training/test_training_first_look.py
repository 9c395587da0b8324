"""What a first look saves and costs, on answers made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
if not (Path(__file__).resolve().parents[2] / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from training.affect import first_look
from training.affect.first_look import Pair, Said
from training.data import FerPlus


def said(labels: list[int], confidence: list[float], quality: list[float] | None = None) -> Said:
    """Those labels with these probabilities; the others share the rest."""
    n = len(labels)
    p = np.tile((1 - np.array(confidence)[:, None]) / 7, (1, 8))
    p[np.arange(n), labels] = confidence
    return Said(p, p, np.array(quality if quality is not None else [1.0] * n), np.ones(n, bool))


def faces(labels: list[int]) -> FerPlus:
    votes = np.zeros((len(labels), 10), np.float32)
    votes[np.arange(len(labels)), labels] = 10
    return FerPlus(np.zeros((len(labels), 48, 48), np.uint8), votes, np.full(len(labels), "development"))


# Four faces, all neutral: sure and right, sure and wrong, unsure, and sure behind something.
PAIR = Pair(said([0, 1, 1, 1], [0.9, 0.85, 0.6, 0.95], [1.0, 1.0, 1.0, 0.3]), said([0, 0, 0, 0], [0.7] * 4))


def test_a_face_ends_where_it_is_sure_and_seen() -> None:
    assert PAIR.ends((0.8, 0.9)).tolist() == [True, True, False, False]
    assert PAIR.together((0.8, 0.9)).labels.tolist() == [0, 1, 0, 0]
    assert PAIR.together((0.8, 0.0)).labels.tolist() == [0, 1, 0, 1]
    assert PAIR.together((0.8, 0.9)).quality.tolist() == [1, 1, 1, 1]


def test_scores_are_those_of_the_second_but_where_a_face_ends() -> None:
    found = first_look.scores(PAIR, faces([0, 0, 0, 0]), (0.8, 0.9))
    assert found["ended"] == 0.5 and found["accuracy"] == 0.75 and found["difference"] == -0.25
    assert found["same_label"] == 0.5 and found["interval"][0] <= -0.25 <= found["interval"][1]
    p = [0.9, 0.15 / 7, 0.7, 0.7]
    assert found["cross_entropy"] == pytest.approx(-np.log(p).mean(), abs=1e-6)
    assert found["cross_entropy_second"] == pytest.approx(-np.log(0.7), abs=1e-6)


def test_the_threshold_is_the_lowest_at_which_both_say_the_same() -> None:
    confidence = [0.62, 0.72, 0.82, 0.92]
    other_below = Pair(said([1, 1, 0, 0], confidence), said([0] * 4, [0.7] * 4))
    assert first_look.choose(other_below, 0.9) == 0.75
    never = Pair(said([1] * 4, [0.99] * 4), said([0] * 4, [0.7] * 4))
    assert first_look.choose(never, 0.9) == first_look.GRID[-1]


def test_halves_are_judged_by_each_other() -> None:
    many = Pair(said([0, 1] * 20, [0.9, 0.6] * 20), said([0] * 40, [0.7] * 40))
    found = first_look.cross_validated(many, faces([0] * 40), 0.9)
    assert len(found["halves"]) == 2 and found["difference"] == 0
    assert found["ended"] == pytest.approx(0.5, abs=0.2) and max(found["thresholds"]) <= 0.65


def test_sure_answers_that_changed_are_counted() -> None:
    plain = Pair(said([0, 0], [0.9, 0.9]), said([0, 0], [0.7, 0.7]))
    hidden = [Pair(said([1, 1], [0.9, 0.6]), said([0, 1], [0.7, 0.7]))]
    found = first_look.counted(hidden, plain, (0.8, 0.9))
    assert found == {"sure": 2, "other": 2, "other_among_sure": 1.0, "ended": 0.5}
    assert first_look.counted(hidden, plain, first_look.NEVER)["other"] == 1
