"""The hand-off: a stable short text and JSON of what is known of a face."""

from __future__ import annotations

import dataclasses
import json

import pytest
from face_parts import affect_of, cues_of

from edgeaffect.explain.evidence_rules import EvidenceRules
from edgeaffect.explain.prompt import NOT_INFERRED, certainty_word, prompt_of
from edgeaffect.explain.result import Explanation

RULES = EvidenceRules.from_json(json.dumps({
    "schema": "edgeaffect.evidence/1",
    "cues": {
        "smile": {"bias": -5, "weights": {"mouthSmileLeft": 10}, "hi": 0.7, "lo": 0.3},
        "mouth_open": {"bias": -5, "weights": {"jawOpen": 10}, "hi": 0.7, "lo": 0.3},
        "head_tilted": {"bias": 0, "weights": {"head_roll": 0.0}, "hi": 0.7, "lo": 0.3},
        "eyes_wide": {"bias": -5, "weights": {"eyeWideLeft": 10}, "hi": 0.7, "lo": 0.3},
    },
    "facts": {"glasses": {}, "eyes_covered": {}, "no_face": {}},
    "salience": {"happiness": {"smile": 2.0}}, "means": {"smile": 0.3}, "least_salience": 0.1,
}))  # fmt: skip

TEXT = """FACE edgeaffect.face/1
emotions: happiness 0.86
certainty: 0.86 (clearly); observers: mostly agree
valence: +0.65 +-0.47; arousal: +0.48 +-0.30
seen: smile 0.98
not seen: mouth_open
undecided: head_tilted
covered: eyes_wide
visible: glasses 0.95, eyes_covered 0.88
reasons: smile
changed: smile came
sentence: The face looks happy.
do not infer: """ + ", ".join(NOT_INFERRED)


def known():
    return RULES.judge(
        cues_of({"mouthSmileLeft": 0.9}), affect_of("happiness", 0.86), facts={"glasses": 3.0, "eyes_covered": 2.0},
        before=[RULES.measured(cues_of({}))],
    )  # fmt: skip


def test_the_text_is_stable() -> None:
    assert prompt_of(known(), "The face looks happy.") == TEXT


def test_json_says_the_same() -> None:
    told = json.loads(prompt_of(known(), "The face looks happy.", "json"))
    assert told["schema"] == "edgeaffect.face/1" and told["emotions"]["happiness"] == 0.86
    assert told["seen"] == {"smile": 0.98} and told["covered"] == ["eyes_wide"] and told["changed"] == {"smile": "came"}
    assert told["do_not_infer"] == list(NOT_INFERRED) and told["sentence"] == "The face looks happy."


def test_lines_without_content_are_left_out() -> None:
    quiet = RULES.judge(cues_of({}), affect_of("neutral", 0.3))
    assert "visible:" not in prompt_of(quiet) and "sentence:" not in prompt_of(quiet)
    assert "hard to tell" in prompt_of(quiet) and "observers: disagree" in prompt_of(quiet)


def test_words_of_certainty() -> None:
    pairs = [
        (1, "clearly"),
        (0.8, "clearly"),
        (0.79, "probably"),
        (0.6, "probably"),
        (0.4, "possibly"),
        (0.1, "hard to tell"),
    ]
    assert [certainty_word(p) for p, _ in pairs] == [word for _, word in pairs]
    assert certainty_word(float("nan")) == "hard to tell"


def test_a_refusal_hands_on_the_face_without_its_sentence() -> None:
    answer = Explanation("No.", "happiness", 0.86, refused="No.", evidence=known())
    assert "sentence:" not in answer.to_prompt() and "smile" in answer.to_prompt("text")
    with pytest.raises(ValueError, match="no evidence"):
        dataclasses.replace(answer, evidence=None).to_prompt()
