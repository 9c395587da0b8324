"""`edgeaffect explain` and `edgeaffect ask`."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

from explain_parts import tiny_bundle

from edgeaffect.cli import main
from edgeaffect.explain.answers import HARD_TO_TELL, NO_HISTORY

PORTRAIT = Path(__file__).parents[2] / "examples" / "portrait.jpg"
pytestmark = pytest.mark.skipif(not PORTRAIT.is_file(), reason="the portrait is in the source tree")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_bundle(tmp_path_factory.mktemp("tiny")).path)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two seconds of the portrait."""
    path = tmp_path_factory.mktemp("video") / "still.mp4"
    frame = cv2.resize(cv2.imread(str(PORTRAIT)), (320, 240))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 10, (320, 240))
    for _ in range(20):
        writer.write(frame)
    writer.release()
    return str(path)


def test_a_picture(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(PORTRAIT), "--model", bundle]) == 0
    assert capsys.readouterr().out == f"{PORTRAIT}: {HARD_TO_TELL}\n"
    assert main(["ask", str(PORTRAIT), "who is she", "--model", bundle, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["explanation"]["refused"] == told["explanation"]["text"] and told["explanation"]["cues_used"] == []
    assert told["explanation"]["label"] == "happiness" and len(told["box"]) == 4 and told["track_id"] is None
    assert main(["explain", str(PORTRAIT), "--model", bundle, "--prompt"]) == 0
    assert capsys.readouterr().out.startswith("FACE edgeaffect.face/1\nemotions: happiness")
    assert main(["ask", str(PORTRAIT), "what changed", "--model", bundle]) == 0
    assert NO_HISTORY in capsys.readouterr().out


def test_a_video(bundle: str, video: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", video, "what changed", "--model", bundle, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    last = json.loads(line)
    assert last["frame_index"] == 19 and last["track_id"] == 1
    assert last["explanation"]["refused"] != NO_HISTORY, "a video has a past"
    assert main(["explain", video, "--model", bundle, "--every", "0.5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and lines[0].startswith(f"{video} 0.0 s face 1: ")


def test_nobody_there(bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(tmp_path / "blank.png"), np.zeros((64, 64, 3), np.uint8))
    assert main(["explain", str(tmp_path / "blank.png"), "--model", bundle]) == 0
    said = capsys.readouterr()
    assert said.out == "" and "no face was found" in said.err and said.err.count("\n") == 1


@pytest.mark.parametrize(("words", "message"), [
    (["explain"], "source"), (["ask", "x.jpg"], "question"), (["ask", "x.jpg", " "], "1 to 1000 characters"),
    (["explain", "nowhere.jpg"], "nowhere.jpg"), (["explain", str(PORTRAIT), "--every", "0"], "--every"),
    (["explain", str(PORTRAIT), "--json", "--prompt"], "exclude each other"),
    (["explain", str(PORTRAIT), "--model", "nowhere"], "nowhere"),
])  # fmt: skip
def test_bad_usage_is_one_line(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1
