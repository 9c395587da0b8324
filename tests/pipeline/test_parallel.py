"""Affect and cues of a frame at the same time: the same results, threads that end, errors that stay in their frame."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from squares import ShadeAffect

from edgeaffect import FaceAffect, FaceCues, Pipeline
from edgeaffect._stage_timer import StageTimer
from edgeaffect.bench.frames import synthetic
from edgeaffect.models.registry import FILES
from edgeaffect.pipeline.calls import Call, drive
from edgeaffect.pipeline.cameras import CameraError
from edgeaffect.pipeline.crew import Crew
from edgeaffect.results import Result

pytestmark = pytest.mark.skipif(not (FILES / "face-cues-int8.onnx").exists(), reason="no bundled models in this tree")
SIZE = (320, 240)


@pytest.fixture(scope="module")
def clip() -> list[np.ndarray]:
    return synthetic(SIZE, 2, 6)


def opened(parallel: bool, **given: Any) -> Pipeline:
    return Pipeline(device="cpu", max_side=160, parallel=parallel, **{"cues": True, **given})


def crew_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("edgeaffect-stage")]


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = crew_threads()
    yield
    assert [thread for thread in crew_threads() if thread not in before] == []


def said(result: Result | CameraError) -> Any:
    """All that a result says but how long it took, and when it was; numbers as their bits."""
    if isinstance(result, CameraError):
        return str(result)
    plain = result.to_dict()
    return {name: plain[name] for name in plain if name not in ("timings_ms", "wall_time")}


def both(use: Callable[[Pipeline], list[Any]], **given: Any) -> list[Any]:
    """What `use` gives in turn, after a check that it gives the same at once."""
    with opened(False, **given) as in_turn, opened(True, **given) as at_once:
        assert in_turn.describe()["at_once"] == [] and at_once.describe()["at_once"] == ["affect", "cues"]
        expected, got = use(in_turn), use(at_once)
        assert [said(one) for one in got] == [said(one) for one in expected]
        return got


@pytest.mark.parametrize("given", [{}, {"affect_interval": 0.07, "cues_interval": 0.1}, {"skip_unchanged": False}])
def test_frames_say_the_same(clip, given):
    frames = [*clip, *[clip[-1]] * 12]  # moves, then stands still
    results = both(lambda p: [p.process(frame, index / 30) for index, frame in enumerate(frames)], **given)
    assert all(face.raw_cues and face.raw for face in results[0].faces) and len(results[0].faces) == 2


def test_pictures_and_several_cameras_say_the_same(clip):
    both(lambda p: list(p.stream(clip[:2])))

    def batches(pipeline: Pipeline) -> list[Any]:
        """Three cameras at different moments, of which one stands still and one shows no face."""
        empty = np.zeros_like(clip[0])
        rows = [pipeline.process_batch([clip[i % 6], clip[0], empty, clip[(i + 3) % 6]], i / 30) for i in range(10)]
        return [result for row in rows for result in row]

    both(batches, cues_interval=0.1)


class Failing:
    """Stands before `session.run` of a stage: fails at some of its calls."""

    def __init__(self, run: Callable[..., Any], at: set[int]) -> None:
        self._run, self._at, self._calls = run, at, 0

    def __call__(self, *given: Any) -> Any:
        self._calls += 1
        if self._calls in self._at:
            raise ArithmeticError(f"call {self._calls}")
        return self._run(*given)


@pytest.mark.parametrize("stage", ["affect", "cues"])
def test_an_error_ends_its_frame_just_as_in_turn(clip, stage, monkeypatch):
    def use(pipeline: Pipeline) -> list[Any]:
        session = getattr(pipeline, stage).session
        monkeypatch.setattr(session, "run", Failing(session.run, {2}))
        ends: list[Any] = []
        for index in range(8):
            try:
                ends.append(pipeline.process(clip[index % 6], index / 30))
            except ArithmeticError as error:
                ends.append(CameraError(0, error, is_lost=False))
        return ends

    # With intervals: who counts as read after the error shows in the frames that follow.
    results = both(use, affect_interval=0.06, cues_interval=0.09)
    assert [isinstance(one, CameraError) for one in results].count(True) == 1


def test_errors_of_both_stages_give_the_first(clip, monkeypatch):
    with opened(True) as pipeline:
        for stage, error in ((pipeline.affect, KeyError("affect")), (pipeline.cues, ValueError("cues"))):

            def fail(*given: Any, error: Exception = error) -> Any:
                raise error

            monkeypatch.setattr(stage.session, "run", fail)
        with pytest.raises(KeyError, match="affect"):
            pipeline.process(clip[0], 0.0)
        monkeypatch.undo()
        assert pipeline.process(clip[1], 1.0).faces[0].cues is not None


def test_an_error_costs_one_camera_of_several_its_frame(clip, monkeypatch):
    def use(pipeline: Pipeline) -> list[Any]:
        # The batch of both cameras fails, then the first camera asked alone.
        session = pipeline.cues.session
        monkeypatch.setattr(session, "run", Failing(session.run, {1, 2}))
        return pipeline.process_batch(clip[:2], 0.0, on_error="return")

    lost, kept = both(use)
    assert isinstance(lost, CameraError) and isinstance(kept, Result)


def test_an_interrupt_waits_for_the_other_stage(clip, monkeypatch):
    started, go_on, ended = threading.Event(), threading.Event(), []
    with opened(True) as pipeline:
        run = pipeline.cues.session.run

        def slowly(*given: Any) -> Any:
            started.set()
            assert go_on.wait(10)
            ended.append(True)
            return run(*given)

        def interrupted(*given: Any) -> Any:
            assert started.wait(10)
            threading.Timer(0.1, go_on.set).start()
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(pipeline.cues.session, "run", slowly)
            patch.setattr(pipeline.affect.session, "run", interrupted)
            with pytest.raises(KeyboardInterrupt):
                pipeline.process(clip[0], 0.0)
        assert ended == [True]
        assert pipeline.process(clip[0], 1.0).faces[0].affect is not None


def test_threads_are_made_once_when_two_stages_are_due_and_end_with_the_pipeline(clip):
    with opened(True, cues_interval=0.1) as pipeline:
        pipeline.process(np.zeros_like(clip[0]), 0.0)
        assert crew_threads() == []  # nobody to read
        pipeline.process(clip[0], 0.5)
        (thread,) = crew_threads()
        for index in range(1, 12):
            result = pipeline.process(clip[index % 6], 0.5 + index / 30)
            assert crew_threads() == [thread]
            assert "affect" in result.timings_ms
    assert not thread.is_alive()
    pipeline.close()


@pytest.mark.parametrize(
    ("parallel", "given"),
    [(False, {}), (True, {"cues": None}), (True, {"affect": False}), (True, {"models": "permissive"})],
)
def test_without_two_stages_that_may_there_is_no_thread(clip, parallel, given):
    with opened(parallel, **given) as pipeline:
        assert pipeline.describe()["at_once"] == []
        assert pipeline.process(clip[0], 0.0).faces
        assert crew_threads() == []


def test_stages_of_ones_own_work_in_turn_in_the_callers_thread(clip):
    seen: list[int] = []

    class Own(FaceCues):
        def run_many(self, items: Any) -> Any:
            seen.append(threading.get_ident())
            return super().run_many(items)

    with Own(device="cpu") as cues, opened(True, cues=cues) as pipeline:
        assert pipeline.describe()["at_once"] == [] and pipeline.process(clip[0], 0.0).faces
    with Pipeline(device="cpu", affect=ShadeAffect(), cues=True, parallel=True) as pipeline:
        assert pipeline.describe()["at_once"] == []
    with FaceAffect(device="cpu") as affect, opened(True, affect=affect) as pipeline:  # ours, if given
        assert pipeline.describe()["at_once"] == ["affect", "cues"] and pipeline.process(clip[0], 0.0).faces
    assert set(seen) == {threading.get_ident()}


def test_every_stage_says_its_own_time(clip, monkeypatch):
    with opened(True) as pipeline:
        meet = threading.Barrier(2, timeout=10)
        for stage in (pipeline.affect, pipeline.cues):

            def run(*given: Any, run: Callable[..., Any] = stage.session.run) -> Any:
                meet.wait()  # passes only while both are at work
                return run(*given)

            monkeypatch.setattr(stage.session, "run", run)
        timings = pipeline.process(clip[0], 0.0).timings_ms
        parts = {name: [v for key, v in timings.items() if key.startswith(f"{name}.")] for name in ("affect", "cues")}
        assert all(timings[name] == pytest.approx(sum(parts[name])) and len(parts[name]) == 2 for name in parts)
        crops = pipeline.affect.timer.parts["crop"] + pipeline.cues.timer.parts["crop"]
        assert timings["crop"] == pytest.approx(crops)


def _after_fork(pipeline: Pipeline, frame: np.ndarray, out: Any) -> None:
    out.put([said(pipeline.process(frame, 1.0)), len(crew_threads())])
    pipeline.close()


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process")  # Python 3.12 warns of any fork beside a thread
def test_a_forked_process_makes_threads_of_its_own(clip):
    context = multiprocessing.get_context("fork")
    with opened(True) as pipeline:
        pipeline.process(clip[0], 0.0)
        out = context.SimpleQueue()
        child = context.Process(target=_after_fork, args=(pipeline, clip[1], out))
        child.start()
        try:
            child.join(60)
            assert child.exitcode == 0
        finally:
            child.kill()
        told, threads = out.get()
        assert threads == 1 and told == said(pipeline.process(clip[1], 1.0))


def test_a_crew_gives_everything_in_order_or_raises_when_all_have_ended():
    crew = Crew(2)
    assert crew.run([lambda: 1]) == [1] and crew_threads() == []
    assert crew.run([lambda: 1, lambda: 2, lambda: 3]) == [1, 2, 3]
    ended: list[int] = []

    def bad() -> int:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        crew.run([lambda: 1, bad, lambda: ended.append(1) or 2])
    assert ended == [1]
    crew.close()
    crew.close()


def test_a_crew_that_nobody_holds_ends_its_threads():
    crew = Crew(1)
    assert crew.run([lambda: 1, lambda: 2]) == [1, 2]
    (thread,) = crew_threads()
    del crew
    thread.join(10)
    assert not thread.is_alive()


def test_a_crew_works_on_when_the_main_thread_has_ended():
    program = """
