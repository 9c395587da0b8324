"""`Pipeline.explain`: from kept crops, in a thread of its own, while frames go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from face_parts import cues_of
from squares import ShadeAffect, SquareDetector, draw

pytest.importorskip("torch")
pytest.importorskip("onnx")

from explain_parts import tiny_bundle

from edgeaffect import Error, LicenceError, Pipeline
from edgeaffect._stage_timer import StageTimer
from edgeaffect.cues import Cues
from edgeaffect.explain import frame_at_work
from edgeaffect.explain.answers import HARD_TO_TELL
from edgeaffect.explain.explainer import Explainer
from edgeaffect.models.bundle import ModelBundle, write_bundle
from edgeaffect.pipeline.explaining import in_crop, take
from edgeaffect.pipeline.face_history import FaceHistory
from edgeaffect.results import Face, Faces


class SmileCues:
    """Smiles while it is told to."""

    model = None

    def __init__(self) -> None:
        self.timer = StageTimer()
        self.smile = 0.9

    def run_many(self, items: Any) -> list[list[Cues]]:
        shape = {"mouthSmileLeft": self.smile, "mouthSmileRight": self.smile}
        return [[cues_of(shape) for _ in range(len(faces))] for _, faces in items]

    def describe(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    return tiny_bundle(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def cues() -> SmileCues:
    return SmileCues()


@pytest.fixture
def pipeline(bundle: ModelBundle, cues: SmileCues) -> Iterator[Pipeline]:
    with squares(bundle, cues) as made:
        yield made


def squares(bundle: ModelBundle, cues: SmileCues, detect: Any = None, **overrides: Any) -> Pipeline:
    return Pipeline(
        detect=detect or SquareDetector(), affect=ShadeAffect(), cues=cues, explain=bundle.path, detect_interval=0.0,
        smooth_method="none", **overrides,
    )  # fmt: skip


def frame(x: float = 300, side: float = 90) -> np.ndarray:
    return draw((640, 480), (x, 200, side))


def test_a_face_of_a_result_or_its_id(pipeline: Pipeline) -> None:
    face = pipeline.process(frame(), 0.0).faces[0]
    for one in (face, face.track_id, pipeline.snapshot(face)):
        answer = pipeline.explain(one)
        assert answer.label == "happiness" and answer.refused is None and answer.text == HARD_TO_TELL
        assert answer.evidence is not None and answer.evidence.states["smile"] == "present"


def test_a_crop_holds_the_face(pipeline: Pipeline) -> None:
    face = pipeline.process(frame(), 0.0).faces[0]
    shot = pipeline.snapshot(face)
    back = shot.face.box.reshape(2, 2) * shot.crop.matrix[0, 0] + shot.crop.matrix[:, 2]
    np.testing.assert_allclose(back.reshape(4), face.box, atol=1e-3)
    # The square fills 1 / 1.6 of its crop; landmarks are in it at the same shares of the box.
    np.testing.assert_allclose(shot.face.box, [30, 30, 130, 130], atol=1)
    inside = (shot.face.landmarks - shot.face.box[:2]) / (shot.face.box[2:] - shot.face.box[:2])
    np.testing.assert_allclose(inside, (face.landmarks - face.box[:2]) / (face.box[2:] - face.box[:2]), atol=1e-4)
    red = shot.crop.pixels[..., 2] > 100
    assert red[40:120, 40:120].all() and not red[:20].any()


def test_it_needs_cues_and_being_asked_for(bundle: ModelBundle) -> None:
    with pytest.raises(ValueError, match="cues=True, explain=True"):
        Pipeline(detect=SquareDetector(), affect=ShadeAffect(), explain=bundle.path)
    with pytest.raises(TypeError, match="explain must be True, a bundle's name or path, or an Explainer"):
        squares(bundle, SmileCues()).__class__(
            detect=SquareDetector(),
            affect=ShadeAffect(),
            cues=SmileCues(),
            explain=3,  # type: ignore[arg-type]
        )
    with Pipeline(detect=SquareDetector(), affect=ShadeAffect(), cues=SmileCues(), explain=False) as silent:
        face = silent.process(frame(), 0.0).faces[0]
        for call in (silent.explain, silent.talk, silent.snapshot):
            with pytest.raises(RuntimeError, match="cues=True, explain=True"):
                call(face)


def test_a_licence_that_is_asked_for(tmp_path: Path, cues: SmileCues, bundle: ModelBundle) -> None:
    manifest = bundle.manifest
    parts = {role: bundle.part(role) for role in manifest.parts}
    made = write_bundle(
        tmp_path / "r", parts, name="r", version="1", task="explain", pair_id=manifest.pair_id, licence="research-data"
    )
    with pytest.raises(LicenceError, match=r"not under a permissive licence: r \(research-data\)"):
        squares(made, cues, require_licence="permissive")
    squares(bundle, cues, require_licence="permissive").close()


def test_unknown_faces(pipeline: Pipeline) -> None:
    with pytest.raises(Error, match="no face 7 is known"):
        pipeline.explain(7)
    pipeline.process(frame(), 0.0)
    with pytest.raises(Error, match=r"no face 7 is known: it left more than track\.max_age ago"):
        pipeline.explain(7)
    for wrong in (None, "1", 1.0, True):
        with pytest.raises(TypeError, match="face must be"):
            pipeline.explain(wrong)  # type: ignore[arg-type]
    still = Face(np.zeros(4, np.float32), 0.5, np.zeros((5, 2), np.float32))
    with pytest.raises(Error, match=r"Explainer\.explain\(frame, face\)"):
        pipeline.explain(still)
    pipeline.reset()
    with pytest.raises(Error, match="no face 1 is known"):
        pipeline.explain(1)


def test_five_seconds_of_cues_are_kept(pipeline: Pipeline, cues: SmileCues) -> None:
    for step in range(90):
        cues.smile = 0.9 if step < 70 else 0.0
        face = pipeline.process(frame(), step / 10).faces[0]
    shot = pipeline.snapshot(face)
    # Moments from 8.9 - 5 to 8.9 - 1 s, 0.2 s apart, of which all before 7 s smile.
    smiles = [moment.blendshapes["mouthSmileLeft"] for moment in shot.before]
    assert 18 <= len(smiles) <= 21 and smiles[0] == 0.9 and smiles[-1] == 0.0
    answer = pipeline.explain(shot)
    assert answer.evidence is not None and answer.evidence.changes == {"smile": False}


def test_history_of_faces_that_left_is_forgotten() -> None:
    history = FaceHistory(5.0)
    face = Face(np.zeros(4, np.float32), 0.5, np.zeros((5, 2), np.float32), 3, cues=cues_of({}))
    for step in range(1000):
        history.keep([face], step / 30, (640, 480))
    assert len(history._cues[3]) <= 27 and history.latest(3) is not None
    history.forget_except({4})
    assert history.latest(3) is None and history.before(3, 100.0) == ()


def test_any_thread_may_ask_while_frames_go_on(pipeline: Pipeline) -> None:
    """Nothing is mixed up: box and crop are of one moment, and every answer comes."""
    stop, errors, answers = threading.Event(), [], []
    pipeline.process(frame(100), 0.0)

    def asker() -> None:
        try:
            while not stop.is_set():
                shot = pipeline.snapshot(1)
                # The square lies in the middle of its crop whatever frame it is of.
                middle = (shot.face.box[:2] + shot.face.box[2:]) / 2
                assert np.abs(middle - 80).max() < 1.5, middle
                assert shot.crop.pixels[80, 80, 2] > 100 and shot.crop.pixels[2, 80, 2] < 100
                answers.append(pipeline.explain(shot))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=asker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for step in range(1, 120):
        pipeline.process(frame(100 + 3 * step), step / 30)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert errors == [] and len(answers) >= 3


def test_a_talk_does_not_wait(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    face = pipeline.process(frame(), 0.0).faces[0]
    go = threading.Event()
    explainer = pipeline._explaining.explainer  # type: ignore[union-attr]
    answer = explainer.answer

    def slow(*a: Any, **k: Any) -> Any:
        go.wait(10)
        return answer(*a, **k)

    monkeypatch.setattr(explainer, "answer", slow)
    talk = pipeline.talk(face)
    started = time.monotonic()
    for step in range(1, 10):
        pipeline.process(frame(), step / 30)
    assert not talk.done and time.monotonic() - started < 5
    go.set()
    assert talk.result(10).label == "happiness" and list(talk) == [HARD_TO_TELL]


class Meanwhile(SquareDetector):
    """Does something inside a frame."""

    def __init__(self) -> None:
        super().__init__()
        self.happens: Callable[[], object] = lambda: None

    def detect(self, frame: np.ndarray, color: str = "bgr") -> Faces:
        self.happens()
        return super().detect(frame, color)


class Watched:
    """A pipeline whose explainer tells which of its models run, and when it waits for a frame.

    Steps wait as long as it takes, so that an order is never one of time.
    """

    def __init__(self, bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch) -> None:
        self.detector, self.waits = Meanwhile(), threading.Event()
        self.pipeline = squares(bundle, SmileCues(), detect=self.detector)
        explaining = self.pipeline._explaining
        assert explaining is not None
        self.explainer, self.runs = explaining.explainer, list[str]()
        for name, session in (
            ("reader", self.explainer.reader._session), ("encoder", self.explainer.vision.session),
            ("decoder", self.explainer.decoder.session),
        ):  # fmt: skip
            for verb in ("run", "run_device"):
                monkeypatch.setattr(session, verb, self._noting(name, getattr(session, verb)))
        for limit in ("LONGEST_STEP", "LONGEST_ANSWER"):
            monkeypatch.setattr(frame_at_work, limit, 60.0)
        explaining.frame_at_work._sleep = self._sleep
        self.shot = self.pipeline.snapshot(self.pipeline.process(frame(), 0.0).faces[0])

    def _noting(self, name: str, run: Any) -> Any:
        def noted(*arguments: Any) -> Any:
            self.runs.append(name)
            return run(*arguments)

        return noted

    def _sleep(self, seconds: float) -> None:
        self.waits.set()
        time.sleep(seconds)


@pytest.fixture
def watched(bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    made = Watched(bundle, monkeypatch)
    with made.pipeline:
        yield made


ASKS: dict[str, Callable[[Watched], object]] = {
    "explain": lambda by: by.pipeline.explain(by.shot),
    "ask": lambda by: by.pipeline.ask(by.shot, "Is she smiling?"),
    "judge": lambda by: by.pipeline.judge(by.shot, "She is smiling."),
    "check": lambda by: by.pipeline.check("She is smiling.", by.shot),
}


@pytest.mark.parametrize("cameras", [0, 2])
@pytest.mark.parametrize("verb", ASKS)
def test_no_answer_begins_while_a_frame_is_at_work(watched: Watched, verb: str, cameras: int) -> None:
    asker = threading.Thread(target=ASKS[verb], args=(watched,))

    def meanwhile() -> None:
        watched.detector.happens = lambda: None
        asker.start()
        assert watched.waits.wait(10) and watched.runs == []

    watched.detector.happens = meanwhile
    if cameras:
        watched.pipeline.process_batch([frame()] * cameras, 0.1)
    else:
        watched.pipeline.process(frame(), 0.1)
    asker.join(20)
    assert not asker.is_alive() and watched.runs[0] == ("encoder" if verb in ("explain", "check") else "reader")


def test_no_token_comes_while_a_frame_is_at_work(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, go = threading.Event(), threading.Event()
    look = watched.explainer.vision.look

    def slow(*arguments: Any) -> Any:
        looks.set()
        assert go.wait(10)
        return look(*arguments)

    def meanwhile() -> None:
        go.set()  # the look, which had begun, ends inside the frame
        assert watched.waits.wait(10) and watched.runs == ["encoder"]

    monkeypatch.setattr(watched.explainer.vision, "look", slow)
    talk = watched.pipeline.talk(watched.shot)
    assert looks.wait(10)
    watched.waits.clear()
    watched.detector.happens = meanwhile
    watched.pipeline.process(frame(), 0.1)
    talk.result(20)
    assert set(watched.runs[1:]) == {"decoder"}


def test_an_error_in_a_frame_lets_it_talk_again(watched: Watched) -> None:
    for moment, error in ((0.1, ValueError), (0.2, KeyboardInterrupt)):

        def fails(error: type[BaseException] = error) -> None:
            raise error

        watched.detector.happens = fails
        with pytest.raises(error):
            watched.pipeline.process(frame(), moment)
        watched.detector.happens = lambda: None
        assert watched.pipeline.talk(watched.shot).result(20).text


def test_a_frame_that_waits_for_an_answer_gets_it(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a frame takes, an answer waits no longer than it may: nothing can hang."""
    monkeypatch.setattr(frame_at_work, "LONGEST_STEP", 0.01)
    monkeypatch.setattr(frame_at_work, "LONGEST_ANSWER", 0.05)
    answers: list[str] = []
    watched.detector.happens = lambda: answers.append(watched.pipeline.explain(watched.shot).text)
    watched.pipeline.process(frame(), 0.1)
    assert len(answers) == 1 and answers[0] and watched.waits.is_set()


