"""Results in the hands of other libraries: the real pandas, Polars and supervision."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from edgeaffect import Pipeline, Result
from edgeaffect.adapters import to_rows, to_supervision
from edgeaffect.adapters.rows import COLUMNS
from edgeaffect.circumplex import EMOTIONS
from edgeaffect.errors import DependencyError
from edgeaffect.models.registry import FILES
from edgeaffect.results import Voice

pytestmark = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")


@pytest.fixture(scope="module")
def results(portrait) -> list[Result]:
    """A face, the same face before it was analysed, and nobody."""
    with Pipeline(cues=True) as pipeline:
        seen = pipeline.process(portrait)
        nobody = Pipeline(affect=False).process(np.zeros((120, 160, 3), np.uint8))
    early = dataclasses.replace(seen.faces[0], affect=None, raw=None, cues=None, raw_cues=None)
    return [seen, dataclasses.replace(seen, faces=(early, seen.faces[0]), frame_index=1), nobody]


def test_rows_are_flat_and_say_what_the_result_says(results):
    rows = [row for result in results for row in to_rows(result)]
    assert len(rows) == 3 and all(tuple(row) == COLUMNS for row in rows)
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows  # plain values
    (face,), row = results[0].faces, rows[0]
    assert (row["track_id"], row["label"], row["is_sure"], row["frame"]) == (1, "happiness", True, 0)
    assert row["probability"] == pytest.approx(face.affect.confidence, abs=1e-5)
    assert row["head_yaw"] == pytest.approx(face.cues.head_pose.yaw, abs=1e-5)
    np.testing.assert_allclose([row[f"p_{name}"] for name in EMOTIONS], face.affect.probabilities, atol=1e-5)
    assert [row["x0"], row["y0"], row["x1"], row["y1"]] == face.box.tolist()
    assert rows[1]["label"] is rows[1]["gaze_yaw"] is rows[1]["voice_label"] is None
    voice = Voice(True, face.affect, -20.0, (0.0, 2.0), 2.0, "user")
    (heard,) = to_rows(dataclasses.replace(results[0], voice=voice, speaker=1))
    assert (heard["voice_label"], heard["voice_is_speech"], heard["is_speaker"]) == ("happiness", True, True)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_rows_become_tables(results, library):
    frame = pytest.importorskip(library).DataFrame([row for result in results for row in to_rows(result)])
    assert list(frame.columns) == list(COLUMNS) and len(frame) == 3
    assert frame["valence"].mean() == pytest.approx(results[0].faces[0].affect.valence, abs=1e-5)


def test_supervision_draws_filters_and_tracks_them(results, portrait):
    sv = pytest.importorskip("supervision")
    faces = to_supervision(results[1])
    assert isinstance(faces, sv.Detections) and len(faces) == 2
    assert faces.tracker_id.tolist() == [1, 1] and faces.class_id.tolist() == [8, EMOTIONS.index("happiness")]
    known = faces[faces.data["is_sure"]]
    assert known.data["class_name"].tolist() == ["happiness"] and known.data["valence"][0] > 0.3
    drawn = sv.BoxAnnotator().annotate(portrait.copy(), faces)
    drawn = sv.LabelAnnotator().annotate(drawn, known, labels=list(known.data["class_name"]))
    assert (drawn != portrait).any()
    zone = sv.PolygonZone(np.array([[0, 0], [511, 0], [511, 511], [0, 511]]))
    assert zone.trigger(known).tolist() == [True]
    assert len(to_supervision(results[2])) == 0
    still = dataclasses.replace(results[0], faces=(dataclasses.replace(results[0].faces[0], track_id=None),))
    assert to_supervision(still).tracker_id is None


def test_without_supervision_the_remedy_is_named(results, monkeypatch):
    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(DependencyError, match="pip install supervision"):
        to_supervision(results[0])


def test_importing_the_adapters_loads_none_of_them():
    code = (
        "import sys, edgeaffect.adapters, edgeaffect.adapters.ros2.bag_file\n"
        "heavy = {'rosbags', 'mcap', 'supervision', 'pandas', 'polars', 'rclpy', 'cv2', 'torch'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
