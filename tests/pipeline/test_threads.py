"""A Pipeline and its stages belong to one thread: what happens when another one comes meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from squares import SquareDetector, draw

from edgeaffect import FaceAffect, FaceDetector, Pipeline
from edgeaffect.results import Faces

SIZE = (640, 480)
FRAME = draw(SIZE)

USES: dict[str, Callable[[Pipeline], Any]] = {
    "process": lambda pipeline: pipeline.process(FRAME, 1.0),
    "process_batch": lambda pipeline: pipeline.process_batch([FRAME], 1.0),
    "stream": lambda pipeline: list(pipeline.stream([FRAME])),
    "stream_batch": lambda pipeline: list(pipeline.stream_batch([FRAME])),
    "warmup": lambda pipeline: pipeline.warmup(),
    "reset": lambda pipeline: pipeline.reset(),
    "close": lambda pipeline: pipeline.close(),
}


@contextmanager
def at_work(start: Callable[[Callable[[], None]], Any]) -> Iterator[None]:
    """Meanwhile `start(pause)` runs in another thread and has reached `pause`."""
    reached, go_on = threading.Event(), threading.Event()
    ends: list[Any] = []

    def pause() -> None:
        reached.set()
        assert go_on.wait(10)

    worker = threading.Thread(target=lambda: ends.append(start(pause)))
    worker.start()
    try:
        assert reached.wait(10)
        yield
    finally:
        go_on.set()
        worker.join(10)
    assert ends, "the work that came first did not end well"


class PausingDetector(SquareDetector):
    """Calls `pause` at its first frame."""

    def __init__(self, pause: Callable[[], None]) -> None:
        super().__init__()
        self._pause = pause

    def detect(self, frame: np.ndarray, color: str = "bgr") -> Faces:
        if not self.calls:
            self._pause()
        return super().detect(frame, color)


@pytest.mark.parametrize("use", USES)
def test_a_pipeline_at_work_refuses_another_thread(use: str) -> None:
    made: list[Pipeline] = []

    def start(pause: Callable[[], None]) -> Any:
        made.append(Pipeline(detect=PausingDetector(pause), affect=False))
        return made[0].process_batch([FRAME], 0.0)

    with at_work(start), pytest.raises(RuntimeError, match="this Pipeline is busy in another thread"):
        USES[use](made[0])
    # The refused call left no trace: the camera goes on with its second frame.
    assert made[0].process_batch([FRAME], 1.0)[0].frame_index == 1


@pytest.mark.parametrize("use", USES)
def test_a_stage_that_calls_its_own_pipeline_is_refused(use: str) -> None:
    class Calling(SquareDetector):
        def detect(self, frame: np.ndarray, color: str = "bgr") -> Faces:
            if not self.calls:
                self.calls = 1
                USES[use](pipeline)
            return super().detect(frame, color)

    pipeline = Pipeline(detect=Calling(), affect=False)
    with pytest.raises(RuntimeError, match="this Pipeline is at work already"):
        pipeline.process(FRAME, 0.0)
    assert pipeline.process(FRAME, 1.0).faces == ()


@pytest.mark.parametrize("kind", [FaceDetector, FaceAffect])
def test_a_stage_at_work_is_not_closed_under_its_feet(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    with kind(device="cpu") as stage:
        run = stage.session.run

        def slowly(pause: Callable[[], None]) -> Any:
            def paused(*given: Any) -> Any:
                pause()
                return run(*given)

            monkeypatch.setattr(stage.session, "run", paused)
            return stage.run_crops([FRAME]) if kind is FaceAffect else stage.detect(FRAME)

        with at_work(slowly), pytest.raises(RuntimeError, match=f"this {kind.__name__} is busy in another thread"):
            stage.close()
    stage.close()  # twice is fine
    with pytest.raises(RuntimeError, match="closed"):
        stage.run_crops([FRAME]) if kind is FaceAffect else stage.detect(FRAME)


def test_a_close_that_was_interrupted_can_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = Pipeline(device="cpu")
    affect = pipeline.affect
    close = pipeline.detector.close

    def interrupted() -> None:
        monkeypatch.setattr(pipeline.detector, "close", close)
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline.detector, "close", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pipeline.close()
    pipeline.close()
    assert isinstance(affect, FaceAffect)
    with pytest.raises(RuntimeError, match="closed"):
        affect.predict_crops([FRAME])
