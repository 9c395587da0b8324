"""Pipeline: time, hostile input, sources, and the whole path on a real face. `test_camera_state` has the rest."""

from __future__ import annotations

import json
import threading
import tracemalloc
from pathlib import Path

import cv2
import jsonschema
import numpy as np
import pytest
from squares import ShadeAffect, SquareDetector, draw, moving, overlap, squares

import edgeaffect
from edgeaffect import FaceDetector, LicenceError, PictureError, Pipeline, PipelineOptions, Result, SourceError
from edgeaffect.models.registry import FILES
from edgeaffect.options import DetectOptions, TrackOptions
from edgeaffect.sources import Arrays

SIZE = (640, 480)
SCHEMA = json.loads((Path(edgeaffect.__file__).parent / "result.schema.json").read_text("utf-8"))

bundled = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return pytest.importorskip("skimage.data").astronaut()[..., ::-1].copy()


@pytest.fixture(scope="module")
def real():
    with Pipeline() as pipeline:
        yield pipeline


# ---- time, hostile input ----


def test_time_must_increase():
    pipeline = squares()
    pipeline.process(draw(SIZE), 2.0)
    with pytest.raises(ValueError, match=r"timestamps must increase: got 1\.5 after 2\.0"):
        pipeline.process(draw(SIZE), 1.5)
    with pytest.raises(ValueError, match="finite number of seconds"):
        pipeline.process(draw(SIZE), float("nan"))
    with pytest.raises(TypeError, match="timestamp must be a number of seconds; got 'soon'"):
        pipeline.process(draw(SIZE), "soon")
    with pytest.raises(ValueError, match=r"'user' clock and now comes from 'monotonic'.*reset\(\)"):
        pipeline.process(draw(SIZE))
    pipeline.reset()
    result = pipeline.process(draw(SIZE), 0.0)
    assert (result.clock, result.frame_index) == ("user", 0)
    pipeline.reset()
    assert pipeline.process(draw(SIZE)).clock == "monotonic"


HOSTILE = [
    (np.zeros((0, 0, 3), np.uint8), "bgr", ValueError, "empty"),
    (np.zeros((4, 4, 3), np.float64), "bgr", TypeError, "uint8"),
    (np.full((4, 4, 3), np.nan, np.float32), "bgr", TypeError, "uint8"),
    (np.zeros((4, 4, 5), np.uint8), "bgr", ValueError, r"shape \[height, width, 3\], got \[4, 4, 5\]"),
    (np.zeros((4, 4), np.uint8), "bgr", ValueError, "color='gray'"),
    (np.zeros((4, 5), np.uint8), "nv12", ValueError, "nv12"),
    (np.zeros((4, 4, 3), np.uint8), "hsv", ValueError, "color must be one of"),
    ([[1, 2], [3, 4]], "bgr", TypeError, "NumPy array"),
    (None, "bgr", TypeError, "NumPy array"),
]


@pytest.mark.parametrize(("frame", "color", "error", "text"), HOSTILE)
def test_hostile_frames_are_refused_with_a_reason(frame, color, error, text):
    pipeline = squares()
    with pytest.raises(error, match=text):
        pipeline.process(frame, 0.0, color=color)
    assert pipeline.process(draw(SIZE), 0.0).faces == ()  # and do no harm


@bundled
def test_odd_but_valid_frames(real, portrait):
    real.reset()
    assert real.process(np.zeros((1, 1, 3), np.uint8)).faces == ()
    upside_down = portrait[::-1]  # negative row stride
    flipped = portrait[:, ::-1]  # negative pixel stride
    for view in (upside_down[::-1], flipped[:, ::-1], flipped, np.asfortranarray(portrait)):
        real.reset()
        result = real.process(view)
        assert result.faces[0].label == "happiness"


