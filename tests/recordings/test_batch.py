"""Many recordings to tables: what is found, what is written, and what survives workers, kills and Ctrl-C."""

from __future__ import annotations

import contextlib
import csv
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from recording_files import write_film, write_picture, write_wav

from edgeaffect import Pipeline, PipelineOptions, SourceError
from edgeaffect.cli import main
from edgeaffect.events import EventDetector, builtin_rules
from edgeaffect.models.registry import FILES
from edgeaffect.recordings import (
    JobError,
    Progress,
    RecordingOptions,
    analyse,
    find_recordings,
    inputs,
    read_table,
    tabulate,
)
from edgeaffect.recordings.analyst import Thinning

pytest.importorskip("av")
pytest.importorskip("pyarrow")
pytest.importorskip("skimage.data")
pytestmark = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two films of one name, a silent one with a gap, a sound file, three pictures, and what is none of these."""
    root = tmp_path_factory.mktemp("study")
    for place in ("a", "b", "b/pictures", ".hidden"):
        (root / place).mkdir()
    write_film(root / "a" / "talk.mp4", 12, sound=True)
    write_film(root / "b" / "talk.mp4", 10, shift=10)
    write_film(root / "b" / "gap.mkv", 14, blank=range(4, 8))
    write_wav(root / "voice.wav")
    for number in (10, 2, 1):
        write_picture(root / "b" / "pictures" / f"{number}.png", has_face=number != 2)
    (root / "b" / "pictures" / "3.jpg").write_bytes(b"\xff\xd8\xff cut off")
    (root / "broken.mp4").write_bytes(b"no film at all")
    (root / "notes.txt").write_text("hello")
    write_film(root / ".hidden" / "x.mp4", 2)
    return root


@pytest.fixture(scope="module")
def done(folder, tmp_path_factory):
    """Everything once, in this process."""
    out = tmp_path_factory.mktemp("done") / "out"
    told: list[Progress] = []
    options = RecordingOptions(format="both", extra=("raw",), columns=("openface", "pyfeat"))
    report = analyse(folder, out, options=options, on_progress=told.append)
    return out, report, told


def tables(out: Path) -> dict[str, bytes]:
    """Every file that holds results."""
    kinds = (".parquet", ".csv")
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.suffix in kinds}


# ---- inputs ----


def test_a_folder_is_searched_by_content(folder):
    found = find_recordings([folder])
    assert [(r.name, r.kind, len(r.paths)) for r in found.recordings] == [
        ("broken", "film", 1), ("voice", "sound", 1), ("talk", "film", 1), ("gap", "film", 1), ("talk-2", "film", 1),
        ("pictures", "pictures", 4),
    ]  # fmt: skip
    assert [Path(path).name for path in found.left_out] == ["notes.txt"]
    assert [Path(path).name for path in found.recordings[-1].paths] == ["1.png", "2.png", "3.jpg", "10.png"]


def test_many_pictures_of_one_folder_are_several_recordings(folder, monkeypatch):
    monkeypatch.setattr(inputs, "PICTURES_EACH", 3)
    found = find_recordings([str(folder / "b" / "pictures" / "*")])
    assert [(r.name, len(r.paths)) for r in found.recordings] == [("pictures", 3), ("pictures-2", 1)]


def test_names_that_are_known_stay_and_new_ones_differ(folder):
    key = (str(folder / "b" / "talk.mp4"), False, 0)
    found = find_recordings([folder / "a" / "talk.mp4", folder / "b" / "talk.mp4"], known={key: "TALK"})
    assert [r.name for r in found.recordings] == ["talk-2", "TALK"]


def test_a_file_named_twice_is_one_recording(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert len(find_recordings(["voice.wav", folder / "voice.wav", "voice.*"]).recordings) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [("missing", "no such file"), ("*.xyz", "no file matches"), ("rtsp://user:secret@x/1", "is an address"),
     ("notes", "no recording in")],
)  # fmt: skip
def test_inputs_that_name_nothing_are_refused(tmp_path, monkeypatch, given, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("a")
    with pytest.raises(SourceError, match=words) as caught:
        find_recordings([given])
    assert "secret" not in str(caught.value)


# ---- rows ----


def test_what_was_done_is_told(done, folder):
    out, report, told = done
    assert [outcome.status for outcome in report.outcomes] == ["failed", *["done"] * 5]
    assert {(Path(p.source).name, p.what) for p in report.problems} == {("broken.mp4", "failed"), ("3.jpg", "part")}
    with open(out / "errors.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["recording"] for row in rows] == ["broken", "pictures"] and "OpenCV" in rows[0]["error"]
    assert told[-1].recordings == 6 and told[-1].done_bytes == told[-1].of_bytes
    assert report.frames == 12 + 10 + 14 + 3 + report.outcomes[1].frames
    assert not list(out.rglob("*.tmp"))


def test_rows_are_what_the_pipeline_gives(done, folder):
    out, _, _ = done
    table = read_table(out / "tables" / "talk.parquet")
    with Pipeline(cues=True, voice=True) as pipeline:
        results = list(pipeline.stream(folder / "a" / "talk.mp4", microphone=True))
        wanted = tabulate(results, extra=("raw",))
        detector = EventDetector()
        events = [e for r in results for e in detector.update(r)] + detector.finish()
    assert list(table) == list(wanted) and table.rows == 12
    for name in set(table) - {"recording"}:
        if table[name].dtype == object:
            assert table[name].tolist() == wanted[name].tolist(), name
        else:
            np.testing.assert_allclose(table[name].astype(float), wanted[name].astype(float), rtol=1e-6, err_msg=name)
    assert table["voice_level"][-1] > -60 and table["AU12"].max() > 0.3
    ends = [e for e in events if e.phase == "end"]
    told = read_table(out / "events" / "talk.parquet")
    assert told["event"].tolist() == [e.name for e in sorted(ends, key=lambda e: e.id)]


def test_faces_are_numbered_from_one_in_every_recording(done):
    out, _, _ = done
    for name in ("talk", "talk-2"):
        assert set(read_table(out / "tables" / f"{name}.parquet")["face"].tolist()) == {1}


def test_frames_without_a_face_are_rows_all_the_same(done):
    table = read_table(done[0] / "tables" / "gap.parquet")
    assert table.rows == 14 and np.isnan(table["face"]).any() and np.isnan(table["valence"]).any()
    assert np.array_equal(np.isnan(table["x0"]), np.isnan(table["face"]))


def test_pictures_are_rows_of_one_table(done):
    table = read_table(done[0] / "tables" / "pictures.parquet")
    assert [Path(source).name for source in table["source"]] == ["1.png", "2.png", "10.png"]
    assert table["frame"].tolist() == [0, 1, 3] and table["face"].tolist()[::2] == [1, 1] and np.isnan(table["face"][1])


def test_a_sound_file_is_a_row_for_each_window(done):
    table = read_table(done[0] / "tables" / "voice.parquet")
    assert table.rows >= 2 and np.isnan(table["face"]).all() and np.isfinite(table["voice_level"]).all()
    assert np.array_equal(table["time"], table["voice_end"])


def test_csv_and_parquet_agree_and_the_metadata_tells_units(done):
    parquet, plain = (read_table(done[0] / "tables" / f"talk.{ending}") for ending in ("parquet", "csv"))
    assert list(parquet) == list(plain)
    np.testing.assert_allclose(parquet["valence"], plain["valence"], rtol=1e-6)
    assert parquet.units["head_yaw"] == "degrees" and "smoothed" in parquet.descriptions["valence"]
    assert parquet.facts["recording"] == "talk" and "sha256:" in parquet.facts["models"]["affect"]


def test_the_summary_can_be_recomputed_from_the_rows(done):
    out, report, _ = done
    summary = read_table(out / "summary.parquet")
    assert [name for name, face in zip(summary["recording"], summary["face"], strict=True) if np.isnan(face)] == [
        outcome.name for outcome in report.outcomes if outcome.status == "done"
    ]
    table = read_table(out / "tables" / "gap.parquet")
    row = summary["recording"].tolist().index("gap")
    has_face = np.isfinite(table["face"])
    assert summary["rows"][row] == 14 and summary["face_share"][row] == pytest.approx(has_face.mean())
    assert summary["valence_mean"][row] == pytest.approx(table["valence"][has_face].mean(), rel=1e-5)
    assert summary["valence_sd"][row] == pytest.approx(table["valence"][has_face].std(ddof=1), rel=1e-4, abs=1e-6)
    assert summary["p_happiness"][row] == pytest.approx(table["p_happiness"][has_face].mean(), rel=1e-5)
    assert summary["looking_share"][row] == pytest.approx((table["looking_at_camera"][has_face] >= 0.5).mean())
    events = read_table(out / "events" / "gap.parquet")["event"].tolist()
    assert json.loads(summary["events"][row]) == {name: events.count(name) for name in set(events)}


def test_tables_of_other_tools_stand_beside(done):
    ours = read_table(done[0] / "tables" / "talk.parquet")
    theirs = read_table(done[0] / "openface" / "talk.csv")
    np.testing.assert_allclose(theirs["AU12_r"], 5 * ours["AU12"], rtol=1e-5)
    np.testing.assert_allclose(theirs["timestamp"], ours["time"], atol=1e-6)
    assert "FaceRectX" in read_table(done[0] / "pyfeat" / "talk.csv")


def test_rows_every_so_many_seconds(folder, tmp_path):
    """The first frame at or after each multiple; analysed are all of them."""
    options = RecordingOptions(every=0.25, format="csv", cues=False, sound=False)
    analyse(folder / "b" / "talk.mp4", tmp_path / "out", options=options, pipeline=PipelineOptions(threads=1))
    thin = read_table(tmp_path / "out" / "tables" / "talk.csv")
    assert thin["frame"].tolist() == [0, 3, 5, 8] and "AU12" not in thin and "voice_level" not in thin


def test_thinning_keeps_to_its_grid():
    thinning = Thinning(0.5)
    times = [0.0, 0.2, 0.4999999, 0.6, 1.1, 1.4, 3.2, 3.4]
    assert [t for t in times if thinning.admits(t)] == [0.0, 0.4999999, 1.1, 3.2]


def test_rules_of_ones_own(folder, tmp_path):
    rules = builtin_rules(["smile"])
    options = RecordingOptions(format="csv", sound=False)
    analyse(folder / "b" / "talk.mp4", tmp_path / "out", options=options, rules=rules)
    assert set(read_table(tmp_path / "out" / "events" / "talk.csv")["event"]) <= {"smile"}


# ---- workers, kills, resuming ----

QUICK = ["--format", "both", "--no-sound"]
OPTIONS = RecordingOptions(format="both", sound=False)


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("films")
    for number in range(3):
        write_film(root / f"{number}.mp4", 25, shift=10 * number)
    return root


@pytest.fixture(scope="module")
def whole(films, tmp_path_factory) -> dict[str, bytes]:
    """What one process writes that nobody disturbs."""
    out = tmp_path_factory.mktemp("whole") / "out"
    analyse(films, out, options=OPTIONS)
    return tables(out)


def started(films: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "edgeaffect", "batch", str(films), "-o", str(out), "--workers", "1"]
    return subprocess.Popen([*command, *QUICK], stderr=subprocess.PIPE, text=True, start_new_session=True)


def members(group: int) -> list[int]:
    """Processes of a group that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
            found += [int(path.parent.name)] if int(its_group) == group and state not in "ZX" else []
    return found


