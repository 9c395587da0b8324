"""Every option of `edgeaffect bench`, through the command itself."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import edgeaffect.cli
from edgeaffect.bench import cli, frames, run
from edgeaffect.bench.context import Bench, Settings
from edgeaffect.bench.parts import scaling as part_scaling
from edgeaffect.bench.parts.pipeline import MODES
from edgeaffect.models import find
from edgeaffect.models.precision import graph_precision

QUICK = ["--duration", "1", "--size", "320x240"]


@pytest.fixture(autouse=True)
def short_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole curves are measured in test_bench_run."""
    for name in ("FACES", "SIZES", "CAMERAS"):
        monkeypatch.setattr(part_scaling, name, getattr(part_scaling, name)[:3])


def bench(*arguments: str, report: Path | None = None) -> dict:
    """Run the command; the JSON report it wrote."""
    assert report is not None
    assert cli.main([*arguments, "--json", str(report)]) == cli.DONE
    return json.loads(report.read_text())


def test_no_flag_is_planned_to_end_in_under_two_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    settings = Settings()
    assert settings.parts == run.PARTS and settings.device == settings.runtime == "auto"
    assert settings.frame_size == (640, 480) and settings.faces == 1 and settings.threads == 1
    # A run on two busy cores took 64 s where the plan was 51.
    assert 40 < run.planned_seconds(settings) < 70
    longer = run.planned_seconds(Settings(duration=600.0))
    assert longer == pytest.approx(10 * run.planned_seconds(settings))
    assert run.planned_seconds(Settings(parts=("preprocess",))) < 10


def test_a_turn_of_the_largest_growth_is_only_a_few_calls() -> None:
    """Rounds of growth have a least number, which must not grow with --duration beyond its plan."""
    assert part_scaling.rounds_of(0.35) <= 0.35 / part_scaling.TURN_SECONDS + 1
    assert part_scaling.rounds_of(1e-3) == part_scaling.MIN_ROUNDS
    assert part_scaling.rounds_of(100.0) == part_scaling.MAX_ROUNDS


def test_options_reach_the_run(tmp_path: Path) -> None:
    report = bench(
        "pipeline", *QUICK, "--faces", "2", "--threads", "2", "--device", "cpu", "--runtime", "onnxruntime",
        report=tmp_path / "a.json",
    )  # fmt: skip
    settings = report["settings"]
    assert (settings["size"], settings["faces"], settings["threads"]) == ([320, 240], 2, 2)
    assert (settings["device"], settings["runtime"], settings["parts"]) == ("cpu", "onnxruntime", ["pipeline"])
    whole = next(m for m in report["measurements"] if m["name"] == "pipeline")
    assert whole["params"] == {"mode": "defaults", "size": "320x240", "faces": 2}
    assert whole["facts"]["faces_found"] == 2
    assert {m["group"] for m in report["measurements"]} == {"pipeline"}
    assert {g["clock"] for g in report["scaling"]} == {"wall"}, "CPU time would count both threads"


def test_source_gives_frames_and_their_capture(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    writer = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 10, (320, 240))
    for frame in frames.synthetic((320, 240), 1, 5):
        writer.write(frame)
    writer.release()
    arguments = ["pipeline", "--duration", "1", "--source", str(tmp_path / "a.avi")]
    report = bench(*arguments, report=tmp_path / "a.json")
    assert report["settings"]["source"] == "given" and report["stages"]["capture"]["status"] == "measured"
    captures = [m for m in report["measurements"] if m["name"] == "pipeline.capture"]
    assert len(captures) == len(MODES) and all(m["latency"]["p50"] > 0 and m["share_of_frames"] == 1 for m in captures)
    assert captures[0]["params"] == {"mode": "defaults", "size": "320x240"}
    scaled = bench(*arguments, "--size", "160x120", report=tmp_path / "b.json")
    assert next(m for m in scaled["measurements"] if m["name"] == "pipeline")["params"]["size"] == "160x120"


