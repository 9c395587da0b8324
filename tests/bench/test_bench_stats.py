"""Timing, summaries, bootstrap and fits of the benchmark."""

from __future__ import annotations

import gc
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.bench.parts import scaling as part_scaling
from edgeaffect.bench.report.comparison import judge
from edgeaffect.bench.stats import measurement, scaling, timing
from edgeaffect.bench.stats import samples as stats
from edgeaffect.bench.stats.measurement import Measurement, record
from edgeaffect.bench.stats.timing import TimingPlan, measure


@settings(deadline=None)
@given(st.lists(st.floats(1e-7, 10), min_size=1, max_size=60))
def test_summary_against_plain_arithmetic(values: list[float]) -> None:
    s = stats.summary(values)
    n, ordered = len(values), sorted(values)

    def quantile(q: float) -> float:  # linear between order statistics (Hyndman and Fan type 7)
        position = (n - 1) * q
        low = int(position)
        return ordered[low] + (position - low) * (ordered[min(low + 1, n - 1)] - ordered[low])

    assert s.count == n and s.unit == "s"
    assert s.min == pytest.approx(ordered[0], abs=1e-9) and s.max == pytest.approx(ordered[-1], abs=1e-9)
    assert s.mean == pytest.approx(sum(values) / n, abs=2e-9)
    for q in stats.PERCENTILES:
        assert s.figure(f"p{q}") == pytest.approx(quantile(q / 100), abs=2e-9)
    jitter = sum(abs(a - b) for a, b in pairwise(values)) / max(1, n - 1)
    assert s.jitter == pytest.approx(jitter, abs=2e-9)
    assert s.values == pytest.approx(values, abs=1e-9), "every sample is kept, in call order"


def test_summary_counts_outliers_and_keeps_them() -> None:
    s = stats.summary([1.0] * 20 + [1.1] * 20 + [9.0])
    assert s.outliers == 1 and s.max == 9.0 and 9.0 in s.values
    with pytest.raises(ValueError, match="at least one"):
        stats.summary([])


def test_blocks_grow_with_correlation() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=4000)
    slow = np.convolve(noise, np.ones(50) / 50, "same")
    assert stats.block_length(noise) == round(4000 ** (1 / 3))
    assert 50 <= stats.block_length(slow) <= 500
    assert stats.block_length(np.ones(100)) <= 100 // 8


def test_replicates_are_made_of_runs_of_the_samples() -> None:
    values = np.arange(200.0)
    drawn = stats.resample(values, 3, np.random.default_rng(1))
    assert drawn.shape == (3, 200)
    steps = np.diff(drawn, axis=1) % 200
    assert (steps == 1).mean() > 0.8


def test_interval_covers_the_truth_at_its_rate() -> None:
    # Correlated noise, for which resampling single calls covers about 0.3 of the time instead of 0.9.
    rng = np.random.default_rng(2)
    trials, covered = 60, 0
    for seed in range(trials):
        a, b = (1 + 0.2 * np.abs(np.convolve(rng.normal(size=1029), np.ones(30) / 30, "valid")) for _ in range(2))
        interval = stats.difference(a, b, np.mean, confidence=0.9, replicates=300, seed=seed)
        covered += interval.low <= 0 <= interval.high
    assert 0.75 * trials <= covered < trials  # three standard errors below 0.9 are 0.78


@pytest.mark.parametrize(("factor", "verdict", "regression"), [
    (1.0, "within noise", False), (1.3, "slower", True), (1.03, "slower", False), (0.8, "faster", False),
])  # fmt: skip
def test_verdicts(factor: float, verdict: str, regression: bool) -> None:
    rng = np.random.default_rng(3)
    old, new = (1e-3 * (1 + rng.gamma(2, 0.01, 800)) for _ in range(2))
    assert judge(old, new * factor, 0.05)[:2] == (verdict, regression)


def test_a_slower_tail_is_seen_though_the_median_stands_still() -> None:
    rng = np.random.default_rng(4)
    old = 1e-3 * (1 + rng.gamma(2, 0.01, 1000))
    new = old.copy()
    new[rng.random(1000) < 0.1] *= 4
    verdict, regression, median, mean = judge(old, new, 0.05)
    assert (verdict, regression) == ("slower", True)
    assert abs(median.value) < 0.02 and mean.low > 0


def moody(rng: np.random.Generator, factor: float = 1.0) -> np.ndarray:
    """Four rounds of 200 calls whose speed differs from round to round by about 8 %."""
    return np.concatenate([1e-3 * factor * mood * (1 + rng.gamma(2, 0.01, 200)) for mood in rng.normal(1, 0.08, 4)])


def test_what_rounds_differ_is_not_taken_for_a_difference_of_runs() -> None:
    rng, rounds = np.random.default_rng(5), [200] * 4
    with_rounds, without = 0, 0
    for _ in range(20):
        old, new = moody(rng), moody(rng)
        with_rounds += judge(old, new, 0.05, rounds, rounds)[0] != "within noise"
        without += judge(old, new, 0.05)[0] != "within noise"
    assert with_rounds <= 1 and without >= 4
    caught = [judge(moody(rng), moody(rng, 1.6), 0.05, rounds, rounds)[:2] for _ in range(5)]
    assert caught.count(("slower", True)) >= 4