def test_closed_pipeline_says_so():
    with squares() as pipeline:
        pipeline.process(draw(SIZE), 0.0)
    for use in (
        lambda: pipeline.process(draw(SIZE), 1.0),
        pipeline.warmup,
        lambda: pipeline.process_batch([draw(SIZE)]),
    ):
        with pytest.raises(RuntimeError, match="closed"):
            use()
    pipeline.close()


@bundled
def test_a_pipeline_closes_what_it_opened_and_nothing_else(portrait):
    with FaceDetector() as detector:
        with Pipeline(detect=detector) as pipeline:
            affect = pipeline.affect
            pipeline.process(portrait)
        assert len(detector.detect(portrait)) == 1
        with pytest.raises(RuntimeError, match=r"affect-.* is closed"):
            affect.predict_crops([portrait])
    with pytest.raises(RuntimeError, match=r"face-detector .* is closed"):
        detector.detect(portrait)


def test_a_still_picture_leaves_the_other_cameras_alone():
    pipeline = squares()
    before = pipeline.process_batch([draw(SIZE, (100, 100, 50))], 0.0)
    list(pipeline.process_frame(frame) for frame in Arrays([draw(SIZE)], still=True))
    after = pipeline.process_batch([draw(SIZE, (100, 100, 50))], 0.1)
    assert after[0].faces[0].track_id == before[0].faces[0].track_id


def test_a_still_gets_the_resolution_that_its_faces_need(portrait):
    """Faces of 30 pixels on a large picture: found in a picture by itself, too small for a moving scene's default."""
    head = cv2.resize(portrait[20:240, 130:320], None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
    picture = np.full((1440, 2560, 3), 127, np.uint8)
    for x, y in ((200, 150), (1200, 700), (2300, 1300)):
        picture[y : y + head.shape[0], x : x + head.shape[1]] = head
    with Pipeline(affect=False, device="cpu") as pipeline:
        (still,) = pipeline.stream(picture)
        (moving,) = pipeline.stream(Arrays([picture]))
    assert (len(still.faces), len(moving.faces)) == (3, 0)
    # The budget: no picture makes the detector's input larger than 1280 pixels a side, padding aside.
    detector = FaceDetector(device="cpu")
    for size in ((2560, 1440), (20000, 20000), (100, 9000)):
        assert max(detector.letterbox(*size, still=True).size) <= 1280 + 32
    assert max(detector.letterbox(640, 480, still=True).size) == 640, "small pictures are not enlarged"


@pytest.mark.parametrize("size", [(640,), None, ("a", "b"), (640.0, 480.0), (0, 0)])
def test_warmup_refuses_what_is_no_size(size):
    with pytest.raises(ValueError, match=r"size must be|empty"):
        squares().warmup(size)


def test_an_error_in_a_stage_reaches_the_caller_and_the_next_frame_works():
    class Broken(SquareDetector):
        def detect(self, frame, color="bgr"):
            if self.calls == 0:
                self.calls = 1
                raise ZeroDivisionError("broken")
            return super().detect(frame, color)

    pipeline = Pipeline(detect=Broken(), affect=False)
    with pytest.raises(ZeroDivisionError):
        pipeline.process(draw(SIZE), 0.0)
    assert len(pipeline.process(draw(SIZE, (100, 100, 50)), 1.0).faces) == 1


# ---- sources ----


def test_stream_of_a_video_has_media_time_and_stable_ids(tmp_path):
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, SIZE)
    for step in range(25):
        writer.write(draw(SIZE, moving(step / 25)))
    writer.release()
    results = list(squares().stream(path))
    assert [r.frame_index for r in results] == list(range(25))
    assert [r.timestamp for r in results] == pytest.approx([i / 25 for i in range(25)], abs=1e-3)
    assert {r.clock for r in results} == {"media"} and {r.source for r in results} == {str(path)}
    assert {f.track_id for r in results for f in r.faces} == {1}


