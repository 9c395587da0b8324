"""The bundled explainer on a real portrait: it speaks, answers, refuses, judges, and stays within its size."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeaffect import Pipeline
from edgeaffect.explain import CUES, Explainer, Explanation
from edgeaffect.explain.answers import HARD_TO_TELL, NO_HISTORY
from edgeaffect.explain.decoder import Decoder
from edgeaffect.explain.explainer import DEFAULT_BUNDLE
from edgeaffect.explain.gate import Gate, true_claims, true_reasons
from edgeaffect.explain.meaning import WHOLE_FACE, Claim, Request, parts_of, prefix
from edgeaffect.explain.parsing import parse
from edgeaffect.explain.sight import Sight
from edgeaffect.explain.speak import Speaker
from edgeaffect.explain.static_cache import static_decoder
from edgeaffect.explain.vocabulary import tokenize
from edgeaffect.models.bundle import ModelBundle
from edgeaffect.models.registry import FILES, find_bundle
from edgeaffect.options import ExplainOptions
from edgeaffect.results import Face
from edgeaffect.runtime import open_session

PORTRAIT = Path(__file__).parents[2] / "examples" / "portrait.jpg"
pytestmark = [
    pytest.mark.skipif(not any(FILES.glob(f"{DEFAULT_BUNDLE}*")), reason="no bundled explainer in this tree"),
    pytest.mark.skipif(not PORTRAIT.is_file(), reason="the portrait is in the source tree"),
]


@pytest.fixture(scope="module")
def bundle() -> ModelBundle:
    return find_bundle(DEFAULT_BUNDLE, "explain")


@pytest.fixture(scope="module")
def explainer() -> Iterator[Explainer]:
    with Explainer() as made:
        yield made


@pytest.fixture(scope="module")
def frame() -> np.ndarray:
    return cv2.imread(str(PORTRAIT))


@pytest.fixture(scope="module")
def face(frame: np.ndarray) -> Face:
    with Pipeline(cues=True) as pipeline:
        return pipeline.process(frame).faces[0]


def proved(answer: Explanation, request: Request) -> tuple[Claim, ...]:
    """Claims of a text, read by the grammar alone, each of them true."""
    assert answer.refused is None and answer.evidence is not None, answer.text
    claims, known = parse(tokenize(answer.text)), answer.evidence.known
    for claim in claims:
        allowed = true_reasons(request, known) if claim.is_reason else true_claims(request, known)
        assert Claim(claim.kind, claim.name, claim.state) in set(allowed), (answer.text, claim)
    assert {c.name for c in claims if c.kind == "cue" and c.state in ("present", "absent")} <= set(answer.cues_used)
    assert list(answer.cues_used) == [name for name in CUES if name in answer.cues_used]
    return claims


def test_it_is_small(bundle: ModelBundle) -> None:
    assert bundle.path.stat().st_size <= 6e6


def test_a_smile_is_why(explainer: Explainer, frame: np.ndarray, face: Face) -> None:
    answer = explainer.explain(frame, face)
    claims = proved(answer, Request("explain"))
    assert Claim("emotion", "happiness") in claims and "smile" in answer.cues_used and answer.label == "happiness"
    assert any(claim.is_reason and claim.name == "smile" for claim in claims)
    assert explainer.explain(frame, face) == answer, "the same face, the same words"


def test_another_way_to_the_same_face(explainer: Explainer, frame: np.ndarray, face: Face) -> None:
    rgb = np.ascontiguousarray(frame[..., ::-1])
    assert explainer.explain(rgb, face, color="rgb").text == explainer.explain(frame, face).text
    bare = Face(face.box, face.score, face.landmarks)
    assert "smile" in explainer.explain(frame, bare).cues_used


@pytest.mark.parametrize(("question", "request_", "begin"), [
    ("Is she smiling?", Request("is_cue", "smile"), "Yes"), ("is he not smiling", None, ""),
    ("Are the eyes closed?", Request("is_cue", "eyes_closed"), "No"),
    ("Is she angry?", Request("is_emotion", "anger"), "No"),
    ("She isn't sad, right?", Request("is_emotion", "sadness", False), "Yes"),
    ("He is not happy, right?", Request("is_emotion", "happiness", False), "No"),
    ("Does he look happy?", Request("is_emotion", "happiness"), "Yes"),
    ("What does the mouth do?", Request("describe_region", "mouth"), ""),
    ("Where is she looking?", Request("where_looking"), ""), ("Why not sad?", Request("why_not", "sadness"), ""),
    ("How sure are you?", Request("how_sure"), ""), ("Why?", Request("explain"), ""),
])  # fmt: skip
def test_questions(
    explainer: Explainer, frame: np.ndarray, face: Face, question: str, request_: Request | None, begin: str
) -> None:
    understood = explainer.reader.read(question).request()
    assert request_ is None or understood == request_
    answer = explainer.ask(frame, face, question)
    assert answer.text.startswith(begin) and proved(answer, understood)


@pytest.mark.parametrize("question", [
    "Who is this?", "How old is she?", "Is he lying?", "Is she depressed?", "Is he gay?", "Is she attractive?",
    "Why is he sad about her?", "Can I trust him?",
])  # fmt: skip
def test_refusals(explainer: Explainer, frame: np.ndarray, face: Face, question: str) -> None:
    answer = explainer.ask(frame, face, question)
    assert answer.refused and answer.cues_used == ()


@pytest.mark.parametrize(("before", "cue", "state"), [
    ({"mouthSmileLeft": 0.05, "mouthSmileRight": 0.05}, "smile", "began"), ({"jawOpen": 0.6}, "mouth_open", "ended"),
    ({"eyeBlinkLeft": 0.9, "eyeBlinkRight": 0.9}, "eyes_closed", "ended"),
])  # fmt: skip
def test_what_changed(
    explainer: Explainer, frame: np.ndarray, face: Face, before: dict[str, float], cue: str, state: str
) -> None:
    assert explainer.ask(frame, face, "What changed?").refused == NO_HISTORY
    assert face.cues is not None
    earlier = dataclasses.replace(face.cues, blendshapes={**face.cues.blendshapes, **before})
    answer = explainer.ask(frame, face, "What changed?", before=[earlier])
    claims = proved(answer, Request("what_changed"))
    assert (cue, state) in [(claim.name, claim.state) for claim in claims] and cue in answer.cues_used


def test_statements_and_texts(explainer: Explainer, frame: np.ndarray, face: Face) -> None:
    assert float(explainer.judge(frame, face, "She is smiling.")) > 0.8
    assert float(explainer.judge(frame, face, "She is not smiling.")) < 0.2
    assert float(explainer.judge(frame, face, "The person looks sad.")) < 0.2
    done = explainer.check("She is smiling. Her eyes are closed. She is proud of her new job.", frame, face)
    assert done.text == "She is smiling." and [part.verdict for part in done.parts][:2] == ["supported", "contradicted"]


def test_pieces_are_the_text(explainer: Explainer, frame: np.ndarray, face: Face) -> None:
    heard: list[str] = []
    answer = explainer.explain(frame, face, on_text=heard.append)
    assert "".join(heard) == answer.text and len(heard) == len(answer.parts) >= 2
    assert list(explainer.stream(frame, face)) == heard
    stopped = explainer.explain(frame, face, on_text=lambda _: False)
    assert answer.text.startswith(stopped.text[:-1]) and len(stopped.parts) == 1


def test_a_beam_of_one_is_greedy_and_a_wider_one_is_true(explainer: Explainer, frame: np.ndarray, face: Face) -> None:
    answer = explainer.explain(frame, face)
    assert answer.evidence is not None and face.affect is not None
    known = answer.evidence.known
    tokens, gate = prefix(Request("explain"), known.label, known.confidence), Gate(Request("explain"), known)
    speaker = Speaker(explainer.decoder, explainer.vocabulary)
    *_, greedy = speaker.greedy(tokens, gate)
    assert speaker.beam(tokens, gate, 1).ids == greedy.ids
    with Explainer(options=ExplainOptions(beam=3, longest=256)) as wide:  # more than it has places for
        assert wide.decoder.longest < 256
        proved(wide.explain(frame, face), Request("explain"))


def test_steps_equal_one_run_and_the_static_cache(
    explainer: Explainer, bundle: ModelBundle, frame: np.ndarray, face: Face, tmp_path: Path
) -> None:
    assert face.affect is not None
    look = explainer.observer.observe(Sight(frame, face))[1]
    tokens = [1, *np.random.RandomState(0).randint(4, explainer.decoder.vocabulary, 23).tolist()]
    logits = []
    for model in (bundle.model("decoder"), static_decoder(bundle, tmp_path)):
        for first in (5, len(tokens)):
            decoder = Decoder(open_session(model), longest=64, prefix=len(tokens))
            decoder.look_at(look.memory)
            cache, last = decoder.prefill(tokens[:first])
            for token in tokens[first:]:
                last = decoder.step(cache, token)
            logits.append(last.copy())
    for one, other in itertools.pairwise(logits):
        np.testing.assert_allclose(one, other, atol=2e-3)


def test_blank_pictures_tell_nothing(explainer: Explainer, face: Face) -> None:
    for value in (0, 128, 255):
        answer = explainer.explain(np.full((480, 480, 3), value, np.uint8), Face(face.box, face.score, face.landmarks))
        assert answer.cues_used == () and "no face" in answer.text, answer.text


def test_shuffled_weights_say_nothing(bundle: ModelBundle, frame: np.ndarray, face: Face, tmp_path: Path) -> None:
    """The words come from the decoder's weights: there is no template behind it."""
    onnx = pytest.importorskip("onnx")
    from edgeaffect.models.bundle import write_bundle

    model, rng = onnx.load(str(bundle.part("decoder"))), np.random.RandomState(0)
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.size > 256:
            shuffled = rng.permutation(values.reshape(-1)).reshape(values.shape)
            tensor.CopyFrom(onnx.numpy_helper.from_array(shuffled, tensor.name))
    onnx.save(model, str(tmp_path / "decoder.onnx"))
    parts = {role: bundle.part(role) for role in bundle.manifest.parts} | {"decoder": tmp_path / "decoder.onnx"}
    made = write_bundle(
        tmp_path / "made", parts, name="shuffled", version="1", task="explain", pair_id=bundle.manifest.pair_id
    )
    with Explainer(made.path) as explainer:
        assert explainer.explain(frame, face).text == HARD_TO_TELL


