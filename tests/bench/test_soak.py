"""The soak in short, and the line through its readings on series whose slope is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("benchmarks.soak", reason="benchmarks/ is only in the source tree")
from benchmarks import soak
from benchmarks.speech import RATE, speech
from benchmarks.trend import correlation, slope


def series(n: int, rho: float, rng: np.random.Generator) -> np.ndarray:
    """AR(1) whose beginning is forgotten; a random walk where rho is 1."""
    steps, values = rng.normal(size=n + 100), np.zeros(n + 100)
    for i in range(1, n + 100):
        values[i] = rho * values[i - 1] + steps[i]
    return values[100:]


@pytest.mark.parametrize(("rho", "least"), [(0.0, 0.9), (0.5, 0.86), (0.9, 0.82), (1.0, 0.78)])
def test_intervals_hold_the_slope_however_readings_follow_each_other(rho: float, least: float) -> None:
    """Nominal 0.95; 200 series of 125 readings have a standard error of 0.02."""
    rng, times, held = np.random.default_rng(1), np.arange(125.0), 0
    for _ in range(200):
        line = slope(times, 0.3 * times + series(125, rho, rng))
        held += line.low <= 0.3 <= line.high
    assert held / 200 >= least


def test_a_leak_is_seen_and_a_level_is_not_one() -> None:
    rng, hours = np.random.default_rng(0), np.arange(125) / 60
    noise = 0.05 * series(125, 0.5, rng)
    assert slope(hours, 200 + noise).high < 0.5  # megabytes per hour
    leak = slope(hours, 200 + 2.0 * hours + noise)
    assert leak.low > 0.5 and leak.value == pytest.approx(2.0, abs=0.3)
    assert slope(hours, np.full(125, 7.0)).high == pytest.approx(0, abs=1e-9)
    assert correlation(np.zeros(50)) == 0.0


def test_readings_that_make_no_line_are_refused() -> None:
    with pytest.raises(ValueError, match="8 readings or more"):
        slope([1, 2, 3], [1, 2, 3])
    with pytest.raises(ValueError, match="go on from reading to reading"):
        slope([1.0] * 9, np.arange(9.0))


def test_the_soak_in_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = soak.main(["--frames", "2000", "--period", "1.6", "--json", str(tmp_path / "soak.json")])
    record = json.loads((tmp_path / "soak.json").read_text("utf-8"))
    counts, growth = record["counts"], record["growth"]
    assert status == 0, capsys.readouterr().out
    assert counts["frames"] >= 2000 and counts["faces"] > 300 and counts["live_frames"] > 0 and counts["events"] > 0
    assert growth["threads"]["verdict"] == growth["files"]["verdict"] == "steady"
    readings = record["readings"]
    assert readings["threads"][-1] == readings["threads"][1] and readings["files"][-1] == readings["files"][1]
    assert readings["memory"][-1] - readings["memory"][1] < 16


def test_a_soak_tells_what_grows() -> None:
    hours = list(np.arange(40) / 60)
    level = [200.0 + 0.01 * (i % 3) for i in range(40)]
    leaking = soak.Readings(hours, [200 + 0.5 * i for i in range(40)], level, level, [9.0] * 39 + [10.0], level)
    assert soak.grew(leaking, soak.judge(leaking)) == ["files", "memory"]
    steady = soak.Readings(hours, level, level, [5.0] * 40, [9.0] * 40, level)
    assert soak.grew(steady, soak.judge(steady)) == []


def test_the_speech_is_speech_to_the_voice_model() -> None:
    from edgeaffect.voice import LogMelStream, VoiceAffect

    with VoiceAffect(device="cpu") as voice:
        probabilities = voice.new_activity().accept(LogMelStream(voice.input, RATE).accept(speech(4.0)))
    assert (probabilities > 0.5).mean() > 0.25