import threading, time
from edgeaffect.pipeline.crew import Crew

def frames():
    crew = Crew(1)
    crew.run([int, int])
    threading.main_thread().join()
    time.sleep(0.1)
    print(crew.run([lambda: 1, lambda: 2]))

threading.Thread(target=frames).start()
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (ran.stdout, ran.stderr, ran.returncode) == ("[1, 2]\n", "", 0)


class Echo:
    """Answers items with themselves, and writes down who was asked together."""

    def __init__(self) -> None:
        self.timer = StageTimer()
        self.asked: list[list[Any]] = []

    def run_many(self, items: list[Any]) -> list[Any]:
        self.asked.append(list(items))
        return items


def test_calls_asked_in_one_go_join_those_of_other_frames():
    a, b, c = (Echo() for _ in range(3))
    rounds: list[int] = []

    def run(jobs: Any) -> Any:
        rounds.append(len(jobs))
        return [job() for job in jobs]

    def two(i: int) -> Any:
        yield Call(a, i)
        return (yield (Call(b, i), Call(c, i)))

    def one(i: int) -> Any:
        return (yield Call(c, i))

    ends = drive([one(0), two(1), one(2), two(3)], {"a": a, "b": b, "c": c}, run)
    assert ends == [0, [1, 1], 2, [3, 3]] and rounds == [1, 2]
    assert (a.asked, b.asked, c.asked) == ([[1, 3]], [[1, 3]], [[0, 1, 2, 3]])
