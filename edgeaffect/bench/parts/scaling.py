"""How cost grows with faces, pixels and cameras: fitted slopes, and whether anything is worse than linear."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from ..context import INPUT_FPS, Bench, Feed
from ..report.model import Point, Scaling
from ..stats.samples import Samples
from ..stats.scaling import fit_scaling
from ..stats.timing import TimingPlan, collector_off, fastest

FACES = (1, 2, 4, 8, 16, 32)
# VGA to the width of 4K, all 4:3: a frame of another shape gives the detector an input of another size.
SIZES = ((640, 480), (1280, 960), (1920, 1440), (2560, 1920), (3840, 2880))
CAMERAS = (1, 2, 4, 8)
FACES_SIZE = (1280, 960)
TURN_SECONDS = 0.025
MIN_ROUNDS, MAX_ROUNDS = 6, 30
_MAX_OVERRUN = 2.0  # times its plan, after which a slow board gets fewer rounds

# a size, or a function that tells it after the calls, and what to time
Sized = tuple[float | Callable[[], float], Callable[[], object]]


def measurements(bench: Bench, plan: TimingPlan, progress: Callable[[float], None]) -> tuple[Scaling, ...]:
    """Three curves, with detection on every frame so that no frame is cheaper than another.

    Args:
        bench: under test.
        plan: of one size of one curve, all its turns together.
        progress: told after each curve how many seconds its plan was.
    """
    curves = [
        ("faces", "face", "Latency against number of faces", _faces, len(FACES)),
        ("pixels", "megapixel", "Latency against frame size", _sizes, len(SIZES)),
        ("cameras", "camera", "One frame of every camera, answered together", _cameras, len(CAMERAS)),
    ]
    # With one CPU thread the process's own time is the latency of a machine that does nothing else.
    clock = time.process_time_ns if bench.one_cpu_thread else time.perf_counter_ns
    entries = []
    for name, unit, title, curve, number in curves:
        with ExitStack() as stack:
            sizes, rounds = _in_turns(curve(bench, stack), plan, clock)
        progress(number * plan.seconds)
        sizes, rounds = _ascending(sizes, rounds)
        if len(sizes) < 3:
            bench.note(f"growth with {name}: fewer than three different sizes were found, nothing was fitted")
            continue
        fit = fit_scaling(sizes, rounds)
        points = tuple(
            Point(round(size, 4), round(float(cost), 9), tuple(turns.round(9).tolist()))
            for size, cost, turns in zip(sizes, fit.costs, rounds.T, strict=True)
        )
        entries.append(
            Scaling(
                name=name, unit=unit, title=title, clock="cpu" if bench.one_cpu_thread else "wall", points=points,
                intercept=fit.intercept, slope=fit.slope, exponent=round(fit.exponent.value, 4),
                exponent_interval=(round(fit.exponent.low, 4), round(fit.exponent.high, 4)), verdict=fit.verdict,
            )
        )  # fmt: skip
    return tuple(entries)


def rounds_of(seconds: float) -> int:
    """How many turns a size gets that may take `seconds` in all."""
    return min(MAX_ROUNDS, max(MIN_ROUNDS, round(seconds / TURN_SECONDS)))


def _in_turns(calls: Sequence[Sized], plan: TimingPlan, clock: Callable[[], int]) -> tuple[list[float], Samples]:
    """Sizes [k], and [r, k] the fastest call of each turn; see Note [Scaling]."""
    number = rounds_of(plan.seconds)
    rounds: list[Samples] = []
    end = time.perf_counter() + _MAX_OVERRUN * plan.seconds * len(calls)
    with collector_off():
        while len(rounds) < MIN_ROUNDS or (len(rounds) < number and time.perf_counter() < end):
            turns = np.empty(len(calls))
            columns = range(len(calls)) if len(rounds) % 2 == 0 else reversed(range(len(calls)))
            for column in columns:
                turns[column] = fastest(calls[column][1], plan.seconds / number, clock)
            rounds.append(turns)
    return [size() if callable(size) else size for size, _ in calls], np.array(rounds)


def _ascending(sizes: Sequence[float], rounds: Samples) -> tuple[list[float], Samples]:
    """Those whose size really grew (a detector that misses faces may stand still)."""
    kept: list[int] = []
    for column, size in enumerate(sizes):
        if size > (sizes[kept[-1]] if kept else 0):
            kept.append(column)
    return [sizes[column] for column in kept], rounds[:, kept]


def _faces(bench: Bench, stack: ExitStack) -> list[Sized]:
    calls: list[Sized] = []
    for number in FACES:
        pipeline = stack.enter_context(bench.pipeline(detect_interval=0.0, max_faces=max(FACES)))
        feed = Feed(pipeline, bench.clip(FACES_SIZE, number, 4))
        calls.append((partial(getattr, feed, "mean_faces"), feed))
    return calls


def _sizes(bench: Bench, stack: ExitStack) -> list[Sized]:
    calls: list[Sized] = []
    for size in SIZES:
        pipeline = stack.enter_context(bench.pipeline(detect_interval=0.0))
        calls.append((size[0] * size[1] / 1e6, Feed(pipeline, bench.clip(size, 1, 2))))
    return calls


def _cameras(bench: Bench, stack: ExitStack) -> list[Sized]:
    clip = bench.clip((640, 480), 1, 8)
    calls: list[Sized] = []
    for number in CAMERAS:
        pipeline = stack.enter_context(bench.pipeline(detect_interval=0.0))
        steps = count()

        def one_round(pipeline: Any = pipeline, number: int = number, steps: Any = steps) -> None:
            step = next(steps)
            frames = [clip.frames[(step + camera) % len(clip.frames)] for camera in range(number)]
            pipeline.process_batch(frames, step / INPUT_FPS, clip.color)

        calls.append((float(number), one_round))
    return calls
