"""Clock: which stamps go on, which are refused, and what is said about them."""

from __future__ import annotations

import pytest

from edgeaffect.pipeline.clock import Clock, Step


def clock(on_jump: str = "raise", max_age: float = 1.0) -> Clock:
    return Clock(on_jump, max_age)


@pytest.mark.parametrize("again", [2.0, 1.5])
def test_a_stamp_that_is_not_later_than_the_last(again: float) -> None:
    """The same moment twice is no step, as little as an earlier one."""
    raising, dropping, starting = clock("raise"), clock("drop"), clock("reset")
    for one in (raising, dropping, starting):
        assert one.advance(2.0, "user") == Step(2.0)
    with pytest.raises(ValueError, match=rf"^timestamps must increase: got {again} after 2\.0; .*on_time_jump='reset'"):
        raising.advance(again, "user")
    assert dropping.advance(again, "user") == Step(2.0, is_dropped=True)
    assert starting.advance(again, "user") == Step(again, is_jump=True)
    # What was refused or dropped does not count; after a new start time goes on from there.
    assert raising.advance(2.1, "user") == dropping.advance(2.1, "user") == Step(2.1)
    assert starting.advance(1.9 if again < 1.9 else 2.1, "user").is_jump is False


def test_clocks_are_not_mixed() -> None:
    one = clock()
    one.advance(1.0, "user")
    with pytest.raises(ValueError, match=r"^time came from the 'user' clock and now comes from 'media': .*reset\(\)"):
        one.advance(2.0, "media")
    one.reset()
    assert one.advance(0.5, "media") == Step(0.5)


@pytest.mark.parametrize(
    ("stamp", "unit"),
    [
        (1e11, "milliseconds, not seconds: divide it by 1000"),
        (-1e11, "milliseconds"),
        (1e14, r"microseconds, not seconds: divide it by 1e\+06"),
        (1e17, r"nanoseconds, not seconds: divide it by 1e\+09"),
    ],
)
def test_stamps_since_1970_in_other_units(stamp: float, unit: str) -> None:
    with pytest.raises(ValueError, match=rf"^timestamp {stamp!r} is in {unit}".replace("1e+", r"1e\+")):
        clock().seconds(stamp)
    assert clock().seconds(9e10) == 9e10


@pytest.mark.parametrize(
    ("stamp", "error", "message"),
    [
        ("soon", TypeError, "timestamp must be a number of seconds; got 'soon'"),
        (None, TypeError, "timestamp must be a number of seconds; got None"),
        ("1.5", TypeError, "timestamp must be a number of seconds; got '1.5'"),
        (True, TypeError, "timestamp must be a number of seconds; got True"),
        (10**400, TypeError, "timestamp must be a number of seconds; got 1000"),
        (float("nan"), ValueError, "timestamp must be a finite number of seconds; got nan"),
        (float("-inf"), ValueError, "timestamp must be a finite number of seconds; got -inf"),
    ],
)
def test_stamps_that_are_no_seconds(stamp: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}"):
        clock().seconds(stamp)


def feed(one: Clock, *steps: float, name: str = "user") -> None:
    now = 100.0
    one.advance(now, name)
    for step in steps:
        now += step
        one.advance(now, name)


@pytest.mark.parametrize("steps", [(5.0, 5.0), (33.0, 33.0), (33.0, 49.0), (33.0, 22.0)])
def test_even_steps_of_seconds_are_milliseconds(steps: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match=rf"go on by {steps[1]:g} s .*divide them by 1000; .*max_age={2 * steps[1]:g}"):
        feed(clock(), *steps)


@pytest.mark.parametrize(
    ("steps", "max_age", "name"),
    [
        ((4.9, 4.9), 1.0, "user"),  # short enough
        ((33.0, 4.9), 1.0, "user"),  # once, not twice
        ((4.9, 33.0), 1.0, "user"),
        ((33.0, 50.0), 1.0, "user"),  # uneven
        ((33.0, 21.0), 1.0, "user"),
        ((33.0, 33.0), 33.0, "user"),  # said to be so
        ((33.0, 33.0), 1.0, "media"),  # a source knows its unit
    ],
)
def test_long_steps_that_may_be_seconds(steps: tuple[float, ...], max_age: float, name: str) -> None:
    feed(clock(max_age=max_age), *steps, name=name)


def test_a_new_start_forgets_the_last_step() -> None:
    one = clock("reset")
    feed(one, 33.0)
    assert one.advance(50.0, "user").is_jump
    assert one.advance(83.0, "user") == Step(83.0)
