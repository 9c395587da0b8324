"""Several cameras through one pair of models."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from squares import ShadeAffect, SquareDetector, draw, squares

from edgeaffect import FaceAffect, FaceDetector, Pipeline
from edgeaffect._stage_timer import StageTimer
from edgeaffect.errors import Error
from edgeaffect.face.tracker import Tracker
from edgeaffect.image import Image
from edgeaffect.results import Affect, Faces
from edgeaffect.sources import Arrays

SIZE = (320, 240)


class ManyDetector:
    """A `BatchStage` that tells how many images it was asked about at once."""

    model = None

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.timer = StageTimer()

    def run_many(self, items: list[Image]) -> list[Faces]:
        self.batches.append(len(items))
        return [SquareDetector().detect(image.pixels) for image in items]

    def describe(self) -> dict:
        return {"class": "ManyDetector"}

    def close(self) -> None:
        pass


class ManyAffect(ManyDetector):
    """Likewise for affect."""

    def run_many(self, items: list[tuple[Image, Faces]]) -> list[list[Affect]]:
        self.batches.append(sum(len(faces) for _, faces in items))
        return [ShadeAffect().predict(image.pixels, faces) for image, faces in items]


def scene(camera: int, step: int) -> np.ndarray:
    """Each camera sees its own squares, moving at its own pace; camera 2 sees nobody at first."""
    if camera == 2 and step < 4:
        return draw(SIZE, seed=camera)
    squares = [(60 + 2 * camera * step, 80, 40), (220, 150 - camera * step, 50)][: 2 - camera % 2]
    return draw(SIZE, *squares, shade=140 + 30 * camera + 5 * step, seed=camera)


@pytest.mark.parametrize("many", [True, False])
def test_a_batch_is_as_good_as_a_pipeline_per_camera(many: bool) -> None:
    detect, affect = (ManyDetector(), ManyAffect()) if many else (SquareDetector(), ShadeAffect())
    together = Pipeline(detect=detect, affect=affect)
    alone = [Pipeline(detect=SquareDetector(), affect=ShadeAffect()) for _ in range(3)]
    for step in range(12):
        now = step / 30
        frames = [scene(camera, step) for camera in range(3)]
        results = together.process_batch(frames, now)
        for camera, result in enumerate(results):
            wanted = alone[camera].process(frames[camera], now)
            assert (result.source, result.frame_index, result.timestamp) == (f"camera {camera}", step, now)
            assert [face.to_dict() for face in result.faces] == [face.to_dict() for face in wanted.faces]
    if many:
        assert set(detect.batches) <= {1, 3} and 3 in detect.batches  # a cut in camera 2 is detected at once
        assert affect.batches[0] == 3 and affect.batches[-1] == 5  # all faces of all cameras at once


def test_cameras_may_differ_and_join_later() -> None:
    pipeline = Pipeline(detect=ManyDetector(), affect=ManyAffect())
    small = draw((160, 120), (80, 60, 30))
    assert [len(r.faces) for r in pipeline.process_batch([scene(0, 0)], 0.0)] == [2]
    first, second = pipeline.process_batch([scene(0, 1), small], 0.1)
    assert (first.frame_index, second.frame_index, second.size) == (1, 0, (160, 120))
    assert len(second.faces) == 1
    assert pipeline.process_batch([], 0.2) == []
    pipeline.reset()
    assert pipeline.process_batch([small], 0.0)[0].frame_index == 0


def test_process_is_apart_from_the_cameras() -> None:
    pipeline = Pipeline(detect=SquareDetector(), affect=ShadeAffect())
    pipeline.process(scene(0, 0), 5.0)
    assert pipeline.process_batch([scene(1, 0)], 1.0)[0].timestamp == 1.0
    with pytest.raises(ValueError, match="timestamps must increase"):
        pipeline.process_batch([scene(1, 1)], 1.0)


def test_streams_of_different_length() -> None:
    pipeline = Pipeline(detect=ManyDetector(), affect=ManyAffect())
    sources = [Arrays([scene(camera, step) for step in range(length)]) for camera, length in enumerate((2, 4))]
    steps = list(pipeline.stream_batch(sources))
    assert [[r is not None for r in step] for step in steps] == [
        [True, True],
        [True, True],
        [False, True],
        [False, True],
    ]
    assert [step[1].frame_index for step in steps] == [0, 1, 2, 3]
    assert len(list(pipeline.stream_batch([scene(0, 0)]))) == 1  # anew; a lone picture is a source too
    assert list(pipeline.stream_batch([])) == []


def test_needs_a_tracker_per_camera_and_a_good_frame() -> None:
    with pytest.raises(TypeError, match="several cameras need a tracker and a smoother each"):
        Pipeline(detect=SquareDetector(), affect=False, track=Tracker()).process_batch([scene(0, 0)], 0.0)
    pipeline = Pipeline(detect=SquareDetector(), affect=False)
    with pytest.raises(ValueError, match="a bgr frame has shape"):
        pipeline.process_batch([scene(0, 0), scene(0, 0)[..., 0]], 0.0)
    assert len(pipeline.process_batch([scene(0, 1), scene(1, 1)], 0.1)) == 2  # and the pipeline goes on
    pipeline.close()
    with pytest.raises(RuntimeError, match="closed"):
        pipeline.process_batch([scene(0, 2)], 0.2)


def test_real_models_answer_a_batch_like_single_frames() -> None:
    image = np.ascontiguousarray(pytest.importorskip("skimage.data").astronaut()[:, :, ::-1])
    detector, affect = FaceDetector(), FaceAffect()
    frames = [image, np.zeros_like(image), np.ascontiguousarray(image[:, ::-1])]
    faces = [detector.detect(frame) for frame in frames]
    together = affect.run_many([(Image.of(frame), some) for frame, some in zip(frames, faces, strict=True)])
    assert [len(some) for some in together] == [len(some) for some in faces]
    for frame, some, got in zip(frames, faces, together, strict=True):
        for one, other in zip(got, affect.predict(frame, some), strict=True):
            np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)


def test_a_wrong_frame_is_named_and_costs_the_other_cameras_nothing() -> None:
    pipeline = Pipeline(detect=SquareDetector(), affect=False)
    with pytest.raises(TypeError, match="camera 1: a frame is a NumPy array"):
        pipeline.process_batch([draw(SIZE), None], 1.0)
    assert [result.frame_index for result in pipeline.process_batch([draw(SIZE), draw(SIZE)], 1.0)] == [0, 0]


class HalfBlind(SquareDetector):
    """Fails on frames of one width."""

    def detect(self, frame: np.ndarray, color: str = "bgr") -> Faces:
        if frame.shape[1] == 64:
            raise RuntimeError("no answer")
        return super().detect(frame, color)


def test_errors_can_be_returned_in_the_place_of_their_camera() -> None:
    pipeline = Pipeline(detect=HalfBlind(), affect=False)
    small, gray = draw((64, 48)), draw(SIZE)[..., 0]
    for now in (1.0, 1.1):
        good, wrong, failed, last = pipeline.process_batch(
            [draw(SIZE), gray, small, draw(SIZE)], now, on_error="return"
        )
        assert (good.timestamp, last.timestamp) == (now, now)
        assert (wrong.camera, failed.camera, wrong.is_lost, failed.is_lost) == (1, 2, False, False)
        assert "a bgr frame has shape" in str(wrong) and str(failed) == "camera 2: RuntimeError: no answer"
    with pytest.raises(RuntimeError, match="no answer"):
        pipeline.process_batch([draw(SIZE), draw(SIZE), small, draw(SIZE)], 1.2)
    with pytest.raises(ValueError, match="on_error must be 'raise' or 'return'; got 'skip'"):
        pipeline.process_batch([draw(SIZE)], 1.3, on_error="skip")


@pytest.mark.parametrize("given", [None, 3, "film.mp4", Path("film.mp4"), iter([]), {"left": 0}])
def test_what_is_no_list_is_refused_with_what_to_call(given):
    with squares() as pipeline:
        with pytest.raises(
            TypeError, match=r"^process_batch takes a list of frames, one per camera; got .*call process$"
        ):
            pipeline.process_batch(given, on_error="return")
        with pytest.raises(
            TypeError, match=r"^stream_batch takes a list of sources, one per camera; got .*call stream$"
        ):
            next(pipeline.stream_batch(given))


@pytest.mark.parametrize("steps", [1, 9])
def test_a_stream_of_cameras_leaves_nothing_to_those_that_come_next(steps):
    with squares() as pipeline:
        stream = pipeline.stream_batch([[draw(SIZE)] * 3, [draw(SIZE)] * 3])
        for _ in itertools.islice(stream, steps):
            pass
        stream.close()
        assert [result.frame_index for result in pipeline.process_batch([draw(SIZE)] * 2, 0.0)] == [0, 0]


def test_ids_go_on_after_reset() -> None:
    """Else the crop or the explanation of another person is told of a face from before."""
    with Pipeline(detect=SquareDetector(), affect=ShadeAffect(), crop_keep=True) as pipeline:
        frames = [scene(0, 0), scene(1, 0)]
        before = pipeline.process_batch(frames, 0.0)
        pipeline.reset()
        after = pipeline.process_batch(frames, 0.0)
        for camera, (old, new) in enumerate(zip(before, after, strict=True)):
            assert old.faces and not {face.track_id for face in old.faces} & {face.track_id for face in new.faces}
            with pytest.raises(Error, match="no crop of face"):
                pipeline.kept_crop(old.faces[0], camera=camera)
            assert pipeline.kept_crop(new.faces[0], camera=camera)
