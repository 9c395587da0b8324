"""`Pipeline(models="permissive")`: which models it takes, what it says, and a calibration of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from squares import ShadeAffect, SquareDetector

import edgeaffect
from edgeaffect import DeviceError, FaceAffect, LicenceError, Pipeline, PipelineOptions, SpecError
from edgeaffect.models import default_name, find
from edgeaffect.models.calibration_file import AffectCalibration
from edgeaffect.models.registry import FILES, PERMISSIVE_DEFAULTS
from edgeaffect.options import AffectOptions
from edgeaffect.results import Result

SCHEMA = json.loads((Path(edgeaffect.__file__).parent / "result.schema.json").read_text("utf-8"))
NAMES = {
    "detect": "face-detector-permissive 1.0.0",
    "affect": "expression-from-blendshapes 1.0.0",
    "cues": "face-landmarks-permissive 1.0.0",
}

pytestmark = pytest.mark.skipif(
    not (FILES / "face-landmarks-permissive.onnx").exists(), reason="no permissive set in this tree"
)


@pytest.fixture(scope="module")
def result(portrait) -> Result:
    with Pipeline(models="permissive", cues=True, require_licence="permissive") as pipeline:
        return pipeline.process(portrait, 0.0)


@pytest.fixture
def calibration(tmp_path) -> Path:
    path = tmp_path / "mine.json"
    AffectCalibration(NAMES["affect"], 1.6, {"neutral": 0.2}, 300, 12).write(path)
    return path


def test_the_set_is_small_and_every_file_of_it_is_permissive():
    files = [find(name, task) for task, name in PERMISSIVE_DEFAULTS.items()]
    assert all(file.is_permissive and file.spec.training_data and file.spec.calibration is None for file in files)
    assert sum(file.size_bytes for file in files) < 3.6e6  # its share of the wheel in the design


def test_affect_and_cues_come_from_the_set(result):
    (face,) = result.faces
    assert result.models == NAMES
    assert face.label == "happiness" and face.affect.calibrated is False and not face.affect.is_sure
    assert face.cues.action_units[12] > 0.5 and face.raw_cues.std is None
    assert "affect.model" in result.timings_ms and "cues.model" not in result.timings_ms  # one run for both


def test_its_results_follow_the_schema_and_come_back(result):
    line = result.to_json()
    jsonschema.validate(json.loads(line), SCHEMA)
    again = Result.from_json(line)
    assert again.faces[0].affect.calibrated is False and again.faces[0].cues.std is None
    assert again.to_json() == line


def test_what_the_default_set_says_is_calibrated(portrait):
    with Pipeline() as pipeline:
        (face,) = pipeline.process(portrait, 0.0).faces
    assert face.affect.calibrated is True and face.raw.calibrated is True and face.affect.is_sure


def test_a_model_that_says_nothing_about_calibration_keeps_its_thresholds(portrait):
    with Pipeline(detect=SquareDetector(), affect=ShadeAffect()) as pipeline:
        frame = np.zeros((240, 320, 3), np.uint8)
        frame[80:160, 100:180, 2] = 255
        (face,) = pipeline.process(frame, 0.0).faces
    assert face.affect.calibrated is None and face.affect.is_sure
    assert face.affect.to_dict()["calibrated"] is None


def test_require_licence_goes_on_refusing_and_names_the_set():
    with pytest.raises(LicenceError, match=r"affect-small-int8 \(research-data\).*models='permissive'"):
        Pipeline(require_licence="permissive")
    with pytest.raises(LicenceError, match="affect-nano"):
        Pipeline(models="permissive", affect="affect-nano", require_licence="permissive")


@pytest.mark.parametrize("task", ["voice", "voice-activity", "explain", "affect", "cues"])
def test_what_the_set_lacks_is_a_question_of_licence(task):
    with pytest.raises(LicenceError, match=f"the permissive set has no model for {task}, only for face-detector"):
        default_name(task, models="permissive")


def test_a_task_without_any_bundled_model_is_named():
    with pytest.raises(FileNotFoundError, match="no model for dance is bundled"):
        default_name("dance")


def test_a_named_model_goes_before_the_set(portrait):
    with Pipeline(models="permissive", affect="affect-nano") as pipeline:
        models = pipeline.process(portrait, 0.0).models
    assert models["affect"].startswith("affect-nano") and models["detect"] == NAMES["detect"]


def test_objects_of_ones_own_stand_beside_the_set():
    with Pipeline(models="permissive", detect=SquareDetector()) as pipeline:
        assert pipeline.describe()["stages"]["affect"]["calibrated"] is False


@pytest.mark.parametrize("where", [{"device": "cuda"}, {"device": "cuda:1"}, {"runtime": "tensorrt"}])
def test_a_gpu_is_refused_with_the_way_out(where):
    with pytest.raises(DeviceError, match=r"runs on the CPU only; got device=.*take device='cpu'"):
        Pipeline(models="permissive", **where)


def test_sets_are_named_in_options_and_files(tmp_path):
    with pytest.raises(ValueError, match="models must be default or permissive; got 'free'"):
        PipelineOptions(models="free")
    options = PipelineOptions(models="permissive", affect=AffectOptions(calibration="mine.json"))
    path = tmp_path / "o.toml"
    path.write_text(options.to_toml())
    assert PipelineOptions.from_toml(path) == options
    assert PipelineOptions().override(calibration=Path("mine.json")).affect.calibration == "mine.json"
    with pytest.raises(ValueError, match=r"affect\.calibration must be the path of a file"):
        AffectOptions(calibration=3)


def test_several_cameras(portrait):
    with Pipeline(models="permissive", cues=True) as pipeline:
        batch = pipeline.process_batch([portrait, np.zeros_like(portrait), portrait], 0.0)
    assert [len(result.faces) for result in batch] == [1, 0, 1]
    assert batch[0].faces[0].cues is not None and batch[2].faces[0].label == "happiness"


def test_smoothing_keeps_what_is_not_calibrated_unsure(portrait):
    with Pipeline(models="permissive") as pipeline:
        for step in range(4):
            (face,) = pipeline.process(portrait, step * 0.05).faces
    assert face.track_id == 1 and face.affect.confidence > 0.6
    assert face.affect.calibrated is False and not face.affect.is_sure


# ---- a calibration of one's own ----


def test_a_calibration_makes_readings_sure(portrait, calibration):
    with Pipeline(models="permissive") as pipeline:
        before = pipeline.process(portrait, 0.0).faces[0].raw.probabilities
    with Pipeline(models="permissive", calibration=calibration) as pipeline:
        assert pipeline.describe()["stages"]["affect"]["calibrated"] is True
        (face,) = pipeline.process(portrait, 0.0).faces
        (later,) = pipeline.process(portrait, 0.05).faces
    assert face.raw.calibrated is True and face.raw.is_sure and face.affect.is_sure
    assert later.affect.calibrated is True and later.affect.is_sure
    powers = np.maximum(before, 1e-3) ** (1 / 1.6) * np.exp([0.2, 0, 0, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(face.raw.probabilities, powers / powers.sum(), atol=1e-5)
    np.testing.assert_allclose(face.raw.votes, face.raw.probabilities, atol=1e-6)


def test_a_calibrated_reading_still_abstains_below_the_thresholds(portrait, calibration):
    with Pipeline(models="permissive", calibration=calibration, min_confidence=0.99) as pipeline:
        (face,) = pipeline.process(portrait, 0.0).faces
    assert face.raw.calibrated is True and not face.raw.is_sure


def test_a_calibration_of_another_model_is_refused(calibration):
    fitted = r"mine\.json was fitted to expression-from-blendshapes 1\.0\.0, not to affect.*or the set .* by models="
    with pytest.raises(SpecError, match=fitted):
        Pipeline(calibration=calibration)
    with pytest.raises(FileNotFoundError, match="edgeaffect calibrate"):
        Pipeline(models="permissive", calibration="nowhere.json")
    with pytest.raises(TypeError, match="calibration cannot change"):
        Pipeline(affect=ShadeAffect(), calibration=calibration)


def test_other_affect_models_can_be_calibrated_too(portrait, tmp_path):
    path = tmp_path / "nano.json"
    model = find("affect-nano", "affect")
    AffectCalibration(f"{model.name} {model.spec.version}", 3.0).write(path)
    with Pipeline(affect="affect-nano") as plain, Pipeline(affect="affect-nano", calibration=path) as own:
        first, second = (p.process(portrait, 0.0).faces[0].raw for p in (plain, own))
    assert second.confidence < first.confidence
    np.testing.assert_allclose(second.votes, first.votes)  # the model's own: labels say nothing about raters
    with FaceAffect("affect-nano", options=AffectOptions(calibration=str(path))) as stage:
        assert stage.postprocess.calibrated is True
