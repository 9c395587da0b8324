"""Times of samples: no drift over hours, little jitter, what the device loses."""

from __future__ import annotations

import numpy as np
import pytest

from edgeaffect.sources.sound_clock import SLEW, WINDOW_SECONDS, SampleClock

RATE, BLOCK = 16000, 800
START = 1000.0


def arrivals(blocks: int, *, parts_per_million: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """True times of each block's first sample, and when it arrived: late by 0 to 30 ms, sometimes by 200 ms."""
    rng = np.random.default_rng(seed)
    true_rate = RATE * (1 + parts_per_million * 1e-6)
    begins = START + np.arange(blocks) * BLOCK / true_rate
    late = rng.uniform(0, 0.03, blocks) + 0.2 * (rng.random(blocks) < 0.02)
    return begins, np.maximum.accumulate(begins + BLOCK / true_rate + late)


@pytest.mark.parametrize("parts_per_million", [-300, 0, 300])
def test_hours_on_a_wrong_crystal_keep_the_time(parts_per_million: float) -> None:
    begins, arrived = arrivals(3 * 3600 * RATE // BLOCK, parts_per_million=parts_per_million)
    clock = SampleClock(RATE)
    given = np.empty(len(begins))
    for i, arrival in enumerate(arrived):
        given[i], lost = clock.time_of(i * BLOCK, BLOCK, arrival - (i + 1) * BLOCK / RATE)
        assert lost == 0
    error = given - begins
    settled = error[round(10 * RATE / BLOCK) :]
    # Early by the drift over the window at most, late by the least delay within it (of 100 blocks up to 30 ms late).
    assert -WINDOW_SECONDS * abs(parts_per_million) * 1e-6 - 1e-6 <= settled.min()
    assert settled.max() < 0.005
    assert np.abs(np.diff(given) - BLOCK / RATE).max() <= SLEW * BLOCK / RATE + 1e-9
    assert (np.diff(given) > 0).all()


def test_a_delayed_start_is_made_good_within_seconds_and_nothing_overlaps() -> None:
    clock, times = SampleClock(RATE), []
    for i in range(60):
        late = 0.08 if i < 4 else 0.0
        times.append(clock.time_of(i * BLOCK, BLOCK, START + late)[0] - i * BLOCK / RATE)
    assert times[0] == pytest.approx(START + 0.08)
    assert times[-1] == pytest.approx(START, abs=1e-6)
    assert (np.diff(times) >= -SLEW * BLOCK / RATE - 1e-9).all()


def test_a_gap_that_the_device_tells_is_measured() -> None:
    clock = SampleClock(RATE)
    for i in range(20):
        clock.time_of(i * BLOCK, BLOCK, START)
    timestamp, lost = clock.time_of(20 * BLOCK, BLOCK, START + 0.125, gap=True)
    assert (timestamp, lost) == (pytest.approx(START + 20 * BLOCK / RATE + 0.125), 2000)
    assert clock.time_of(21 * BLOCK, BLOCK, START + 0.125) == (pytest.approx(START + 21 * BLOCK / RATE + 0.125), 0)


def test_a_device_that_slept_without_a_word_is_noticed() -> None:
    clock, lost = SampleClock(RATE), []
    for i in range(20):
        clock.time_of(i * BLOCK, BLOCK, START)
    for i in range(20, 200):
        lost.append(clock.time_of(i * BLOCK, BLOCK, START + 3.0)[1])
    assert sum(lost) == 3 * RATE and sum(one > 0 for one in lost) == 1


def test_one_late_block_moves_nothing() -> None:
    clock = SampleClock(RATE)
    for i in range(20):
        clock.time_of(i * BLOCK, BLOCK, START)
    assert clock.time_of(20 * BLOCK, BLOCK, START + 0.5) == (pytest.approx(START + 20 * BLOCK / RATE), 0)