def wait_for(path: Path, run: subprocess.Popen[str]) -> None:
    limit = time.monotonic() + 120
    while not (path.exists() and path.stat().st_size) and time.monotonic() < limit:
        assert run.poll() is None, run.stderr.read()
        time.sleep(0.01)


def test_a_run_that_was_killed_goes_on_without_a_lost_or_doubled_row(films, whole, tmp_path):
    out = tmp_path / "out"
    run = started(films, out)
    wait_for(out / "journal.jsonl", run)
    os.kill(run.pid, signal.SIGKILL)  # its worker ends by itself
    run.wait()
    with open(out / "journal.jsonl", "ab") as journal:
        journal.write(b'{"name": "torn')
    (out / "tables" / ".0.parquet.0123456789abcdef.tmp").write_bytes(b"half")
    before = len(run.stderr.read())
    report = analyse(films, out, options=OPTIONS)
    assert before == 0 and 1 <= report.already < 3
    assert tables(out) == whole and not list(out.rglob("*.tmp"))


def test_ctrl_c_ends_all_processes_quietly_and_keeps_what_is_done(films, whole, tmp_path):
    out = tmp_path / "out"
    run = started(films, out)
    wait_for(out / "journal.jsonl", run)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130 and said == ""
    assert not list(out.rglob("*.tmp")) and (out / "summary.parquet").exists()
    limit = time.monotonic() + 60
    while members(run.pid) and time.monotonic() < limit:  # multiprocessing's own helper ends a moment later
        time.sleep(0.05)
    assert not members(run.pid)
    report = analyse(films, out, options=OPTIONS)
    assert report.already >= 1 and tables(out) == whole


