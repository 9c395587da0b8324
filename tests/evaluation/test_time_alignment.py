"""Series on one time line, lags, intervals over people, and questions to series."""

from __future__ import annotations

import numpy as np
import pytest

from edgeaffect.evaluation.intervals import cluster_bootstrap
from edgeaffect.evaluation.series import listener_lag, predict_next, replay_reactions
from edgeaffect.evaluation.time_alignment import MEASURES, align, estimate_lag, resample


def smooth(count: int, seed: int, width: int = 15) -> np.ndarray:
    """Random walk of a slow kind, without an end where it is special."""
    return np.convolve(np.random.default_rng(seed).normal(size=count + width - 1), np.ones(width) / width, "valid")


def test_resampling_is_linear_within_the_tolerance_and_unknown_beyond() -> None:
    read = resample([0, 1, 5], [0, 10, 50], [-0.4, -0.6, 0.25, 1.4, 3.0, 4.8], tolerance=0.5)
    assert read.tolist()[0] == 0 and np.isnan(read[1]) and read[2] == 2.5
    assert read[3] == pytest.approx(14) and np.isnan(read[4]) and read[5] == pytest.approx(48)
    assert np.isnan(resample([0, 1], [np.nan, np.nan], [0.5])).all()
    assert resample([0, 1, 2], [0, np.nan, 4], [1], tolerance=1)[0] == 2


@pytest.mark.parametrize("times", [[0, 2, 1], [0, 1, 1]])
def test_times_must_increase(times: list[float]) -> None:
    with pytest.raises(ValueError, match=r"follows .* at row 2: sort them"):
        resample(times, [1, 2, 3], [0])


@pytest.mark.parametrize("measure", ["ccc", "pearson"])
@pytest.mark.parametrize("lag", [0.0, 1.3, 4.0])
def test_a_known_delay_is_found(measure: str, lag: float) -> None:
    times = np.arange(0, 120, 0.04)
    signal = smooth(len(times), 0, 60)
    rated_at = np.arange(6, 115, 0.1)
    rated = np.interp(rated_at - lag, times, signal) + np.random.default_rng(1).normal(0, 0.02, len(rated_at))
    found = estimate_lag(times, signal, rated_at, rated, measure=measure)
    assert found.seconds == pytest.approx(lag, abs=0.11) and not found.at_bound
    p, r = align(times, signal, rated_at, rated, delay=found.seconds)
    assert MEASURES[measure](p, r) == pytest.approx(found.score) and found.score >= found.score_at_zero


def test_a_lag_outside_is_told_and_a_lead_needs_both_ways() -> None:
    times = np.arange(0, 60, 0.1)
    signal = smooth(600, 3, 40)
    late = np.interp(times - 3, times, signal)
    assert estimate_lag(times, signal, times, late, max_lag=2).at_bound
    assert estimate_lag(times, late, times, signal, max_lag=5, both_ways=True).seconds == pytest.approx(-3, abs=0.11)
    with pytest.raises(ValueError, match="are both on one clock"):
        estimate_lag(times, signal, times + 1000, signal)


def test_unknown_values_stay_unknown_on_both_sides() -> None:
    p, r = align([0, 1, 2], [1, np.nan, 3], [0, 2, 9], [np.nan, 5, 6])
    assert np.isnan(p).tolist() == np.isnan(r).tolist() == [True, False, True] and (p[1], r[1]) == (3, 5)


def test_intervals_are_over_people_not_rows() -> None:
    generator = np.random.default_rng(0)
    person = np.repeat(np.arange(10), 100)
    values = generator.normal(size=10)[person] + generator.normal(0, 0.1, 1000)
    by_person = cluster_bootstrap(lambda rows: values[rows].mean(), person, samples=400)
    by_row = cluster_bootstrap(lambda rows: values[rows].mean(), np.arange(1000), samples=400)
    assert by_person.interval and by_row.interval and by_person.people == 10
    width = [high - low for low, high in (by_person.interval, by_row.interval)]
    # of 10 people the standard error is 0.3, of 1000 rows 0.03
    assert width[0] > 5 * width[1]
    assert by_person.interval[0] < by_person.value < by_person.interval[1]


