"""`PacedSource` delivers on a clock, as a camera does."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from edgeaffect.errors import SourceError
from edgeaffect.image import check_frame
from edgeaffect.sources import PacedSource

FRAMES = [np.full((4, 4, 3), i, np.uint8) for i in range(3)]


def test_what_nobody_takes_is_dropped():
    source = PacedSource(FRAMES, fps=100, seconds=0.3)
    seen, times = [], []
    for frame in source:
        seen.append(frame.index)
        times.append(frame.timestamp)
        assert frame.image[0, 0, 0] == frame.index % 3 and frame.capture_seconds > 0
        time.sleep(0.05)
    assert source.live and source.length == 30 and len(seen) + source.dropped == 30 and 2 <= len(seen) <= 12
    np.testing.assert_allclose(np.subtract(times, times[0]), np.subtract(seen, seen[0]) / 100, atol=1e-9)
    with pytest.raises(SourceError, match="make a new PacedSource"):
        next(iter(source))


def test_frames_are_copies_in_every_format_and_size():
    frames = [np.zeros((6, 4), np.uint8), np.ones((12, 8), np.uint8)]
    (first, second) = ((frame.image.shape, frame.color) for frame in PacedSource(frames, fps=50, color="nv12"))
    assert (first, second) == (((6, 4), "nv12"), ((12, 8), "nv12"))
    for frame in PacedSource(frames, fps=200, color="nv12"):
        check_frame(frame.image, frame.color)
        frame.image[:] = 9
    assert frames[0].max() == 0 and frames[1].max() == 1


def test_closing_ends_the_thread():
    source = PacedSource(FRAMES, fps=30, seconds=60)
    frames = iter(source)
    next(frames)
    assert any(thread.name == source.name for thread in threading.enumerate())
    began = time.monotonic()
    frames.close()
    assert time.monotonic() - began < 20 and all(thread.name != source.name for thread in threading.enumerate())


def test_values_are_checked():
    for name, value in (("fps", 0), ("fps", "x"), ("seconds", -1)):
        with pytest.raises(ValueError, match=name):
            PacedSource(FRAMES, **{name: value})
    with pytest.raises(ValueError, match="one frame or more"):
        PacedSource([])
    with pytest.raises(ValueError, match="color must be one of"):
        PacedSource(FRAMES, color="cmyk")
