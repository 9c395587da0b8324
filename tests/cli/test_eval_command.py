"""`edgeaffect eval affect` and `eval detect`, run as users run them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
from command_parts import bundled

from edgeaffect.cli import main


def voted_archive(path: Path, votes: np.ndarray, split: list[str] | None = None) -> None:
    """The format of the FER+ archive, with gray noise for faces."""
    page = np.random.default_rng(0).integers(0, 255, (960, 960), np.uint8)
    table = {"votes": votes.astype(np.uint8), **({"split": np.array(split)} if split else {})}
    np.savez(path.with_suffix(".npz"), **table)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("page_000.png", cv2.imencode(".png", page)[1].tobytes())
        archive.write(path.with_suffix(".npz"), "votes.npz")


def test_eval_affect(tmp_path, capsys):
    votes = np.zeros((40, 10))
    votes[:, 1], votes[:, 4] = 7, 3
    votes[0] = 1  # nobody agrees: no label
    voted_archive(tmp_path / "faces.zip", votes, ["train"] * 10 + ["valid"] * 30)
    assert main(["eval", "affect", str(tmp_path / "faces.zip"), "--json", "-"]) == 0
    (scores,) = json.loads(capsys.readouterr().out)
    assert (scores["split"], scores["faces"], scores["all_faces"]) == ("valid", 30, 30)
    assert 0 <= scores["accuracy_interval"][0] <= scores["accuracy"] <= scores["accuracy_interval"][1] <= 1
    assert main(["eval", "affect", str(tmp_path), "--split", "train"]) == 0
    assert "faces                  9" in capsys.readouterr().out
    assert main(["eval", "affect", str(tmp_path / "faces.zip"), "--split", "x"]) == 2
    assert "it has train, valid" in capsys.readouterr().err


@bundled
def test_eval_detect_in_every_format(tmp_path, capsys, portrait):
    image = portrait.read_bytes()
    five = np.array([[202, 103], [247, 103], [227, 128], [205, 146], [246, 145]], float)
    x = np.interp(np.arange(68), [0, 67], [178, 272])
    y = np.interp(np.arange(68), [0, 67], [80, 190])
    x[36:42], y[36:42], x[42:48], y[42:48] = 202, 103, 247, 103
    for index, point in ((30, five[2]), (48, five[3]), (54, five[4])):
        x[index], y[index] = point
    tables = {
        "boxes": "file,mask,x0,y0,x1,y1\na.png,bad,173,62,278,201\na.png,good,300,300,340,350\n",
        "points68": ("file,clip,width,height," + ",".join(f"x{i},y{i}" for i in range(68)) + "\na.png,c,512,512,"
                     + ",".join(f"{a},{b}" for a, b in zip(x, y, strict=True)) + "\n"),
        "points5": ("file,x0,x1,x2,x3,x4,y0,y1,y2,y3,y4\na.png," + ",".join(str(v) for v in five.T.ravel()) + "\n"),
    }  # fmt: skip
    for kind, table in tables.items():
        with zipfile.ZipFile(tmp_path / f"{kind}.zip", "w") as archive:
            archive.writestr("labels.csv", table)
            archive.writestr("a.png", image)
    assert main(["eval", "detect", str(tmp_path), "--json", "-"]) == 0
    scores = {entry["kind"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert scores["boxes"]["faces"] == 1 and scores["boxes"]["average_precision"] > 0.9
    assert scores["points68"]["average_precision"] > 0.9
    assert scores["points68"]["landmark_error_median"] < 0.12 > scores["points5"]["landmark_error_median"]
