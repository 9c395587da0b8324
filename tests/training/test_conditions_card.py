"""The card's sections on conditions and own labels say what their records say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

conditions_card = pytest.importorskip("training.affect.conditions_card", reason="needs the source tree around tests/")

PART = {
    "faces": 40, "people": 9, "accuracy": {"value": 0.9, "interval": [0.8, 0.95]},
    "uar": {"value": 0.7, "interval": None}, "sure": 0.5, "wrong_of_sure": None,
}  # fmt: skip


def test_conditions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = {
        "processor": "a processor", "instruction_set": ["AVX2", "AVX"], "commit": "abc",
        "sets": {"faces of a set": {
            **PART, "model": "net 1", "pictures": 42, "not_found": 2, "ece": 0.031,
            "conditions": {"yaw": {"below 15 deg": PART, "15 to 30 deg": {"faces": 3, "people": 1},
                                   "30 deg and more": {"faces": 0, "people": 0}}},
        }},
    }  # fmt: skip
    path = tmp_path / "CONDITIONS.json"
    monkeypatch.setattr(conditions_card, "RECORD", path)
    assert conditions_card.conditions_card() == []
    path.write_text(json.dumps(record))
    text = "\n".join(conditions_card.conditions_card())
    assert "faces of a set, net 1: 40 faces, 2 of 42 not found, ECE 3.1 %." in text and "AVX2; commit abc" in text
    assert "| yaw, either way | below 15 deg | 40 | 90.0 % (80.0 to 95.0) | 70.0 % | 50.0 % | none sure |" in text
    assert "| yaw, either way | 15 to 30 deg | 3 | too few |" in text and "30 deg and more" not in text


def test_own_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "OWN_LABELS.json"
    monkeypatch.setattr(conditions_card, "OWN", path)
    assert conditions_card.own_labels_card() == []
    scores = {"10": {"measure": "uar", "value": 0.81, "interval": [0.6, 0.9], "chance": 0.5}}
    path.write_text(json.dumps({"model": "net 1", "commit": "abc", "packages": {}, "smile, faces per class": scores}))
    assert "| 10 | UAR | 0.810 | 0.600 to 0.900 |" in conditions_card.own_labels_card()
