"""Where calibration takes its inputs from: folders and archives of pictures, as the models will see them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")

from edgeaffect.export.precision import Crops, load_crops
from edgeaffect.export.precision.crops import to_input
from edgeaffect.export.precision.ranges import session_of
from fixture_nets import affect_spec, patterns, tiny_affect, tiny_detector


def test_crops_are_what_production_sees(tmp_path: Path) -> None:
    from edgeaffect import FaceAffect

    model = tiny_affect(tmp_path / "m.onnx")
    faces = [*patterns(3), np.random.RandomState(0).randint(0, 256, (31, 23, 3), np.uint8)]
    affects = FaceAffect(model.path).predict_crops(faces, color="bgr")
    session = session_of(model.path)
    for face, affect in zip(faces, affects, strict=True):
        output = session.run(None, {"image": to_input(face, "bgr", model.spec)})[0][0]
        np.testing.assert_allclose(output, affect.probabilities, atol=1e-6)


def test_folder_and_npz_give_the_same_inputs(tmp_path: Path) -> None:
    import cv2

    pictures = np.random.RandomState(0).randint(0, 256, (60, 20, 24, 3), np.uint8)
    (tmp_path / "faces" / "more").mkdir(parents=True)
    for i, picture in enumerate(pictures):
        cv2.imwrite(str(tmp_path / "faces" / ("more" if i % 2 else "") / f"{i:03d}.png"), picture)
    (tmp_path / "faces" / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "faces" / "notes.txt").write_text("not looked at")
    np.savez(tmp_path / "a.npz", images=pictures)
    np.savez(tmp_path / "b.npz", images=pictures[..., ::-1], color="rgb")
    spec = affect_spec()
    sets = [load_crops(tmp_path / name, spec) for name in ("faces", "a.npz", "b.npz")]
    as_sets = [{x.tobytes() for x in crops.inputs} for crops in sets]
    assert as_sets[0] == as_sets[1] == as_sets[2] and len(sets[0]) == 120  # mirrored as well
    assert len(load_crops(tmp_path / "faces", spec, limit=10)) in (18, 20)


def test_wrong_sources(tmp_path: Path) -> None:
    spec = affect_spec()
    np.savez(tmp_path / "float.npz", images=np.zeros((3, 4, 4)))
    np.savez(tmp_path / "other.npz", faces=np.zeros((3, 4, 4), np.uint8))
    np.savez(tmp_path / "object.npz", images=np.array([{"a": 1}], object))
    np.savez(tmp_path / "color.npz", images=np.zeros((3, 4, 4, 3), np.uint8), color="hsv")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").touch()
    for name, words in [("float.npz", "uint8"), ("other.npz", "images"), ("object.npz", "pickle"),
                        ("color.npz", "hsv"), ("empty", "no picture"), ("file.txt", "neither")]:  # fmt: skip
        with pytest.raises(ValueError, match=words):
            load_crops(tmp_path / name, spec)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_crops(tmp_path / "nowhere", spec)


def test_detectors_get_photographs_as_the_detector_sees_them(tmp_path: Path) -> None:
    model = tiny_detector(tmp_path / "d.onnx")
    photo = np.random.RandomState(0).randint(0, 256, (100, 650, 3), np.uint8)
    assert to_input(photo, "bgr", model.spec).shape == (1, 3, 64, 320)
    assert to_input(photo[:, :90], "bgr", model.spec).shape == (1, 3, 128, 96)


def test_batches_join_equal_shapes_only() -> None:
    inputs = tuple(np.full((1, 2), i) if i < 5 else np.full((1, 3), i) for i in range(8))
    assert [b.shape for b in Crops(inputs, "").batches(4)] == [(4, 2), (1, 2), (3, 3)]
    first, second = Crops(inputs, "").split()
    assert len(first) + len(second) == 8 and {id(x) for x in first.inputs}.isdisjoint(id(x) for x in second.inputs)
