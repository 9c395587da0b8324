"""Tables of predictions beside ratings: reading, joining by keys and time, and scores."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edgeaffect import cli
from edgeaffect.evaluation.agreement import ccc
from edgeaffect.evaluation.match_tables import TimeRule, match_tables
from edgeaffect.evaluation.score_table import What, score_table
from edgeaffect.evaluation.tables import read_table


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def table(path: Path, **columns: object) -> Path:
    names = list(columns)
    rows = zip(*(columns[name] for name in names), strict=True)  # type: ignore[call-overload]
    return write(path, "\n".join([",".join(names), *(",".join(map(str, row)) for row in rows)]) + "\n")


def run(*words: object) -> int:
    return cli.main(["eval", "table", *map(str, words)])


def recordings(folder: Path, delay: float = 1.5, people: int = 5) -> tuple[Path, Path]:
    """Predictions at 25 Hz and ratings at 10 Hz that are late, of several people."""
    generator = np.random.default_rng(0)
    ours: list[tuple[object, ...]] = []
    theirs: list[tuple[object, ...]] = []
    for person in range(people):
        times = np.arange(0, 40, 0.04)
        signal = np.convolve(generator.normal(size=len(times)), np.ones(50) / 7, "same")
        ours += [(f"r{person}", round(t, 3), round(v, 5)) for t, v in zip(times, signal, strict=True)]
        for t in np.arange(2, 39, 0.1):
            v = np.interp(t - delay, times, signal) + generator.normal(0, 0.1)
            theirs.append((f"r{person}", round(t, 3), round(v, 5), "ab"[person % 2], f"p{person}"))
    names = ("recording", "time", "valence"), ("recording", "time", "joystick", "culture", "who")
    return tuple(
        table(folder / file, **dict(zip(columns, zip(*rows, strict=True), strict=True)))
        for file, columns, rows in zip(("ours.csv", "theirs.csv"), names, (ours, theirs), strict=True)
    )  # type: ignore[return-value]


def test_rows_are_joined_by_key_in_any_order(tmp_path: Path) -> None:
    ours = table(tmp_path / "p.csv", file=["a", "b", "c"], valence=[0.1, 0.2, 0.9], label=["calm", "calm", "Fearful"])
    theirs = table(tmp_path / "r.csv", file=["c", "a", "d"], v=[0.8, 0.3, 0.5], truth=["fear", "anger", "calm"])
    match = match_tables(read_table(ours), read_table(theirs), ["file"])
    p, r = match.numbers("valence", "v")
    assert p[:2].tolist() == [0.9, 0.1] and np.isnan(p[2]) and r.tolist() == [0.8, 0.3, 0.5]
    scores = score_table(match, What({"valence": "v"}, {"label": "truth"}), samples=50)
    assert scores["values"]["valence"]["mae"]["value"] == pytest.approx(0.15)
    assert scores["values"]["valence"]["unpredicted"] == 1 and scores["matched_rows"] == 2
    assert scores["classes"]["label"]["accuracy"]["value"] == 0.5
    assert scores["classes"]["label"]["labels"] == ["anger", "calm", "fear"]


def test_a_delay_is_found_and_taken_out(tmp_path: Path) -> None:
    ours, theirs = map(read_table, recordings(tmp_path))
    plain = match_tables(ours, theirs, ["recording"], time=TimeRule("time"))
    late = match_tables(ours, theirs, ["recording"], time=TimeRule("time", "estimate"),
                        lag_columns=("valence", "joystick"))  # fmt: skip
    assert late.lags["delay"] == pytest.approx(1.5, abs=0.11) and len(late.lags["by_recording"]) == 5
    what = What({"valence": "joystick"})
    before, after = (score_table(m, what, samples=100)["values"]["valence"]["ccc"] for m in (plain, late))
    assert after["value"] > 0.95 > before["value"] and after["people"] == 5
    low, high = after["interval"]
    assert low < after["value"] < high < 1
    fixed = match_tables(ours, theirs, ["recording"], time=TimeRule("time", 1.5))
    p, r = fixed.numbers("valence", "joystick")
    assert ccc(p[~np.isnan(p)], r[~np.isnan(p)]) == pytest.approx(after["value"], abs=0.01)


def test_the_command_reports_groups_people_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = recordings(tmp_path)
    out = tmp_path / "scores.json"
    words = ("--value", "valence=joystick", "--delay", "estimate", "--person", "who", "--group", "culture")
    assert run(ours, theirs, *words, "--samples", 50, "--json", out) == 0
    shown = capsys.readouterr().out
    assert "ccc" in shown and "by recording" in shown
    report = json.loads(out.read_text())
    assert report["joined_by"] == ["recording", "time"] and report["people_by"] == "who"
    groups = report["groups"]["culture"]
    assert set(groups) == {"a", "b"} and groups["a"]["values"]["valence"]["people"] == 3
    assert groups["a"]["values"]["valence"]["rows"] + groups["b"]["values"]["valence"]["rows"] == 5 * 370


def test_parquet_is_the_same_as_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pyarrow, parquet, reader = map(pytest.importorskip, ("pyarrow", "pyarrow.parquet", "pyarrow.csv"))
    assert pyarrow
    ours, theirs = recordings(tmp_path)
    parquet.write_table(reader.read_csv(ours), tmp_path / "ours.parquet")
    reports = []
    for path in (ours, tmp_path / "ours.parquet"):
        assert run(path, theirs, "--value", "valence=joystick", "--samples", 0, "--json", "-") == 0
        reports.append({**json.loads(capsys.readouterr().out), "predictions": ""})
    assert reports[0] == reports[1]
    broken = write(tmp_path / "broken.parquet", "PAR1 no")
    assert run(broken, theirs) == 2
    assert "no readable Parquet file" in capsys.readouterr().err


def test_probabilities_shares_words_and_a_protocol(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours = table(
        tmp_path / "p.csv", file=list("abcd"), p_joy=[0.9, 0.2, 0.6, 0.1], p_fear=[0.1, 0.8, 0.4, 0.9],
        said=["happy;proud", "scared", "happy", ""],
        label=["happy", "scared", "joy", "fear"], valence=[0.5, -0.5, 0.2, -0.4], arousal=[0.1, 0.6, 0.2, 0.5],
    )  # fmt: skip
    theirs = table(
        tmp_path / "r.csv", file=list("abcd"), emotion=["joy", "fear", "fear", "fear"], n_joy=[9, 0, 5, 2],
        n_fear=[1, 10, 5, 8], heard=["joyful", "fear;sad", "afraid", "angry"], valence=[0.4, -0.6, -5, -0.4],
        arousal=[0.1, 0.6, 0.2, -5], person=["x", "x", "y", "z"],
    )  # fmt: skip
    words = ("--class", "label=emotion", "--probabilities", "p_", "--shares", "n_", "--words", "said=heard",
             "--value", "valence", "--protocol", "aff-wild2-va", "--person", "person")  # fmt: skip
    assert run(ours, theirs, *words, "--samples", 20, "--json", "-") == 0
    report = json.loads(capsys.readouterr().out)
    chances = report["probabilities"]
    assert chances["rows"] == 4 and chances["brier"]["value"] == pytest.approx((0.02 + 0.08 + 0.72 + 0.02) / 4)
    assert chances["mean_auc"]["value"] == 1 and 0 < chances["js"]["value"] < 0.05
    # precision 1, 1, 0, 0; recall 1, 1/2, 0, 0
    assert report["words"]["said"]["precision"] == 0.5 and report["words"]["said"]["recall"] == 0.375
    assert report["protocol"]["rows"] == 6 and report["protocol"]["by_column"]["arousal"] == pytest.approx(1)


def test_a_folder_of_recordings_is_one_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = recordings(tmp_path)
    lines = ours.read_text().splitlines()
    folder = tmp_path / "tables"
    folder.mkdir()
    for person in range(5):
        rows = [line for line in lines if line.startswith(f"r{person},")]
        write(folder / f"r{person}.csv", "\n".join([lines[0], *rows]) + "\n")
    reports = []
    for path in (ours, folder):
        assert run(path, theirs, "--value", "valence=joystick", "--samples", 0, "--json", "-") == 0
        reports.append({**json.loads(capsys.readouterr().out), "predictions": ""})
    assert reports[0] == reports[1]
    write(folder / "r9.csv", "recording,time\nr9,0\n")
    assert run(folder, theirs) == 2
    assert "r9.csv has other columns than" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ours", "theirs", "words", "message"),
    [
        ("file,valence\na,1\n", "file,valence\nb,1\n", (), "no row of both tables has the same file: 'a' and 'b'"),
        ("file,valence\na,1\na,2\n", "file,valence\na,1\n", (), "rows 1 and 2 share file = a: name the time column"),
        ("file,valence\na,x\n", "file,valence\na,1\n", (), "row 1: valence is no number: 'x'"),
        ("file,valence\na,inf\n", "file,valence\na,1\n", (), "row 1: valence is infinite"),
        ("file,valence\na,1,2\n", "file,valence\na,1\n", (), "row 1: 3 cells for 2 columns: quote commas"),
        ("file,valence\n", "file,valence\na,1\n", (), "holds no rows"),
        ("file,file\na,1\n", "file,valence\na,1\n", (), "two columns 'file'"),
        ("file,a\na,1\n", "file,b\na,1\n", (), "no pair of columns to score: name them by --value"),
        ("file,a\na,1\n", "file,b\na,1\n", ("--value", "a=c"), "no column 'c'; it has file, b"),
        ("file,valence\na,\n", "file,valence\na,1\n", (), "valence: no row has both a prediction and a rating"),
        ("file,valence\na,1\n", "file,valence\na,1\n", ("--delay", "2"), "--delay needs a time column"),
        (
            "time,valence\n0,1\n0,2\n",
            "time,valence\n0,1\n",
            (),
            "follows 0 s at row 1: sort them, and name the columns",
        ),
        ("time,valence\n0,1\n", "time,valence\n90,1\n", (), "no prediction lies within 0.5 s of a rating"),
        ("file,valence\na,1\n", "file,valence\na,1\n", ("--where", "face=2"), "no column 'face'"),
        ("file,valence\na,1\n", "file,valence\na,1\n", ("--protocol", "x"), "choose muse-humor"),
        ("file,label\na,x\n", "file,label\na,y\n", (), "no class is on both sides: x are predicted and y rated"),
        ("file,p_a,c\na,1,a\n", "file,label\na,a\n", ("--probabilities", "p_", "--class", "c=label"), "two or more"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ours: str, theirs: str, words: tuple[str, ...], message: str
) -> None:
    assert run(write(tmp_path / "p.csv", ours), write(tmp_path / "r.csv", theirs), *words) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_rows_of_the_predictions_are_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours = table(tmp_path / "p.csv", time=[0, 0, 1, 1], face=[1, 2, 1, 2], valence=[0.1, 0.9, 0.2, 0.9])
    theirs = table(tmp_path / "r.csv", time=[0, 1], valence=[0.1, 0.2])
    assert run(ours, theirs, "--where", "face=1", "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["values"]["valence"]["ccc"]["value"] == pytest.approx(1)
