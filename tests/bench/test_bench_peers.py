"""The comparison with peers: the worker's protocol, turns, ratios and the written file, with two toy peers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("benchmarks.peer_runs", reason="benchmarks/ is only in the source tree")
from benchmarks import peer_runs, results

TOY = """
import time
def setup(frames, assets):
    print("libraries chat on standard output")
    wait = assets["{name}"]

    def work():
        end = time.perf_counter() + wait
        while time.perf_counter() < end:
            pass

    tasks = {{"detect_320": work, "yunet_320": work}}
    return tasks, {{"versions": {{"toy": "1"}}}}
"""


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "peers").mkdir()
    for name in ("edgeaffect", "opencv"):
        (tmp_path / "peers" / f"{name}.py").write_text(TOY.format(name=name))
    (tmp_path / "worker.py").write_text((peer_runs.HERE / "worker.py").read_text())
    np.savez(tmp_path / "frames.npz", stills=np.zeros((1, 2, 2, 3), np.uint8))
    monkeypatch.setattr(peer_runs, "HERE", tmp_path)
    monkeypatch.setattr(peer_runs, "_NEEDS", {})
    return tmp_path


def test_peers_run_in_turns_and_are_related(toys: Path) -> None:
    interpreters = {name: Path(sys.executable) for name in ("edgeaffect", "opencv")}
    assets = {"edgeaffect": 0.002, "opencv": 0.02}
    peers, missing = peer_runs.run(interpreters, toys / "frames.npz", assets, toys, rounds=3, seconds=0.01)  # type: ignore[arg-type]
    assert [line.split(":")[0] for line in missing] == ["fer", "emotiefflib", "mediapipe", "dlib", "pytorch"]
    times = peers["opencv"]["tasks"]["yunet_320"]
    assert times["count"] >= 9 and len(times["round_cpu_medians"]) == 3 and times["min"] >= 0.02
    assert peers["opencv"]["peak_bytes"] > 1 << 20
    ratio, least, most = peer_runs.ratios(peers["edgeaffect"]["tasks"]["detect_320"], times)
    assert least <= ratio <= most and most > 1.5


def test_a_peer_that_cannot_start_is_named_and_left_out(toys: Path) -> None:
    (toys / "peers" / "opencv.py").write_text("import no_such_package")
    interpreters = {name: Path(sys.executable) for name in ("edgeaffect", "opencv")}
    assets = {"edgeaffect": 0.001}
    peers, missing = peer_runs.run(interpreters, toys / "frames.npz", assets, toys, rounds=1, seconds=0.001)  # type: ignore[arg-type]
    assert list(peers) == ["edgeaffect"]
    assert "no_such_package" in missing[0]


def test_ratio_is_taken_turn_by_turn() -> None:
    # The machine got ten times slower in the last turn: the ratio does not care.
    ours, theirs = {"round_cpu_medians": [1.0, 1.0, 10.0]}, {"round_cpu_medians": [2.0, 3.0, 20.0]}
    assert peer_runs.ratios(ours, theirs) == (2.0, 2.0, 3.0)


def test_written_tables() -> None:
    times = {"p50": 1e-3, "p90": 2e-3, "min": 1e-3, "round_cpu_medians": [1e-3]}
    slow = {**times, "p50": 4e-3, "round_cpu_medians": [4e-3]}
    tasks = {task: times for task, _ in peer_runs.QUESTIONS.values()}
    peers = {
        "edgeaffect": {"tasks": {**tasks, "expression:affect-nano": times}},
        "opencv": {"tasks": {"yunet_320": slow}},
    }
    text = "\n".join(results.against_peers(peers))
    assert "| opencv | 4.00 ms | 2.00 ms | 1.00 ms | **4.00** | 4.00 .. 4.00 |" in text
    assert "our model affect-nano" in text
    assert "fer" not in text, "a peer that did not run has no row"


def test_runs_are_kept_by_instruction_set(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.json"
    assert results.add(path, "AVX2", {"commit": "a"}) == {"AVX2": {"commit": "a"}}
    results.add(path, "NEON", {"commit": "b"})
    assert results.add(path, "AVX2", {"commit": "c"}) == {"AVX2": {"commit": "c"}, "NEON": {"commit": "b"}}
    assert results.read(path)["NEON"] == {"commit": "b"}
    path.write_text('{"schema": "edgeaffect.results/1"}')
    with pytest.raises(ValueError, match=r"results/1.*move it away"):
        results.read(path)


def test_the_recorded_page_is_what_its_figures_say() -> None:
    folder = peer_runs.HERE
    runs = results.read(folder / "RESULTS.json")
    text = (folder / "RESULTS.md").read_text("utf-8")
    assert text.startswith(results.markdown(runs).rstrip())
    for name in runs:
        assert f"\n## {name}\n" in text


def test_every_peer_has_its_pins() -> None:
    for name in peer_runs.PEERS[1:]:
        folder = peer_runs.HERE / "peers"
        lines = (folder / f"{name}.txt").read_text().split()
        assert lines and all("==" in line for line in lines)
        compile((folder / f"{name}.py").read_text(), name, "exec")


def test_a_failed_installation_leaves_no_environment_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], check: bool) -> None:
        if "venv" in command:
            (tmp_path / "fer" / "bin").mkdir(parents=True)
            (tmp_path / "fer" / "bin" / "python").touch()
        else:
            raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(peer_runs.subprocess, "run", run)
    with pytest.raises(subprocess.CalledProcessError):
        peer_runs.install(tmp_path, "fer")
    assert "fer" not in peer_runs.pythons(tmp_path, {})


def test_inputs_of_the_default_models_reach_the_peers() -> None:
    from benchmarks import assets
    from edgeaffect.models import FLOAT_DEFAULTS, bundled

    if not bundled():
        pytest.skip("no bundled models")
    inputs = assets.inputs()
    assert inputs["affect"]["variant"] == FLOAT_DEFAULTS["affect"].removeprefix("affect-")
    assert inputs["detector"]["size"][0] == 320 and inputs["detector"]["size"][1] >= 240
    for facts in json.loads(json.dumps(inputs)).values():
        assert len(facts["mean"]) == len(facts["std"]) in (1, 3) and facts["scale"] > 0