def test_a_pipeline_talks(frame: np.ndarray) -> None:
    with Pipeline(cues=True, explain=True) as pipeline:
        for step in range(12):
            result = pipeline.process(frame, step / 5)
        answer = pipeline.explain(result.faces[0])
        assert "smile" in answer.cues_used and proved(answer, Request("explain"))
        assert pipeline.ask(result.faces[0], "What changed?").refused is None
        pieces = list(pipeline.talk(result.faces[0], "Is she smiling?"))
        assert pieces[0].startswith("Yes")


WHOLE = ("Describe the face.", "What do you see?", "What is visible on her face?", "Tell me everything you can see.")


def test_all_wordings_have_one_answer(explainer: Explainer, frame: np.ndarray, face: Face) -> None:
    answers = {explainer.ask(frame, face, question).text for question in WHOLE}
    assert answers == {explainer.answer(WHOLE_FACE, Sight(frame, face)).text}


def test_it_is_what_its_parts_say(explainer: Explainer, frame: np.ndarray, face: Face) -> None:
    whole = explainer.answer(WHOLE_FACE, Sight(frame, face))
    parts = [explainer.answer(Request(part.intent, part.slot), Sight(frame, face)) for part in parts_of(WHOLE_FACE)[1:]]
    assert whole.text.endswith(parts[0].text)
    assert whole.parts[-len(parts[0].parts) :] == parts[0].parts
    assert len(whole.parts) > len(parts[0].parts)
    kinds = {part.cue for part in whole.parts[: -len(parts[0].parts)]}
    assert "glasses" not in kinds


def test_pieces_of_a_whole_face_are_its_text(explainer: Explainer, frame: np.ndarray, face: Face) -> None:
    pieces: list[str] = []
    whole = explainer.ask(frame, face, WHOLE[0], on_text=pieces.append)
    assert "".join(pieces) == whole.text


def test_who_has_heard_enough_gets_no_second_part(explainer: Explainer, frame: np.ndarray, face: Face) -> None:
    whole = explainer.ask(frame, face, WHOLE[0])
    pieces: list[str] = []

    def listen(piece: str) -> bool:
        pieces.append(piece)
        return len(pieces) < 2

    cut = explainer.ask(frame, face, WHOLE[0], on_text=listen)
    assert len(pieces) == 2
    assert len(cut.parts) < len(whole.parts)
    assert whole.text.startswith(cut.text.rstrip("."))
