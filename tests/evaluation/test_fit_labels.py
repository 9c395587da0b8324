"""Heads fitted to few faces: what is found is found, what is noise is called noise, what is too little is refused."""

from __future__ import annotations

import numpy as np
import pytest

from edgeaffect.evaluation.fit_labels import fit_labels, person_folds
from edgeaffect.evaluation.label_data import class_data, scale_data
from edgeaffect.evaluation.logistic import fit_logistic, fit_ridge

CLASSES = ("away", "bored", "engaged")


def people(count: int, each: int) -> list[str]:
    return [f"p{i:02}" for i in range(count) for _ in range(each)]


def faces(strength: float, count: int = 12, each: int = 9, seed: int = 0) -> tuple[np.ndarray, list[str], list[str]]:
    """Features of people: a person's own place, and a direction per class of some strength."""
    generator = np.random.default_rng(seed)
    who = people(count, each)
    labels = [CLASSES[i % 3] for i in range(len(who))]
    own, ways = generator.normal(size=(count, 20)), generator.normal(size=(3, 20))
    x = np.stack([own[int(p[1:])] + strength * ways[CLASSES.index(c)] for p, c in zip(who, labels, strict=True)])
    return 5 + 3 * (x + generator.normal(0, 0.5, x.shape)), labels, who


@pytest.mark.parametrize("penalty", [0.01, 0.3])
def test_logistic_and_ridge_agree_with_scikit_learn(penalty: float) -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    x, labels, _ = faces(0.5)
    x = (x - x.mean(0)) / x.std(0)
    y = np.array([CLASSES.index(label) for label in labels])
    ours = fit_logistic(x, y, 3, penalty)
    theirs = linear.LogisticRegression(C=1 / (penalty * len(x)), tol=1e-10, max_iter=5000).fit(x, y)
    # a slope of 1e-5, where the fit stops, over a curvature of 0.01, the smaller penalty
    assert ours[:-1] == pytest.approx(theirs.coef_.T, abs=1e-3)
    value = x[:, 0] + 0.1 * np.arange(len(x))
    for rows in (slice(None), slice(0, 15)):  # more rows than columns, and fewer
        line = linear.Ridge(alpha=penalty * len(x[rows])).fit(x[rows], value[rows])
        assert fit_ridge(x[rows], value[rows], penalty)[:, 0] == pytest.approx([*line.coef_, line.intercept_])


def test_folds_share_no_person_and_hold_every_class() -> None:
    owners = np.repeat(np.arange(11), [30, 20, 5, 5, 5, 5, 4, 4, 3, 2, 1])
    labels = np.arange(len(owners)) % 2
    parts = person_folds(owners, labels, 5)
    assert (np.sum(parts, 0) == 1).all()
    assert all(not set(owners[part]) & set(owners[~part]) for part in parts)
    assert all(set(labels[~part]) == {0, 1} for part in parts)


def test_what_is_there_is_found_and_calibrated() -> None:
    x, labels, who = faces(1.0)
    fitted = fit_labels(x, class_data("engagement", labels, who), samples=200)
    report = fitted.report
    assert report["scores"]["uar"]["value"] > 0.8 and fitted.beats_chance and report["chance"] == pytest.approx(1 / 3)
    assert report["majority"]["uar"]["value"] == pytest.approx(1 / 3, abs=0.05)
    assert report["per_class"]["bored"] == {"faces": 36, "people": 12} and report["ece"] < 0.15
    said = fitted.head.apply(x)
    assert said.sum(1) == pytest.approx(1) and (said.argmax(1) == [CLASSES.index(c) for c in labels]).mean() > 0.9


def test_what_only_the_person_tells_is_chance() -> None:
    """Labels lean on the person, features know the person alone: held-out people show that nothing is known."""
    x, _, who = faces(0.0)
    generator = np.random.default_rng(3)
    leaning = generator.random(12)
    labels = ["yes" if generator.random() < leaning[int(p[1:])] else "no" for p in who]
    fitted = fit_labels(x, class_data("attention", labels, who), samples=200)
    assert not fitted.beats_chance and fitted.report["scores"]["uar"]["value"] < 0.65


def test_a_scale_is_followed_within_what_people_gave() -> None:
    x, labels, who = faces(1.0)
    pain = np.array([3.0 * CLASSES.index(label) for label in labels])
    fitted = fit_labels(x, scale_data("pain", pain.tolist(), who), samples=100)
    assert fitted.report["scores"]["ccc"]["value"] > 0.6 and fitted.beats_chance
    assert fitted.report["scores"]["rmse"]["value"] < fitted.report["mean_baseline"]["rmse"]["value"]
    said = fitted.head.apply(100 * x)
    assert said.min() >= 0 and said.max() <= 6
    noise = fit_labels(x, scale_data("pain", np.random.default_rng(0).normal(size=len(x)).tolist(), who), samples=100)
    assert not noise.beats_chance


@pytest.mark.parametrize(
    ("labels", "who", "message"),
    [
        (["a", "b"] * 20, people(4, 10), "faces of 4 people; at least 5 people are needed"),
        (["a"] * 40, people(8, 5), "there are 1"),
        (["a"] * 34 + ["b"] * 6, people(8, 5), "b: 6 faces of 2 people; at least 10 faces of 3 people"),
        (["a"] * 20 + ["b"] * 20, people(8, 5), "of 8 people with several faces 0 have more than one class"),
        (["happy", "b"] * 20, people(8, 5), "'happy' means one of the eight emotions"),
        (["a", "b"] * 20, people(8, 4), "32 people for 40 labels"),
    ],
)
def test_too_little_is_refused_with_numbers(labels: list[str], who: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        class_data("x", labels, who)


def test_scales_are_checked_too() -> None:
    with pytest.raises(ValueError, match=r"20 faces with 20 different values; at least 30"):
        scale_data("pain", list(range(20)), people(5, 4))
    with pytest.raises(ValueError, match="name the column `label`"):
        scale_data("pain", [0, 1] * 20, people(8, 5))
    with pytest.raises(ValueError, match="0 have more than one value"):
        scale_data("pain", [int(p[1:]) for p in people(8, 5)], people(8, 5))
    with pytest.raises(ValueError, match="1 of 40 are not"):
        scale_data("pain", [*range(39), float("nan")], people(8, 5))
    once = scale_data("pain", list(range(40)), people(40, 1))  # one face each: no person can be learnt
    assert once.counts() == {"faces": 40, "people": 40}
