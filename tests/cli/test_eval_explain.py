"""`edgeaffect eval explain` end to end: the bundled explainer, a real portrait, questions and statements about it."""

import csv
import io
import json
import zipfile
from pathlib import Path

import cv2
import pytest

from edgeaffect import FaceDetector
from edgeaffect.cli import main
from edgeaffect.cli.eval_explain import claims_of
from edgeaffect.models.registry import FILES

PORTRAIT = Path(__file__).parents[2] / "examples" / "portrait.jpg"
pytestmark = [
    pytest.mark.skipif(not any(FILES.glob("explainer*")), reason="no bundled explainer in this tree"),
    pytest.mark.skipif(not PORTRAIT.is_file(), reason="the portrait is in the source tree"),
]
QUESTIONS = [
    {"text": "Is she smiling?", "intent": "is_cue", "slot": "smile", "present": True},
    {"text": "How old is she?", "intent": "refuse", "slot": "age", "present": None},
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    picture = cv2.imread(str(PORTRAIT))
    with FaceDetector() as detector:
        points = detector.detect(picture).landmarks[0]
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["file", "person", *(f"{axis}{i}" for i in range(5) for axis in "xy"), "label", "cue:smile"])
    rows.writerow(["a.png", "a", *points.ravel().round(2).tolist(), "happiness", 1])
    path = tmp_path_factory.mktemp("eval") / "faces.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a.png", cv2.imencode(".png", picture)[1].tobytes())
        made.writestr("faces.csv", table.getvalue())
        made.writestr("statements.json", json.dumps([{"text": "She smiles.", "claims": [
            {"kind": "cue", "name": "smile", "present": True}]}]))  # fmt: skip
    return path


def test_scores_are_written_and_printed(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "q.json").write_text(json.dumps(QUESTIONS), "utf-8")
    out = tmp_path / "scores.json"
    assert main(["eval", "explain", str(archive), "--questions", str(tmp_path / "q.json"), "--json", str(out)]) == 0
    (scores,) = json.loads(out.read_text("utf-8"))
    assert scores["faces"] == 1 and scores["label_agreement"]["count"] == 1
    assert scores["questions"]["answers_right"]["count"] == 1
    assert scores["questions"]["refusal_recall"]["count"] == 1
    assert scores["statements"]["pairs"] == 1
    printed = capsys.readouterr().out
    assert "hallucinated" in printed and "refusal recall" in printed


def test_a_folder_without_such_an_archive_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "explain", str(tmp_path)]) == 2
    assert "faces.csv" in capsys.readouterr().err


def test_a_text_that_is_no_list_is_named(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "q.json").write_text("{}", "utf-8")
    assert main(["eval", "explain", str(archive), "--questions", str(tmp_path / "q.json")]) != 0
    assert "questions" in capsys.readouterr().err


def test_words_of_others_claim_nothing() -> None:
    assert claims_of("A handsome young man in a good mood.") == []