def test_a_callback_cannot_wait_for_its_own_thread(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    face = pipeline.process(frame(), 0.0).faces[0]
    explainer = pipeline._explaining.explainer  # type: ignore[union-attr]
    monkeypatch.setattr(explainer, "answer", lambda *_, say, **__: say("a clause"))
    with pytest.raises(RuntimeError, match="cannot ask again and wait"):
        pipeline.explain(face, on_text=lambda _: pipeline.explain(face))
    with pytest.raises(RuntimeError, match="cannot be closed from on_text"):
        pipeline.explain(face, on_text=lambda _: pipeline.close())
    assert pipeline.process(frame(), 0.1).faces  # it stayed open
    with pytest.raises(TypeError, match="question must be a text"):
        pipeline.ask(face, None)  # type: ignore[arg-type]


def test_closing_ends_the_thread(bundle: ModelBundle, cues: SmileCues) -> None:
    before = {thread.ident for thread in threading.enumerate()}
    pipeline = squares(bundle, cues)
    face = pipeline.process(frame(), 0.0).faces[0]
    pipeline.explain(face)
    assert any(thread.ident not in before for thread in threading.enumerate())
    pipeline.close()
    pipeline.close()
    assert all(thread.ident in before for thread in threading.enumerate())
    with pytest.raises(RuntimeError, match="closed"):
        pipeline.explain(face)


def test_an_explainer_of_the_callers_stays_open(bundle: ModelBundle, cues: SmileCues) -> None:
    with Explainer(bundle.path) as explainer:
        with Pipeline(detect=SquareDetector(), affect=ShadeAffect(), cues=cues, explain=explainer) as pipeline:
            face = pipeline.process(frame(), 0.0).faces[0]
            assert pipeline.explain(face).text and "explain" in pipeline.describe()
        assert explainer.explain(frame(), face).text


def test_cameras_are_apart(pipeline: Pipeline) -> None:
    results = pipeline.process_batch([frame(100), frame(400)], 0.0)
    shots = [pipeline.snapshot(result.faces[0], camera=i) for i, result in enumerate(results)]
    assert shots[0].crop.matrix[0, 2] < shots[1].crop.matrix[0, 2]
    assert all(pipeline.explain(result.faces[0], camera=i).text for i, result in enumerate(results))
    with pytest.raises(Error, match="no face 1 is known"):
        pipeline.explain(1)


def test_moving_a_face_into_its_crop() -> None:
    face = Face(np.array([10, 20, 30, 60], np.float32), 1.0, np.full((5, 2), 20, np.float32))
    moved = in_crop(face, np.array([[2, 0, 6], [0, 2, 4]], np.float32))
    np.testing.assert_array_equal(moved.box, [2, 8, 12, 28])
    np.testing.assert_array_equal(moved.landmarks, np.tile([7, 8], (5, 1)))
    with pytest.raises(Error, match="there was no frame yet"):
        take(None, 1)
