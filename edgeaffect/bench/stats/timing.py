"""How a call is timed: warm-up until stable, one reading per call, garbage collection off.

Note [Method]
    1. Warm-up calls run until both a minimum count and a minimum time are reached and the median of the last window
       differs from the one before by less than 3 %, or until the warm-up's own time is used up (`stable` says which).
    2. Each call is read on its own with `time.perf_counter_ns` (CLOCK_MONOTONIC on Linux); nothing is averaged.
    3. The garbage collector is off while calls run and every reading is kept: an outlier is a fact about the machine.
    4. Calls run until a minimum count and time are reached, or a maximum count.
    5. Everything is measured in several rounds, apart in time, with models loaded anew: what differs between the
       rounds (memory layout, clocks, neighbours) is noise that no single round can know, and `compare` uses it.
"""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .samples import Samples

STABLE_WITHIN = 0.03


@dataclass(frozen=True, kw_only=True)
class TimingPlan:
    """How long to warm up and to measure one thing."""

    warmup_count: int = 10
    warmup_seconds: float = 0.2
    warmup_limit: float = 2.0
    """Seconds after which an unstable warm-up gives up."""
    count: int = 50
    """Minimum number of measured calls ..."""
    seconds: float = 1.0
    """... and minimum time."""
    limit: int = 5000
    """Maximum number of measured calls."""

    def scaled(self, factor: float) -> TimingPlan:
        """The same plan with all times multiplied."""
        return TimingPlan(
            warmup_count=self.warmup_count, warmup_seconds=self.warmup_seconds * factor,
            warmup_limit=self.warmup_limit * factor, count=max(5, round(self.count * min(1.0, factor))),
            seconds=self.seconds * factor, limit=self.limit,
        )  # fmt: skip


@dataclass(frozen=True)
class Timing:
    """Readings of one thing."""

    seconds: Samples
    """[n] host time per call, in call order."""
    warmup_count: int
    warmup_seconds: float
    stable: bool


@contextlib.contextmanager
def collector_off() -> Iterator[None]:
    """Collect once, then keep the garbage collector from running inside."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def measure(call: Callable[[], Any], plan: TimingPlan) -> Timing:
    """Time `call`, which must wait for its own result, as Note [Method] says."""
    with collector_off():
        warmed, seconds, stable = _warm_up(call, plan)
        readings: list[int] = []
        clock = time.perf_counter_ns
        end = clock() + int(plan.seconds * 1e9)
        while len(readings) < plan.limit:
            start = clock()
            call()
            stop = clock()
            readings.append(stop - start)
            if stop >= end and len(readings) >= plan.count:
                break
    return Timing(np.array(readings) * 1e-9, warmed, seconds, stable)


def fastest(call: Callable[[], Any], seconds: float, clock: Callable[[], int] = time.perf_counter_ns) -> float:
    """Seconds of the fastest call of a turn that lasts about `seconds`, after one call that warms the caches again.

    Args:
        call: what to time.
        seconds: of the whole turn, at least two calls.
        clock: nanoseconds; `time.process_time_ns` leaves out the time in which other programs had the CPU.
    """
    call()
    best, calls, end = 0, 0, time.perf_counter_ns() + int(seconds * 1e9)
    while calls < 2 or time.perf_counter_ns() < end:
        start = clock()
        call()
        taken = clock() - start
        best = taken if calls == 0 else min(best, taken)
        calls += 1
    return best * 1e-9


def _warm_up(call: Callable[[], Any], plan: TimingPlan) -> tuple[int, float, bool]:
    """(calls, seconds, whether the time per call had settled)."""
    readings: list[int] = []
    clock = time.perf_counter_ns
    begin = clock()
    window = max(3, plan.warmup_count // 2)
    while True:
        start = clock()
        call()
        stop = clock()
        readings.append(stop - start)
        elapsed = (stop - begin) * 1e-9
        if len(readings) >= max(plan.warmup_count, 2 * window) and elapsed >= plan.warmup_seconds:
            last, before = np.median(readings[-window:]), np.median(readings[-2 * window : -window])
            if abs(last - before) <= STABLE_WITHIN * before:
                return len(readings), elapsed, True
        if elapsed >= plan.warmup_limit and len(readings) >= 2:
            return len(readings), elapsed, False
