"""Two networks for one answer: who reads which face, the same answer in any company, and pairs that are refused."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeaffect import DeviceError, FaceAffect, Faces, LicenceError, Pipeline, PipelineOptions, SpecError
from edgeaffect.bench.frames import synthetic
from edgeaffect.bench.tune import to_toml
from edgeaffect.cli import main
from edgeaffect.face.first_look import FirstLook
from edgeaffect.image import Image
from edgeaffect.models import find
from edgeaffect.models.registry import FILES
from edgeaffect.options import AffectOptions
from edgeaffect.results import Affect

pytestmark = pytest.mark.skipif(not (FILES / "affect-nano.onnx").exists(), reason="no bundled models in this tree")
FIRST, SECOND, SIZE = "affect-nano", "affect-small-int8", (320, 240)
EASY = {"first_confidence": 0.0, "first_quality": 0.0}
COUNT = 24


@pytest.fixture(scope="module")
def crops() -> list[np.ndarray]:
    """Drawn faces, more and more of each lost in noise."""
    random = np.random.default_rng(0)
    faces = [frame[40:200, 80:240] for frame in synthetic(SIZE, 1, COUNT)]
    noise = random.integers(0, 255, (COUNT, *faces[0].shape))
    share = np.linspace(0, 1, COUNT)[:, None, None, None]
    return list((np.stack(faces) * (1 - share) + noise * share).astype(np.uint8))


def read(name: str, crops: list[np.ndarray]) -> list[Affect]:
    with FaceAffect(name, device="cpu") as stage:
        return [stage.predict_crops([crop])[0] for crop in crops]


@pytest.fixture(scope="module")
def first(crops: list[np.ndarray]) -> list[Affect]:
    return read(FIRST, crops)


@pytest.fixture(scope="module")
def second(crops: list[np.ndarray]) -> list[Affect]:
    return read(SECOND, crops)


@pytest.fixture
def middle(first: list[Affect]) -> float:
    """A confidence that half of the crops reach."""
    return float(np.median([affect.confidence for affect in first]))


def opened(**options: Any) -> FirstLook:
    return FirstLook(FIRST, device="cpu", options=AffectOptions(**{"first_quality": 0.0, **options}))


def rows_of(stage: FaceAffect) -> list[int]:
    """Grows by the number of faces whenever the stage's own network runs."""
    rows, run = [], stage.session.run

    def counted(feeds: Any, outputs: Any = None) -> Any:
        rows.append(len(next(iter(feeds.values()))))
        return run(feeds, outputs)

    stage.session.run = counted  # type: ignore[method-assign]
    return rows


def same(one: Affect, other: Affect) -> bool:
    """Bit for bit."""
    return one.to_dict() == other.to_dict() and np.array_equal(one.probabilities, other.probabilities)


def test_each_face_has_the_answer_of_one_of_the_two(crops, first, second, middle) -> None:
    with opened(first_confidence=middle) as stage:
        answers = stage.predict_crops(crops)
        assert (stage.seen, stage.ended) == (COUNT, sum(one.confidence >= middle for one in first))
    assert 0 < stage.ended < COUNT
    for answer, small, large in zip(answers, first, second, strict=True):
        assert same(answer, small if small.confidence >= middle else large)


def test_a_face_alone_and_in_any_company_gives_the_same(crops, middle) -> None:
    with opened(first_confidence=middle) as stage:
        alone = [stage.predict_crops([crop])[0] for crop in crops]
        for order in (range(COUNT), range(COUNT - 1, -1, -1), np.random.default_rng(1).permutation(COUNT)):
            together = stage.predict_crops([crops[k] for k in order])
            assert all(same(together[place], alone[k]) for place, k in enumerate(order))


def test_sure_faces_never_reach_the_second_network(crops) -> None:
    with opened(**EASY) as stage:
        stage.predict_crops(crops[:1])  # the first call warms both
        rows = rows_of(stage)
        stage.predict_crops(crops)
        assert rows == []


def test_the_others_reach_it_together(crops, first, middle) -> None:
    with opened(first_confidence=middle) as stage:
        stage.predict_crops(crops[:1])
        looked, rows = rows_of(stage.first), rows_of(stage)
        stage.predict_crops(crops)
        assert looked == [1] * COUNT and rows == [sum(affect.confidence < middle for affect in first)]


def test_quality_decides_as_confidence_does(crops, first) -> None:
    limit = float(np.median([affect.quality for affect in first]))
    with opened(first_confidence=0.0, first_quality=limit) as stage:
        stage.predict_crops(crops)
        assert stage.ended == sum(affect.quality >= limit for affect in first)


def test_the_first_call_warms_both(crops) -> None:
    with opened(**EASY) as stage:
        rows = rows_of(stage)
        stage.predict_crops(crops[:2])
        stage.predict_crops(crops[:2])
        assert rows == [1] and stage.ended == 4


