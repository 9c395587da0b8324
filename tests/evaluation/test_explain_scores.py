"""Scores of explainers that are known: one that tells the truth, and one that always says the opposite."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeaffect.evaluation.archives import ArchiveError, UnknownFormatError
from edgeaffect.evaluation.evaluate_explain import Said, Seen, cover, evaluate_explain
from edgeaffect.evaluation.evaluate_talk import evaluate_ask, evaluate_judge, evaluate_paraphrases, statement_holds
from edgeaffect.evaluation.explain_data import Question, Statement, read_explain_data
from edgeaffect.results import Face

_POINTS = [20, 20, 40, 20, 30, 30, 23, 42, 37, 42]
_HEADER = "file,person," + ",".join(f"{axis}{i}" for i in range(5) for axis in "xy") + ",label,cue:smile,fact:glasses"


def _archive(path: Path, rows: list[str], **texts: object) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("faces.csv", "\n".join([_HEADER, *rows]))
        picture = cv2.imencode(".png", np.full((64, 64, 3), 90, np.uint8))[1].tobytes()
        for name in {row.split(",")[0] for row in rows}:
            archive.writestr(name, picture)
        for name, value in texts.items():
            archive.writestr(f"{name}.json", json.dumps(value))
    return path


def _row(name: str, label: str, smile: str, glasses: str) -> str:
    return ",".join([name, name, *map(str, _POINTS), label, smile, glasses])


@pytest.fixture
def seen(tmp_path: Path) -> list[Seen]:
    rows = [_row("a.png", "happiness", "1", "0"), _row("b.png", "neutral", "0", "1"), _row("c.png", "", "0.9", "")]
    data = read_explain_data(_archive(tmp_path / "faces.zip", rows))
    return [
        Seen(face, Face(np.array([10, 10, 50, 50], np.float32), 1.0, face.points)) for face in data.faces
    ]  # fmt: skip


@dataclass(frozen=True)
class _Answer:
    text: str
    label: str = "happiness"
    confidence: float = 0.9
    refused: str | None = None

    @property
    def probability(self) -> float:
        return float(self.text)


class _Teller:
    """Says what is there (or the opposite), reading the truth from the labels; a covered mouth silences it."""

    def __init__(self, seen: list[Seen], lies: bool = False) -> None:
        self._smiles = {id(one.face.landmarks): bool(one.holds("smile")) != lies for one in seen}
        self._images = [one.labelled.image for one in seen]

    def _says(self, frame: np.ndarray, face: Face) -> str:
        if not any(np.array_equal(frame[30:50], image[30:50]) for image in self._images):
            return "hidden"
        return "smile" if self._smiles[id(face.landmarks)] else "no smile"

    def explain(self, frame: np.ndarray, face: Face) -> _Answer:
        return _Answer(self._says(frame, face))

    def ask(self, frame: np.ndarray, face: Face, question: str) -> _Answer:
        if "old" in question:
            return _Answer("", refused="a face does not tell")
        if question.startswith("What"):
            return self.explain(frame, face)
        return _Answer("Yes, ..." if self._says(frame, face) == "smile" else "No, ...")


def _claims(text: str) -> list[Said]:
    return {"smile": [Said("smile", "present")], "no smile": [Said("smile", "absent")]}.get(text, [])


def _regions(name: str) -> tuple[str, ...]:
    return ("smile",) if name == "mouth" else ()


def test_truth_has_no_hallucination_and_lies_have_nothing_else(seen: list[Seen]) -> None:
    truth = evaluate_explain(_Teller(seen), seen, _claims, ["smile"], regions=_regions)
    assert truth["hallucinated"]["share"] == 0 and truth["hallucinated"]["count"] == 2
    assert truth["denied"]["share"] == 0 and truth["unspoken"]["share"] == 0
    assert truth["label_agreement"] == truth["label_agreement"] | {"share": 0.5, "count": 2}
    lies = evaluate_explain(_Teller(seen, lies=True), seen, _claims, ["smile"], regions=_regions)
    assert lies["hallucinated"]["share"] == 1 and lies["denied"]["share"] == 1 and lies["unspoken"]["share"] == 1


def test_claims_about_a_covered_mouth_vanish_and_those_of_another_place_stay(seen: list[Seen]) -> None:
    found = evaluate_explain(_Teller(seen), seen, _claims, ["smile"], regions=_regions)["faithfulness"]
    assert found["mouth"] == {"claims": 3, "drop": 1.0, "control_drop": 0.0}
    assert found["eyes"]["drop"] is None
    assert found["blank"]["share"] == 1


def test_a_patch_covers_the_mouth_and_not_the_eyes() -> None:
    image = np.full((64, 64, 3), 90, np.uint8)
    points = np.array(_POINTS, np.float32).reshape(5, 2)
    changed = (cover(image, points, (0.0, 1.0, 1.1, 0.7)) != image).any(2)
    assert changed[42, 23] and changed[42, 37] and not changed[20, 20] and not changed[20, 40]
    assert (image == 90).all()


def test_answers_and_refusals(seen: list[Seen]) -> None:
    questions = [
        Question(("Is she smiling?",), "is_cue", "smile", True),
        Question(("How old is he?",), "refuse", "age", None),
        Question(("What does the mouth do?",), "describe_region", "mouth", None),
    ]
    good = evaluate_ask(_Teller(seen), seen, questions, _claims, _regions)
    assert good["answers_right"]["share"] == 1
    assert good["refusal_recall"]["share"] == 1 and good["refusal_precision"]["share"] == 1
    assert good["refusal_recall"]["count"] == min(4, len(seen)), "as many faces as any other question"
    assert evaluate_ask(_Teller(seen, lies=True), seen, questions, _claims, _regions)["answers_right"]["share"] == 0


def test_a_question_for_the_opposite_turns_the_answer(seen: list[Seen]) -> None:
    question = Question(("Is the mouth straight?",), "is_cue", "smile", False)
    assert evaluate_ask(_Teller(seen, lies=True), seen, [question], _claims, _regions)["answers_right"]["share"] == 1


def test_judgements(seen: list[Seen]) -> None:
    statements = [Statement("She smiles.", (("cue", "smile", True),)), Statement("No.", (("cue", "smile", False),))]
    scores = evaluate_judge(
        lambda one, text: float(statement_holds(one, statements[text == "No."]) is True), seen, statements
    )
    assert scores["auc"] == 1 and scores["pairs"] == 6
    assert evaluate_judge(lambda one, text: 0.5, seen, statements)["auc"] == 0.5


def test_two_claims_hold_together_only(seen: list[Seen]) -> None:
    both = Statement("...", (("cue", "smile", True), ("fact", "glasses", False)))
    assert [statement_holds(one, both) for one in seen] == [True, False, None]
    pleasant = Statement("...", (("valence", "positive", True),))
    assert [statement_holds(one, pleasant) for one in seen] == [True, False, None]


def test_paraphrases_that_move_the_answer_are_counted(seen: list[Seen]) -> None:
    group = Question(("Is she smiling?", "Smiling?", "What about it?"), "is_cue", "smile", True)
    assert evaluate_paraphrases(_Teller(seen), seen, [group])["share"] == 0.5


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([_row("a.png", "joy", "1", "0")], "label must be one of"),
        ([_row("a.png", "fear", "2", "0")], "between 0 and 1"),
        ([_row("a.png", "fear", "x", "0")], "must be a number"),
        ([], "0 rows"),
    ],
)
def test_bad_tables_are_named(tmp_path: Path, rows: list[str], message: str) -> None:
    with pytest.raises(ArchiveError, match=message):
        read_explain_data(_archive(tmp_path / "bad.zip", rows))


def test_a_column_that_nobody_reads_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "_HEADER", _HEADER.replace("cue:smile", "cue:smirk"))
    path = _archive(tmp_path / "bad.zip", [_row("a.png", "fear", "1", "0")])
    with pytest.raises(ArchiveError, match="cue:smirk"):
        read_explain_data(path, known=("smile", "glasses"))


@pytest.mark.parametrize(
    "texts", [{"questions": {}}, {"questions": [1]}, {"statements": [{"text": "x", "claims": []}]}]
)
def test_bad_texts_are_named(tmp_path: Path, texts: dict) -> None:
    with pytest.raises(ArchiveError):
        read_explain_data(_archive(tmp_path / "bad.zip", [_row("a.png", "fear", "1", "0")], **texts))


def test_another_archive_is_of_an_unknown_format(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("labels.csv", "file\n")
    with pytest.raises(UnknownFormatError):
        read_explain_data(tmp_path / "other.zip")