def test_a_draw_holds_whole_people() -> None:
    owners = np.array(list("abacb"))
    draws: list[np.ndarray] = []
    cluster_bootstrap(lambda rows: draws.append(rows) or 0.0, owners, samples=50)
    counts = np.array([np.bincount(rows, minlength=5) for rows in draws[1:]])
    assert (counts[:, 0] == counts[:, 2]).all() and (counts[:, 1] == counts[:, 4]).all()
    assert (counts[:, [0, 1, 3]].sum(1) == 3).all() and len({tuple(row) for row in counts.tolist()}) > 5


def test_an_interval_is_refused_where_it_would_be_invented() -> None:
    assert cluster_bootstrap(lambda rows: 1.0, ["a"] * 5).interval is None  # one person

    def rare(rows: np.ndarray) -> float:  # defined on few draws
        if not (rows == 0).any():
            raise ValueError
        return 1.0

    estimate = cluster_bootstrap(rare, list("abcdefgh"), samples=200)
    assert estimate.value == 1 and estimate.interval is None
    assert cluster_bootstrap(lambda rows: float("nan"), ["a", "b"]).to_dict()["value"] is None
    with pytest.raises(ValueError, match="need rows"):
        cluster_bootstrap(lambda rows: 1.0, [])


def test_a_reaction_after_actions_is_told_from_none() -> None:
    times = np.arange(0, 300, 0.1)
    actions = np.sort(np.random.default_rng(0).uniform(10, 290, 20))
    noise = 0.3 * smooth(len(times), 2, 20)
    calm = replay_reactions(times, noise, actions)
    smiles = noise + sum(0.4 * ((times > a + 0.5) & (times < a + 4)) for a in actions)
    liked = replay_reactions(times, smiles, [*actions, 900.0])
    assert liked.change > 0.2 and liked.p_value < 0.02 and liked.actions == 20 and liked.unseen == 1
    assert abs(calm.change) < 0.1 and calm.p_value > 0.05
    away = replay_reactions(times, np.full(len(times), np.nan), actions)
    assert np.isnan(away.change) and away.unseen == 20


def test_dynamics_beat_the_average_where_there_are_any() -> None:
    generator = np.random.default_rng(0)

    def person(pull: float) -> np.ndarray:
        x = np.zeros((400, 2))
        for t in range(1, 400):
            x[t] = 0.1 + pull * (x[t - 1] - 0.1) + generator.normal(0, 0.1, 2)
        return x

    pulled = predict_next([person(0.5) for _ in range(5)])
    assert pulled.skill > 0.05 and pulled.dynamics == pytest.approx(0.1, rel=0.05)
    assert pulled.dynamics < pulled.moving_average < pulled.persistence * 1.01
    walk = predict_next([np.cumsum(generator.normal(size=300)) for _ in range(4)])
    assert abs(walk.skill) < 0.02  # of a random walk nothing more than the present is known
    with pytest.raises(ValueError, match="two or more series"):
        predict_next([np.zeros(5)])
    with pytest.raises(ValueError, match="cut at gaps"):
        predict_next([np.zeros(5), [0, np.nan, 1]])


def test_a_listener_is_behind_the_speaker_and_a_stranger_is_not() -> None:
    times = np.arange(0, 120, 0.2)
    speaker = smooth(600, 5, 15)
    listener = np.interp(times - 2.4, times, speaker) + 0.3 * smooth(600, 6, 15)
    found = listener_lag(times, speaker, listener, max_lag=5, surrogates=39)
    assert found.lag.seconds == pytest.approx(2.4, abs=0.25) and found.p_value <= 0.05
    assert listener_lag(times, speaker, smooth(600, 7, 15), max_lag=5, surrogates=39).p_value > 0.1
    with pytest.raises(ValueError, match="too short for lags"):
        listener_lag(times[:50], speaker[:50], listener[:50])
    with pytest.raises(ValueError, match="known in 0% of the rows"):
        listener_lag(times, np.full(600, np.nan), listener)
