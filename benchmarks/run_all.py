"""Everything that RESULTS.md says of processors like this one, in one command.

    python -m benchmarks.run_all --data DATA [--install]

DATA (default: $EDGEAFFECT_DATA, else ../shared/data) holds `faces_68points.zip` and `baselines/`. The environments of
the peers lie in --venvs; --install makes those that are missing. Takes three to six minutes. RESULTS.md has a section
per instruction set, the widest that the processor has; those of others stay as they were.
"""

from __future__ import annotations

import argparse
import datetime
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import assets, frames, peer_runs, results
from benchmarks.cuda.report import with_part
from edgeaffect.bench.context import Settings
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.bench.run import run as run_bench
from training.provenance import instruction_set

ROOT = Path(__file__).resolve().parents[1]


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m benchmarks.run_all", description=__doc__)
    p.add_argument(
        "--data", type=Path, default=Path(os.environ.get("EDGEAFFECT_DATA", ROOT.parent / "shared" / "data"))
    )
    p.add_argument("--venvs", type=Path, default=Path.home() / ".cache" / "edgeaffect" / "peers")
    p.add_argument("--python", action="append", default=[], metavar="PEER=PYTHON", help="Python of one peer")
    p.add_argument("--install", action="store_true", help="make the peers' environments that are missing")
    p.add_argument("--rounds", type=int, default=12)
    p.add_argument("--seconds", type=float, default=0.25, help="seconds of one task in one round")
    p.add_argument("--duration", type=float, default=60.0, help="seconds of edgeaffect's own benchmark")
    p.add_argument("--output", type=Path, default=ROOT / "benchmarks", help="folder for RESULTS.md and RESULTS.json")
    return p


def main() -> int:
    args = parser().parse_args()
    if not (args.data / "faces_68points.zip").is_file():
        print(f"no faces_68points.zip in {args.data}: name the data folder with --data", file=sys.stderr)
        return 2
    given = {name: Path(path) for name, _, path in (text.partition("=") for text in args.python)}
    if args.install:
        for name in peer_runs.PEERS[1:]:
            if name not in peer_runs.pythons(args.venvs, given):
                print(f"installing {name}", file=sys.stderr)
                try:
                    peer_runs.install(args.venvs, name)
                except subprocess.CalledProcessError as error:
                    print(f"{name} cannot be installed, it will be left out: {error}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="edgeaffect-peers-") as folder:
        outcome = collect(args, Path(folder), given)
    files = SystemFiles()
    name = (instruction_set(files) or [hardware.cpu(files).name or "unknown"])[0]
    runs = results.add(args.output / "RESULTS.json", name, outcome)
    (args.output / "RESULTS.md").write_text(with_part(results.markdown(runs), args.output), "utf-8")
    print(f"wrote {args.output / 'RESULTS.md'} and RESULTS.json", file=sys.stderr)
    return 0


def collect(args: argparse.Namespace, folder: Path, given: dict[str, Path]) -> dict[str, Any]:
    print("peers", file=sys.stderr)
    given_frames: dict[str, Any] = frames.load(args.data)
    np.savez(folder / "frames.npz", **given_frames)
    files, missing = assets.prepare(args.data, folder)
    interpreters = peer_runs.pythons(args.venvs, given)
    peers, left_out = peer_runs.run(interpreters, folder / "frames.npz", files, folder, args.rounds, args.seconds)
    print("edgeaffect bench", file=sys.stderr)
    report = run_bench(Settings(duration=args.duration), ["edgeaffect", "bench", "--duration", f"{args.duration:g}"])
    print("preprocessing", file=sys.stderr)
    return {
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": results.commit(),
        "command": f"python -m benchmarks.run_all --rounds {args.rounds} --seconds {args.seconds:g}",
        "peers": peers,
        "missing": [*missing, *left_out],
        "preprocess": results.preprocess_table(),
        "bench": results.without_samples(report).to_dict(),
        "packages": hardware.packages(),
    }


if __name__ == "__main__":
    sys.exit(main())