KILLED: list[str] = []


def kill_workers_at(name: str, times: int):
    left = [times]

    def tell(progress: Progress) -> None:
        if progress.name == name and left[0] and progress.done_bytes < progress.of_bytes:
            left[0] -= 1
            KILLED.append(name)
            for child in multiprocessing.active_children()[:1]:
                os.kill(child.pid, signal.SIGKILL)

    return tell


def test_two_workers_write_the_same_bytes_though_one_dies(films, whole, tmp_path):
    out = tmp_path / "out"
    report = analyse(films, out, options=OPTIONS, workers=2, on_progress=kill_workers_at("0", 1))
    assert KILLED and not report.problems and tables(out) == whole and not list(out.rglob("*.tmp"))


def test_a_recording_that_kills_its_workers_stands_among_the_errors(films, tmp_path):
    from edgeaffect.recordings.engines import Processes
    from edgeaffect.recordings.job import make_job

    out = tmp_path
    for name in ("tables", "events"):
        (out / name).mkdir()
    job, _ = make_job(out, PipelineOptions(), RecordingOptions(format="csv", sound=False), None)
    recordings = find_recordings([films / "0.mp4"]).recordings
    killer = kill_workers_at("0", 9)
    told = []

    def tell(name: str, share: float, frames: int) -> None:
        told.append(share)
        killer(Progress(0, 1, 0, 1, 0, name))

    with contextlib.closing(Processes(1).run(job, recordings, tell)) as outcomes:
        (outcome,) = list(outcomes)
    assert not outcome.is_input and "SIGKILL" in outcome.problems[0].error and len(told) == 2


