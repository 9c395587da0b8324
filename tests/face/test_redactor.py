"""No face is found in redacted pictures, by our own detector or by another (YuNet)."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edgeaffect import FaceDetector, FaceRedactor, Pipeline
from edgeaffect.cli import main
from edgeaffect.draw_redact import METHODS, redact_boxes
from edgeaffect.sources import SourceFrame, open_source

cv2 = pytest.importorskip("cv2")
ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("EDGEAFFECT_DATA", ROOT.parent / "shared" / "data"))
YUNET = DATA / "baselines" / "yunet_n_dynamic.onnx"
SEVERAL = DATA / "faces_multi.zip"


def still(image: np.ndarray, *, time: float = 0.0, is_still: bool = True) -> SourceFrame:
    return SourceFrame(image, 0, time, "media", "test", 0.0, still=is_still)


@pytest.fixture(scope="module")
def finds() -> Callable[[np.ndarray], int]:
    """Number of faces that any of the detectors finds."""
    own = FaceDetector(max_side=1280)
    other = None
    if YUNET.exists():
        cv2.setLogLevel(0) if hasattr(cv2, "setLogLevel") else None
        other = cv2.FaceDetectorYN.create(str(YUNET), "", (320, 320), 0.6, 0.3, 5000)

    def count(image: np.ndarray) -> int:
        found = len(own.detect(image))
        if other is not None:
            other.setInputSize((image.shape[1], image.shape[0]))
            boxes = other.detect(image)[1]
            found += 0 if boxes is None else len(boxes)
        return found

    return count


@pytest.fixture(scope="module")
def detector_only() -> Pipeline:
    return Pipeline(affect=False)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_found_in_a_portrait(portrait, finds, detector_only, method):
    frame = still(portrait)
    with FaceRedactor(method) as redactor:
        hidden = redactor(frame, detector_only.process_frame(frame))
    assert finds(portrait) and not finds(hidden)
    assert hidden is not portrait and finds(portrait)  # a copy


@pytest.mark.skipif(not SEVERAL.exists(), reason="no pictures of several people here")
@pytest.mark.parametrize("method", ["blur", "block"])
def test_nothing_is_found_in_pictures_of_several_people(finds, detector_only, method):
    faces = 0
    with FaceRedactor(method) as redactor, zipfile.ZipFile(SEVERAL) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        for name in names[40::190]:
            image = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR)
            frame = still(image)
            faces += finds(image)
            assert not finds(redactor(frame, detector_only.process_frame(frame))), name
    assert faces > 8


def test_faces_that_the_pipeline_leaves_out_are_hidden_too(portrait, finds):
    """A region, a most number of faces and a threshold say what is perceived, not who may be seen."""
    frame = still(portrait)
    with Pipeline(affect=False, roi=(0, 0.8, 0.2, 1)) as pipeline, FaceRedactor() as redactor:
        result = pipeline.process_frame(frame)
        assert not result.faces and not finds(redactor(frame, result))


def test_predicted_faces_are_hidden(portrait, finds):
    """Frames between two detections, with motion: boxes are predictions, whose margin is enough by itself."""
    with Pipeline(affect=False, detect_interval=1.0) as pipeline, FaceRedactor("blur") as redactor:
        for i in range(5):
            moved = np.ascontiguousarray(np.roll(portrait, 10 * i, axis=1))
            frame = still(moved, time=i / 25, is_still=False)
            result = pipeline.process_frame(frame)
            assert "detect" not in result.timings_ms or i == 0
            assert not finds(redactor(frame, result)), i
            alone = moved.copy()
            redact_boxes(alone, [face.box for face in result.faces], "blur")
            assert not finds(alone), i


def test_a_face_that_is_lost_stays_hidden_for_a_while(portrait):
    """Neither detector nor tracker see it in the next frame: covered for a moment, or missed."""
    empty = np.zeros_like(portrait)
    with Pipeline(affect=False) as pipeline, FaceRedactor("block", linger=0.5) as redactor:
        frame = still(portrait, time=0.0, is_still=False)
        covered = (redactor(frame, pipeline.process_frame(frame)) != portrait).any(-1)
        assert covered.mean() > 0.01
        for time, is_hidden in ((0.2, True), (0.4, True), (0.9, False)):
            pipeline.reset()
            gone = still(empty, time=time, is_still=False)
            hidden = redactor(gone, pipeline.process_frame(gone)).any(-1)
            assert (hidden[covered].mean() > 0.9) == is_hidden, time


@pytest.mark.parametrize("color", ["nv12", "yuyv", "gray"])
def test_other_formats(portrait, finds, color):
    picture = cv2.resize(portrait, (320, 320))
    codes = {"gray": cv2.COLOR_BGR2GRAY, "nv12": cv2.COLOR_BGR2YUV_I420, "yuyv": cv2.COLOR_BGR2YUV_YUY2}
    if color == "yuyv" and not hasattr(cv2, "COLOR_BGR2YUV_YUY2"):
        pytest.skip("this OpenCV writes no YUY2")
    raw = cv2.cvtColor(picture, codes[color])
    if color == "nv12":
        planes = raw[320:].reshape(2, -1)
        raw = np.concatenate([raw[:320], planes.T.reshape(160, 320)])
    frame = SourceFrame(np.ascontiguousarray(raw), 0, 0.0, "media", "test", 0.0, color=color, still=True)
    with Pipeline(affect=False) as pipeline, FaceRedactor("pixelate") as redactor:
        hidden = redactor(frame, pipeline.process_frame(frame))
    assert hidden.shape == (320, 320, 3) and not finds(hidden)


@pytest.mark.parametrize("target", ["out.png", "out.avi", "folder"])
def test_what_run_saves(portrait, finds, tmp_path, target):
    """With boxes and words drawn over it, as people see it."""
    source = tmp_path / "in.png"
    cv2.imwrite(str(source), portrait)
    assert main(["run", str(source), "--save", str(tmp_path / target), "--redact", "blur"]) == 0
    if target.endswith("avi"):
        ok, saved = cv2.VideoCapture(str(tmp_path / target)).read()
        assert ok
    else:
        saved = cv2.imread(str(tmp_path / target if target.endswith("png") else tmp_path / target / "in.png"))
    assert saved.shape == portrait.shape and not finds(saved)


@pytest.mark.parametrize("images", ["jpeg", "raw"])
def test_what_a_recording_holds(portrait, finds, tmp_path, images):
    for package in ("rosbags", "mcap"):
        pytest.importorskip(package)
    cv2.imwrite(str(tmp_path / "in.png"), portrait)
    bag = tmp_path / "out.mcap"
    words = ["run", str(tmp_path / "in.png"), "--bag", str(bag), "--bag-images", images, "--redact", "pixelate"]
    assert main(words) == 0
    with open_source(str(bag)) as source:
        kept = [frame.image.copy() for frame in source]
    assert len(kept) == 1 and kept[0].shape == portrait.shape and not finds(kept[0])


def test_a_redaction_of_nothing_is_refused(tmp_path, capsys):
    assert main(["run", "in.png", "--redact", "blur"]) == 2
    assert "--redact does nothing without --save, --show or --bag" in capsys.readouterr().err


def test_numbers_outside_their_range():
    for wrong in ({"method": "smear"}, {"margin": -1}, {"linger": -1}, {"score_threshold": 2}):
        with pytest.raises(ValueError, match=r"smear|margin|linger|score_threshold"):
            FaceRedactor(**wrong)  # type: ignore[arg-type]