def test_pictures_are_independent_of_each_other(tmp_path):
    for name, shade in (("1.png", 255), ("2.png", 110), ("3.png", 255)):
        cv2.imwrite(str(tmp_path / name), draw(SIZE, (300, 200, 90), shade=shade))
    results = list(squares().stream(tmp_path))
    assert [r.faces[0].label for r in results] == ["happiness", "neutral", "happiness"]
    assert all(r.faces[0].track_id is None and r.faces[0].affect is r.faces[0].raw for r in results)


def test_a_list_of_pictures_gives_one_answer_per_entry(tmp_path, caplog):
    names = ["a.png", "bad.jpg", "none.png", "b.png"]
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), draw(SIZE, (60, 60, 40)))
    (tmp_path / "bad.jpg").write_bytes(b"not a picture")
    paths, pipeline = [tmp_path / name for name in names], squares()
    answers = list(pipeline.stream(paths))
    assert [type(answer) for answer in answers] == [Result, PictureError, PictureError, Result]
    assert [answer.source for answer in answers] == [str(path) for path in paths]
    assert [answer.frame_index for answer in answers] == [0, 1, 2, 3]
    assert [frame.index for frame, _ in pipeline.frames(paths)] == [0, 3]
    seen = []
    pipeline.run(paths, seen.append)
    assert len(seen) == 4 and isinstance(seen[1], PictureError)
    assert list(pipeline.events(paths, rules=())) == []
    caplog.clear()
    assert [Path(result.source).name for result in pipeline.stream(tmp_path)] == ["a.png", "b.png"]
    assert "bad.jpg is not a picture" in caplog.text
    with pytest.raises(SourceError, match="not a picture"):
        list(pipeline.stream(paths[1]))
    (first, second), *_ = pipeline.stream_batch([paths, paths[1:]])
    assert isinstance(first, Result) and second.camera == 1 and isinstance(second.error, PictureError)
    assert not second.is_lost


def test_max_fps_skips_and_counts():
    frames = [draw((160, 120), (80, 60, 40)) for _ in range(60)]
    results = list(squares(max_fps=10).stream(Arrays(frames, fps=30)))
    assert len(results) == 20 and results[-1].dropped_frames == 38
    assert [r.frame_index for r in results[:3]] == [0, 3, 6]


def test_single_frames_may_follow_a_stream():
    pipeline = squares()
    for _ in pipeline.stream(Arrays([draw(SIZE)] * 3)):
        pass
    assert pipeline.process(draw(SIZE)).frame_index == 0  # another clock, another scene


def test_run_stops_on_false_and_raises_what_the_callback_raised():
    frames = [draw((160, 120)) for _ in range(10)]
    seen = []

    def two(result):
        seen.append(result.frame_index)
        assert threading.current_thread() is threading.main_thread()
        return len(seen) < 2

    squares().run(frames, two)
    assert seen == [0, 1]

    closed = []

    class Watched(Arrays):
        def __iter__(self):
            try:
                yield from super().__iter__()
            finally:
                closed.append(True)

    def fail(result):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        squares().run(Watched(frames), fail)
    assert closed == [True]


def test_stream_starts_anew_each_time():
    pipeline = squares()
    for _ in range(2):
        assert [r.timestamp for r in pipeline.stream([draw(SIZE)] * 3)] == pytest.approx([0, 1 / 30, 2 / 30])
    with pytest.raises(SourceError, match="no such file"):
        next(pipeline.stream("none.mp4"))


# ---- building ----


def test_options_by_flat_name():
    pipeline = squares(max_faces=9, detect_interval=0.2, max_age=3.0, max_fps=15.0, smooth_method="none")
    options = pipeline.options
    assert (options.detect.max_faces, options.detect.interval, options.track.max_age) == (9, 0.2, 3.0)
    assert (options.max_fps, options.smooth.method) == (15.0, "none")
    given = PipelineOptions(detect=DetectOptions(max_side=128), track=TrackOptions(max_age=2.0))
    assert squares(options=given, max_age=4.0).options.detect.max_side == 128
    with pytest.raises(TypeError, match=r"unknown option 'max_sides' .*; known: .*max_side.*"):
        squares(max_sides=3)
    with pytest.raises(TypeError, match="unknown option 'interval'"):
        squares(interval=3)  # whose interval?
    with pytest.raises(ValueError, match=r"track\.max_age must be at least detect\.interval"):
        squares(detect_interval=2.0)