def test_other_options_are_refused_and_named(films, tmp_path, capsys):
    analyse(films / "0.mp4", tmp_path / "out", options=RecordingOptions(format="csv", sound=False, cues=False))
    words = ["batch", str(films / "0.mp4"), "-o", str(tmp_path / "out"), "--format", "csv", "--no-sound", "--no-cues"]
    assert main([*words, "--every", "2", "--max-side", "480"]) == 2
    said = capsys.readouterr().err
    assert "detect.max_side was None, now 480" in said and "every was 0.0, now 2.0" in said and said.count("\n") == 1


def test_what_has_changed_is_analysed_anew_and_new_inputs_join(tmp_path):
    film = write_film(tmp_path / "a.mp4", 4)
    options = RecordingOptions(format="csv", sound=False, cues=False)
    analyse(film, tmp_path / "out", options=options)
    assert analyse(film, tmp_path / "out", options=options).already == 1
    write_film(film, 6)
    write_film(tmp_path / "b.mp4", 3)
    report = analyse([tmp_path / "b.mp4", film], tmp_path / "out", options=options)
    assert report.already == 0 and report.rows == 9
    assert read_table(tmp_path / "out" / "tables" / "a.csv").rows == 6
    summary = read_table(tmp_path / "out" / "summary.csv")
    assert [n for n, face in zip(summary["recording"], summary["face"], strict=True) if np.isnan(face)] == ["a", "b"]


