"""`Explainer` around a decoder that knows nothing: what it takes, refuses, measures by itself, and how it ends."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from face_parts import affect_of, cues_of

pytest.importorskip("torch")
pytest.importorskip("onnx")

from explain_parts import PAIR, Shape, tiny_bundle, tiny_decoder, tiny_encoder

from edgeaffect.cues import Cues
from edgeaffect.errors import ModelError, ModelNotFoundError, SpecError
from edgeaffect.explain.answers import HARD_TO_TELL
from edgeaffect.explain.evidence_rules import EvidenceRules
from edgeaffect.explain.explainer import Explainer
from edgeaffect.explain.frame_at_work import FrameAtWork
from edgeaffect.explain.sight import Sight
from edgeaffect.models import metadata
from edgeaffect.models.bundle import BundleError, ModelBundle, write_bundle
from edgeaffect.options import ExplainOptions
from edgeaffect.results import Face

BOX = np.array([40, 30, 140, 150], np.float32)
POINTS = np.array([[70, 75], [110, 75], [90, 100], [75, 122], [105, 122]], np.float32)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    return tiny_bundle(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def explainer(bundle: ModelBundle) -> Iterator[Explainer]:
    with Explainer(bundle.path) as made:
        yield made


def picture(seed: int = 0) -> np.ndarray:
    return cv2.resize(np.random.default_rng(seed).integers(0, 255, (12, 12, 3), np.uint8), (240, 240))


def face(**changes: object) -> Face:
    values = {
        "box": BOX, "score": 0.9, "landmarks": POINTS, "affect": affect_of("happiness"),
        "cues": cues_of({"mouthSmileLeft": 0.9}),
    }  # fmt: skip
    return Face(**{**values, **changes})  # type: ignore[arg-type]


def test_a_decoder_that_knows_nothing_says_nothing(explainer: Explainer) -> None:
    """Proof that sentences come from the model: there is no template behind it."""
    answer = explainer.explain(picture(), face())
    assert answer.text == HARD_TO_TELL and answer.cues_used == () and answer.refused is None
    assert [part.verdict for part in answer.parts] == ["not visible"] and answer.text.startswith("Hard to tell")
    assert (answer.label, answer.confidence) == ("happiness", 0.9)
    assert answer.evidence is not None and answer.evidence.states["smile"] == "present"


def test_beams_too(bundle: ModelBundle) -> None:
    with Explainer(bundle.path, options=ExplainOptions(beam=3)) as explainer:
        assert explainer.explain(picture(), face()).text == HARD_TO_TELL


def test_no_face_is_said_in_fixed_words(explainer: Explainer, monkeypatch: pytest.MonkeyPatch) -> None:
    look = explainer.vision.look
    monkeypatch.setattr(
        explainer.vision, "look",
        lambda *a: type(found := look(*a))(found.memory, found.cues, {**found.facts, "no_face": 9.0}),
    )  # fmt: skip
    heard: list[str] = []
    answer = explainer.explain(picture(), face(), on_text=heard.append)
    assert answer.refused is None and "face" in answer.text and heard == [answer.text] and answer.cues_used == ()


def test_cues_and_affect_are_read_when_they_are_missing(explainer: Explainer) -> None:
    frame = cv2.imread(str(Path(__file__).parents[2] / "examples" / "portrait.jpg"))
    if frame is None:
        pytest.skip("the portrait is in the source tree")
    from edgeaffect import FaceDetector

    with FaceDetector() as detector:
        found = detector.detect(frame)
    bare = Face(found.boxes[0], float(found.scores[0]), found.landmarks[0])
    answer = explainer.explain(frame, bare)
    assert answer.label == "happiness" and answer.evidence is not None
    assert answer.evidence.states["smile"] == "present"
    rgb = explainer.explain(np.ascontiguousarray(frame[..., ::-1]), bare, color="rgb")
    assert rgb.evidence is not None
    for name, p in answer.evidence.probabilities.items():
        # Another order of channels is the same gray to rounding.
        assert rgb.evidence.probabilities[name] == pytest.approx(p, abs=0.01)
    swapped = explainer.explain(np.ascontiguousarray(frame[..., ::-1]), bare)
    assert swapped.evidence is not None and swapped.evidence.probabilities != answer.evidence.probabilities


def test_the_face_decides_what_is_looked_at(explainer: Explainer) -> None:
    looks = [explainer.observer.observe(Sight(picture(seed), face()))[1] for seed in (0, 0, 1)]
    np.testing.assert_array_equal(looks[0].memory, looks[1].memory)
    assert not np.array_equal(looks[0].memory, looks[2].memory)
    moved = face(box=BOX + 20, landmarks=POINTS + 20)
    shifted = np.roll(picture(), (20, 20), (0, 1))
    # The crop follows the face; what was rolled over the border it does not reach.
    found = explainer.observer.observe(Sight(shifted, moved))[1]
    np.testing.assert_allclose(found.memory, looks[0].memory, atol=1e-3)


@pytest.mark.parametrize(("frame", "error"), [
    (None, TypeError), ("x", TypeError), (np.zeros((4, 4, 3)), TypeError), (np.zeros((4, 4), np.uint8), ValueError),
    (np.zeros((0, 4, 3), np.uint8), ValueError), (np.zeros((4, 4, 4), np.uint8), ValueError),
])  # fmt: skip
def test_wrong_frames(explainer: Explainer, frame: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        explainer.explain(frame, face())  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 300, 3), (180, 180, 3)])
@pytest.mark.parametrize("value", [0, 255])
def test_blank_and_tiny_frames(explainer: Explainer, shape: tuple[int, ...], value: int) -> None:
    answer = explainer.explain(np.full(shape, value, np.uint8), face())
    assert answer.text and answer.label == "happiness"


def test_faces_without_a_place(explainer: Explainer) -> None:
    for wrong in (POINTS * np.nan, np.zeros_like(POINTS)):
        with pytest.raises(ValueError, match="no finite place and size"):
            explainer.explain(picture(), face(landmarks=wrong))
    for wrong in (None, 1, "face", object()):
        with pytest.raises(TypeError, match="face must be a Face"):
            explainer.explain(picture(), wrong)  # type: ignore[arg-type]
    for wrong in (dict(box=[0, 0, 9, 9]), dict(landmarks=None)):
        with pytest.raises(TypeError, match=f"the face's {next(iter(wrong))} must be an array"):
            explainer.explain(picture(), face(**wrong))
    with pytest.raises(TypeError, match="on_text must be a function"):
        explainer.explain(picture(), face(), on_text=3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="color must be one of"):
        explainer.explain(picture(), face(), color="hsv")


def test_moments_and_views_that_are_none(explainer: Explainer) -> None:
    for wrong in ([1], None, "x", 3):
        with pytest.raises(TypeError, match="before must be a list of Cues"):
            explainer.ask(picture(), face(), "What changed?", before=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="view must be a View"):
        explainer.explain(picture(), face(), view=3)  # type: ignore[arg-type]


def test_a_callback_may_raise_anything(explainer: Explainer) -> None:
    def ends(_: str) -> object:
        return next(iter(()))

    with pytest.raises(StopIteration):
        explainer.answer(None, Sight(picture(), face()), say=ends)
    assert explainer.explain(picture(), face()).text


def test_one_clause_of_any_length_is_checked(explainer: Explainer) -> None:
    for text in ("a" * 5000, "a smile " * 500):
        answer = explainer.check(text, picture(), face())
        assert answer.text == "" and [part.verdict for part in answer.parts] == ["not checkable"]
    assert "\x1b" not in explainer.check("She smiles\x1b\u202e.", picture(), face()).parts[0].claim


def test_one_thread_at_a_time(explainer: Explainer, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, go = threading.Event(), threading.Event()
    look = explainer.vision.look

    def slow(*arguments: object) -> object:
        inside.set()
        go.wait(10)
        return look(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(explainer.vision, "look", slow)
    thread = threading.Thread(target=explainer.explain, args=(picture(), face()))
    thread.start()
    assert inside.wait(10)
    for call in (lambda: explainer.explain(picture(), face()), explainer.close):
        with pytest.raises(RuntimeError, match="busy in another thread"):
            call()
    go.set()
    thread.join(10)
    assert explainer.explain(picture(), face()).text


@pytest.mark.parametrize("wrong", [{}, {"beam": 3}, 3])
def test_options_that_are_none(bundle: ModelBundle, wrong: object) -> None:
    with pytest.raises(TypeError, match="options must be ExplainOptions"):
        Explainer(bundle.path, options=wrong)  # type: ignore[arg-type]


def test_an_end_is_an_end(bundle: ModelBundle) -> None:
    explainer = Explainer(bundle.path)
    explainer.close()
    explainer.close()
    with pytest.raises(RuntimeError, match="closed: make a new one"):
        explainer.explain(picture(), face())
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(explainer)


def test_what_runs_is_told(explainer: Explainer) -> None:
    told = explainer.describe()
    assert told["model"] == "tiny 1.0.0" and told["decoder"]["device"] == "cpu" and told["options"]["beam"] == 1


def test_numbers_that_are_none_from_the_encoder(explainer: Explainer, monkeypatch: pytest.MonkeyPatch) -> None:
    run = explainer.vision.session.run
    monkeypatch.setattr(
        explainer.vision.session, "run", lambda *a: {name: value * np.nan for name, value in run(*a).items()}
    )
    with pytest.raises(ModelError, match="numbers that are none"):
        explainer.explain(picture(), face())


def rebuilt(bundle: ModelBundle, folder: Path, **parts: Path) -> ModelBundle:
    files = {role: bundle.part(role) for role in bundle.manifest.parts} | parts
    copies = {role: folder / f"{role}{path.suffix}" for role, path in files.items()}
    for role, path in files.items():
        copies[role].write_bytes(path.read_bytes())
    return write_bundle(folder / "made", copies, name="other", version="1", task="explain", pair_id=PAIR)


def test_bundles_that_are_none(bundle: ModelBundle, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="no bundle 'nowhere'"):
        Explainer("nowhere")
    with pytest.raises(SpecError, match="an encoder takes image"):
        Explainer(rebuilt(bundle, tmp_path, encoder=bundle.part("decoder")).path)
    with pytest.raises(SpecError, match="a decoder takes tokens"):
        Explainer(rebuilt(bundle, tmp_path, decoder=bundle.part("encoder")).path)
    words = bundle.part("vocabulary").read_text().replace('"grammar":"', '"grammar":"x')
    (tmp_path / "vocabulary.json").write_text(words)
    with pytest.raises(SpecError, match="the vocabulary is of grammar"):
        Explainer(rebuilt(bundle, tmp_path, vocabulary=tmp_path / "vocabulary.json").path)
    without = {role: bundle.part(role) for role in bundle.manifest.parts if role != "evidence"}
    lacking = write_bundle(tmp_path / "lacking", without, name="l", version="1", task="explain", pair_id=PAIR)
    with pytest.raises(BundleError, match="has no 'evidence'"):
        Explainer(lacking.path)


def test_a_decoder_of_another_vocabulary(bundle: ModelBundle, tmp_path: Path) -> None:
    other, _ = tiny_decoder(tmp_path / "other.onnx", Shape(50, 64))
    with pytest.raises(SpecError, match="the decoder speaks 50 tokens"):
        Explainer(rebuilt(bundle, tmp_path, decoder=other.path).path)


def test_parts_of_two_trainings(bundle: ModelBundle, tmp_path: Path) -> None:
    shutil.copytree(bundle.path, tmp_path, dirs_exist_ok=True)
    foreign = tiny_encoder(tmp_path / "encoder.onnx").path
    metadata.write(foreign, "edgeaffect.pair", "another")
    manifest = json.loads((tmp_path / "bundle.json").read_text())
    data = foreign.read_bytes()
    manifest["parts"]["encoder"].update(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    (tmp_path / "bundle.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="different trainings"):
        Explainer(tmp_path)


def test_without_frames_nothing_waits(bundle: ModelBundle) -> None:
    def never(_: float) -> None:
        raise AssertionError("it waited")

    with Explainer(bundle.path) as explainer:
        explainer.frame_at_work._sleep = never
        assert explainer.explain(picture(), face()).text
        assert explainer.ask(picture(), face(), "Is she smiling?").text
        assert explainer.judge(picture(), face(), "She is smiling.").probability > 0.5
        assert explainer.check("She smiles.", picture(), face()).parts
        assert explainer.stream(picture(), face()).result.text


def test_the_past_is_measured_in_small_steps(explainer: Explainer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame gets the interpreter in between: twenty moments take as long as a frame."""
    steps: list[int] = []

    def let_pass(_: FrameAtWork) -> None:
        steps.append(0)

    def measured(rules: EvidenceRules, cues: Cues) -> dict[str, float]:
        steps[-1] += 1
        return measure(rules, cues)

    measure = EvidenceRules.measured
    monkeypatch.setattr(FrameAtWork, "let_pass", let_pass)
    monkeypatch.setattr(EvidenceRules, "measured", measured)
    explainer.explain(picture(), face(), before=[cues_of({})] * 20)
    assert sum(steps) == 21 and max(steps) <= 4