def test_interval_between_rounds_is_students() -> None:
    old = np.repeat([1.0, 1.02, 0.98], 5)
    found = stats.between_rounds(old, [5, 5, 5], old * 1.1, [5, 5, 5], np.median)
    assert found is not None and found.value == pytest.approx(0.1)
    logs = np.log([1.0, 1.02, 0.98])
    half = 4.6041 * np.sqrt(2 * ((logs - logs.mean()) ** 2).sum() / 4 * 2 / 3)  # 99 % point of t with 4 degrees
    assert found.low == pytest.approx(1.1 * np.exp(-half) - 1, abs=1e-5)
    assert found.high == pytest.approx(1.1 * np.exp(half) - 1, abs=1e-5)
    assert stats.between_rounds(old, [], old, [5, 5, 5], np.median) is None, "one round tells nothing"
    assert stats.Interval(0.1, 0.05, 0.2).union(found) == stats.Interval(0.1, found.low, max(0.2, found.high))


@pytest.mark.parametrize(("freedom", "tail", "point"), [
    (1, 0.025, 12.706), (2, 0.005, 9.925), (4, 0.005, 4.604), (6, 0.025, 2.447), (30, 0.005, 2.750), (6, 0.0005, 5.959),
])  # fmt: skip
def test_points_of_students_t(freedom: int, tail: float, point: float) -> None:
    assert stats.student(freedom, tail) == pytest.approx(point, abs=6e-4)  # printed tables have three decimals


def test_of_many_measurements_of_the_same_code_none_is_a_regression() -> None:
    rng, rounds = np.random.default_rng(6), [40] * 4

    def moody_rounds(factor: float = 1.0) -> np.ndarray:
        moods = rng.normal(1, 0.05, 4)
        return np.concatenate([1e-3 * factor * mood * (1 + rng.gamma(2, 0.01, 40)) for mood in moods])

    alone = [judge(moody_rounds(), moody_rounds(), 0.05, rounds, rounds, among=1)[1] for _ in range(150)]
    together = [judge(moody_rounds(), moody_rounds(), 0.05, rounds, rounds, among=150)[1] for _ in range(150)]
    assert sum(together) == 0 and sum(alone) <= 8
    caught = [judge(moody_rounds(), moody_rounds(2.0), 0.05, rounds, rounds, among=50)[:2] for _ in range(5)]
    assert caught.count(("slower", True)) >= 4


def test_rounds_are_joined_in_their_order() -> None:
    def entry(values: list[float], frames: int, **params: int) -> Measurement:
        measured = timing.Timing(np.array(values), 3, 0.5, frames < 9)
        return measurement.stage_record("x", "pipeline", measured.seconds, frames, measured, **params)

    first, second = [entry([1.0, 2.0], 4, a=1), entry([5.0], 1, a=2)], [entry([3.0], 9, a=1)]
    one, other = measurement.merged([*first, *second])
    assert one.latency.values == (1.0, 2.0, 3.0) and one.rounds == (2, 1) and one.latency.p50 == 2.0
    assert one.share_of_frames == pytest.approx(3 / 13, abs=1e-4) and one.throughput.value == 0.5
    assert one.warmup == measurement.Warmup(6, 1.0, False)
    assert other.params == {"a": 2} and other.rounds == (1,)


SIZES = [1, 2, 4, 8, 16, 32]


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("fixed", [0.0, 5e-3])
def test_growth_finds_the_exponent_behind_a_fixed_part(exponent: float, fixed: float) -> None:
    costs = np.array([fixed + 1e-3 * s**exponent for s in SIZES])
    fit = scaling.fit_scaling(SIZES, costs[None] * np.array([[1.0], [1.5], [1.0]]))
    assert fit.costs == pytest.approx(costs), "medians over rounds"
    assert fit.exponent.value == pytest.approx(exponent, abs=0.1)
    if exponent == 1.0:
        assert fit.slope == pytest.approx(1e-3) and fit.intercept == pytest.approx(fixed, abs=1e-9)


def disturbed(costs: np.ndarray, seed: int, rounds: int = 14) -> np.ndarray:
    """Turns on a busy machine: whole rounds that are slow, single turns that are slower still, a little of all."""
    rng = np.random.default_rng(seed)
    rows = costs * np.where(rng.random((rounds, 1)) < 0.3, rng.uniform(1, 2, (rounds, 1)), 1)
    rows = rows * np.where(rng.random(rows.shape) < 0.15, rng.uniform(1, 1.5, rows.shape), 1)
    return rows * (1 + rng.gamma(1, 0.01, rows.shape))


def test_noise_does_not_make_linear_growth_look_worse() -> None:
    costs = 3e-3 + 0.4e-3 * np.array([0.3, 1.2, 2.8, 4.9, 11.1])
    verdicts, inside = [], 0
    for seed in range(40):
        fit = scaling.fit_scaling([0.3, 1.2, 2.8, 4.9, 11.1], disturbed(costs, seed))
        verdicts.append(fit.verdict)
        inside += fit.exponent.low <= 1 <= fit.exponent.high
    assert "worse than linear" not in verdicts
    assert inside >= 32, "a 95 % interval"


