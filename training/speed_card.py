"""What frames and faces cost on each instruction set that was measured, for README and MODEL_CARD.md."""

from __future__ import annotations

from pathlib import Path

from benchmarks import results
from benchmarks.peer_runs import US
from edgeaffect.models.registry import DEFAULTS
from training.card_text import table

FILE = Path(__file__).resolve().parents[1] / "benchmarks" / "RESULTS.json"
ROWS = {
    "a frame of 640x480 with one face, defaults": "frame_defaults",
    "a frame with detection and expression anew": "frame",
    "a frame with cues too": "frame_cues",
    "detection, longest side 320": "detect_320",
    f"expression of one face, `{DEFAULTS['affect']}`": "expression",
    "expression of one face, `affect-base-int8`": "expression:affect-base-int8",
    "expression of one face, `affect-nano`": "expression:affect-nano",
    "cues of one face": "cues",
}


def speed_card(file: Path = FILE) -> list[str]:
    """A table of medians and least times with a column per instruction set, and where they are from."""
    runs = results.read(file)
    rows = []
    for what, task in ROWS.items():
        times = [run["peers"][US]["tasks"].get(task) for run in runs.values()]
        rows.append((what, *(f"{1e3 * t['p50']:.2f} ({1e3 * t['min']:.2f})" if t else "not measured" for t in times)))
    machines = "; ".join(
        f"{name}: {run['bench']['hardware']['identity']['cpu']['name']}, commit {run['commit'][:7]}"
        for name, run in runs.items()
    )
    return [
        f"Milliseconds on one core, median (least), by `python -m benchmarks.run_all` ({machines}; beside peers and "
        "with ranges: benchmarks/RESULTS.md):",
        "",
        *table(("what", *runs), rows),
    ]
