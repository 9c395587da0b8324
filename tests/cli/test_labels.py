"""`edgeaffect labels fit`: from pictures and a table to a model file that the pipeline runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edgeaffect import FaceAffect, cli
from edgeaffect.models import find
from edgeaffect.models.registry import FILES

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.skipif(not (FILES / "affect-small-int8.onnx").exists(), reason="no bundled affect model")


def drawn_face(smile: float, person: int, seed: int) -> np.ndarray:
    """A cartoon whose mouth curves by `smile` (-1..1); head, eyes and brows belong to the person."""
    own, now = np.random.default_rng(person), np.random.default_rng((person, seed))
    image = np.full((96, 96, 3), own.integers(120, 220), np.uint8)
    width, eyes = int(own.integers(5, 9)), int(own.integers(32, 40))
    for x in (30, 66):
        cv2.circle(image, (x, eyes), width, (40, 40, 40), -1)
        cv2.line(image, (x - 9, eyes - 14), (x + 9, eyes - 14), (60, 60, 60), int(own.integers(1, 4)))
    x = np.linspace(-20, 20, 21)
    y = 72 + 9 * smile * (1 - (x / 20) ** 2) - 4 * smile
    cv2.polylines(image, [np.stack([x + 48, y], 1).astype(np.int32)], False, (30, 30, 30), 3)
    return np.clip(image + now.normal(0, 4, image.shape), 0, 255).astype(np.uint8)


def write_faces(folder: Path, column: str, people: int = 10, each: int = 6) -> Path:
    rows = [f"file,person,{column}"]
    for person in range(people):
        for i in range(each):
            smile = (-1, 1)[i % 2] if column == "label" else float(np.random.default_rng((person, i)).uniform(-1, 1))
            name = f"{person}_{i}.png"
            cv2.imwrite(str(folder / name), drawn_face(smile, person, i))
            rows.append(f"{name},p{person},{'up' if smile > 0 else 'down'}" if column == "label" else
                        f"{name},p{person},{5 + 5 * smile:.3f}")  # fmt: skip
    table = folder / "faces.csv"
    table.write_text("\n".join(rows) + "\n")
    return table


def run(*words: object) -> int:
    return cli.main(["labels", "fit", *map(str, words)])


def test_classes_become_a_model_that_tells_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, out, report = write_faces(tmp_path, "label"), tmp_path / "mouth.onnx", tmp_path / "report.json"
    assert run(table, "-o", out, "--name", "mouth", "--crops", "--samples", 100, "--json", report) == 0
    told = json.loads(report.read_text())
    assert told["scores"]["uar"]["value"] > 0.9 and told["people"] == 10
    assert "face.affect.own with down, up" in capsys.readouterr().out
    with FaceAffect(out, device="cpu") as stage:
        up, down = stage.predict_crops([drawn_face(1, 77, 0), drawn_face(-1, 77, 1)])
    assert up.own["up"] > 0.5 > down.own["up"] and sum(up.own.values()) == pytest.approx(1)
    assert cli.main(["models", "verify", str(out)]) == 0
    assert "60 faces of 10 people" in find(out, "affect").spec.training_data[-1]


def test_a_scale_becomes_a_value(tmp_path: Path) -> None:
    table, out = write_faces(tmp_path, "value"), tmp_path / "curve.onnx"
    assert run(table, "-o", out, "--crops", "--samples", 50, "--name", "curve") == 0
    with FaceAffect(out, device="cpu") as stage:
        values = [a.own["curve"] for a in stage.predict_crops([drawn_face(s, 55, 0) for s in (-0.9, 0.9)])]
    assert values[0] < 4.5 < 5.5 < values[1] and values[0] >= 0 and values[1] <= 10


def test_a_head_without_worth_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, out = write_faces(tmp_path, "label", people=6), tmp_path / "mine.onnx"
    lines = table.read_text().splitlines()
    coins = np.random.default_rng(1).integers(0, 2, len(lines) - 1)
    rows = [f"{line.rsplit(',', 1)[0]},{('up', 'down')[c]}" for line, c in zip(lines[1:], coins, strict=True)]
    table.write_text("\n".join([lines[0], *rows]) + "\n")
    assert run(table, "-o", out, "--crops", "--samples", 50) == 1
    assert "no better than chance" in capsys.readouterr().err and not out.exists()
    assert run(table, "-o", out, "--crops", "--samples", 50, "--even-if-chance") == 0 and out.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace("label", "mood", 1), "needs the columns file, person and either label or value"),
        (lambda t: t.replace("p3,up", ",up", 1), "file, label or person is empty"),
        (lambda t: t.replace("3_1.png", "none.png"), "no such picture"),
        (lambda t: "\n".join(t.splitlines()[:13]) + "\n", "faces of 2 people; at least 5 people are needed"),
        (lambda t: t.replace("4_0.png", "3_0.png"), "are one picture of two people"),
        (lambda t: t.replace("3_2.png", "3_0.png"), "are the same picture: leave one out"),
        (lambda t: t.replace("up", "sad"), "'sad' means one of the eight emotions"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: object, message: str
) -> None:
    table = write_faces(tmp_path, "label")
    assert callable(change)
    table.write_text(change(table.read_text()))
    assert run(table, "-o", tmp_path / "x.onnx", "--crops") == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_pictures_without_a_face_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = write_faces(tmp_path, "label", people=5, each=10)
    for path in tmp_path.glob("*.png"):  # no face anywhere
        cv2.imwrite(str(path), np.random.default_rng(abs(hash(path.name))).integers(0, 9, (40, 40, 3), np.uint8))
    assert run(table, "-o", tmp_path / "x.onnx") == 2
    assert "no face was found in 50 pictures" in capsys.readouterr().err
