"""What a pipeline says when a stage breaks its contract, and whom that costs a frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from squares import ShadeAffect, SquareDetector, draw

from edgeaffect import Pipeline
from edgeaffect._stage_timer import StageTimer
from edgeaffect.image import Image
from edgeaffect.pipeline.calls import Call, Steps, drive, run_frame
from edgeaffect.pipeline.cameras import CameraError
from edgeaffect.results import Affect, Faces, Result

SIZE = (320, 240)
ONE, TWO = (80, 80, 40), (220, 150, 50)
FRAME = draw(SIZE, ONE, TWO)


class BatchDetector:
    """A `BatchStage` whose answers `change` may alter."""

    model = None

    def __init__(self, change: Any = list) -> None:
        self._change = change
        self.asked: list[int] = []
        self.timer = StageTimer()

    def answers(self, items: Any) -> list[Any]:
        return [SquareDetector().detect(image.pixels) for image in items]

    def run_many(self, items: Any) -> Any:
        self.asked.append(len(items))
        return self._change(self.answers(items))

    def describe(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        pass


class BatchReader(BatchDetector):
    """Likewise for a stage that reads faces."""

    def answers(self, items: list[tuple[Image, Faces]]) -> list[list[Affect]]:
        return [ShadeAffect().predict(image.pixels, faces) for image, faces in items]


def batch(pipeline: Pipeline, count: int) -> list[Result | CameraError | None]:
    """Results of one frame of each of `count` cameras; camera i shows i + 1 faces, at most two."""
    frames = [draw(SIZE, *(ONE, TWO)[: i + 1]) for i in range(count)]
    return next(pipeline.stream_batch([[frame] for frame in frames]))


WRONG: list[tuple[Any, type[Exception], str]] = [
    (lambda answers: answers[1:], ValueError, "0"),
    (lambda answers: answers * 2, ValueError, "2"),
    (lambda answers: None, TypeError, "NoneType"),
    (iter, TypeError, "list_iterator"),
]


@pytest.mark.parametrize(("change", "error", "got"), WRONG)
@pytest.mark.parametrize("stage", ["detect", "affect"])
def test_a_wrong_number_of_answers_names_the_stage(stage: str, change: Any, error: type, got: str) -> None:
    stages: dict[str, Any] = {"detect": BatchDetector(), "affect": BatchReader()}
    stages[stage] = type(stages[stage])(change)
    rule = f"the {stage} stage must give a list of one answer per item, in their order"
    with pytest.raises(error, match=f"^{rule}: expected 1, got {got}$"):
        Pipeline(**stages).process(FRAME, 0.0)


@pytest.mark.parametrize("stage", ["detect", "affect"])
def test_cameras_whose_items_are_answered_singly_lose_nothing(stage: str) -> None:
    """The stage drops the last answer of every batch of several."""
    stages: dict[str, Any] = {"detect": BatchDetector(), "affect": BatchReader()}
    stages[stage] = type(stages[stage])(lambda answers: answers[:-1] or answers)
    results = batch(Pipeline(**stages), 3)
    assert [len(result.faces) for result in results] == [1, 2, 2]
    for result, frame in zip(results, (draw(SIZE, ONE), FRAME, FRAME), strict=True):
        alone = Pipeline(detect=SquareDetector(), affect=ShadeAffect()).process(frame, 0.0)
        assert [face.to_dict() for face in result.faces] == [face.to_dict() for face in alone.faces]
    assert stages[stage].asked == [3, 1, 1, 1]


class Forgetful(ShadeAffect):
    """Reads the first face only."""

    def predict(self, frame: np.ndarray, faces: Faces, color: str = "bgr") -> list[Affect]:
        return super().predict(frame, faces, color)[:1]


def test_a_reading_that_is_missing_costs_that_frame_only() -> None:
    pipeline = Pipeline(detect=SquareDetector(), affect=Forgetful())
    one, two = batch(pipeline, 2)
    assert isinstance(one, Result) and one.faces[0].affect is not None
    assert isinstance(two, CameraError) and (two.camera, two.is_lost) == (1, False)
    text = "the affect stage must give a list of one answer per face, in their order: expected 2, got 1"
    assert str(two) == f"camera 1: ValueError: {text}"
    with pytest.raises(ValueError, match=f"^{text}$"):
        pipeline.process(FRAME, 0.0)
    assert len(pipeline.process(draw(SIZE, ONE), 1.0).faces) == 1


def test_a_cue_reading_too_many_is_named() -> None:
    cues = BatchReader(lambda answers: [[*readings, readings[0]] for readings in answers])
    pipeline = Pipeline(detect=SquareDetector(), affect=False, cues=cues)
    with pytest.raises(ValueError, match=r"^the cues stage .* one answer per face, in their order: expected 2, got 3$"):
        pipeline.process(FRAME, 0.0)


@pytest.mark.parametrize("still", [False, True])
def test_a_detector_that_gives_no_faces_is_named(still: bool) -> None:
    class Boxes(SquareDetector):
        def detect(self, frame: np.ndarray, color: str = "bgr") -> Any:
            return super().detect(frame, color).boxes

    pipeline = Pipeline(detect=Boxes(), affect=False)
    with pytest.raises(TypeError, match=r"^the detect stage must give a Faces per frame: got ndarray$"):
        next(pipeline.stream(FRAME)) if still else pipeline.process(FRAME, 0.0)


def test_an_object_that_is_two_stages_answers_once() -> None:
    stage = BatchDetector()
    call = Call(stage, Image.of(FRAME, "bgr"))

    def frame() -> Steps:
        yield (call,)
        return None

    for drive_one in (lambda steps, stages: drive([steps], stages), run_frame):
        stage.asked.clear()
        drive_one(frame(), {"affect": stage, "cues": stage})
        assert stage.asked == [1]
