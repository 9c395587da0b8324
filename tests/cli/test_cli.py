"""The command `edgeaffect`, run as users run it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import cv2
import jsonschema
import numpy as np
import pytest

import edgeaffect
from edgeaffect.cli import VERBS, main
from edgeaffect.models.registry import FILES

SCHEMA, ERROR = (
    json.loads((Path(edgeaffect.__file__).parent / f"{name}.schema.json").read_text("utf-8"))
    for name in ("result", "error")
)
bundled = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")


@pytest.fixture(scope="session")
def portrait(tmp_path_factory) -> Path:
    image = pytest.importorskip("skimage.data").astronaut()[..., ::-1]
    path = tmp_path_factory.mktemp("pictures") / "portrait.png"
    cv2.imwrite(str(path), image)
    return path


@pytest.fixture(scope="session")
def video(portrait) -> Path:
    path = portrait.parent.parent / "film.mp4"
    image = cv2.imread(str(portrait))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 25, (320, 240))
    for step in range(20):
        writer.write(image[20 + step : 260 + step, 60 + step : 380 + step])
    writer.release()
    return path


def command(*words: str, **options) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "edgeaffect", *words], capture_output=True, text=True, timeout=60, **options
    )


def complaint(capfd, *words: str) -> str:
    """Standard error of a call that must be refused: one line, no traceback, exit code 2."""
    assert main(words) == 2
    out, err = capfd.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("edgeaffect: "), (out, err)
    return err


# ---- usage ----


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


# ---- run ----


@bundled
def test_picture_in_words_and_in_json(capsys, portrait, tmp_path):
    assert main(["run", str(portrait)]) == 0
    words = capsys.readouterr().out
    assert words.startswith("portrait.png  happiness") and "valence +0." in words
    assert main(["run", str(portrait), "--json", "-"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    jsonschema.validate(json.loads(lines[0]), SCHEMA)


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
        jsonschema.validate(result, SCHEMA)
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
    jsonschema.validate(lines[1], ERROR)
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


# ---- models, doctor ----


def test_models_list_and_show(capsys):
    assert main(["models", "list"]) == 0
    out = capsys.readouterr().out
    assert "LICENSE-WEIGHTS" in out.splitlines()[0] and "affect-base" in out
    assert main(["models", "list", "--json"]) == 0
    assert {"path", "bytes", "sha256", "permissive", "spec"} == set(json.loads(capsys.readouterr().out)[0])
    assert main(["models", "show", "affect-base"]) == 0
    assert json.loads(capsys.readouterr().out)["spec"]["task"] == "affect"


def test_models_list_of_a_licence(capsys):
    assert main(["models", "list", "--licence", "permissive"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 4 and lines[0].startswith("name")  # no word about research data
    assert all("Apache-2.0" in line and line.endswith(" permissive") for line in lines[1:])
    assert main(["models", "list", "--licence", "permissive", "--json"]) == 0
    assert all(model["permissive"] for model in json.loads(capsys.readouterr().out))


@bundled
def test_run_takes_a_set_of_models(capfd, portrait):
    assert main(["run", str(portrait), "--models", "permissive", "--licence", "permissive", "--json", "-"]) == 0
    result = json.loads(capfd.readouterr().out)
    jsonschema.validate(result, SCHEMA)
    assert result["models"]["affect"].startswith("expression-from-blendshapes")
    assert "models must be default or permissive; got 'free'" in complaint(capfd, "run", "x.png", "--models", "free")


def test_models_show_unknown(capfd):
    assert "no model 'nobody': at hand are affect-base" in complaint(capfd, "models", "show", "nobody")


@pytest.mark.skipif(not (FILES / "SHA256SUMS").exists(), reason="no digests in this tree")
def test_models_verify(capsys):
    assert main(["models", "verify"]) == 0
    assert "good" in capsys.readouterr().out


def test_models_annotate_checks_and_writes(tmp_path, capfd):
    source = FILES / "affect-base.onnx"
    copy = tmp_path / "mine.onnx"
    shutil.copy(source, copy)
    assert main(["models", "annotate", str(copy), "--like", "affect-base", "--set", "name=mine",
                 "--set", "licence=mit"]) == 0  # fmt: skip
    capfd.readouterr()
    assert main(["models", "show", str(copy)]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert (facts["spec"]["name"], facts["permissive"]) == ("mine", True)
    assert main(["models", "verify", str(copy)]) == 0
    assert "its digest is not known" in capfd.readouterr().out
    before = copy.read_bytes()
    wrong = ("models", "annotate", str(copy), "--like", "affect-base", "--set")
    assert "nothing was written" in complaint(capfd, *wrong, "inputs.0.name=picture")
    assert "nothing was written" in complaint(capfd, *wrong, "inputs.0.size=[64,64]")
    assert "no 'outputs.9.name'" in complaint(capfd, *wrong, "outputs.9.name=x")
    assert copy.read_bytes() == before
    assert main([*wrong, "name=beside", "--sidecar"]) == 0
    assert json.loads((tmp_path / "mine.edgeaffect.json").read_text())["name"] == "beside"
    (tmp_path / "bad.onnx").write_bytes(b"\x08\x07not a model")
    capfd.readouterr()
    assert main(["models", "annotate", str(tmp_path / "bad.onnx"), "--like", "affect-base"]) == 2


def test_doctor(capsys):
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "-> cpu with onnxruntime" in text and "cuda with tensorrt" in text
    assert main(["doctor", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["runtimes"][0]["works"] and facts["opencv"]["version"] == cv2.__version__
    assert all(row["works"] or row["why"] for row in facts["runtimes"])


# ---- eval ----


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