def test_faces_of_several_frames(crops, middle) -> None:
    """`run_many` takes several cameras, some without a face, and tells where the time went."""
    frames = [Image.of(frame) for frame in synthetic(SIZE, 1, 3)]
    box = np.array([[80, 40, 240, 200]], np.float32)
    points = np.array([[[130, 100], [190, 100], [160, 135], [135, 160], [185, 160]]], np.float32)
    face, nobody = Faces(box, np.ones(1, np.float32), points), Faces.empty()
    with opened(first_confidence=middle) as stage:
        (one,), none, (other,) = stage.run_many([(frames[0], face), (frames[1], nobody), (frames[2], face)])
        assert none == [] and same(one, stage.predict(frames[0], face)[0])
        assert same(other, stage.predict(frames[2], face)[0]) and stage.run_many([(frames[0], nobody)]) == [[]]
        assert {"crop", "first"} <= set(stage.timer.parts)


def test_closed_it_says_so(crops) -> None:
    stage = opened()
    stage.close()
    stage.close()
    with pytest.raises(RuntimeError, match="is closed"):
        stage.predict_crops(crops[:1])
    with pytest.raises(RuntimeError, match="is closed"):
        stage.first.predict_crops(crops[:1])


# ---- pairs ----


def changed(folder: Path, name: str, *settings: str) -> str:
    """A copy of the first model that says something else about itself."""
    path = folder / f"{name}.onnx"
    shutil.copy(FILES / "affect-nano.onnx", path)
    words = [word for setting in settings for word in ("--set", setting)]
    assert main(["models", "annotate", str(path), "--like", FIRST, "--set", f"name={name}", *words]) == 0
    return str(path)


def test_other_labels_are_refused(tmp_path: Path) -> None:
    labels = '["neutral","happiness","surprise","sadness","anger","disgust","fear","boredom"]'
    path = changed(tmp_path, "bored", f"outputs.0.labels={labels}")
    with pytest.raises(SpecError, match=r"bored cannot look first for affect-small-int8: it has the labels .*boredom"):
        FirstLook(path, device="cpu")
    with FirstLook(path, path, device="cpu"):  # a pair of its own kind
        pass


def test_another_crop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="it reads 48x48 gray crops of its own alignment and scale"):
        FirstLook(changed(tmp_path, "shifted", "alignment.expand=1.2"), device="cpu")


def test_a_first_model_tells_quality(tmp_path: Path) -> None:
    outputs = [output for output in find(FIRST, "affect").spec.to_dict()["outputs"] if output["name"] != "quality"]
    spec = dataclasses.replace(find(FIRST, "affect").spec, name="blind")
    silent = type(spec).from_dict({**spec.to_dict(), "outputs": outputs})
    path = tmp_path / "blind.onnx"
    shutil.copy(FILES / "affect-nano.onnx", path)
    silent.write_to(path)
    with pytest.raises(SpecError, match=r"blind says nothing about quality.*take affect-nano"):
        FirstLook(str(path), device="cpu")


