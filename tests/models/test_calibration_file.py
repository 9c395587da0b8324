"""Calibration files: what they compute, and what they refuse."""

from __future__ import annotations

import json

import numpy as np
import pytest

from edgeaffect import SpecError
from edgeaffect.circumplex import EMOTIONS
from edgeaffect.models.calibration_file import FLOOR, AffectCalibration

GOOD = {"schema": "edgeaffect.calibration/1", "model": "toy 1.0.0", "temperature": 2.0, "bias": {"sadness": 1.5}}


def test_calibrated_probabilities_are_those_of_the_formula():
    calibration = AffectCalibration("toy 1.0.0", 2.0, {"sadness": 1.5})
    p = np.array([[0.5, 0.5, 0, 0, 0, 0, 0, 0], [0.1, 0.2, 0.1, 0.3, 0.1, 0.1, 0.05, 0.05]])
    for row, got in zip(p, calibration.apply(p), strict=True):
        powers = [max(value, FLOOR) ** 0.5 * (np.exp(1.5) if name == "sadness" else 1)
                  for value, name in zip(row, EMOTIONS, strict=True)]  # fmt: skip
        np.testing.assert_allclose(got, np.array(powers) / sum(powers), rtol=1e-6)
    assert calibration.apply(p).dtype == np.float32


def test_a_file_comes_back_as_it_was(tmp_path):
    calibration = AffectCalibration("toy 1.0.0", 0.8, {"anger": -0.25}, 412, 37, {"ece_before": 0.2, "ece_after": 0.04})
    calibration.write(tmp_path / "mine.json")
    assert AffectCalibration.read(tmp_path / "mine.json") == calibration


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "edgeaffect.calibration/2"}, "schema must be one of edgeaffect.calibration/1"),
        ({"temperature": 0.0}, "temperature must be a number from 0.05 to 20"),
        ({"temperature": "2"}, "temperature must be a number"),
        ({"bias": {"joy": 1.0}}, "bias: a key must be one of neutral"),
        ({"bias": {"anger": 1e9}}, r"bias\['anger'\] must be a number from -20 to 20"),
        ({"bias": [1.0]}, "bias maps names to numbers"),
        ({"faces": -1}, "faces must be a whole number"),
        ({"people": 0}, "people must be a whole number"),
        ({"pickle": "x"}, "unknown key 'pickle'"),
        ({"model": None}, "model must be a text"),
    ],
)
def test_what_is_no_calibration_is_refused(tmp_path, change, message):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({**GOOD, **change}))
    with pytest.raises(SpecError, match=rf"bad\.json is no calibration: .*{message}"):
        AffectCalibration.read(path)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"temperature": NaN}', "{}"])
def test_damaged_files_are_named(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(SpecError, match=r"bad\.json is no calibration"):
        AffectCalibration.read(path)


def test_a_missing_file_names_the_command(tmp_path):
    with pytest.raises(FileNotFoundError, match="edgeaffect calibrate"):
        AffectCalibration.read(tmp_path / "none.json")


def test_it_is_for_one_model():
    calibration = AffectCalibration("toy 1.0.0", 2.0)
    calibration.check_model("toy 1.0.0", "mine.json")
    with pytest.raises(SpecError, match=r"mine\.json was fitted to toy 1\.0\.0, not to toy 1\.1\.0"):
        calibration.check_model("toy 1.1.0", "mine.json")
