"""AffectNet's and RAF-DB's folders, made tiny: what is read of them, and what the command reports."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edgeaffect import cli
from edgeaffect.evaluation.affect_folders import find_layout, read_folder
from edgeaffect.evaluation.archives import ArchiveError
from edgeaffect.evaluation.evaluate_folder import Judged, buckets, score_folder, sharpness
from edgeaffect.models.registry import FILES

cv2 = pytest.importorskip("cv2")


def picture(path: Path, seed: int = 0, side: int = 40) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8))


def affectnet(folder: Path) -> Path:
    marks = np.arange(136, dtype=np.float64)
    for i, number in enumerate([0, 1, 7, 8, 3]):
        picture(folder / "val_set" / "images" / f"{i}.jpg", i)
        (folder / "val_set" / "annotations").mkdir(exist_ok=True)
        # the set's own files hold text
        for name, value in (("exp", str(number)), ("val", "-2" if number == 7 else str(i / 10)), ("aro", "0.5")):
            np.save(folder / "val_set" / "annotations" / f"{i}_{name}.npy", np.array(value))
        np.save(folder / "val_set" / "annotations" / f"{i}_lnd.npy", marks)
    return folder


def affectnet_csv(folder: Path) -> Path:
    marks = ";".join(map(str, range(136)))
    rows = ["subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"]
    for i, number in enumerate([6, 10, 2]):
        picture(folder / "Manually_Annotated_Images" / "7" / f"{i}.jpg", i)
        rows.append(f"7/{i}.jpg,0,0,40,40,{marks},{number},{-2 if number == 10 else 0.25},0.1")
    (folder / "validation.csv").write_text("\n".join(rows) + "\n")
    return folder


def raf_db(folder: Path, count: int = 28) -> Path:
    root = folder / "basic"
    lines = []
    for i in range(count):
        name = f"test_{i:04}"
        lines.append(f"{name}.jpg {i % 7 + 1}")
        picture(root / "Image" / "aligned" / f"{name}_aligned.jpg", i)
        picture(root / "Image" / "original" / f"{name}.jpg", i, 90)
        note = root / "Annotation" / "manual" / f"{name}_manu_attri.txt"
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text("30 30\n60 30\n45 45\n35 60\n55 60\n" + f"{i % 2}\n{i % 3}\n{i % 5}\n")
    (root / "EmoLabel").mkdir()
    (root / "EmoLabel" / "list_patition_label.txt").write_text("\n".join([*lines, "train_0.jpg 1"]) + "\n")
    return folder


def test_affectnet_as_distributed_cropped(tmp_path: Path) -> None:
    data = read_folder(affectnet(tmp_path))
    assert data.layout == "affectnet" and data.left_out == {"no_expression": 1}
    assert [face.label for face in data.faces] == ["neutral", "happiness", "contempt", "surprise"]
    assert [face.valence for face in data.faces][:2] == [0.0, 0.1] and np.isnan(data.faces[2].valence)
    points = data.faces[0].points
    assert points is not None and points[2].tolist() == [60, 61]  # the tip of the nose is number 30
    assert len(data.classes) == 8
    seven = read_folder(tmp_path, contempt=False)
    assert len(seven.classes) == 7 and seven.left_out["contempt"] == 1


def test_affectnet_as_distributed_whole(tmp_path: Path) -> None:
    data = read_folder(affectnet_csv(tmp_path))
    assert [face.label for face in data.faces] == ["anger", "sadness"] and data.left_out == {"no_expression": 1}
    assert data.faces[0].path.name == "0.jpg" and (data.faces[0].valence, data.faces[0].arousal) == (0.25, 0.1)


def test_raf_db_with_its_attributes(tmp_path: Path) -> None:
    aligned = read_folder(raf_db(tmp_path))
    assert aligned.layout == "raf-db" and len(aligned.classes) == 7 and "contempt" not in aligned.classes
    assert [face.label for face in aligned.faces[:7]] == [
        "surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral",
    ]  # fmt: skip
    assert aligned.faces[1].groups == {"gender": "female", "race": "African-American", "age": "4-19"}
    assert aligned.faces[0].points is None  # the points are those of the original
    original = read_folder(tmp_path, aligned=False)
    assert original.faces[0].points is not None and original.faces[0].points[0].tolist() == [30, 30]
    assert find_layout(tmp_path / "basic") == "raf-db"


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_text("file,label,valence,person,light\na.png,happy,0.5,p1,lamp\na.png,bored,,,\n")
    data = read_folder(tmp_path)
    assert (data.faces[0].label, data.faces[0].valence, data.faces[0].person) == ("happiness", 0.5, "p1")
    assert data.faces[0].groups == {"light": "lamp"} and data.left_out == {"other_label": 1}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "val_set/annotations/1_exp.npy").unlink(), "no annotation .*1_exp.npy"),
        (lambda f: (f / "val_set/annotations/1_exp.npy").write_bytes(b"x"), "is no NumPy file of 1 numbers"),
        (lambda f: np.save(f / "val_set/annotations/1_lnd.npy", np.zeros(5)), "holds 5 values; 136"),
    ],
)
def test_a_damaged_folder_is_told(tmp_path: Path, spoil: object, message: str) -> None:
    affectnet(tmp_path)
    assert callable(spoil)
    spoil(tmp_path)
    with pytest.raises(ArchiveError, match=message):
        read_folder(tmp_path)


def test_a_folder_of_another_kind_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"none of the layouts that are known: AffectNet .* docs/protocols.md"):
        read_folder(tmp_path)
    raf_db(tmp_path / "raf", 1)
    listing = tmp_path / "raf" / "basic" / "EmoLabel" / "list_patition_label.txt"
    listing.write_text("test_0000.jpg 9\n")
    with pytest.raises(ArchiveError, match=r"line 1: .* not a file and a number from 1 to 7"):
        read_folder(tmp_path / "raf")


def judged(n: int = 120) -> Judged:
    generator = np.random.default_rng(0)
    labels = ["neutral", "fear"] * (n // 2)
    p = np.full((n, 8), 0.05)
    for i, label in enumerate(labels):
        p[i, 0 if label == "neutral" else 6] = 0.5
        p[i, 7] = 0.6 if i % 4 == 0 else 0.05  # contempt, which the set does not have
    p[0] = np.nan
    va = generator.normal(size=(n, 2))
    rated = va + 0.1
    rated[:60] = np.nan
    return Judged(
        p, labels, np.arange(n) % 3 == 0, va, rated, [f"p{i // 4}" for i in range(n)],
        [{"gender": "ab"[i % 2]} for i in range(n)],
        {"size": np.where(np.arange(n) < 60, 20.0, 100.0), "sharpness": np.arange(n) / n,
         "yaw": np.full(n, np.nan)},
    )  # fmt: skip


def test_scores_by_group_and_condition() -> None:
    report = score_folder(judged(), ("neutral", "fear"), samples=50)
    assert report["pictures"] == 120 and report["not_found"] == 1
    assert report["accuracy"]["value"] == 1  # contempt cannot be said here
    assert report["accuracy_of_all_pictures"] == pytest.approx(119 / 120)
    assert report["people"] == 30 and report["groups"]["gender"]["a"]["faces"] == 59
    assert report["conditions"]["size"]["below 32 px"]["faces"] == 59
    assert report["conditions"]["size"]["32 to 64 px"] == {"faces": 0, "people": 0}
    assert [part["faces"] for part in report["conditions"]["sharpness"].values()] == [39, 40, 40]
    assert report["valence_arousal"]["valence"]["rmse"]["value"] == pytest.approx(0.1)
    assert sum(rows.sum() for _, rows in buckets("yaw", np.full(4, np.nan))) == 0


def test_a_blurred_face_is_less_sharp() -> None:
    face = cv2.resize(np.random.default_rng(0).integers(0, 256, (24, 24, 3), np.uint8), (96, 96))
    values = [sharpness(face), *(sharpness(cv2.GaussianBlur(face, (0, 0), s)) for s in (2, 4, 8))]
    assert values == sorted(values, reverse=True)
    assert sharpness(cv2.resize(face, (192, 192))) == pytest.approx(values[0], rel=0.25)


@pytest.mark.skipif(not (FILES / "affect-small-int8.onnx").exists(), reason="no bundled affect model")
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raf_db(tmp_path)
    for crops in ("whole", "landmarks"):
        words = ("eval", "affect", str(tmp_path), "--crops", crops, "--samples", "20", "--json", "-")
        assert cli.main(list(words)) == 0
        (report,) = json.loads(capsys.readouterr().out)
        assert report["layout"] == "raf-db" and report["faces"] == 28 and report["crops"] == crops
        assert np.sum(report["confusion"]) == 28 and len(report["confusion"]) == 7
        assert set(report["groups"]) == {"gender", "race", "age"} and set(report["conditions"]) >= {"size", "yaw"}
    assert cli.main(["eval", "affect", str(tmp_path), "--samples", "5"]) == 2  # noise: no face to find
    assert "no face was found in 28 pictures" in capsys.readouterr().err
    assert cli.main(["eval", "affect", str(tmp_path), "--crops", "whole", "--samples", "5"]) == 0
    assert "brightness" in capsys.readouterr().out
