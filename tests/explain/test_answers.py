"""Questions, statements and texts: what is answered, refused, judged and kept; with a reader of keywords."""

from __future__ import annotations

import dataclasses
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from face_parts import affect_of, cues_of

pytest.importorskip("torch")
pytest.importorskip("onnx")

from explain_parts import tiny_bundle

from edgeaffect.explain import result
from edgeaffect.explain.answers import NO_HISTORY
from edgeaffect.explain.aspects import probability_of, state_of
from edgeaffect.explain.client import LocalServer
from edgeaffect.explain.cues import ASPECTS, CUES
from edgeaffect.explain.explainer import MAX_TEXT, Explainer
from edgeaffect.explain.handoff import crop_of, describe_face
from edgeaffect.explain.judge_rule import JudgeRule
from edgeaffect.explain.result import VERDICTS
from edgeaffect.image import Image
from edgeaffect.results import Face

BOX = np.array([40, 30, 140, 150], np.float32)
POINTS = np.array([[70, 75], [110, 75], [90, 100], [75, 122], [105, 122]], np.float32)
FRAME = cv2.resize(np.random.default_rng(0).integers(0, 255, (12, 12, 3), np.uint8), (240, 240))
SMILING = Face(BOX, 0.9, POINTS, affect=affect_of("happiness"), cues=cues_of({"mouthSmileLeft": 0.9}))
NAN = float("nan")
UNKNOWN = dataclasses.replace(
    affect_of("fear"), confidence=NAN, valence=NAN, arousal=NAN, entropy=NAN, votes=np.full(8, NAN, np.float32)
)
STILL = Face(BOX, 0.9, POINTS, affect=affect_of("neutral"), cues=cues_of({}))


@pytest.fixture(scope="module")
def explainer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explainer]:
    with Explainer(tiny_bundle(tmp_path_factory.mktemp("tiny")).path) as made:
        yield made


@pytest.mark.parametrize("question", ["who is she", "is he lying", "Who?", "xyzzy plugh", "42"])
def test_what_a_face_cannot_tell_is_refused(explainer: Explainer, question: str) -> None:
    heard: list[str] = []
    answer = explainer.ask(FRAME, SMILING, question, on_text=heard.append)
    assert answer.refused and answer.text == answer.refused and answer.refused.endswith(".")
    assert answer.cues_used == () and answer.parts == () and answer.label == "happiness"
    assert explainer.refusal(question) == answer.refused


def test_a_stream_gives_pieces_and_a_result(explainer: Explainer) -> None:
    stream = explainer.stream(FRAME, SMILING, "who is she")
    assert list(stream) == [] and stream.result.refused and list(stream) == []
    first, second = explainer.stream(FRAME, SMILING), explainer.stream(FRAME, STILL)
    with pytest.raises(RuntimeError, match="asked for another text"):
        next(first)
    assert second.result.label == "neutral"
    with pytest.raises(ValueError, match="empty"):
        explainer.stream(FRAME, SMILING, "")


def test_refusals_do_not_depend_on_the_face(explainer: Explainer) -> None:
    assert explainer.ask(FRAME, STILL, "who is she").text == explainer.ask(FRAME, SMILING, "who is she").text
    assert explainer.ask(FRAME, STILL, "who is she").text != explainer.ask(FRAME, STILL, "is he lying").text


def test_what_changed_needs_the_past(explainer: Explainer) -> None:
    assert explainer.ask(FRAME, SMILING, "what changed").refused == NO_HISTORY
    asked = explainer.ask(FRAME, SMILING, "what changed", before=[cues_of({})])
    assert asked.refused != NO_HISTORY and asked.evidence is not None and asked.evidence.changes == {"smile": True}


