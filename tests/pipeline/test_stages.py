"""FaceDetector and FaceAffect with the bundled models on a real portrait, alone and together."""

import json
import shutil
import threading

import cv2
import numpy as np
import pytest

from edgeaffect import Error, FaceAffect, FaceDetector, SpecError
from edgeaffect.circumplex import EMOTIONS, vad_from_votes
from edgeaffect.image import COLORS
from edgeaffect.models import find, metadata
from edgeaffect.models.spec import METADATA_KEY
from edgeaffect.options import DetectOptions
from edgeaffect.results import Faces


@pytest.fixture(scope="module")
def portrait():
    """RGB picture with one smiling face whose box is about (173, 62, 278, 201)."""
    data = pytest.importorskip("skimage.data")
    return data.astronaut()


@pytest.fixture(scope="module")
def detector():
    return FaceDetector()


@pytest.fixture(scope="module")
def affect():
    return FaceAffect()


def as_color(rgb, color):
    """The same picture in another pixel format, by OpenCV or by its definition."""
    if color == "rgb":
        return rgb
    if color in ("bgr", "bgra", "gray"):
        return cv2.cvtColor(rgb, getattr(cv2, f"COLOR_RGB2{color.upper()}"))
    h, w = rgb.shape[:2]
    planar = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420).reshape(-1)
    y, u, v = planar[: h * w].reshape(h, w), planar[h * w : h * w * 5 // 4], planar[h * w * 5 // 4 :]
    if color == "nv12":
        return np.vstack([y, np.stack([u, v], 1).reshape(h // 2, w)])
    uv = np.stack([u, v], 1).reshape(h // 2, 1, w).repeat(2, 1).reshape(h, w)
    return np.stack([y, uv], 2)


def iou(a, b):
    overlap = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod()
    return overlap / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - overlap)


def test_finds_the_face_and_its_points(detector, portrait):
    faces = detector.detect(portrait, "rgb")
    assert len(faces) == 1 and faces.scores[0] > 0.6
    assert iou(faces.boxes[0], np.array([173.0, 62, 278, 201])) > 0.5
    left_eye, right_eye, nose, left_mouth, right_mouth = faces.landmarks[0]
    assert left_eye[0] < nose[0] < right_eye[0] and left_mouth[0] < right_mouth[0]
    assert left_eye[1] < nose[1] < left_mouth[1]


@pytest.mark.parametrize("color", COLORS)
def test_every_pixel_format_says_the_same(detector, affect, portrait, color):
    reference = detector.detect(portrait, "rgb")
    frame = as_color(portrait, color)
    faces = detector.detect(frame, color)
    assert len(faces) == 1 and iou(faces.boxes[0], reference.boxes[0]) > 0.85
    told = affect.predict(frame, reference, color)[0]
    expected = affect.predict(portrait, reference, "rgb")[0]
    # chroma sub-sampling, limited range and 8-bit rounding move a gray value by a few units of 255
    np.testing.assert_allclose(told.probabilities, expected.probabilities, atol=0.05)


def test_swapped_channels_are_a_different_picture(affect, detector, portrait):
    faces = detector.detect(portrait, "rgb")
    right, wrong = affect.predict(portrait, faces, "rgb")[0], affect.predict(portrait, faces, "bgr")[0]
    assert not np.array_equal(right.probabilities, wrong.probabilities)


def test_smile_is_read_as_happiness(detector, affect, portrait):
    found = affect.predict(portrait, detector.detect(portrait, "rgb"), "rgb")[0]
    assert found.label == "happiness" and found.is_sure and found.valence > 0.3
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-4)
    assert found.votes.sum() == pytest.approx(1, abs=1e-4)
    assert found.va_source == "derived" and 0 <= found.entropy <= 1


def test_vad_in_the_graph_is_the_one_anchor_table(affect, detector, portrait):
    found = affect.predict(portrait, detector.detect(portrait, "rgb"), "rgb")[0]
    mean, cov = vad_from_votes(found.votes)
    np.testing.assert_allclose([found.valence, found.arousal, found.dominance], mean, atol=1e-3)
    std = np.sqrt(np.diag(cov))
    np.testing.assert_allclose([found.valence_std, found.arousal_std, found.dominance_std], std, atol=2e-3)


def test_batch_equals_one_by_one_in_any_order(affect, detector, portrait):
    face = detector.detect(portrait, "rgb")
    shifts = np.array([0, 3, -4, 150, 7], np.float32)
    faces = Faces(
        np.concatenate([face.boxes + s for s in shifts]),
        np.repeat(face.scores, 5),
        np.concatenate([face.landmarks + s for s in shifts]),
    )
    together = affect.predict(portrait, faces, "rgb")
    alone = [affect.predict(portrait, one, "rgb")[0] for one in faces]
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_allclose(a.probabilities, b.probabilities, atol=1e-5)
    assert affect.predict(portrait, Faces.empty(), "rgb") == []


def test_results_outlive_the_next_frame(affect, detector, portrait):
    faces = detector.detect(portrait, "rgb")
    first = affect.predict(portrait, faces, "rgb")[0]
    kept = first.probabilities.copy()
    affect.predict(255 - portrait, faces, "rgb")
    np.testing.assert_array_equal(first.probabilities, kept)


def test_crops_of_any_size_and_kind(affect, portrait):
    crop = portrait[62:201, 155:294]
    color, gray, tiny = affect.predict_crops([crop, cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), crop[:1, :1]], color="rgb")
    assert color.label == "happiness" and len(EMOTIONS) == len(tiny.votes)
    np.testing.assert_allclose(color.probabilities, gray.probabilities, atol=0.03)
    assert affect.predict_crops([]) == []
    assert [a.label for a in affect.predict_crops(np.stack([crop, crop]), "rgb")] == ["happiness"] * 2
    assert len(affect.predict_crops(np.zeros((5, 48, 48), np.uint8))) == 5  # a stack of gray crops
    for one in (cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), crop):
        with pytest.raises(TypeError, match=r"give \[crop\]"):
            affect.predict_crops(one)
    with pytest.raises(TypeError, match="float64"):
        affect.predict_crops([crop.astype(float)])


def test_no_face_is_an_empty_result(detector):
    for shape in ((1, 1, 3), (2, 700, 3), (480, 640, 3)):
        assert len(detector.detect(np.full(shape, 127, np.uint8))) == 0


@pytest.mark.parametrize("max_side", [0, 96, 160, 640])
def test_max_side_keeps_coordinates_in_frame_pixels(portrait, max_side):
    faces = FaceDetector(max_side=max_side).detect(portrait, "rgb")
    assert len(faces) == 1 and iou(faces.boxes[0], np.array([173.0, 62, 278, 201])) > 0.45


def test_region_of_interest(portrait):
    detector = FaceDetector(options=DetectOptions(roi=(0.25, 0.0, 0.75, 0.5)))
    faces = detector.detect(portrait, "rgb")
    assert len(faces) == 1 and iou(faces.boxes[0], np.array([173.0, 62, 278, 201])) > 0.45
    assert len(FaceDetector(options=DetectOptions(roi=(0.0, 0.6, 1.0, 1.0))).detect(portrait, "rgb")) == 0


def test_faces_at_the_border_and_upside_down_frames_do_not_crash(detector, affect, portrait):
    for frame in (portrait[62:, 200:], portrait[::-1], portrait[:, :230], portrait[100:140]):
        faces = detector.detect(frame, "rgb")
        assert len(affect.predict(frame, faces, "rgb")) == len(faces)
        h, w = frame.shape[:2]
        assert np.all(faces.boxes >= 0) and np.all(faces.boxes[:, 2:] <= (w, h))


def test_faces_that_cannot_be_read_are_named(affect, portrait):
    boxes, points = np.ones((2, 4), np.float32), np.ones((2, 5, 2), np.float32)
    boxes[0, 2:], points[0] = 90, np.random.default_rng(0).uniform(1, 90, (5, 2))
    with pytest.raises(ValueError, match=r"face 1 has no finite place and size .*\[1\.0, 1\.0, 1\.0, 1\.0\]"):
        affect.predict(portrait, Faces(boxes, np.ones(2, np.float32), points))
    with pytest.raises(TypeError, match="must be a `Faces`"):
        affect.predict(portrait, [boxes[0]])
    with pytest.raises(TypeError, match="boxes must be a NumPy array"):
        Faces([[1, 2, 3, 4]], [1], [[[1, 2]] * 5])


def test_explicit_wishes_are_met_or_refused():
    with pytest.raises(ValueError, match="cuda:N"):
        FaceDetector(device="gpu")
    with pytest.raises(ValueError, match="runtime"):
        FaceAffect(runtime="tflite")
    with pytest.raises(FileNotFoundError, match="bundled ones are"):
        FaceAffect("no-such-model")


def test_a_damaged_model_is_named(tmp_path, affect):
    path = tmp_path / "bad.onnx"
    data = bytearray(affect.model.path.read_bytes())
    data[200:260] = b"\xff" * 60
    path.write_bytes(data)
    with pytest.raises((Error, ValueError), match=r"bad\.onnx"):
        FaceAffect(path)


@pytest.mark.parametrize(
    ("task", "path", "value", "message"),
    [
        ("affect", ("inputs", 0, "name"), "picture", "input 'picture' is not in the file, which has "),
        ("affect", ("inputs", 0, "size"), [40, 40], r"the spec's input 'image' is \[any, ., 40, 40\], the file's is"),
        ("affect", ("inputs", 0, "layout"), "nhwc", "the spec's input 'image' is .*, the file's is"),
        ("affect", ("inputs", 0, "dtype"), "float16", "the spec's input 'image' is float16, the file's is float32"),
        ("affect", ("outputs", 0, "name"), "mood", "output 'mood' is not in the file"),
        ("affect", ("outputs", 0, "labels"), ["happy", "joy", *"abcdef"], "two labels mean the same emotion"),
        ("face-detector", ("outputs", 0, "name"), "map", "output 'map' is not in the file"),
        ("face-detector", ("detector", "strides"), [32, 16, 8], "is not that of stride 32"),
    ],
)
def test_a_model_that_is_not_what_its_spec_says_is_refused(tmp_path, portrait, task, path, value, message):
    model = find(None, task)
    spec = json.loads(model.spec.to_json())
    place = spec
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    copy = tmp_path / "m.onnx"
    shutil.copy(model.path, copy)
    metadata.write(copy, METADATA_KEY, json.dumps(spec))
    with pytest.raises(SpecError, match=message):
        FaceAffect(copy) if task == "affect" else FaceDetector(copy).detect(portrait)


def test_thresholds_reach_the_result(portrait, detector):
    from edgeaffect.options import AffectOptions

    faces = detector.detect(portrait, "rgb")
    strict = FaceAffect(options=AffectOptions(min_confidence=1.0)).predict(portrait, faces, "rgb")[0]
    assert not strict.is_sure


def test_two_stages_in_two_threads(portrait):
    results = {}

    def work(key):
        stage = FaceDetector()
        results[key] = stage.detect(portrait, "rgb").boxes

    threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    np.testing.assert_array_equal(results[0], results[1])


@pytest.mark.parametrize("stage", ["detector", "affect"])
def test_a_stage_in_two_threads_at_once_says_so_instead_of_mixing_their_frames(stage, portrait, monkeypatch):
    shared = FaceDetector() if stage == "detector" else FaceAffect()
    use = shared.detect if stage == "detector" else lambda frame: shared.predict_crops([frame])
    expected, inside, leave = repr(use(portrait)), threading.Event(), threading.Event()
    run = shared.session.run

    def slow(*arguments):
        inside.set()
        assert leave.wait(10)
        return run(*arguments)

    monkeypatch.setattr(shared.session, "run", slow)
    found = []
    worker = threading.Thread(target=lambda: found.append(use(portrait)))
    worker.start()
    assert inside.wait(10)
    with pytest.raises(RuntimeError, match=f"this {type(shared).__name__} is busy in another thread"):
        use(portrait)
    leave.set()
    worker.join()
    assert repr(found[0]) == expected == repr(use(portrait))


def test_describe_says_what_runs(detector, affect):
    for stage in (detector, affect):
        told = stage.describe()
        assert told["device"] == "cpu" and told["runtime"].startswith("onnxruntime")
        assert told["model"].startswith(stage.model.name)


def test_a_face_under_zero_alpha_is_no_face(portrait):
    opaque = np.dstack([portrait, np.full(portrait.shape[:2], 255, np.uint8)])
    hidden = opaque.copy()
    hidden[..., 3] = 0
    half = opaque.copy()
    half[..., 3] = 128
    detector = FaceDetector()
    assert [len(detector.detect(frame, "bgra")) for frame in (opaque, hidden, half)] == [1, 0, 1]
