"""Usage of `edgeaffect`: help, and one line for what cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pytest
from command_parts import command, complaint

import edgeaffect
from edgeaffect.cli import VERBS, main


def test_help_is_quick_and_names_every_verb():
    begin = time.process_time()
    result = command("--help")
    assert result.returncode == 0 and time.process_time() - begin < 1
    assert all(verb in result.stdout for verb in VERBS)
    probe = (
        "import sys, edgeaffect.cli as c; c.main(['--help']); print({'cv2', 'onnxruntime', 'torch'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60)
    assert shown.stdout.endswith("set()\n")
    assert command("--version").stdout == f"edgeaffect {edgeaffect.__version__}\n"


@pytest.mark.parametrize("verb", ["run", "eval", "models", "doctor"])
def test_every_verb_has_help(capsys, verb):
    assert main([verb, "--help"]) == 0
    assert f"usage: edgeaffect {verb}" in capsys.readouterr().out


def test_help_shows_the_default_of_every_option(capsys):
    from edgeaffect.cli.usage import _FLAGS
    from edgeaffect.options import PipelineOptions

    assert main(["run", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    options = PipelineOptions()
    assert text.count("(default: ") >= len(_FLAGS)
    for what, value in (
        ("minimum score of a face", "what its model says"),
        ("seconds between detections", options.detect.interval),
        ("exponential or none", options.smooth.method),
        ("faces per frame", options.detect.max_faces),
        ("path of the affect model", "the bundled one"),
    ):
        assert f"{what} (default: {value})" in text


def test_bad_usage_is_one_line(capfd, tmp_path, portrait, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "no command 'see'; there are run, serve, listen, batch, plot, eval" in complaint(capfd, "see")
    assert "required: source" in complaint(capfd, "run")
    assert "--max-sides" in complaint(capfd, "run", "--max-sides", "3", str(portrait))
    assert "got 3" in complaint(capfd, "run", "--max-side", "3", str(portrait))
    assert "unknown option 'colour'" in complaint(capfd, "run", "--set", "colour=3", str(portrait))
    assert "NAME=VALUE" in complaint(capfd, "run", "--set", "colour", str(portrait))
    assert "must be auto, cpu, cuda" in complaint(capfd, "run", "--device", "tpu", str(portrait), "--no-affect")
    assert "no such file: none.mp4" in complaint(capfd, "run", "none.mp4")
    assert "has no name" in complaint(capfd, "run", "")
    assert "--roi takes X0,Y0,X1,Y1" in complaint(capfd, "run", "--roi", "left", str(portrait))
    assert "four shares" in complaint(capfd, "run", "--roi", "0,0,1", str(portrait))
    assert "follow_pixels must be True or False" in complaint(capfd, "run", "--set", "follow_pixels=no", str(portrait))
    for words in (("--max-frames", "0"), ("--duration", "0"), ("--duration", "nan")):
        assert f"{words[0]} must be" in complaint(capfd, "run", *words, str(portrait), "--json", "made.jsonl")
    assert not Path("made.jsonl").exists()
    assert "no pictures in folder" in complaint(capfd, "run", str(tmp_path))
    assert "cannot open camera:99" in complaint(capfd, "run", "99")
    assert "for cameras" in complaint(capfd, "run", "--width", "640", str(portrait))
    (tmp_path / "options.toml").write_text("[detect]\nside = 3\n")
    assert "options.toml: unknown option 'detect.side'" in complaint(capfd, "run", "--config", "options.toml", "0")
    (tmp_path / "empty.mp4").write_bytes(b"")
    assert "empty.mp4 is empty" in complaint(capfd, "run", "empty.mp4")
    (tmp_path / "cut.jpg").write_bytes(cv2.imencode(".jpg", cv2.imread(str(portrait)))[1].tobytes()[:5000])
    (tmp_path / "x.zip").write_text("no")
    assert "not a zip archive" in complaint(capfd, "eval", "affect", "x.zip")
    assert "no archive in" in complaint(capfd, "eval", "detect", str(tmp_path.parent / "pictures0"))


def test_an_impossible_simd_path_is_one_line(portrait):
    impossible = os.environ | {"EDGEAFFECT_SIMD": "mmx"}
    done = command("run", str(portrait), env=impossible)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and "EDGEAFFECT_SIMD=mmx" in done.stderr
    done = command("doctor", env=impossible)
    assert (done.returncode, done.stderr) == (1, "") and "EDGEAFFECT_SIMD=mmx" in done.stdout


def test_damaged_video_is_one_line_in_spite_of_ffmpeg(tmp_path):
    (tmp_path / "garbage.mp4").write_bytes(b"not a video" * 100)
    result = command("run", str(tmp_path / "garbage.mp4"), "--no-affect")
    assert result.returncode == 2 and result.stderr.count("\n") == 1 and "is not a video" in result.stderr


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("words", [["models", "list"], ["models", "show", "explainer"], ["doctor"]])
def test_a_full_disk_behind_any_verb_is_a_failure_with_a_remedy(words):
    with FULL.open("w") as full:
        call = [sys.executable, "-m", "edgeaffect", *words]
        done = subprocess.run(call, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (
        1, "edgeaffect: No space left on device: free some space, or write elsewhere\n"
    )  # fmt: skip


def test_an_error_of_the_system_is_told_in_words(capfd, tmp_path, portrait):
    folder = str(tmp_path)
    assert complaint(capfd, "run", str(portrait), "--config", folder) == (
        f"edgeaffect: {folder}: Is a directory: name a file\n"
    )
    assert f"{folder}: Is a directory: name a file" in complaint(capfd, "run", str(portrait), "--json", folder)


@pytest.mark.parametrize(
    "words",
    [
        ("tune", "--budget-ms", "5", "--output"), ("bench", "models", "--json"), ("bench", "--html"),
        ("bench", "--record-sysfs"),
    ],
)  # fmt: skip
def test_a_folder_in_place_of_a_report_is_refused_before_measuring(capfd, tmp_path, words):
    assert complaint(capfd, *words, str(tmp_path)) == f"edgeaffect: {tmp_path} is a folder: name a file\n"
    missing = tmp_path / "none" / "report"
    assert f"no folder {missing.parent} to write {missing} into" in complaint(capfd, *words, str(missing))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("bench", "--duration", "nan"), "duration must be positive, at most 86400"),
        (("bench", "--duration", "inf"), "duration must be positive, at most 86400"),
        (("bench", "--tolerance", "nan"), "--tolerance takes a share, 0 or more"),
        (("bench", "--size", "32769x480"), "each 16 to 32768"),
        (("bench", "--size", "²x480"), "each 16 to 32768"),
        (("tune", "--budget-ms", "5", "--size", f"{'9' * 5000}x480"), "each 16 to 32768"),
    ],
)
def test_impossible_measurements_are_refused(capfd, words, message):
    assert message in complaint(capfd, *words)


def test_too_little_memory_is_one_line(capfd, monkeypatch):
    def out(*_):
        raise MemoryError("Unable to allocate 27.9 GiB")

    monkeypatch.setattr("edgeaffect.bench.tune.synthetic", out)
    assert main(["tune", "--budget-ms", "5"]) == 1
    assert capfd.readouterr().err == (
        "edgeaffect: not enough memory: Unable to allocate 27.9 GiB; give less at once, such as smaller frames\n"
    )