def test_growth_beyond_linear_is_seen_through_noise() -> None:
    for power, expected in ((1.5, "worse than linear"), (0.8, "linear or better")):
        costs = 3e-3 + 1e-3 * np.array(SIZES, float) ** power
        verdicts = [scaling.fit_scaling(SIZES, disturbed(costs, seed)).verdict for seed in range(20)]
        assert verdicts.count(expected) >= 16, verdicts


def test_growth_refuses_what_it_cannot_fit() -> None:
    for sizes, rounds in (([1, 2], [[1.0, 2.0]]), ([1, 3, 2], [[1.0, 2.0, 3.0]]), ([1, 2, 3], [[1.0, 2.0]])):
        with pytest.raises(ValueError, match="three or more ascending"):
            scaling.fit_scaling(sizes, rounds)
    with pytest.raises(ValueError, match="positive times"):
        scaling.fit_scaling([1, 2, 3], [[1.0, 0.0, 2.0]])


def test_sizes_take_turns_and_a_slow_board_gets_fewer_rounds() -> None:
    order: list[int] = []

    def call(name: int) -> None:
        order.append(name)
        time.sleep(0.01)

    calls = [(lambda name=name: float(name), lambda name=name: call(name)) for name in (1, 2, 3)]
    plan = TimingPlan(seconds=20 * part_scaling.TURN_SECONDS)
    sizes, rounds = part_scaling._in_turns(calls, plan, time.perf_counter_ns)
    assert sizes == [1, 2, 3] and rounds.shape[1] == 3 and np.all(rounds >= 0.01)
    turns = [name for i, name in enumerate(order) if i == 0 or order[i - 1] != name]
    assert turns[:5] == [1, 2, 3, 2, 1], "every other round goes backwards"
    slow = TimingPlan(seconds=20e-4)  # 20 ms a turn where 2 ms were planned
    _, few = part_scaling._in_turns(calls, slow, time.perf_counter_ns)
    assert len(few) == part_scaling.MIN_ROUNDS
    assert part_scaling._ascending([1.0, 1.0, 3.0], rounds)[0] == [1.0, 3.0]


def test_a_turn_counts_by_its_fastest_call_after_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pauses = Clock(monkeypatch), iter([0.001, 0.004, 0.003, 0.005, 0.002])
    assert timing.fastest(lambda: clock.sleep(next(pauses)), 0.008, clock.perf_counter_ns) == pytest.approx(0.003)
    assert list(pauses) == [0.002], "12 ms are over after the fourth call; the first only warms up"


class Clock:
    """Stands for the module `time`: a call takes exactly as long as it says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0
        monkeypatch.setattr(timing, "time", self)

    def perf_counter_ns(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1e9)


def test_measure_times_each_call_without_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pauses, states = Clock(monkeypatch), iter([0.004, 0.001] * 200), []

    def call() -> None:
        states.append(gc.isenabled())
        clock.sleep(next(pauses))

    plan = TimingPlan(warmup_count=2, warmup_seconds=0.0, warmup_limit=0.05, count=8, seconds=0.03, limit=20)
    measured = measure(call, plan)
    assert not any(states) and gc.isenabled()
    assert len(states) == measured.warmup_count + len(measured.seconds)
    assert len(measured.seconds) in (12, 13), "5 ms per two calls, until 30 ms are over"
    assert set(measured.seconds.round(9)) == {0.004, 0.001}, "calls are not averaged"
    limited = measure(
        call, TimingPlan(warmup_count=2, warmup_seconds=0.0, warmup_limit=0.05, count=8, seconds=9, limit=20)
    )
    assert len(limited.seconds) == 20


def test_warm_up_waits_for_a_steady_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pauses = Clock(monkeypatch), iter([0.03] * 5 + [0.002] * 500)
    plan = TimingPlan(warmup_count=4, warmup_seconds=0.0, warmup_limit=3.0, count=5, seconds=0.01)
    measured = measure(lambda: clock.sleep(next(pauses)), plan)
    # Windows of three calls: the first two of equal medians end the warm-up early, slow or not.
    assert measured.stable and measured.warmup_count == 6
    waiting = TimingPlan(warmup_count=4, warmup_seconds=0.16, warmup_limit=3.0, count=5, seconds=0.01)
    pauses = iter([0.03] * 5 + [0.002] * 500)
    measured = measure(lambda: clock.sleep(next(pauses)), waiting)
    assert measured.stable and measured.warmup_count >= 10 and measured.seconds.max() == pytest.approx(0.002)


def test_warm_up_gives_up_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, growing = Clock(monkeypatch), iter(range(1, 1000))
    plan = TimingPlan(warmup_count=2, warmup_seconds=0.0, warmup_limit=0.05, count=2, seconds=0.0)
    measured = measure(lambda: clock.sleep(1e-3 * 1.5 ** next(growing)), plan)
    assert not measured.stable
    assert record("x", "models", measured, faces=1).warmup.stable is False
