"""Gates of the cue files and the part of the model card that states them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

if not (Path(__file__).resolve().parents[2] / "training").is_dir():
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)

from training.cues.card import cues_card
from training.cues.gates import NAMES, Gate, accuracy, cost

ORIGIN = {"commit": "abc1234", "processor": "some CPU", "instruction_set": ["AVX2"]}


def scores() -> dict[str, Any]:
    """Scores that meet every gate just so."""
    intervals = {
        "landmark_error": 0.03, "blendshape_r": 0.75, "landmark_error_48px": 0.04, "blendshape_r_48px": 0.6,
        "landmark_error_24px": 0.05, "blendshape_r_24px": 0.5, "head_pose_error": 4.0, "closed_eyes_auc": 0.95,
        "gaze_yaw_r": 0.5, "gaze_pitch_r": 0.5,
    }  # fmt: skip
    return {
        "frames": 40, "clips": 4, "frames_of_detector_training": 30, "mirror_gaze_yaw": 2.0,
        "coverage": {"landmarks": 0.60, "blendshapes": 0.76, "blendshapes_all": 0.1, "head_pose": 0.7, "gaze": 0.7},
        **{key: {"value": value, "interval": [0, 1]} for key, value in intervals.items()},
    }  # fmt: skip


@pytest.fixture
def record() -> dict[str, Any]:
    files = {name: {"bytes": 550_000, "detector": scores()} for name in NAMES}
    return {**ORIGIN, "files": files}


def test_the_ends_of_an_interval_are_inside():
    assert all(gate.is_met for gate in accuracy(scores()))
    for worse in ({"mirror_gaze_yaw": 2.01}, {"closed_eyes_auc": {"value": 0.949}}):
        missed = [gate.name for gate in accuracy(scores() | worse) if not gate.is_met]
        assert len(missed) == 1
    wide = scores() | {"coverage": {"landmarks": 0.8, "blendshapes": 0.5, "blendshapes_all": 0.7}}
    assert [gate.name.rsplit(", ", 2)[1] for gate in accuracy(wide) if not gate.is_met] == ["landmarks", "blendshapes"]


def test_what_was_asked_reads_as_a_sentence():
    assert Gate("a", 1, most=3).asked == "at most 3"
    assert Gate("a", 1, least=0.75, goal=0.85).asked == "at least 0.75, goal 0.85"
    assert Gate("a", 1, 60, 76).asked == "60 to 76"


def test_times_count_where_they_were_measured(record: dict[str, Any]):
    assert [gate.value for gate in cost(record)] == [pytest.approx(1.1)]
    one = {**ORIGIN, "peer": "P", "ruler": "R", "milliseconds": {"P": 9.0}, "share_of_peer": 0.25, "times_ruler": 2.0}
    assert [gate.is_met for gate in cost(record | {"one_face": one})] == [True, False, True]


def test_the_card_marks_what_is_missed(record: dict[str, Any]):
    other = copy.deepcopy(record)
    other["files"]["face-cues"]["detector"]["closed_eyes_auc"]["value"] = 0.91
    met, missed = ("\n".join(cues_card(r, {})) for r in (record, other))
    assert "**" not in met and "**0.91, missed** | 0.95 |" in missed
    assert "30 of these frames were in its training" in met and "AVX2" in met
    assert cues_card({}, {}) == []


def test_the_card_lists_every_cue_of_the_admission_test(record: dict[str, Any]):
    cues = {
        "smile (AU12)": {"icc": 0.9, "admitted": True, "emotions": {"happiness": {"auc": 0.95}}},
        "lips puckered (AU18)": {"icc": 0.95, "admitted": False, "emotions": {}},
    }
    admission = {
        **ORIGIN, "file": "face-cues-int8.onnx", "least_icc": 0.75, "least_auc": 0.65, "found": 10,
        "faces_under_all_conditions": 5, "cues": cues,
    }  # fmt: skip
    lines = cues_card(record, admission)
    assert "| smile (AU12) | 0.900 | happiness 0.9500 | yes |" in lines
    assert "| lips puckered (AU18) | 0.950 | none in FACS | no |" in lines
