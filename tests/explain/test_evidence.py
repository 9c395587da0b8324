"""Evidence: probabilities against a naive reference, states, hidden regions, reasons, changes, and wrong files."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
from face_parts import affect_of, cues_of

from edgeaffect.action_units import BLENDSHAPES
from edgeaffect.errors import SpecError
from edgeaffect.explain.cues import FACTS
from edgeaffect.explain.evidence_rules import EvidenceRules
from edgeaffect.explain.evidence_values import deviations_of, values_of

RULES: dict[str, Any] = {
    "schema": "edgeaffect.evidence/1",
    "cues": {
        "smile": {
            "measure": {"weights": {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5}, "threshold": 0.4, "kind": "sum"},
            "bias": -2.0, "weights": {"measure": 3.0, "z": 0.5, "jawOpen": -1.0}, "hi": 0.8, "lo": 0.2,
        },
        "looking_at_camera": {
            "measure": {"weights": {"gaze_yaw": 1, "gaze_pitch": 1}, "threshold": -12.0, "kind": "within"},
            "bias": 3.0, "weights": {"measure": 0.25}, "hi": 0.7, "lo": 0.3,
        },
        "head_tilted": {
            "measure": {"weights": {"head_roll": 1}, "threshold": 12.0, "kind": "beyond"},
            "bias": -6.0, "weights": {"measure": 0.5}, "hi": 0.7, "lo": 0.3,
        },
        "eyes_wide": {"bias": 0.0, "weights": {"encoder:eyes_wide": 1.0}, "hi": 1.01, "lo": -0.01},
    },
    "facts": {"mouth_covered": {"hi": 0.6, "lo": 0.4}, "no_face": {}, "glasses": {"bias": 1.0, "scale": 2.0}},
    "salience": {"happiness": {"smile": 2.0, "head_tilted": 0.2}, "sadness": {"smile": -1.0}},
    "means": {"smile": 0.3}, "least_salience": 0.15,
}  # fmt: skip


def rules(**changes: Any) -> EvidenceRules:
    return EvidenceRules.from_json(json.dumps({**RULES, **changes}))


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


SMILING = {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.7, "jawOpen": 0.25}


def test_probabilities_are_the_formula() -> None:
    cues = cues_of(SMILING, head=(3, 4, -20), gaze=(5, -9))
    found = rules().judge(cues, affect_of("happiness"), encoder={"eyes_wide": 0.7}, facts={"glasses": 0.4})
    assert cues.std is not None
    measure = 0.5 * 0.9 + 0.5 * 0.7
    spread = 0.5 * cues.std.blendshapes["mouthSmileLeft"] + 0.5 * cues.std.blendshapes["mouthSmileRight"]
    z = min((measure - 0.4) / spread, 8)
    wanted = {
        "smile": logistic(-2 + 3 * measure + 0.5 * z - 0.25),
        "looking_at_camera": logistic(3 - 0.25 * 9),
        "head_tilted": logistic(-6 + 0.5 * 20),
        "eyes_wide": logistic(0.7),
    }
    assert found.probabilities == pytest.approx(wanted, rel=1e-12)
    # No threshold of eyes_wide can be reached.
    assert found.states == {
        "smile": "present", "looking_at_camera": "unclear", "head_tilted": "present", "eyes_wide": "unclear",
    }  # fmt: skip
    assert found.facts["glasses"] == pytest.approx(logistic(1 + 2 * 0.4)) and found.facts["no_face"] == 0
    assert found.fact_states == {"mouth_covered": "absent", "no_face": "absent", "glasses": "present"}


def test_a_covered_region_hides_its_cues_and_no_face_hides_all() -> None:
    cues = cues_of(SMILING, head=(0, 0, 30))
    covered = rules().judge(cues, affect_of("happiness"), encoder={"eyes_wide": 0}, facts={"mouth_covered": 3})
    assert covered.states["smile"] == "hidden" and covered.states["head_tilted"] == "present"
    assert covered.probabilities["smile"] > 0.8 and covered.reasons["happiness"] == ("head_tilted",)
    nobody = rules().judge(cues, affect_of("happiness"), encoder={"eyes_wide": 0}, facts={"no_face": 3})
    assert set(nobody.states.values()) == {"hidden"} and nobody.reasons["happiness"] == ()
    assert not nobody.known.has_face


def test_reasons_and_what_is_missing() -> None:
    given = {"encoder": {"eyes_wide": 0.0}}
    smiling = rules().judge(cues_of(SMILING, head=(0, 0, 30)), affect_of("happiness"), **given)
    assert smiling.reasons == {"happiness": ("smile", "head_tilted"), "sadness": ()}
    assert smiling.missing == {"happiness": (), "sadness": ()}
    still = rules().judge(cues_of({}), affect_of("neutral"), **given)
    assert still.states["smile"] == "absent"
    # 2.0 * (0.02 - 0.3) is beyond minus 0.15; -1.0 * (0.02 - 0.3) speaks for sadness, but by an absence.
    assert still.missing["happiness"] == ("smile",) and still.reasons == {"happiness": (), "sadness": ()}


def test_changes_are_against_decided_moments() -> None:
    affect, none, smile = affect_of("happiness"), cues_of({}), cues_of(SMILING)
    halfway = cues_of({"mouthSmileLeft": 0.5, "mouthSmileRight": 0.45})
    was_none, was_smile, was_halfway = (rules().measured(cues) for cues in (none, smile, halfway))
    given = {"encoder": {"eyes_wide": 0.0}}
    assert rules().judge(smile, affect, **given).changes == {}
    assert rules().judge(smile, affect, **given).known.changes is None
    assert rules().judge(smile, affect, before=[was_none, was_halfway], **given).changes == {"smile": True}
    assert rules().judge(none, affect, before=[was_none, was_smile, was_none], **given).changes == {"smile": False}
    same = rules().judge(smile, affect, before=[was_smile], **given)
    assert same.changes == {} and same.known.changes == {}
    assert rules().judge(halfway, affect, before=[was_none], **given).changes == {}
    assert "eyes_wide" not in rules().measured(smile)


def test_of_cues_that_exclude_each_other_one_is_present() -> None:
    def rule(weight: float) -> dict[str, Any]:
        return {"bias": 0, "weights": {"jawOpen": weight}, "hi": 0.6, "lo": 0.4}

    found = rules(
        cues={"looking_left": rule(3), "looking_right": rule(2), "head_left": rule(1), "smile": rule(2)}
    ).judge(cues_of({"jawOpen": 1.0}), affect_of("neutral"))
    assert found.states == {
        "looking_left": "present", "looking_right": "unclear", "head_left": "present", "smile": "present",
    }  # fmt: skip


def test_numbers_that_are_none_decide_nothing() -> None:
    broken = dataclasses.replace(cues_of(SMILING), blendshapes=dict.fromkeys(BLENDSHAPES, math.nan))
    found = rules().judge(broken, affect_of("neutral"), encoder={"eyes_wide": 0})
    assert math.isnan(found.probabilities["smile"]) and found.states["smile"] == "unclear"
    assert found.reasons["happiness"] == ()


def test_cues_without_deviations() -> None:
    cues = dataclasses.replace(cues_of(SMILING), std=None)
    assert set(deviations_of(cues)) == {*BLENDSHAPES, "gaze_yaw", "gaze_pitch", "head_yaw", "head_pitch", "head_roll"}
    assert set(values_of(cues)) >= set(deviations_of(cues))
    assert rules().judge(cues, affect_of("happiness"), encoder={"eyes_wide": 0}).states["smile"] == "present"


def test_extreme_numbers() -> None:
    far = copy.deepcopy(RULES["cues"])
    far["smile"]["weights"] = {"measure": 1e6}
    far["head_tilted"]["bias"] = -1e9
    found = rules(cues=far).judge(cues_of(SMILING), affect_of("happiness"), encoder={"eyes_wide": -1e5})
    assert [found.probabilities[name] for name in ("smile", "head_tilted", "eyes_wide")] == [1, 0, 0]


@pytest.mark.parametrize(("changes", "message"), [
    ({"schema": "edgeaffect.evidence/9"}, "schema"),
    ({"cues": {"smirk": RULES["cues"]["smile"]}}, "'smirk'"),
    ({"facts": {"beard": {}}}, "'beard'"),
    ({"salience": {"joy": {}}}, "'joy'"),
    ({"cues": {"smile": {**RULES["cues"]["smile"], "hi": 0.1}}}, "lo < hi"),
    ({"cues": {"smile": {**RULES["cues"]["smile"], "bias": "x"}}}, "cues.smile.bias"),
    ({"cues": {"smile": {**RULES["cues"]["smile"], "bias": True}}}, "cues.smile.bias"),
    ({"cues": {"smile": {**RULES["cues"]["smile"], "measure": {"weights": {}, "threshold": 0}}}}, "measure needs"),
    ({"cues": {"smile": {"hi": 0.7, "lo": 0.3}}}, "lacks a value"),
    ({"cues": []}, "lacks a value"),
    ({"least_salience": None}, "least_salience"),
])  # fmt: skip
def test_wrong_files(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        rules(**changes)
    for text in ("", "[]", "{", '{"schema": 1}'):
        with pytest.raises(SpecError, match=r"evidence\.json"):
            EvidenceRules.from_json(text)


def test_a_value_that_nobody_measured() -> None:
    wrong = copy.deepcopy(RULES["cues"])
    wrong["smile"]["weights"]["nostrils"] = 1.0
    with pytest.raises(SpecError, match="nostrils"):
        rules(cues=wrong).judge(cues_of({}), affect_of("neutral"), encoder={"eyes_wide": 0})


def test_random_faces_never_break_the_order_of_states() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        shapes = dict(zip(BLENDSHAPES, rng.uniform(0, 1, len(BLENDSHAPES)).tolist(), strict=True))
        found = rules().judge(
            cues_of(shapes, head=tuple(rng.normal(0, 20, 3)), gaze=tuple(rng.normal(0, 20, 2))), affect_of("fear"),
            encoder={"eyes_wide": rng.normal()}, facts={name: rng.normal() for name in FACTS},
        )  # fmt: skip
        for name, state in found.states.items():
            rule, p = rules().cues[name], found.probabilities[name]
            assert {"present": p >= rule.high, "absent": p <= rule.low, "unclear": rule.low < p < rule.high}.get(
                state, True
            )
