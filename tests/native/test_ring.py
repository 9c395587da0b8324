"""The ring of samples: beside a naive model, its numbering of what is lost, its clock, two threads."""

from __future__ import annotations

import ctypes
import math
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect import _pure, native

MODULES = [pytest.param(native, id=native.VARIANT), pytest.param(_pure, id="pure")]
RATE = 1000.0


def make(module: Any, capacity: int = 64, channels: int = 1) -> Any:
    return module.SampleRing(capacity=capacity, channels=channels, sample_rate=RATE)


def numbers(begin: int, count: int) -> np.ndarray:
    return np.arange(begin, begin + count, dtype=np.float32)


@pytest.mark.parametrize("module", MODULES)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("write"), st.integers(0, 40), st.booleans()),
            st.tuples(st.just("read"), st.integers(1, 70)),
        ),
        max_size=60,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_order_of_blocks_and_reads_gives_the_frames_of_a_naive_model(module: Any, steps: list[Any]) -> None:
    ring, held, begin, lost = make(module), [], 0, 0  # held: (number, gap before it, origin of its block)
    for step in steps:
        if step[0] == "write":
            _, count, gap = step
            arrival = 3.0 + (begin + count) / RATE + (begin % 7) * 1e-3
            took = ring.write(numbers(begin, count), arrival, gap)
            assert took == (len(held) + count <= 64)
            if took:
                held += [(begin + i, gap and i == 0, arrival - (begin + count) / RATE) for i in range(count)]
            else:
                lost += count
            begin += count
        else:
            run = []
            while held and len(run) < step[1]:
                if run and (held[0][1] or held[0][0] != run[-1][0] + 1):
                    break
                run.append(held.pop(0))
            got = ring.read(step[1])
            if not run:
                assert got is None
                continue
            samples, first, gap, origin = got
            np.testing.assert_array_equal(samples, [frame[0] for frame in run])
            assert samples.dtype == np.float32
            assert (first, gap) == run[0][:2]
            assert origin == pytest.approx(min(frame[2] for frame in run), abs=1e-9)
        assert (ring.available(), ring.lost()) == (len(held), lost)


@pytest.mark.parametrize("module", MODULES)
def test_channels_are_averaged_from_arrays_and_from_bytes(module: Any) -> None:
    frames = np.random.default_rng(0).uniform(-1, 1, (50, 3)).astype(np.float32)
    for data in (frames, frames.ravel(), frames.tobytes(), memoryview(frames.tobytes())):
        ring = make(module, channels=3)
        assert ring.write(data, 0.0, False)
        np.testing.assert_allclose(ring.read(64)[0], frames.mean(axis=1, dtype=np.float64), atol=1e-6)


@pytest.mark.parametrize("module", MODULES)
def test_a_block_that_does_not_fit_keeps_what_waits_and_takes_its_numbers(module: Any) -> None:
    ring = make(module)
    assert ring.write(numbers(0, 60), 0.06, False)
    assert not ring.write(numbers(60, 5), 0.065, False)
    assert ring.write(numbers(65, 4), 0.069, False)
    assert [ring.read(100)[1:3], ring.read(100)[1:3]] == [(0, False), (65, False)]
    assert (ring.lost(), ring.read(1)) == (5, None)


@pytest.mark.parametrize("module", MODULES)
def test_so_many_tiny_blocks_that_their_times_do_not_fit_are_lost_and_counted(module: Any) -> None:
    ring = make(module, capacity=10_000)
    took = [ring.write(numbers(i, 1), i / RATE, False) for i in range(5000)]
    assert (sum(took), ring.available(), ring.lost()) == (4096, 4096, 904)
    np.testing.assert_array_equal(ring.read(10_000)[0], numbers(0, 4096))


@pytest.mark.parametrize("module", MODULES)
def test_gaps_that_the_device_tells_are_counted(module: Any) -> None:
    ring = make(module)
    for gap in (False, True, True):
        ring.write(numbers(0, 40), 0.0, gap)
    assert (ring.gaps(), ring.lost()) == (2, 80)  # also of what does not fit


@pytest.mark.skipif(native.VARIANT != "core", reason="a pure build has no native callback")
def test_what_portaudio_calls_writes_with_the_time_and_the_flag_of_an_overflow() -> None:
    ring = make(native)
    function, user = ring.portaudio_callback()
    kinds = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p)
    call = ctypes.CFUNCTYPE(ctypes.c_int, *kinds)(function)
    data = numbers(1, 10)
    before = time.monotonic()
    assert call(data.ctypes.data, None, 10, None, 0, user) == 0
    assert call(data.ctypes.data, None, 10, None, 2, user) == 0  # paInputOverflow
    after = time.monotonic()
    for first, gap in ((0, False), (10, True)):
        samples, number, told, origin = ring.read(10)
        np.testing.assert_array_equal(samples, data)
        assert (number, told) == (first, gap) and before <= origin + (first + 10) / RATE <= after


@pytest.mark.parametrize("module", MODULES)
def test_two_threads_share_it(module: Any) -> None:
    ring, total, blocks = make(module, capacity=256), 0, 3000

    def write() -> None:
        for block in range(blocks):
            while not ring.write(numbers(block * 16 % 4096, 16), (block + 1) * 0.016, False):
                time.sleep(0)

    writer = threading.Thread(target=write)
    writer.start()
    deadline = time.monotonic() + 20
    while total < blocks * 16 and time.monotonic() < deadline:
        got = ring.read(37)
        if got is None:
            time.sleep(0)
            continue
        np.testing.assert_array_equal(got[0], np.arange(total, total + len(got[0])) % 4096)
        total += len(got[0])
    writer.join(1)
    assert total == blocks * 16


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"capacity": 0}, "capacity must be in 1..16777216; got 0"),
        ({"channels": 65}, "channels must be in 1..64; got 65"),
        ({"sample_rate": 10.0}, "sample_rate must be in 1000..384000; got 10.000000"),
    ],
)
def test_impossible_rings_are_refused(module: Any, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        module.SampleRing(**{"capacity": 8, "channels": 1, "sample_rate": 8000.0, **wrong})


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    ("data", "arrival", "message"),
    [
        (np.zeros(3, np.float64), 0.0, "data must be float32, or its bytes; got items of format 'd'"),
        (np.zeros(3, np.float32), 0.0, "data must hold whole frames of 8 bytes; got 12 bytes"),
        (b"\0" * 6, 0.0, "data must hold whole frames of 8 bytes; got 6 bytes"),
        (np.zeros((8, 2), np.float32)[::2], 0.0, "data must be contiguous"),
        (np.zeros(4, np.float32), math.nan, "time must be finite"),
    ],
)
def test_impossible_blocks_are_refused_and_nothing_of_them_is_taken(
    module: Any, data: Any, arrival: float, message: str
) -> None:
    ring = make(module, channels=2)
    with pytest.raises(ValueError, match=message):
        ring.write(data, arrival, False)
    assert (ring.available(), ring.lost()) == (0, 0)
    with pytest.raises(ValueError, match="limit must be 1 or more; got 0"):
        ring.read(0)