@pytest.mark.parametrize(("wrong", "error"), [
    (None, TypeError), (3, TypeError), (b"why", TypeError), ("", ValueError), ("   ", ValueError),
    ("why " * 1000, ValueError),
])  # fmt: skip
def test_wrong_texts(explainer: Explainer, wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        explainer.ask(FRAME, SMILING, wrong)
    with pytest.raises(error):
        explainer.judge(FRAME, SMILING, wrong)
    with pytest.raises(error):
        explainer.check(wrong * 10 if isinstance(wrong, str) else wrong, FRAME, SMILING)


def test_statements(explainer: Explainer) -> None:
    def p(statement: str, face: Face = SMILING) -> float:
        return float(explainer.judge(FRAME, face, statement))

    assert p("she is smiling") > 0.95 > 0.05 > p("she is smiling", STILL)
    assert p("she is not smiling") < 0.05 < 0.95 < p("she is not smiling", STILL)
    assert p("she is happy") == pytest.approx(0.9, abs=0.02) and p("she is sad") < 0.05
    assert p("the mouth is open and smiling") < 0.1, "one half is false"
    assert p("the weather is nice") == 0.5
    lying = explainer.judge(FRAME, SMILING, "he is lying")
    assert lying.probability == 0.5 and lying.refused and lying.parts[0].verdict == "not checkable"
    good = explainer.judge(FRAME, SMILING, "smiling")
    assert good.refused is None and good.parts[0].cue == "smile" and good.parts[0].verdict == "supported"
    json.dumps(good.to_dict(), allow_nan=False)


def test_a_text_of_somebody_else(explainer: Explainer) -> None:
    text = "The person is smiling, and the mouth is open. She is lying. They look happy because they are sad; no more."
    done = explainer.check(text, FRAME, SMILING)
    assert [(part.claim, part.verdict, part.cue) for part in done.parts] == [
        ("The person is smiling", "supported", "smile"),
        ("and the mouth is open", "contradicted", "mouth_open"),
        ("She is lying", "not checkable", None),
        ("They look happy", "supported", "happiness"),
        ("because they are sad", "contradicted", "sadness"),
        ("no more", "not checkable", None),
    ]
    assert done.text == "The person is smiling. They look happy." and done.kept == pytest.approx(2 / 6)
    assert done.cues_used == ("smile",) and done.refused is None
    nothing = explainer.check("They are sad.", FRAME, SMILING)
    assert nothing.text == "" and nothing.kept == 0 and nothing.cues_used == ()
    written = json.loads(json.dumps(done.to_dict(), allow_nan=False))
    assert written["schema"] == "edgeaffect.explanation/1" and written["kept"] == pytest.approx(1 / 3, abs=1e-5)


def test_results_are_what_the_schema_says(explainer: Explainer) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(Path(result.__file__).with_name("explanation.schema.json").read_text("utf-8"))
    for answer in (
        explainer.explain(FRAME, SMILING), explainer.ask(FRAME, SMILING, "who is she"),
        explainer.check("She is smiling. She is lying.", FRAME, SMILING),
        explainer.check("She is sad.", FRAME, dataclasses.replace(SMILING, affect=UNKNOWN)),
    ):  # fmt: skip
        jsonschema.validate(json.loads(json.dumps(answer.to_dict(), allow_nan=False)), schema)
    assert schema["title"] == result.SCHEMA


def test_numbers_that_are_none_and_labels_of_ones_own(explainer: Explainer) -> None:
    odd = dataclasses.replace(SMILING, affect=UNKNOWN)
    assert explainer.explain(FRAME, odd).label == "fear"
    assert "hard to tell" in explainer.explain(FRAME, odd).to_prompt()
    json.loads(explainer.explain(FRAME, odd).to_prompt("json"), parse_constant=pytest.fail)
    assert 0 <= float(explainer.judge(FRAME, odd, "she is happy")) <= 1
    calm = dataclasses.replace(SMILING, affect=dataclasses.replace(affect_of("neutral"), label="calm"))
    answer = explainer.explain(FRAME, calm)
    assert answer.label == "calm" and answer.refused and answer.refused.startswith("The label calm is none of those")
    assert explainer.check("She is smiling.", FRAME, calm).text == "She is smiling."
    with pytest.raises(ValueError, match="format must be text or json"):
        answer.to_prompt("xml")


def test_hidden_is_not_visible(explainer: Explainer, monkeypatch: pytest.MonkeyPatch) -> None:
    look = explainer.vision.look
    monkeypatch.setattr(
        explainer.vision, "look",
        lambda *a: type(f := look(*a))(f.memory, f.cues, {**f.facts, "mouth_covered": 9.0}),
    )  # fmt: skip
    done = explainer.check("She is smiling. She is not smiling.", FRAME, SMILING)
    assert [part.verdict for part in done.parts] == ["not visible", "not visible"] and done.text == ""
    assert float(explainer.judge(FRAME, SMILING, "she is smiling")) == pytest.approx(0.5, abs=0.01)


def test_too_long_a_text(explainer: Explainer) -> None:
    with pytest.raises(ValueError, match=f"1 to {MAX_TEXT} characters"):
        explainer.check("a" * (MAX_TEXT + 1), FRAME, SMILING)
    long = explainer.check("She is smiling. " * 300, FRAME, SMILING)
    assert len(long.parts) == 300 and long.kept == 1


def test_every_aspect_has_a_state_and_a_probability(explainer: Explainer) -> None:
    evidence = explainer.explain(FRAME, SMILING).evidence
    assert evidence is not None
    for aspect in ASPECTS:
        assert state_of(aspect, evidence.known) in ("present", "absent", "unclear", "hidden")
        assert 0 <= probability_of(aspect, evidence) <= 1
    assert probability_of("pleasant", evidence) > 0.9 > probability_of("unpleasant", evidence)
    assert probability_of("pleasant", evidence) + probability_of("unpleasant", evidence) == pytest.approx(1)
    assert VERDICTS[0] == "supported" and CUES[0] == "smile"


def test_the_judges_calibration_is_the_formula() -> None:
    rule = JudgeRule(bias=0.5, scale=2.0)
    assert rule.probability(0.8) == pytest.approx(1 / (1 + np.exp(-0.5 - 2 * np.log(0.8 / 0.2))))
    assert JudgeRule().probability(0.3) == pytest.approx(0.3)
    assert 0 < JudgeRule(scale=1e6).probability(1e-4) < 1e-9


class Echo(http.server.BaseHTTPRequestHandler):
    said = "She is smiling. She is sad. She is lying."
    seen: list[Any]

    def do_POST(self) -> None:
        self.seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        data = json.dumps({"choices": [{"message": {"content": self.said}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


def test_a_local_model_is_asked_and_checked(explainer: Explainer) -> None:
    Echo.seen = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        client = LocalServer(f"http://127.0.0.1:{server.server_port}")
        done = describe_face(explainer, client, FRAME, SMILING)
        assert done.text == "She is smiling." and done.kept == pytest.approx(1 / 3)
        words, picture = Echo.seen[0]["messages"][1]["content"]
        assert "seen: smile" in words["text"] and "do not infer: identity" in words["text"]
        assert picture["image_url"]["url"].startswith("data:image/jpeg;base64,")
        # What cannot be answered is not sent.
        refused = describe_face(explainer, client, FRAME, SMILING, question="who is she")
        assert refused.refused and len(Echo.seen) == 1
        describe_face(explainer, client, FRAME, SMILING, question="is she happy")
        assert Echo.seen[1]["messages"][1]["content"][0]["text"].endswith("is she happy")
        # Nor is a picture that shows no face, nor a place that is none.
        blank = describe_face(explainer, client, np.zeros_like(FRAME), SMILING)
        assert "face" in blank.text and len(Echo.seen) == 2
        with pytest.raises(ValueError, match="has no place"):
            describe_face(explainer, client, FRAME, dataclasses.replace(SMILING, box=SMILING.box * np.nan))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_crop_that_is_sent() -> None:
    crop = crop_of(Image.of(FRAME), SMILING)
    assert crop.shape == (224, 224, 3) and crop.dtype == np.uint8
    # 1.6 times the longer side, 192 pixels, about the middle (90, 90).
    inside = cv2.resize(FRAME[0:186, 0:186], (217, 217))
    assert np.abs(crop[60:180, 60:180].astype(int).mean() - inside[53:173, 53:173].astype(int).mean()) < 3