@pytest.mark.parametrize(
    ("first_look", "error", "said"),
    [
        ("face-cues", ValueError, "is a model for 'cues'; 'affect' was asked for"),
        ("affect-tiny", FileNotFoundError, "no model 'affect-tiny' for affect: bundled ones are"),
        (7, ValueError, "affect.first must be the name or path of a model"),
    ],
)
def test_what_is_no_first_model_is_refused(first_look: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        Pipeline(first_look=first_look, device="cpu")


@pytest.mark.parametrize("name", ["first_confidence", "first_quality"])
def test_thresholds_are_shares(name: str) -> None:
    with pytest.raises(ValueError, match=f"affect.{name} must be a number from 0 to 1; got 1.5"):
        AffectOptions(**{name: 1.5})


def test_a_calibration_is_of_one_model(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"affect.first must be None beside affect.calibration"):
        PipelineOptions().override(first_look=FIRST, calibration="mine.json")
    with pytest.raises(ValueError, match=r"affect.first must be None beside"):
        FirstLook(FIRST, options=AffectOptions(calibration="mine.json"))


def test_each_class_names_the_other() -> None:
    with pytest.raises(ValueError, match=r"FaceAffect has one model.*FirstLook"):
        FaceAffect(options=AffectOptions(first=FIRST))
    with pytest.raises(ValueError, match="FirstLook needs the name or path of a small model"):
        FirstLook()


@pytest.mark.parametrize("place", [{"device": "cuda"}, {"runtime": "tensorrt"}])
def test_a_gpu_is_refused_before_anything_is_opened(place: dict[str, str]) -> None:
    with pytest.raises(
        DeviceError, match=r"a first look runs on the CPU only.*take device='cpu', or leave first_look out"
    ):
        Pipeline(first_look=FIRST, **place)
    with pytest.raises(DeviceError, match="a first look runs on the CPU only"):
        FirstLook(FIRST, **place)


# ---- in a pipeline ----


def said(results: list[Any]) -> list[Any]:
    plain = [result.to_dict() for result in results]
    return [{key: one[key] for key in one if key not in ("timings_ms", "wall_time", "source")} for one in plain]


@pytest.fixture
def pipeline() -> Iterator[Pipeline]:
    with Pipeline(first_look=FIRST, device="cpu", max_side=160) as made:
        yield made


def test_a_pipeline_tells_both(pipeline: Pipeline) -> None:
    pipeline.warmup(SIZE)
    result = pipeline.process(synthetic(SIZE, 2, 1)[0], 0.0)
    first = pipeline.describe()["stages"]["affect"]["first"]
    assert result.models["first_look"] == first["model"] and first["model"].startswith("affect-nano ")
    assert result.models["affect"].startswith("affect-small-int8 ")
    assert first["seen"] >= 2 and result.timings_ms["affect.first"] > 0
    assert result.timings_ms["affect"] >= result.timings_ms["affect.first"]


def test_several_cameras_are_each_as_if_alone(pipeline: Pipeline) -> None:
    clips = [synthetic(SIZE, faces, 4) for faces in (1, 3)]
    together = [pipeline.process_batch([clip[k] for clip in clips], k / 30) for k in range(4)]
    for camera, clip in enumerate(clips):
        with Pipeline(first_look=FIRST, device="cpu", max_side=160) as alone:
            assert said([step[camera] for step in together]) == said([alone.process(clip[k], k / 30) for k in range(4)])


def test_still_faces_keep_their_reading() -> None:
    frames = [synthetic(SIZE, 1, 1)[0]] * 40
    with Pipeline(first_look=FIRST, device="cpu", max_side=160) as skipping:
        results = [skipping.process(frame, k / 30) for k, frame in enumerate(frames)]
        assert skipping.describe()["stages"]["affect"]["first"]["seen"] < len(frames)
    with Pipeline(first_look=FIRST, device="cpu", max_side=160, skip_unchanged=False) as reading:
        assert said(results) == said([reading.process(frame, k / 30) for k, frame in enumerate(frames)])


def test_crops_are_kept_and_cues_read_at_the_same_time() -> None:
    options: dict[str, Any] = {"first_look": FIRST, "device": "cpu", "max_side": 160, "cues": True, "crop_keep": True}
    frames = synthetic(SIZE, 1, 3)
    with Pipeline(**options) as in_turn, Pipeline(**options, parallel=True) as at_once:
        assert at_once.describe()["at_once"] == ["affect", "cues"]
        results = [[one.process(frame, k / 30) for k, frame in enumerate(frames)] for one in (in_turn, at_once)]
        assert said(results[0]) == said(results[1])
        assert in_turn.kept_crop(results[0][-1].faces[0]).pixels.shape == (160, 160, 3)


def test_both_models_need_the_licence(pipeline: Pipeline) -> None:
    with pytest.raises(LicenceError, match=r"affect-nano \(research-data\)"):
        Pipeline(first_look=FIRST, device="cpu", require_licence="permissive")
    with pytest.raises(ValueError, match=r"affect.first must be None with models='permissive'"):
        Pipeline(first_look=FIRST, device="cpu", models="permissive")


def test_an_object_for_the_stage_brings_its_own() -> None:
    with opened() as stage:
        with pytest.raises(TypeError, match="first_look cannot change"):
            Pipeline(affect=stage, first_look=FIRST, device="cpu")
        with Pipeline(affect=stage, device="cpu", max_side=160) as pipeline:
            assert pipeline.process(synthetic(SIZE, 1, 1)[0], 0.0).models["first_look"].startswith("affect-nano ")
        assert stage.seen == 1  # and stays open


def test_the_option_travels_in_a_file(tmp_path: Path) -> None:
    """As `edgeaffect tune` writes it, and as `PipelineOptions` reads it."""
    path = tmp_path / "options.toml"
    path.write_text(to_toml({"first_look": FIRST, "affect_first_confidence": 0.7}))
    options = PipelineOptions.from_toml(path)
    assert (options.affect.first, options.affect.first_confidence) == (FIRST, 0.7)
    assert PipelineOptions().affect.first is None


def test_it_is_not_calibrated_as_one_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["calibrate", str(tmp_path), "-o", str(tmp_path / "mine.json"), "--set", f"first_look={FIRST}"]
    assert main(words) == 2 and "leave out first_look" in capsys.readouterr().err


def test_the_small_model_may_be_a_path() -> None:
    assert AffectOptions(first=Path("my") / "small.onnx").first == os.path.join("my", "small.onnx")  # type: ignore[arg-type]
