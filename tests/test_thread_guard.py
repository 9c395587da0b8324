"""ThreadGuard: one thread at a time, whatever the moment at which threads switch or Ctrl-C strikes."""

from __future__ import annotations

import contextlib
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from edgeaffect import _thread_guard
from edgeaffect._thread_guard import ThreadGuard

GUARD_FILE = _thread_guard.__file__


@pytest.fixture(autouse=True)
def keep_trace() -> Iterator[None]:
    """Tests trace single bytecodes; a tracer of the test run (coverage) comes back afterwards."""
    before = sys.gettrace()
    yield
    sys.settrace(before)


def before_each_bytecode(act: Callable[[int], None], of: Callable[[FrameType], bool]) -> None:
    """From here on `act(n)` runs in this thread before the n-th bytecode of the functions that `of` picks."""
    numbers = itertools.count()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if not of(frame):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            act(next(numbers))
        return trace

    sys.settrace(trace)


def enter_and_leave(guard: ThreadGuard) -> None:
    with guard:
        pass


def leave_stale_visit(guard: ThreadGuard) -> None:
    """What an interrupt just before `__exit__` leaves behind."""
    guard.__enter__()


def in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def is_free(guard: ThreadGuard) -> bool:
    """Whether this thread and another one may enter."""
    entered: list[str] = []

    def enter(name: str) -> None:
        with guard:
            entered.append(name)

    enter("here")
    in_thread(lambda: enter("there")).join(10)
    return entered == ["here", "there"]


def race(guard: ThreadGuard, stop: int) -> list[str] | None:
    """Thread A stops before its n-th bytecode of `__enter__`, B enters and stays while A goes on; who was inside.

    None: A needs fewer bytecodes.
    """
    inside: list[str] = []
    reached, go_on = threading.Event(), threading.Event()

    def wait(number: int) -> None:
        if number == stop:
            reached.set()
            assert go_on.wait(10)

    def enter(name: str, then: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError), guard:
            inside.append(name)
            then()

    def first() -> None:
        before_each_bytecode(wait, lambda frame: frame.f_code.co_filename == GUARD_FILE)
        enter("A", lambda: sys.settrace(None))
        reached.set()

    def finish() -> None:
        go_on.set()
        a.join(10)

    a = in_thread(first)
    assert reached.wait(10)
    if not a.is_alive() or inside:
        a.join(10)
        return None
    enter("B", finish)
    finish()
    return inside


@pytest.mark.parametrize("is_stale", [False, True])
def test_of_two_threads_one_enters_wherever_the_first_one_is_stopped(is_stale: bool) -> None:
    for stop in itertools.count():
        guard = ThreadGuard("Thing")
        if is_stale:
            leave_stale_visit(guard)
        inside = race(guard, stop)
        if inside is None:
            break
        assert len(inside) == 1, f"inside after a switch before bytecode {stop}: {inside}"
        assert is_free(guard)
    assert stop > 20


def test_many_threads_over_stale_visits() -> None:
    """At a switch interval of a microsecond threads meet inside `__enter__` by themselves."""
    guard, inside, most = ThreadGuard("Thing"), [0], [0]
    entered: list[int] = []

    def work() -> None:
        visits = 0
        while visits < 100:  # until it has been inside so often, however long others are
            with contextlib.suppress(RuntimeError):
                with guard:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                    entered.append(threading.get_ident())
                    inside[0] -= 1
                    visits += 1
                leave_stale_visit(guard)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [in_thread(work) for _ in range(4)]
        for thread in threads:
            thread.join(30)
    finally:
        sys.setswitchinterval(interval)
    assert most[0] == 1 and len(entered) == 400
    assert is_free(guard)


@pytest.mark.parametrize("is_stale", [False, True])
def test_an_interrupt_before_any_bytecode_leaves_the_guard_free(is_stale: bool) -> None:
    for strike in itertools.count():
        guard = ThreadGuard("Thing")
        if is_stale:
            leave_stale_visit(guard)

        def interrupt(number: int, strike: int = strike) -> None:
            if number == strike:
                raise KeyboardInterrupt

        before_each_bytecode(interrupt, lambda frame: frame.f_code.co_filename in (GUARD_FILE, __file__))
        try:
            enter_and_leave(guard)
        except KeyboardInterrupt:
            assert is_free(guard), f"busy for ever after an interrupt before bytecode {strike}"
        else:
            break
        finally:
            sys.settrace(None)
    assert strike > 30


def test_the_call_that_was_interrupted_may_try_again() -> None:
    for strike in itertools.count():
        guard, attempts = ThreadGuard("Thing"), 0

        def interrupt(number: int, strike: int = strike) -> None:
            if number == strike:
                raise KeyboardInterrupt

        before_each_bytecode(interrupt, lambda frame: frame.f_code.co_filename == GUARD_FILE)
        for _ in range(2):
            try:
                attempts += 1
                with guard:
                    pass
                break
            except KeyboardInterrupt:
                pass
        sys.settrace(None)
        if attempts == 1:
            break
        assert is_free(guard)
    assert strike > 30


def test_an_error_inside_the_block_passes_and_frees() -> None:
    guard = ThreadGuard("Thing")
    with pytest.raises(ZeroDivisionError), guard:
        raise ZeroDivisionError
    assert is_free(guard)


def test_a_visit_of_a_thread_that_died_is_over() -> None:
    guard = ThreadGuard("Thing")
    in_thread(lambda: leave_stale_visit(guard)).join(10)
    assert is_free(guard)


def test_a_call_from_inside_its_own_call_is_named() -> None:
    guard = ThreadGuard("Thing")
    with guard, pytest.raises(RuntimeError, match="this Thing is at work already: it cannot be called from inside"):
        enter_and_leave(guard)
    assert is_free(guard)


def test_another_thread_is_told_and_the_owner_stays() -> None:
    guard, said = ThreadGuard("Thing"), []

    def intrude() -> None:
        try:
            enter_and_leave(guard)
        except RuntimeError as error:
            said.append(str(error))

    with guard:
        for _ in range(2):  # the refused one takes nothing away
            in_thread(intrude).join(10)
    assert said == ["this Thing is busy in another thread: give each thread a Thing of its own"] * 2
    assert is_free(guard)