def test_pictures_that_come_and_go_count_once(tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "PICTURES_EACH", 2)
    options = RecordingOptions(format="csv", sound=False, cues=False)
    for number in range(3):
        write_picture(tmp_path / "in" / f"{number}.png", has_face=False)
    out = tmp_path / "out"
    assert analyse(tmp_path / "in", out, options=options).rows == 3
    write_picture(tmp_path / "in" / "3.png", has_face=False)
    report = analyse(tmp_path / "in", out, options=options)
    assert (report.already, report.rows) == (1, 2)
    for number in (1, 2, 3):
        (tmp_path / "in" / f"{number}.png").unlink()
    analyse(tmp_path / "in", out, options=options)
    assert read_table(out / "summary.csv")["rows"].tolist() == [1]
    assert [path.name for path in (out / "tables").iterdir()] == ["in.csv"]


def test_a_failure_is_tried_again_and_forgotten_when_it_is_mended(tmp_path, capsys):
    film, out = tmp_path / "a.mp4", tmp_path / "out"
    film.write_bytes(b"broken")
    words = ["batch", str(film), "-o", str(out), "--format", "csv", "--no-sound", "--no-cues", "--workers", "1"]
    assert main(words) == 2
    assert "1 failed (see" in capsys.readouterr().err
    assert (out / "errors.csv").exists() and not list((out / "tables").iterdir())
    write_film(film, 3)
    report = analyse(film, out, options=RecordingOptions(format="csv", sound=False, cues=False))
    assert report.rows == 3 and not (out / "errors.csv").exists()


def test_folders_of_others_are_left_alone(films, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(JobError, match="not empty"):
        analyse(films, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_two_runs_in_one_folder_are_refused(films, tmp_path):
    from edgeaffect.recordings.journal import Journal

    with Journal(tmp_path / "out", {"a": 1}), pytest.raises(JobError, match="another run"):
        Journal(tmp_path / "out", {"a": 1}).__enter__()


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--workers", "0"], "1 to 4096"), (["--ray-address", "auto"], "without --engine ray"),
     (["--columns", "affectiva"], "openface, pyfeat"), (["--with", "landmarks", "--no-cues"], "come from cues"),
     (["--every", "-1"], "0 or more"), (["--sound", "--models", "permissive"], "voice")],
)  # fmt: skip
def test_wrong_usage_is_told_before_anything_is_written(films, tmp_path, capsys, words, said):
    assert main(["batch", str(films), "-o", str(tmp_path / "out"), *words]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not (tmp_path / "out").exists()


def test_sound_alone_without_hearing_is_an_error_of_that_file(folder, tmp_path):
    options = RecordingOptions(format="csv", sound=False)
    report = analyse(folder / "voice.wav", tmp_path / "out", options=options)
    assert report.outcomes[0].status == "failed" and "hears none" in report.problems[0].error


def test_importing_the_package_loads_no_ray_and_no_matplotlib():
    code = (
        "import sys, edgeaffect.recordings, edgeaffect.cli.batch\n"
        "print([name for name in ('ray', 'matplotlib', 'pyarrow', 'cv2', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
