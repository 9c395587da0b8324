"""What speaking costs: `python -m training.explain.times [--rounds N] [--go-on]` writes `TIMES.json`.

Rounds of what `edgeaffect bench` measures of the explainer on a drawn face: encoder, first token, token, sentence,
whole answers, and frames with detection and cues in turns quiet and while another thread asks; each loads its
models anew. `--go-on` adds rounds to those of the record, so that each run can be short on a machine that others use.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgeaffect.bench.context import Bench, Settings
from edgeaffect.bench.parts.explain import measurements
from edgeaffect.bench.stats.measurement import Measurement
from edgeaffect.bench.stats.timing import TimingPlan
from training.provenance import provenance

RESULTS = Path(__file__).with_name("TIMES.json")
PLAN = TimingPlan(warmup_count=5, warmup_seconds=0.1, warmup_limit=0.4, count=150, seconds=0.4, limit=400)
FRAME, RESAMPLES = "explain.frame", 2000


def of_round(entries: Sequence[Measurement]) -> dict[str, dict[str, float]]:
    """Row -> p50 and p99 of one round, ms."""
    rows = {}
    for entry in entries:
        mode = entry.params.get("mode")
        values = 1000 * np.asarray(entry.latency.values)
        rows[entry.name if mode is None else f"{entry.name}, {mode}"] = {
            f"p{p}": round(float(np.percentile(values, p)), 3) for p in (50, 99)
        }
    return rows


def joined(rounds: Sequence[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Row -> medians over the rounds."""
    return {
        name: {key: round(float(np.median([one[name][key] for one in rounds])), 3) for key in ("p50", "p99")}
        for name in rounds[0]
    }


def difference(rounds: Sequence[dict[str, dict[str, float]]], pace: str) -> dict[str, Any]:
    """Talking minus quiet of the rounds' p99 in ms: median, and its 95 % bootstrap interval over rounds."""
    pairs = np.array(
        [one[f"{FRAME}, {pace}while it explains"]["p99"] - one[f"{FRAME}, {pace}quiet"]["p99"] for one in rounds]
    )
    draws = np.median(np.random.default_rng(0).choice(pairs, (RESAMPLES, len(pairs))), 1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return {"median": round(float(np.median(pairs)), 3), "interval": [round(float(low), 3), round(float(high), 3)]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--go-on", action="store_true", help="add to the rounds of the record")
    arguments = parser.parse_args()
    before: dict[str, Any] = {"rounds": [], "answers": 0}
    if arguments.go_on and RESULTS.exists():
        before = json.loads(RESULTS.read_text())
    rounds, answers, facts = list(before["rounds"]), int(before["answers"]), before.get("facts")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Settings(device="cpu"), Path(folder))
        for _ in range(arguments.rounds):
            entries = measurements(bench, PLAN)
            rounds.append(of_round(entries))
            answers += sum(int((entry.facts or {}).get("answers", 0)) for entry in entries)
            facts = {"bundle_mb": (entries[0].facts or {})["bundle_mb"]}
    paces = {name.removeprefix(FRAME + ", ").removesuffix("quiet") for name in rounds[0] if name.endswith("quiet")}
    record = {
        "rows": joined(rounds), "answers": answers, "facts": facts,
        "talking_minus_quiet_p99": {
            pace.strip(", ") or "back to back": difference(rounds, pace) for pace in sorted(paces)
        },
        **provenance(Path(__file__).parent), "rounds": rounds,
    }  # fmt: skip
    RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps({key: record[key] for key in ("rows", "talking_minus_quiet_p99", "answers", "facts")}))


if __name__ == "__main__":
    main()
