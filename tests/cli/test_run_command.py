"""`edgeaffect run`, run as users run it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from command_parts import ERROR_LINE, RESULT_LINE, bundled, command, complaint

import edgeaffect
from edgeaffect.cli import main
from edgeaffect.models.registry import FILES


@bundled
def test_picture_in_words_and_in_json(capsys, portrait, tmp_path):
    assert main(["run", str(portrait)]) == 0
    words = capsys.readouterr().out
    assert words.startswith("portrait.png  happiness") and "valence +0." in words
    assert main(["run", str(portrait), "--json", "-"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    RESULT_LINE.validate(json.loads(lines[0]))


@bundled
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_names_that_the_terminal_cannot_show(portrait, tmp_path, encoding):
    path = os.fsencode(tmp_path) + b"/caf\xe9 \xc3\xbc.png"  # bytes that are no UTF-8, as on old disks
    shutil.copy(portrait, path)
    call = [sys.executable, "-m", "edgeaffect", "run", path]
    done = subprocess.run(call, capture_output=True, timeout=60, env=os.environ | {"PYTHONIOENCODING": encoding})
    assert (
        done.returncode == 0
        and done.stderr.startswith(b"edgeaffect: 1 frame, 1 face, ")
        and done.stdout.startswith(b"caf\\udce9 ")
    )


@bundled
def test_videos_are_read_and_not_written_under_names_that_are_no_utf8(portrait, video, tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.mp4"
    call = [sys.executable, "-m", "edgeaffect", "run"]
    done = subprocess.run([*call, portrait, b"--save", path], capture_output=True, timeout=60)
    assert done.returncode == 2 and b"caf\\udce9.mp4', which is no UTF-8: rename it" in done.stderr
    shutil.copy(video, path)
    done = subprocess.run([*call, path, "--max-frames", "1"], capture_output=True, timeout=60)
    assert done.returncode == 0


@bundled
def test_video_to_json_file_and_annotated_video(video, tmp_path, capsys):
    out, annotated = tmp_path / "out.jsonl", tmp_path / "out.mp4"
    assert main(["run", str(video), "--json", str(out), "--save", str(annotated), "--detect-interval", "0.2"]) == 0
    results = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(results) == 20 and {f["track_id"] for r in results for f in r["faces"]} == {1}
    assert sum("detect" in r["timings_ms"] for r in results) == 4
    for result in results:
        RESULT_LINE.validate(result)
    capture = cv2.VideoCapture(str(annotated))
    assert (capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)) == (20, 25)
    original, drawn = next(iter(edgeaffect.VideoFile(video))).image, capture.read()[1]
    assert np.abs(drawn.astype(int) - original).mean() > 1  # something is drawn
    assert capsys.readouterr().out == ""


@bundled
def test_saving_pictures_and_folders(portrait, tmp_path, capfd):
    assert main(["run", str(portrait), "--save", str(tmp_path / "a.jpg")]) == 0
    assert cv2.imread(str(tmp_path / "a.jpg")).shape == (512, 512, 3)
    assert main(["run", str(portrait.parent), "--save", str(tmp_path / "all")]) == 0
    assert [p.name for p in (tmp_path / "all").iterdir()] == ["portrait.png"]
    (tmp_path / "twins").mkdir()
    for name in ("a.jpg", "a.png"):
        shutil.copy(portrait, tmp_path / "twins" / name)
    assert main(["run", str(tmp_path / "twins"), "--save", str(tmp_path / "both")]) == 0
    assert sorted(p.name for p in (tmp_path / "both").iterdir()) == ["a.png", "a.png.png"]
    original = (tmp_path / "twins" / "a.png").read_bytes()
    assert main(["run", str(tmp_path / "twins" / "a.*"), "--save", str(tmp_path / "twins")]) == 1
    assert (tmp_path / "twins" / "a.png").read_bytes() == original  # not the picture of a.jpg, which comes first
    capfd.readouterr()
    before = portrait.read_bytes()
    assert "would be overwritten" in complaint(capfd, "run", str(portrait), "--save", str(portrait))
    assert main(["run", str(portrait), "--save", str(portrait.parent)]) == 1
    assert portrait.read_bytes() == before


@bundled
def test_save_refuses_what_cannot_be(video, tmp_path, capfd):
    assert "one picture" in complaint(capfd, "run", str(video), "--save", str(tmp_path / "a.png"))
    assert "no such folder" in complaint(capfd, "run", str(video), "--save", str(tmp_path / "no" / "a.mp4"))
    assert "name ending in" in complaint(capfd, "run", str(video), "--save", str(tmp_path / "a.docx"))
    assert "name ending in" in complaint(capfd, "run", str(video), "--save", str(tmp_path / "a.pgm"))
    (tmp_path / "file").write_text("")
    assert "no folder" in complaint(capfd, "run", str(video), "--save", str(tmp_path / "file"))


@bundled
def test_folder_with_a_bad_picture_goes_on_and_ends_with_2(portrait, tmp_path):
    shutil.copy(portrait, tmp_path / "a1.png")
    (tmp_path / "a2.jpg").write_bytes(cv2.imencode(".jpg", cv2.imread(str(portrait)))[1].tobytes()[:5000])
    shutil.copy(portrait, tmp_path / "a3.png")
    result = command("run", str(tmp_path), "--json", "-")
    assert result.returncode == 2
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [Path(line["source"]).name for line in lines] == ["a1.png", "a2.jpg", "a3.png"]
    ERROR_LINE.validate(lines[1])
    assert result.stderr.count("\n") == 2 and "a2.jpg is cut off" in result.stderr
    assert "2 frames, 2 faces" in result.stderr and "1 picture left out" in result.stderr


@bundled
def test_limits_and_options(video, tmp_path, capsys):
    assert main(["run", str(video), "--json", "-", "--max-frames", "3", "--no-affect"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 3 and lines[0]["faces"][0]["affect"] is None
    (tmp_path / "o.toml").write_text("max_fps = 5.0\n[smooth]\nmethod = 'none'\n")
    assert main(["run", str(video), "--json", "-", "--config", str(tmp_path / "o.toml"), "--duration", "0.5"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 3 and lines[0]["faces"][0]["affect"] == lines[0]["faces"][0]["raw"]
    assert main(["run", str(video), "--json", "-", "--roi", "0,0,0.1,0.1", "--max-frames", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["faces"] == []


@bundled
def test_show_without_a_screen_says_so(video):
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    result = command("run", str(video), "--show", env=environment)
    assert result.returncode == 2 and "--save" in result.stderr and result.stderr.count("\n") == 1


@bundled
def test_licence_is_refused(capfd, portrait):
    assert "not under a permissive licence" in complaint(capfd, "run", str(portrait), "--licence", "permissive")


@bundled
def test_reader_that_leaves_early_is_no_error(video):
    call = f"{sys.executable} -m edgeaffect run {video} --json - | head -n 1"
    result = subprocess.run(["bash", "-o", "pipefail", "-c", call], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0 and result.stderr == "" and result.stdout.count("\n") == 1
    closed = f"{sys.executable} -m edgeaffect run {video} --json - >&-"
    result = subprocess.run(["bash", "-c", closed], capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1) and "standard output is closed" in result.stderr


@bundled
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_ended_closes_its_files(tmp_path, number, code):
    path, lines = tmp_path / "dark.avi", tmp_path / "lines"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for _ in range(1000):  # more lines than a pipe holds: the run must wait for its reader
        writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    os.mkfifo(lines)
    process = subprocess.Popen(
        [sys.executable, "-m", "edgeaffect", "run", str(path), "--json", str(lines), "--save", str(tmp_path / "x.mp4")],
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the suite in the background of a shell without job control leaves SIGINT ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with open(lines) as reader:
        for _ in range(5):
            reader.readline()
        process.send_signal(number)
        count = sum(1 for _ in reader)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code and err == "" and count < 995
    saved = cv2.VideoCapture(str(tmp_path / "x.mp4")).get(cv2.CAP_PROP_FRAME_COUNT)
    assert saved in (count + 4, count + 5)  # the last frame's line comes before its picture


def test_output_that_cannot_be_written_is_one_line(capfd, portrait):
    if not (FILES / "face-detector.onnx").exists():
        pytest.skip("no bundled detector in this tree")
    assert "no such folder: /no/such; make it first" in complaint(
        capfd, "run", str(portrait), "--json", "/no/such/place.jsonl"
    )
    assert "only one of --json" in complaint(capfd, "run", str(portrait), "--json", "-", "--csv", "-")
    assert main(["run", str(portrait), "--csv", "-"]) == 0
    out, err = capfd.readouterr()
    assert out.splitlines()[0].startswith("source,frame,time,track_id") and len(out.splitlines()) == 2
    assert err.startswith("edgeaffect: 1 frame, 1 face, ") and "wrote" not in err


@bundled
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("target", ["/dev/full", "-"])
def test_a_full_disk_is_one_line_and_a_failure(portrait, target):
    with open("/dev/full", "w") as full:
        call = [sys.executable, "-m", "edgeaffect", "run", str(portrait), "--json", target]
        done = subprocess.run(call, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    name = "standard output" if target == "-" else target
    assert (done.returncode, done.stderr) == (
        1, f"edgeaffect: {name} could not be written: No space left on device\n"
    )  # fmt: skip


@bundled
def test_what_is_refused_loses_no_file(portrait, video, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    kept, twice = tmp_path / "kept.jsonl", tmp_path / "twice"
    kept.write_text("yesterday")
    for words, message in (
        (("--events", "events.jsonl", "--rules", "none.toml"), "none.toml"),
        (("--csv", "no/such.csv"), "no such folder: no; make it first"),
        (("--save", "x.png"), "x.png is one picture"),
        (("--csv", "twice", "--events", "./twice"), "two outputs would be written into one file, ./twice"),
        (("--events", "kept.jsonl", "--rules", "kept.jsonl"), "kept.jsonl is read by this run"),
        (("--events", str(kept)), f"two outputs would be written into one file, {kept}"),
        (("--rules", "none.toml"), "--rules does nothing without --events"),
        (("--draw", "gaze"), "--draw does nothing without --save or --show"),
    ):
        assert message in complaint(capfd, "run", str(video), "--json", "kept.jsonl", *words)
        assert kept.read_text() == "yesterday", words
    for words in (("--affect", "affect-base"), ("--calibration", "mine.json"), ("--affect-interval", "0")):
        err = complaint(capfd, "run", str(portrait), "--no-affect", *words)
        assert f"{words[0]} does nothing with --no-affect" in err
    assert "--compact does nothing without --json" in complaint(capfd, "run", str(portrait), "--compact")
    assert not twice.exists()
    shutil.copy(portrait, "a.png")
    before = Path("a.png").read_bytes()
    assert "a.png is read by this run and would be overwritten" in complaint(capfd, "run", "*.png", "--json", "a.png")
    assert Path("a.png").read_bytes() == before


@bundled
def test_a_reader_that_leaves_does_not_keep_the_video_from_being_whole(video, tmp_path):
    lines, saved = tmp_path / "lines", tmp_path / "x.mp4"
    os.mkfifo(lines)
    call = [sys.executable, "-m", "edgeaffect", "run", str(video), "--json", str(lines), "--save", str(saved)]
    process = subprocess.Popen(call, stderr=subprocess.PIPE, text=True)
    with open(lines) as reader:
        reader.readline()
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert cv2.VideoCapture(str(saved)).get(cv2.CAP_PROP_FRAME_COUNT) >= 1


@bundled
def test_run_takes_a_set_of_models(capfd, portrait):
    assert main(["run", str(portrait), "--models", "permissive", "--licence", "permissive", "--json", "-"]) == 0
    result = json.loads(capfd.readouterr().out)
    RESULT_LINE.validate(result)
    assert result["models"]["affect"].startswith("expression-from-blendshapes")
    assert "models must be default or permissive; got 'free'" in complaint(capfd, "run", "x.png", "--models", "free")
