"""See the package."""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import benchmarks.cuda
from benchmarks import results
from benchmarks.cuda import report
from benchmarks.cuda.bench import ROOT, Bench
from benchmarks.cuda.sections import HIDDEN, SECONDS, SECTIONS
from edgeaffect import cuda
from edgeaffect.bench.codec import to_dict
from edgeaffect.bench.host import hardware, jetson, nvml
from edgeaffect.bench.host.system_files import SystemFiles


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="python -m benchmarks.cuda",
        description=benchmarks.cuda.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("--only", nargs="+", choices=list(SECTIONS), metavar="SECTION", help=", ".join(SECTIONS))
    p.add_argument("--skip", nargs="+", choices=list(SECTIONS), metavar="SECTION", default=[])
    p.add_argument("--output", type=Path, default=ROOT / "benchmarks", help="folder of the two files")
    p.add_argument("--report", action="store_true", help="only write RESULTS.md anew, from what was measured before")
    p.add_argument("--section", choices=[*SECTIONS, *HIDDEN], help=argparse.SUPPRESS)
    p.add_argument("--json", type=Path, help=argparse.SUPPRESS)
    return p


def main(arguments: Sequence[str] | None = None) -> int:
    args = parser().parse_args(arguments)
    path = args.output / report.JSON
    if args.report:
        report.write(args.output)
        return 0
    if not cuda.available():
        print(f"nothing to measure: {cuda.status()}", file=sys.stderr)
        return 2
    if args.section:
        return run_section(args.section, args.json)
    names = [name for name in args.only or SECTIONS if name not in args.skip]
    outcome = {**head(), "sections": {}}
    if args.only and path.is_file():
        before = json.loads(path.read_text("utf-8"))
        if all(before[key] == outcome[key] for key in ("commit", "gpu")):  # or the figures would not belong together
            outcome["sections"] = before["sections"]
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        outcome["sections"][name] = measured(name)
        print(f"    {outcome['sections'][name].get('error', 'done')}", file=sys.stderr, flush=True)
        # After each: what was measured stays, whatever comes.
        path.write_text(json.dumps(outcome, indent=1) + "\n", "utf-8")
        report.write(args.output)
    print(f"wrote {path} and the part about the GPU of {args.output / 'RESULTS.md'}", file=sys.stderr)
    return 0


def head() -> dict[str, Any]:
    """What and where, before any number."""
    gpu = nvml.identity()
    return {
        "schema": "edgeaffect.results_cuda/1",
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": results.commit(),
        "status": cuda.status(),
        "gpu": None if gpu is None else to_dict(gpu),
        "machine": to_dict(hardware.identity(SystemFiles())),
        "packages": hardware.packages(),
    }


def measured(name: str) -> dict[str, Any]:
    """One section in a process of its own: {value, state} or {error}."""
    with tempfile.TemporaryDirectory(prefix="edgeaffect-cuda-") as folder:
        path = Path(folder) / "section.json"
        command = [sys.executable, "-m", "benchmarks.cuda", "--section", name, "--json", str(path)]
        limit = SECONDS.get(name, 900)
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=limit)
        except subprocess.TimeoutExpired:
            return {"error": f"took longer than {limit} s"}
        if path.is_file():
            return dict(json.loads(path.read_text("utf-8")))
        return {"error": f"ended with {done.returncode}: {' '.join(done.stderr.split())[-400:] or 'no message'}"}


def run_section(name: str, path: Path | None) -> int:
    """In the child: measure and write."""
    bench = Bench(cuda.load())
    outcome: dict[str, Any] = {"before": state()}
    try:
        outcome["value"] = {**SECTIONS, **HIDDEN}[name](bench)
    except Exception as error:  # a package that is missing, or whatever it raises on this machine
        outcome["error"] = f"{type(error).__name__}: {error}"
    outcome["after"] = state()  # right after work, so that the clocks are those of work
    if path is None:
        print(json.dumps(outcome, indent=1))
    else:
        path.write_text(json.dumps(outcome), "utf-8")
    return 1 if "error" in outcome else 0


def state() -> dict[str, Any] | None:
    """Clocks and what slows the GPU, on a card or on a Jetson."""
    found = nvml.state() or jetson.state(SystemFiles())
    return None if found is None else to_dict(found)


if __name__ == "__main__":
    raise SystemExit(main())
