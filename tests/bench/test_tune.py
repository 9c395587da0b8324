"""`edgeaffect tune`: the ladder, and a file that a pipeline takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeaffect import Pipeline, PipelineOptions
from edgeaffect.bench.power import PROFILES
from edgeaffect.bench.tune import Trial, settings
from edgeaffect.cli import main
from edgeaffect.models.registry import FILES

bundled = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")


def test_the_ladder_goes_down():
    for cues in (False, True):
        rungs = list(settings(cues=cues, cores=2))
        sides = [rung["max_side"] for rung in rungs]
        intervals = [rung["affect_interval"] for rung in rungs]
        assert sides == sorted(sides, reverse=True)
        assert intervals == sorted(intervals)
        assert {rung["threads"] for rung in rungs} == {1, 2}
        assert all(rung.get("cues_enabled", False) is cues for rung in rungs)
        for rung in rungs:
            PipelineOptions().override(**rung)
    assert {rung["threads"] for rung in settings(cues=False, cores=1)} == {1}


@bundled
def test_what_fits_is_a_file_of_options(tmp_path: Path, capsys):
    file = tmp_path / "fast.toml"
    words = ["--budget-ms", "9999", "--faces", "2", "--cues", "--size", "320x240", "--seconds", "0.1"]
    assert main(["tune", *words, "--output", str(file)]) == 0
    assert f"--config {file}" in capsys.readouterr().err
    text = file.read_text("utf-8")
    assert text.startswith("# edgeaffect tune --budget-ms 9999 --faces 2 --size 320x240 --cues\n")
    options = PipelineOptions.from_toml(file)
    assert (options.detect.max_side, options.threads, options.cues.enabled) == (640, 1, True)
    Pipeline(options).close()


@bundled
def test_a_budget_that_nothing_meets_ends_with_1(monkeypatch, capsys):
    monkeypatch.setattr("edgeaffect.bench.tune._RUNGS", ((160, 0.5),))
    assert main(["tune", "--budget-ms", "0.001", "--size", "320x240", "--seconds", "0.1"]) == 1
    assert "nothing stays within 0.001 ms" in capsys.readouterr().err


@pytest.fixture
def trials(monkeypatch) -> dict[tuple[int, float, int], tuple[float, float]]:
    """(longest side, detection interval, threads) -> (milliseconds, CPU seconds per second), in place of measuring."""
    told = {
        (320, 0.1, 1): (3.0, 0.14),
        (320, 0.1, 2): (2.0, 0.18),
        (320, 0.2, 1): (2.5, 0.05),
        (256, 0.2, 1): (4.0, 0.04),
    }

    def measure(values, frames, seconds, device):
        milliseconds, cpu = told[values["max_side"], values["detect_interval"], values["threads"]]
        return Trial(values, milliseconds, milliseconds / 2, cpu, 1.0)

    monkeypatch.setattr("edgeaffect.bench.tune.measure", measure)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    return told


@pytest.mark.parametrize(("budget", "setting"), [("5", (256, 0.2, 1)), ("3", (320, 0.2, 1)), ("2", (320, 0.1, 2))])
def test_power_takes_the_least_cpu_time_within_the_budget(trials, budget, setting, tmp_path, capsys):
    file = tmp_path / "low.toml"
    assert main(["tune", "--budget-ms", budget, "--cues", "--power", "--output", str(file)]) == 0
    options = PipelineOptions.from_toml(file)
    assert (options.detect.max_side, options.detect.interval, options.threads) == setting
    assert options.cues.enabled and options.cues.interval == options.affect.interval
    (profile,) = [p for p in PROFILES if (p.max_side, p.detect_interval, p.threads) == setting]
    text = file.read_text("utf-8")
    assert text.startswith(f"# edgeaffect tune --budget-ms {budget} --faces 1 --size 640x480 --cues --power\n")
    cost = profile.cost(cues=True)
    assert f"# {cost}\n" in text and f"# {trials[setting][1]:.3f} CPU seconds per second" in text
    assert cost in capsys.readouterr().err and f"overlap with the true box {profile.overlap:.3f}" in cost


def test_power_with_a_budget_that_nothing_meets_ends_with_1(trials, capsys):
    assert main(["tune", "--budget-ms", "1", "--power"]) == 1
    assert "nothing stays within 1 ms" in capsys.readouterr().err


@bundled
def test_power_measures_cpu_time(capsys):
    assert main(["tune", "--budget-ms", "9999", "--size", "160x120", "--seconds", "0.1", "--power"]) == 0
    written = capsys.readouterr()
    assert written.err.count("CPU s per s fits:") == len(PROFILES) or "threads 2" not in written.err
    assert "CPU seconds per second of video" in written.out and "0.000 CPU" not in written.out


def test_costs_are_those_of_the_page():
    page = Path(__file__).parents[2] / "docs" / "benchmark.md"
    if not page.exists():
        pytest.skip("docs live in the source tree only")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.read_text("utf-8").splitlines()]
    costs = {row[0]: tuple(map(float, row[3:])) for row in rows if len(row) == 6 and row[3].replace(".", "").isdigit()}
    for profile in PROFILES:
        assert costs[profile.row] == (profile.same_label, profile.valence, profile.overlap)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--budget-ms", "0"], "--budget-ms takes milliseconds above 0"),
        (["--budget-ms", "nan"], "--budget-ms takes milliseconds above 0"),
        (["--budget-ms", "5", "--faces", "65"], "--faces takes 0 to 64; got 65"),
        (["--budget-ms", "5", "--seconds", "0"], "--seconds takes seconds above 0"),
        (["--budget-ms", "5", "--output", "no/such/folder/x.toml"], "make it first"),
        (["--budget-ms", "5", "--size", "12"], "is not a size"),
        ([], "--budget-ms"),
    ],
)
def test_bad_usage_ends_with_2(words, complaint, capsys):
    assert main(["tune", *words]) == 2
    assert complaint in capsys.readouterr().err
