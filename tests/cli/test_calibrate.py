"""`edgeaffect calibrate`, run as users run it, on pictures of a real face."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.cli import main
from edgeaffect.cli.labelled_faces import read_labelled_faces
from edgeaffect.cli.usage import UsageError
from edgeaffect.models.calibration_file import AffectCalibration
from edgeaffect.models.registry import FILES

bundled = pytest.mark.skipif(not (FILES / "face-landmarks-permissive.onnx").exists(), reason="no permissive set here")
COUNT = 110


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """A smiling face moved about, which four raters of five call happy and one calls neutral; eleven people."""
    image = pytest.importorskip("skimage.data").astronaut()[..., ::-1]
    folder = tmp_path_factory.mktemp("faces")
    random = np.random.default_rng(0)
    rows = []
    for i in range(COUNT):
        x, y = random.integers(-15, 15, 2)
        part = image[20 + y : 220 + y, 125 + x : 325 + x].astype(np.float32) * random.uniform(0.7, 1.1)
        cv2.imwrite(str(folder / f"{i}.png"), part.clip(0, 255).astype(np.uint8))
        rows.append((f"{i}.png", "neutral" if i % 5 == 0 else "happy", f"person {i % 11}"))
    cv2.imwrite(str(folder / "empty.png"), np.full((100, 100, 3), 80, np.uint8))
    rows.append(("empty.png", "anger", "person 0"))
    write_table(folder / "labels.csv", rows)
    return folder


def write_table(path: Path, rows, columns=("file", "label", "person")) -> Path:
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows(rows)
    return path


def complaint(capfd, *words: str) -> str:
    """Standard error of a call that must be refused: one line, exit code 2."""
    assert main(words) == 2
    out, err = capfd.readouterr()
    assert out == "" and err.count("\n") == 1, (out, err)
    return err


@bundled
def test_own_faces_make_a_calibration_that_the_pipeline_takes(pictures, tmp_path, capfd):
    target = tmp_path / "mine.json"
    assert main(["calibrate", str(pictures), "--models", "permissive", "-o", str(target)]) == 0
    out = capfd.readouterr().out
    assert f"{COUNT} faces, 11 people" in out and "1 pictures without a face left out" in out
    calibration = AffectCalibration.read(target)
    assert (calibration.model, calibration.faces, calibration.people) == (
        "expression-from-blendshapes 1.0.0",
        COUNT,
        11,
    )
    assert calibration.held_out["nll_after"] < calibration.held_out["nll_before"]
    capfd.readouterr()
    call = ["run", str(pictures / "1.png"), "--models", "permissive", "--calibration", str(target), "--json", "-"]
    assert main(call) == 0
    (face,) = json.loads(capfd.readouterr().out)["faces"]
    assert face["affect"]["calibrated"] is True and face["affect"]["is_sure"] is True
    # Four of five call this face happy.
    assert face["affect"]["probabilities"]["happiness"] == pytest.approx(0.8, abs=0.1)


@bundled
def test_too_few_faces_are_refused_with_numbers_and_nothing_is_written(pictures, tmp_path, capfd):
    few = write_table(
        pictures / "few.csv", [("0.png", "sad", "a"), ("1.png", "happy", "b"), ("empty.png", "happy", "c")]
    )
    err = complaint(capfd, "calibrate", str(few), "--models", "permissive", "-o", str(tmp_path / "x.json"))
    assert "2 faces with 2 labels of 2 people are too few to calibrate: at least 100 faces" in err
    assert "1 pictures without a face left out" in err
    assert not (tmp_path / "x.json").exists()


@bundled
def test_a_picture_that_cannot_be_read_is_told_once(pictures, tmp_path, caplog, capfd):
    (pictures / "cut.png").write_bytes((pictures / "0.png").read_bytes()[:40])
    table = write_table(pictures / "cut.csv", [("0.png", "sad", "a"), ("cut.png", "happy", "b")])
    assert main(["calibrate", str(table), "--models", "permissive", "-o", str(tmp_path / "x.json")]) == 2
    told = caplog.text + capfd.readouterr().err
    assert told.count("cut.png") == 1 and "1 pictures could not be read" in told


def test_what_is_read_is_not_overwritten(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("a.png", np.zeros((8, 8, 3), np.uint8))
    write_table(tmp_path / "labels.csv", [("a.png", "happy")], ("file", "label"))
    for data in ("labels.csv", "."):
        for target in ("labels.csv", "a.png"):
            before = Path(target).read_bytes()
            err = complaint(capfd, "calibrate", data, "-o", str(tmp_path / target))
            assert "is read by this command and would be overwritten: write to another file" in err
            assert Path(target).read_bytes() == before
    assert "is a folder: name a file for the calibration" in complaint(capfd, "calibrate", ".", "-o", str(tmp_path))


def test_a_model_with_other_labels_is_not_calibrated(pictures, tmp_path, capfd):
    copy = tmp_path / "bored.onnx"
    shutil.copy(FILES / "affect-nano.onnx", copy)
    labels = json.dumps([*EMOTIONS[:-1], "boredom"])
    change = [word for i in (0, 1) for word in ("--set", f"outputs.{i}.labels={labels}")]
    assert main(["models", "annotate", str(copy), "--like", "affect-nano", "--set", "name=bored", *change]) == 0
    capfd.readouterr()
    err = complaint(capfd, "calibrate", str(pictures), "--affect", str(copy), "-o", str(tmp_path / "x.json"))
    assert "bored 3.2.0 has labels outside the eight (boredom)" in err
    AffectCalibration("bored 3.2.0", 2.0).write(tmp_path / "x.json")
    err = complaint(
        capfd, "run", str(pictures / "1.png"), "--affect", str(copy), "--calibration", str(tmp_path / "x.json")
    )
    assert "bored has labels outside the eight (boredom): not calibrated" in err


def test_folders_name_labels(tmp_path):
    for folder in ("happy", "Anger"):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "a.png"), np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "happy" / "notes.txt").write_text("x")
    found = read_labelled_faces(tmp_path)
    assert [(face.path.parent.name, face.label, face.person) for face in found] == [
        ("Anger", "anger", None), ("happy", "happiness", None),
    ]  # fmt: skip
    (tmp_path / "bored").mkdir()
    with pytest.raises(UsageError, match=r"bored: 'bored' is no label; there are neutral, happiness"):
        read_labelled_faces(tmp_path)


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        (
            [("a.png", "happy")],
            ("picture", "label"),
            "needs the columns file and label.*its columns are picture, label",
        ),
        ([("a.png", "bored")], ("file", "label"), "line 2: 'bored' is no label"),
        ([("a.png", "happy"), ("b.png", "happy")], ("file", "label"), "line 3: no such picture"),
        ([("a.png", "happy", "")], ("file", "label", "person"), "line 2: file, label or person is empty"),
        ([("a.png",)], ("file", "label"), "line 2: file, label or person is empty"),
        ([], ("file", "label"), "names no picture"),
    ],
)
def test_tables_are_checked_row_by_row(tmp_path, rows, columns, message):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((8, 8, 3), np.uint8))
    table = write_table(tmp_path / "t.csv", rows, columns)
    with pytest.raises(UsageError, match=message):
        read_labelled_faces(table)


def test_what_is_no_data_is_one_line(tmp_path, capfd):
    target = str(tmp_path / "x.json")
    assert "no such file or folder: /nowhere" in complaint(capfd, "calibrate", "/nowhere", "-o", target)
    assert "holds neither labels.csv nor a folder per label" in complaint(
        capfd, "calibrate", str(tmp_path), "-o", target
    )
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    assert "is no table of labels" in complaint(capfd, "calibrate", str(tmp_path / "b.csv"), "-o", target)
    assert "leave out --calibration" in complaint(
        capfd, "calibrate", "/nowhere", "-o", target, "--calibration", "y.json"
    )
    assert "no such folder: /nowhere" in complaint(capfd, "calibrate", str(tmp_path), "-o", "/nowhere/x.json")
