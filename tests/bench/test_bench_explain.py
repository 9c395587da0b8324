"""The explainer's rows of the benchmark."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeaffect.bench.context import Bench, Settings
from edgeaffect.bench.parts import explain
from edgeaffect.bench.stats.timing import TimingPlan
from edgeaffect.models.registry import FILES

PLAN = TimingPlan(warmup_count=1, warmup_seconds=0, warmup_limit=0.01, count=3, seconds=0.01)


def test_without_an_explainer_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "FILES", tmp_path)
    bench = Bench(Settings(), tmp_path)
    assert explain.measurements(bench, PLAN) == [] and "no explainer" in bench.notes[0]


@pytest.mark.skipif(not any(FILES.glob("explainer*")), reason="no bundled explainer in this tree")
def test_rows(tmp_path: Path) -> None:
    found = explain.measurements(Bench(Settings(), tmp_path), PLAN)
    names = [m.name for m in found]
    assert names == [
        *(f"explain.{part}" for part in ("encoder", "first_token", "sentence", "explain", "ask", "judge", "token")),
        "explain.frame", "explain.frame", "explain.frame", "explain.frame",
    ]  # fmt: skip
    by_name = {m.name: m.latency.p50 for m in found}
    assert by_name["explain.token"] < by_name["explain.first_token"] < by_name["explain.sentence"]
    assert found[0].facts is not None and 0 < found[0].facts["bundle_mb"] <= 6
    told = [m.facts for m in found[-4:]]
    assert told[::2] == [None, None] and all(facts is not None and "answers" in facts for facts in told[1::2])
    modes = ["quiet", "while it explains"]
    assert [m.params["mode"] for m in found[-4:]] == [*(f"30 frames/s, {mode}" for mode in modes), *modes]
