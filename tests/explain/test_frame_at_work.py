"""`FrameAtWork`: who waits for whom, by a clock that goes on only when somebody sleeps."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable

import pytest

from edgeaffect.explain.frame_at_work import _AHEAD, LONGEST_ANSWER, LONGEST_STEP, FrameAtWork


class Clock:
    """Time that passes by sleeping; at given moments something happens."""

    def __init__(self) -> None:
        self.now = 100.0
        self.events: list[tuple[float, Callable[[], object]]] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        end = self.now + seconds
        while self.events and self.events[0][0] <= end:
            self.now, happens = self.events.pop(0)
            happens()
        self.now = end

    def at(self, moment: float, happens: Callable[[], object]) -> None:
        self.events = sorted([*self.events, (100.0 + moment, happens)], key=lambda event: event[0])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def work(clock: Clock) -> FrameAtWork:
    return FrameAtWork(clock, clock.sleep)


def waited(clock: Clock, work: FrameAtWork) -> float:
    began = clock.now
    work.let_pass()
    return clock.now - began


def frames(clock: Clock, work: FrameAtWork, every: float, takes: float, count: int) -> None:
    """Frames at a pace from now on."""
    for i in range(count):
        clock.at(clock.now - 100 + i * every, work.__enter__)
        clock.at(clock.now - 100 + i * every + takes, work.__exit__)
    clock.sleep(0)


def test_without_frames_nobody_waits(clock: Clock, work: FrameAtWork) -> None:
    assert waited(clock, work) == 0
    with work:
        pass
    assert waited(clock, work) == 0  # one frame alone says nothing about the next


def test_a_step_waits_until_the_frame_ends(clock: Clock, work: FrameAtWork) -> None:
    work.__enter__()
    clock.at(0.02, work.__exit__)
    assert 0.02 <= waited(clock, work) <= 0.022
    assert waited(clock, work) == 0


def test_an_error_in_a_frame_ends_it(clock: Clock, work: FrameAtWork) -> None:
    with pytest.raises(KeyboardInterrupt), work:
        raise KeyboardInterrupt
    assert waited(clock, work) == 0


def test_a_step_waits_no_longer_than_it_may(clock: Clock, work: FrameAtWork) -> None:
    work.__enter__()  # and never leaves
    assert waited(clock, work) == pytest.approx(LONGEST_STEP, abs=0.002)


def test_an_answer_waits_no_longer_than_it_may(clock: Clock, work: FrameAtWork) -> None:
    work.__enter__()
    for _ in range(2):
        work.begin_answer()
        steps = [waited(clock, work) for _ in range(500)]
        assert sum(steps) == pytest.approx(LONGEST_ANSWER, abs=0.003) and steps[-1] == 0


def test_no_step_begins_just_before_a_frame(clock: Clock, work: FrameAtWork) -> None:
    frames(clock, work, every=1 / 30, takes=0.005, count=6)
    for i in range(1, 5):
        clock.sleep(100 + (i + 1) / 30 - 0.001 - clock.now)  # a millisecond before the next one
        work.let_pass()
        since = (clock.now - 100) * 30 % 1 / 30
        assert i + 1 <= (clock.now - 100) * 30 and 0.005 <= since <= 0.008


def test_between_two_frames_nobody_waits(clock: Clock, work: FrameAtWork) -> None:
    frames(clock, work, every=1 / 30, takes=0.005, count=6)
    clock.sleep(2 / 30 + 0.006)
    assert waited(clock, work) == 0
    clock.sleep(1 / 30 - 0.006 - _AHEAD - 0.001)
    assert waited(clock, work) == 0


def test_frames_that_stop_coming_are_not_waited_for(clock: Clock, work: FrameAtWork) -> None:
    frames(clock, work, every=1 / 30, takes=0.005, count=3)
    clock.sleep(3 / 30)  # the next one is due now
    assert waited(clock, work) <= _AHEAD + 0.002 and waited(clock, work) == 0


def test_frames_without_a_pause_cannot_starve_it(clock: Clock, work: FrameAtWork) -> None:
    frames(clock, work, every=0.004, takes=0.0039, count=1000)
    began = clock.now
    for _ in range(60):
        work.let_pass()
    assert clock.now - began == pytest.approx(LONGEST_ANSWER, abs=0.003)


def test_frames_never_wait_for_whoever_talks() -> None:
    """Nothing that a thread can hold at a fork, or when it is interrupted, is taken by a frame."""
    inside, go = threading.Event(), threading.Event()

    def sleep(_: float) -> None:
        inside.set()
        go.wait(10)

    work = FrameAtWork(sleep=sleep)
    work.__enter__()
    talks = threading.Thread(target=work.let_pass)
    talks.start()
    assert inside.wait(10)
    for _ in range(1000):
        with work:
            pass
    if hasattr(os, "fork"):
        child = os.fork()
        if child == 0:
            with work:
                pass
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    go.set()
    talks.join(10)
    assert not talks.is_alive() and math.isfinite(work._due)