def test_precision_converts_the_models(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("edgeaffect.export.precision")
    made = Bench(Settings(precision="int8", size=(320, 240)), tmp_path)
    assert {graph_precision(Path(path)) for path in made.models.values()} == {"int8"}
    report = bench("export", *QUICK, "--precision", "int8", report=tmp_path / "a.json")
    assert {m["params"]["precision"] for m in report["measurements"]} == {"int8"}
    assert all(m["facts"]["file_bytes"] > 0 for m in report["measurements"])


def test_given_models_are_measured_in_place_of_the_bundled_ones(tmp_path: Path) -> None:
    model = find(None, "affect", float32=True)
    report = bench("models", *QUICK, "--affect", str(model.path), report=tmp_path / "a.json")
    assert report["settings"]["models"]["affect"] == f"{model.name} {model.spec.version}"
    assert model.name != find(None, "affect").name, "the bundled default is another file"


def test_all_reports_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    names = {kind: tmp_path / f"r.{kind}" for kind in ("json", "csv", "markdown", "html")}
    outputs = [word for kind, path in names.items() for word in (f"--{kind}", str(path))]
    assert cli.main(["preprocess", *QUICK, *outputs]) == cli.DONE
    report = json.loads(names["json"].read_text())
    assert len(list(csv.DictReader(names["csv"].open()))) == len(report["measurements"]) == 6
    assert names["markdown"].read_text().startswith("# edgeaffect")
    assert names["html"].read_text().startswith("<!doctype html>")
    assert "crop_normalize" in capsys.readouterr().out, "the table comes too"


def test_a_report_on_standard_output_is_alone_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["preprocess", *QUICK, "--json", "-"]) == cli.DONE
    assert json.loads(capsys.readouterr().out)["schema"] == "edgeaffect.bench/2"


@pytest.mark.parametrize(("arguments", "message"), [
    (["--duration", "-1"], "duration must be positive"),
    (["--threads", "0"], "threads 1 or more"),
    (["--size", "640"], "write WIDTHxHEIGHT"),
    (["nonsense"], "invalid choice"),
    (["--precision", "fp4"], "invalid choice"),
    (["--precision", "fp16"], "--runtime tensorrt"),
    (["--device", "gpu"], "auto, cpu, cuda or cuda:N"),
    (["--json", "-", "--csv", "-"], "only one report"),
    (["--html", "/no/such/folder/a.html"], "/no/such/folder"),
    (["--compare", "/no/such.json"], "/no/such.json"),
    (["models", *QUICK, "--affect", "/no/such.onnx"], "/no/such.onnx"),
    (["models", *QUICK, "--source", "/no/such.mp4"], "/no/such.mp4"),
])  # fmt: skip
def test_bad_usage_is_told_in_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == cli.BAD_USAGE
    error = capsys.readouterr().err.strip().splitlines()
    assert message in error[-1] and "Traceback" not in "".join(error)


def test_alias_and_module_run_as_commands(tmp_path: Path) -> None:
    assert edgeaffect.cli.main(["bench", "--record-sysfs", str(tmp_path / "a.tar.gz")]) == 0
    done = subprocess.run(
        [sys.executable, "-m", "edgeaffect.bench", "--record-sysfs", str(tmp_path / "b.tar.gz")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "files recorded" in done.stderr
    assert all((tmp_path / f"{name}.tar.gz").stat().st_size > 100 for name in "ab")


def test_progress_bar_on_a_terminal_and_a_clean_line_after_it(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "edgeaffect.bench", "preprocess", *QUICK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, cwd=tmp_path) as process:
        assert process.stdout is not None
        table = process.stdout.read().decode()
    os.close(theirs)
    shown = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:  # what a pseudo-terminal without writers answers on Linux
            break
        if not chunk:
            break
        shown += chunk
    os.close(ours)
    assert process.returncode == 0 and "crop_normalize" in table
    assert b"round 1 of 3: preprocess" in shown and b"###" in shown
    assert shown.endswith(b"\r\x1b[2K")
