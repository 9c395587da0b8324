"""Fitting a calibration: parameters that are known by construction are found, and nothing is promised for nothing."""

from __future__ import annotations

import numpy as np
import pytest

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.evaluation.fit_calibration import FOLDS, _folds, _pays, fit_calibration
from edgeaffect.models.calibration_file import log_of, softmax

COUNT = 4000


def drawn(logits: np.ndarray, seed: int = 1) -> list[str]:
    """Labels drawn from the distributions that the logits stand for."""
    random = np.random.default_rng(seed)
    return [EMOTIONS[random.choice(8, p=row)] for row in softmax(logits)]


@pytest.fixture(scope="module")
def logits() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1, (COUNT, 8))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_a_known_temperature_is_found(logits, temperature):
    said = softmax(temperature * logits)  # so many times too sure of itself
    found = fit_calibration(said, drawn(logits), model="toy 1.0.0")
    # The curvature at the optimum gives a standard error of about 0.03 of the temperature for 4,000 faces.
    assert found.temperature == pytest.approx(temperature, rel=0.12)
    assert not found.bias and found.faces == COUNT and found.people is None
    assert found.held_out["ece_after"] < 0.03
    if temperature == 2.0:
        assert found.held_out["ece_before"] > 0.1 and found.held_out["nll_before"] > found.held_out["nll_after"]


def test_the_temperature_is_that_of_a_naive_search(logits):
    said, labels = softmax(1.7 * logits)[:500], drawn(logits)[:500]
    truth = np.array([EMOTIONS.index(label) for label in labels])
    tried = np.linspace(0.5, 4, 1401)
    losses = [-np.log(softmax(log_of(said) / t)[np.arange(500), truth]).mean() for t in tried]
    found = fit_calibration(said, labels, model="toy 1.0.0")
    assert not found.bias
    assert found.temperature == pytest.approx(tried[int(np.argmin(losses))], abs=0.005)


def test_a_bias_is_fitted_where_it_pays(logits):
    shift = np.zeros(8)
    shift[EMOTIONS.index("sadness")], shift[EMOTIONS.index("anger")] = 2.0, -1.0
    found = fit_calibration(softmax(logits), drawn(logits + shift), model="toy 1.0.0")
    got = np.array([found.bias[name] for name in EMOTIONS])
    np.testing.assert_allclose(got - got.mean(), shift - shift.mean(), atol=0.25)
    assert found.held_out["accuracy_after"] > found.held_out["accuracy_before"]
    calibrated = found.apply(softmax(logits))
    np.testing.assert_allclose(calibrated, softmax(logits + shift), atol=0.1)


def test_folds_share_no_person_and_leave_none_out():
    owners = np.random.default_rng(0).integers(0, 23, 300) ** 2 // 23  # some have many faces, some few
    owners = np.unique(owners, return_inverse=True)[1]
    parts = _folds(owners)
    assert len(parts) == FOLDS
    np.testing.assert_array_equal(np.sum(parts, 0), 1)
    for part in parts:
        assert not set(owners[part]) & set(owners[~part])
        assert part.any()


def test_people_keep_a_bias_of_one_person_from_paying(logits):
    """What one person's habit teaches does not help with others; by face it would seem to."""
    random = np.random.default_rng(5)
    people = np.repeat(np.arange(10), 40)
    shift = random.normal(0, 1.5, (10, 8))[people]
    said = softmax(logits[: len(people)])
    labels = drawn(logits[: len(people)] + shift)
    found = fit_calibration(said, labels, [f"p{i}" for i in people], model="toy 1.0.0")
    assert found.people == 10 and not found.bias
    assert fit_calibration(said, labels, model="toy 1.0.0").bias


def test_a_gain_within_its_error_does_not_pay():
    faces = np.arange(100)
    assert _pays(np.where(faces % 2, 1.0, -0.5), faces)  # 0.25, error 0.075
    assert not _pays(np.where(faces % 2, 1.0, -0.9), faces)  # 0.05, error 0.095


def test_many_faces_of_one_person_are_one_witness():
    people = np.repeat([0, 1, 2, 3, 4], [100, 25, 25, 25, 25])
    gains = np.where(people == 0, 0.1, -0.05)  # 0.025; error by face 0.005, by person 0.05
    assert _pays(gains, np.arange(200)) and not _pays(gains, people)


def test_too_few_are_refused_with_numbers(logits):
    said, labels = softmax(logits), drawn(logits)
    with pytest.raises(ValueError, match=r"57 faces with \d labels are too few to calibrate: at least 100 faces"):
        fit_calibration(said[:57], labels[:57], model="toy 1.0.0")
    with pytest.raises(ValueError, match="200 faces with 1 labels"):
        fit_calibration(said[:200], ["anger"] * 200, model="toy 1.0.0")
    people = ["a", "b"] * 100
    with pytest.raises(ValueError, match=r"of 2 people are too few .* of 5 people"):
        fit_calibration(said[:200], labels[:200], people, model="toy 1.0.0")


def test_wrong_labels_and_lengths_are_named(logits):
    with pytest.raises(ValueError, match=r"labels are neutral, .*; got 'joy'"):
        fit_calibration(softmax(logits[:2]), ["joy", "anger"], model="toy 1.0.0")
    with pytest.raises(ValueError, match=r"got \[2, 8\], 3 labels"):
        fit_calibration(softmax(logits[:2]), ["anger"] * 3, model="toy 1.0.0")


def test_labels_that_have_nothing_to_do_with_the_faces_are_refused():
    random = np.random.default_rng(2)
    said = softmax(random.normal(0, 4, (COUNT, 8)))
    labels = [EMOTIONS[i] for i in random.integers(0, 8, COUNT)]
    with pytest.raises(ValueError, match="tell nothing about these 4000 labels"):
        fit_calibration(said, labels, model="toy 1.0.0")
