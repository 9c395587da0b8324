"""The VAD mixture against sampling and against its own inverse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgeaffect import circumplex as cx

votes_strategy = arrays(np.float64, 8, elements=st.floats(0, 10)).filter(lambda v: v.sum() > 1e-3)


def test_moments_match_samples_of_the_mixture():
    rng = np.random.default_rng(0)
    votes = rng.dirichlet(np.ones(8))
    which = rng.choice(8, size=200_000, p=votes)
    samples = np.empty((len(which), 3))
    for c in range(8):
        rows = which == c
        samples[rows] = rng.multivariate_normal(cx.anchor_means()[c], cx.anchor_covariances()[c], rows.sum())
    mean, cov = cx.vad_from_votes(votes)
    # Standard error of a mean of 2e5 samples of spread < 0.7 is below 0.002: five of them.
    np.testing.assert_allclose(mean, samples.mean(0), atol=0.008)
    np.testing.assert_allclose(cov, np.cov(samples.T), atol=0.01)


@given(votes_strategy)
def test_covariance_is_positive_and_scale_free(votes):
    mean, cov = cx.vad_from_votes(votes)
    assert np.all(np.linalg.eigvalsh(cov) > 0)
    assert np.all(np.abs(mean) <= 1)
    np.testing.assert_allclose(cx.vad_from_votes(votes * 3.7)[0], mean, atol=1e-12)


def test_one_hot_votes_give_the_anchor():
    mean, cov = cx.vad_from_votes(np.eye(8))
    np.testing.assert_allclose(mean, cx.anchor_means(), atol=1e-12)
    np.testing.assert_allclose(
        np.sqrt(np.diagonal(cov, axis1=1, axis2=2)), [a.std for a in cx.ANCHORS.values()], atol=1e-9
    )


def test_every_anchor_is_its_own_most_likely_emotion():
    for columns in (2, 3):
        posterior = cx.votes_from_vad(cx.anchor_means()[:, :columns])
        np.testing.assert_allclose(posterior.sum(1), 1)
        sharp = [cx.EMOTIONS.index(n) for n in ("neutral", "happiness", "sadness")]
        assert (posterior.argmax(1)[sharp] == sharp).all()


def test_posterior_matches_the_written_density():
    point = np.array([-0.4, 0.5, 0.1])
    density = [
        np.exp(-0.5 * (point - m) @ np.linalg.inv(s) @ (point - m)) / np.sqrt(np.linalg.det(2 * np.pi * s))
        for m, s in zip(cx.anchor_means(), cx.anchor_covariances(), strict=True)
    ]
    np.testing.assert_allclose(cx.votes_from_vad(point), density / np.sum(density), rtol=1e-9)


def test_a_prior_of_zero_excludes_an_emotion():
    prior = np.ones(8)
    prior[2] = 0
    assert cx.votes_from_vad([0.4, 0.67, -0.13], prior)[2] == 0


def test_ellipse_holds_its_mass():
    votes = [0.2, 0.1, 0, 0.3, 0.3, 0, 0, 0.1]
    ellipse = cx.ambiguity_ellipse(votes, 0.68)
    mean, cov = cx.vad_from_votes(votes)
    points = np.random.default_rng(1).multivariate_normal(mean[:2], cov[:2, :2], 100_000) - ellipse.center
    c, s = np.cos(ellipse.angle), np.sin(ellipse.angle)
    u, v = points @ [c, s] / ellipse.semi_axes[0], points @ [-s, c] / ellipse.semi_axes[1]
    assert np.mean(u * u + v * v <= 1) == pytest.approx(0.68, abs=0.01)
    assert ellipse.semi_axes[0] >= ellipse.semi_axes[1]


def test_dominance_is_the_conditional_mean_near_the_anchor():
    v, a, d = cx.anchor_means()[4]
    assert cx.complete_dominance(v, a, "anger") == pytest.approx(d)
    step = 1e-4
    slope = (cx.complete_dominance(v + step, a, "anger") - d) / step
    s = cx.anchor_covariances()[4]
    assert slope == pytest.approx(np.linalg.solve(s[:2, :2], s[:2, 2])[0], rel=1e-3)


def test_compounds_need_both_parts():
    p = np.zeros(8)
    p[cx.EMOTIONS.index("sadness")], p[cx.EMOTIONS.index("anger")] = 0.5, 0.5
    scores = cx.compound_scores(p)
    assert max(scores, key=scores.get) == "sadly angry" and scores["sadly angry"] == pytest.approx(0.5)
    assert scores["happily surprised"] == 0
    assert cx.compound_scores(p, mean="arithmetic")["sadly fearful"] == pytest.approx(0.25)


def test_nearest_terms():
    assert cx.nearest_terms(0.8, 0.5)[0][0] == "happiness"
    assert [d for _, d in cx.nearest_terms(0, 0, 12)] == sorted(d for _, d in cx.nearest_terms(0, 0, 12))


@pytest.mark.parametrize("bad", [np.zeros(8), np.full(8, np.nan), -np.ones(8), np.ones(7)])
def test_bad_distributions_are_refused(bad):
    with pytest.raises(ValueError, match="distribution"):
        cx.vad_from_votes(bad)


def test_names_of_compounds_are_those_of_their_parts():
    first = {"fearfully": "fear", "happily": "happiness", "sadly": "sadness", "disgustedly": "disgust",
             "angrily": "anger"}  # fmt: skip
    second = {"surprised": "surprise", "fearful": "fear", "angry": "anger"}
    for name, (one, two) in cx.COMPOUNDS.items():
        adverb, adjective = name.split()
        assert (first[adverb], second[adjective]) == (one, two)
    assert len(cx.COMPOUNDS) == 7


def test_words_lie_where_they_are_said_to():
    """The words beside the emotions are those of a calm person: pleasant, and below the middle of arousal."""
    calm = {name: point for name, point in cx.TERMS.items() if name not in cx.EMOTIONS}
    assert set(calm) == {"secure", "untroubled", "quiet", "relaxed"}
    assert all(valence > 0 > arousal for valence, arousal in calm.values())
    for name, (valence, arousal) in cx.TERMS.items():
        assert cx.nearest_terms(valence, arousal, 1) == [(name, 0.0)]
    for name in cx.EMOTIONS:
        assert cx.TERMS[name] == cx.ANCHORS[name].mean[:2]


@pytest.mark.parametrize("emotion", cx.EMOTIONS)
def test_dominance_stays_in_its_range_and_near_its_emotion(emotion):
    grid = np.linspace(-1, 1, 21)
    valence, arousal = np.meshgrid(grid, grid)
    dominance = cx.complete_dominance(valence, arousal, emotion)
    anchor = cx.ANCHORS[emotion]
    assert dominance.shape == (21, 21) and np.abs(dominance).max() <= 1
    assert np.abs(dominance - anchor.mean[2]).max() <= 1.5 * anchor.std[2] + 1e-9
    assert np.abs(cx.complete_dominance(valence * 50, arousal * 50, emotion)).max() <= 1


@pytest.mark.parametrize("mean", ["arithmetic", "geometric", "harmonic"])
def test_means_of_compounds_by_hand(mean):
    p = np.zeros(8)
    p[[cx.EMOTIONS.index(name) for name in ("anger", "surprise", "neutral")]] = 0.1, 0.5, 0.4
    values = {"arithmetic": (0.1 + 0.5) / 2, "geometric": (0.1 * 0.5) ** 0.5, "harmonic": 2 * 0.1 * 0.5 / 0.6}
    assert cx.compound_scores(p, mean=mean)["angrily surprised"] == pytest.approx(values[mean])
    with pytest.raises(ValueError, match=r"mean must be one of .*, got 'median'"):
        cx.compound_scores(p, mean="median")
    with pytest.raises(ValueError, match=r"one distribution at a time, got shape \(1, 8\)"):
        cx.compound_scores(p[None])


def test_what_is_no_point_or_emotion_is_named():
    with pytest.raises(ValueError, match="valence and arousal must be finite, got nan, 0"):
        cx.nearest_terms(float("nan"), 0)
    with pytest.raises(ValueError, match=r"emotion must be one of .*, got 'boredom'"):
        cx.complete_dominance(0, 0, "boredom")
    assert cx.nearest_terms(0, 0, -1) == []
