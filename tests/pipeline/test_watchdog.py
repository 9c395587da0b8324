"""A live source that hangs, whatever it hangs in, is told within the time of the watchdog."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from squares import SquareDetector, draw

from edgeaffect import CameraError, Pipeline, Result
from edgeaffect.errors import SourceError
from edgeaffect.pipeline import feeds
from edgeaffect.sources import Arrays, PacedSource, Source, SourceFrame

SIZE = (160, 120)
FRAME = draw(SIZE, (60, 60, 40))


class Hanging(Source):
    """A camera whose driver hangs after a few frames until it is let go; `close` does not reach it."""

    live = True

    def __init__(self, before: int = 3, after: int = 3) -> None:
        super().__init__()
        self.name, self.go_on = "hanging camera", threading.Event()
        self._before, self._after = before, after

    def __iter__(self) -> Iterator[SourceFrame]:
        for index in range(self._before + self._after):
            if index == self._before:
                self.go_on.wait(20)
            time.sleep(0.01)
            yield SourceFrame(FRAME, index, time.monotonic(), "monotonic", self.name, time.time())


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    source = Hanging()
    yield source
    source.go_on.set()  # its thread must not outlive the test
    deadline = time.monotonic() + 5
    while [t for t in threading.enumerate() if t.name.startswith("camera ")] and time.monotonic() < deadline:
        time.sleep(0.01)


def made(**options: Any) -> Pipeline:
    return Pipeline(detect=SquareDetector(), affect=False, **options)


def test_it_is_told_once_and_again_when_it_is_back(hanging: Hanging, caplog: pytest.LogCaptureFixture) -> None:
    threading.Timer(0.6, hanging.go_on.set).start()
    with caplog.at_level(logging.WARNING, "edgeaffect"), made(watchdog_seconds=0.2) as pipeline:
        results = list(pipeline.stream(hanging))
    assert len(results) == 6
    told = [record.message for record in caplog.records]
    assert told[0] == "hanging camera has given no frame for 0.2 s"
    assert len(told) == 2 and told[1].startswith("hanging camera is back after 0.")


def test_it_can_end_the_stream(hanging: Hanging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_JOIN_SECONDS", 0.1)
    results, begin = [], time.monotonic()
    with (
        made(watchdog_seconds=0.3, watchdog_action="raise") as pipeline,
        pytest.raises(SourceError, match=r"^hanging camera has given no frame for 0\.3 s, which watchdog"),
    ):
        results.extend(pipeline.stream(hanging))
    assert len(results) == 3 and 0.3 <= time.monotonic() - begin < 10


def test_one_of_several_is_an_error_of_its_own(hanging: Hanging) -> None:
    sources = [PacedSource([FRAME], fps=50, seconds=1.5), hanging]
    threading.Timer(0.7, hanging.go_on.set).start()
    with made(watchdog_seconds=0.2, watchdog_action="raise") as pipeline:
        rows = list(pipeline.stream_batch(sources))
    errors = [row[1] for row in rows if isinstance(row[1], CameraError)]
    assert len(errors) == 1 and not errors[0].is_lost and "camera 1: SourceError: hanging camera" in str(errors[0])
    assert sum(isinstance(row[1], Result) for row in rows) == 6  # it is back, and nothing of it is lost
    assert sum(isinstance(row[0], Result) for row in rows) > 10


def test_files_are_not_watched_and_a_source_that_raises_does_as_before() -> None:
    def slow() -> Iterator[np.ndarray]:
        yield FRAME
        time.sleep(0.3)
        yield FRAME

    class Failing(Hanging):
        def __iter__(self) -> Iterator[SourceFrame]:
            yield from Arrays([FRAME])
            raise SourceError("unplugged")

    with made(watchdog_seconds=0.1, watchdog_action="raise") as pipeline:
        assert len(list(pipeline.stream(Arrays(slow())))) == 2
        with pytest.raises(SourceError, match=r"^unplugged$"):
            list(pipeline.stream(Failing()))


def test_options_are_checked() -> None:
    with pytest.raises(ValueError, match=r"watchdog\.action must be log or raise; got 'shout'"):
        made(watchdog_action="shout")
    with pytest.raises(ValueError, match=r"watchdog\.seconds"):
        made(watchdog_seconds=-1)