def test_stages_are_checked():
    with pytest.raises(TypeError, match=r"options must be PipelineOptions.*from_dict"):
        squares(options={"device": "cpu"})
    for option in ({"max_side": 320}, {"detect_model": "face-detector"}, {"affect_model": "mine.onnx"}):
        with pytest.raises(TypeError, match=f"{next(iter(option))} cannot change .*: set it there"):
            squares(**option)
    with pytest.raises(TypeError, match="on_result must be a function"):
        squares().run([draw(SIZE)], None)
    with pytest.raises(TypeError, match="detect must be an object with detect"):
        Pipeline(detect=42, affect=False)
    with pytest.raises(TypeError, match="affect must be an object with predict"):
        Pipeline(detect=SquareDetector(), affect=True)
    with pytest.raises(TypeError, match=r"track must be an object with .*update"):
        Pipeline(detect=SquareDetector(), affect=False, track=object())


def test_licences_are_checked():
    with pytest.raises(LicenceError, match="affect-small"):
        Pipeline(detect=SquareDetector(), require_licence="permissive")
    Pipeline(detect=SquareDetector(), affect=False, require_licence="permissive").close()


# ---- the real thing ----


@bundled
def test_portrait_is_happy_and_json_fits_the_schema(real, portrait):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    real.reset()
    result = real.process(portrait, 0.0)
    (face,) = result.faces
    assert face.label == "happiness" and face.affect.is_sure and face.affect.valence > 0.4
    assert overlap(face.box, np.array([173, 62, 278, 201], np.float32)) > 0.5
    jsonschema.validate(json.loads(result.to_json()), SCHEMA)
    parts = {"detect.crop", "detect.model", "detect.decode", "affect.model", "affect.postprocess"}
    assert set(result.timings_ms) == {"detect", "track", "crop", "affect", "smooth", "total", *parts}
    assert set(result.models) == {"detect", "affect"}


def test_json_of_faces_without_affect_and_unknown_quality_fits_the_schema():
    class Silent(ShadeAffect):
        def _read(self, frame, box):
            import dataclasses

            return dataclasses.replace(super()._read(frame, box), quality=float("nan"), extra={"boredom": 0.1})

    frame = draw(SIZE, (300, 200, 90), (100, 100, 50))
    for affect in (False, Silent()):
        text = Pipeline(detect=SquareDetector(), affect=affect).process(frame, 0.0).to_json()
        jsonschema.validate(json.loads(text), SCHEMA)
        assert "NaN" not in text
    broken = json.loads(text)
    broken["faces"][0]["affect"]["label"] = 3
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)


@bundled
def test_describe_tells_what_runs_and_warmup_leaves_no_trace(real):
    real.warmup((320, 240), "nv12")
    facts = real.describe()
    assert set(facts["stages"]) == {"detect", "turn", "affect", "track", "smooth"}
    assert facts["stages"]["affect"]["device"] == "cpu" and "onnxruntime" in facts["stages"]["affect"]["runtime"]
    assert facts["native"]["variant"] in ("core", "pure")
    json.dumps(facts)


@bundled
def test_warm_frames_allocate_nothing_proportional_to_pixels(real, portrait):
    frame = cv2.resize(portrait, (1280, 960))  # 3.7 MB
    real.reset()
    for step in range(8):
        real.process(frame, step / 30)
    tracemalloc.start()
    for step in range(8, 16):  # with and without detection
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        real.process(frame, step / 30)
        assert tracemalloc.get_traced_memory()[1] - before < 300_000
    tracemalloc.stop()
