"""RESULTS.md from what was measured."""

from __future__ import annotations

import dataclasses
import itertools
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import peer_runs
from edgeaffect.bench.host import hardware
from edgeaffect.bench.report.model import Report
from edgeaffect.bench.report.text_report import duration, machine_lines, megabytes, summary_lines
from edgeaffect.bench.stats.measurement import params_text
from edgeaffect.bench.stats.samples import Latency

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = "edgeaffect.results/2"


def commit() -> str:
    """Commit of the working tree that runs, with a mark when it holds changes."""
    head = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    if head.returncode:
        return hardware.commit()
    status = ["git", "-C", str(ROOT), "status", "--porcelain", "--untracked-files=no", "--", "edgeaffect", "csrc"]
    changed = subprocess.run(status, capture_output=True, text=True, check=False).stdout.strip()
    return head.stdout.strip() + (" with local changes" if changed else "")


def without_samples(report: Report) -> Report:
    """The report without its single readings, which would be megabytes."""

    def slim(latency: Latency) -> Latency:
        return dataclasses.replace(latency, values=())

    return dataclasses.replace(
        report,
        measurements=tuple(dataclasses.replace(m, latency=slim(m.latency)) for m in report.measurements),
        live=tuple(
            dataclasses.replace(run, latency=slim(run.latency), capture=slim(run.capture)) for run in report.live
        ),
    )


def preprocess_table() -> list[dict[str, Any]] | None:
    """Rows of benchmarks/preprocess.py; None while it is not there."""
    try:
        from benchmarks import preprocess
    except ImportError:
        return None
    return [dict(row) for row in preprocess.rows()]


def add(path: Path, name: str, outcome: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Put a run into the file of all runs, in the place of the last one of its name.

    Args:
        path: RESULTS.json, which need not be there.
        name: the widest instruction set of the processor (`training.provenance.instruction_set`).
        outcome: what `benchmarks.run_all` measured.

    Returns:
        All runs by name.
    """
    runs = read(path) if path.is_file() else {}
    runs[name] = outcome
    path.write_text(json.dumps({"schema": SCHEMA, "runs": runs}, indent=1) + "\n", "utf-8")
    return runs


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Runs of RESULTS.json by instruction set; raises ValueError where the file is of another schema."""
    content = json.loads(path.read_text("utf-8"))
    if content.get("schema") != SCHEMA:
        raise ValueError(f"{path} has schema {content.get('schema')!r}, not {SCHEMA!r}: move it away, or convert it")
    runs: dict[str, dict[str, Any]] = content["runs"]
    return runs


def markdown(runs: dict[str, dict[str, Any]]) -> str:
    """The whole file: all runs side by side, then each with its commit, hardware and warnings before any number.

    Args:
        runs: what `benchmarks.run_all` measured, by the widest instruction set of the processor.
    """
    parts = [
        "# Results",
        "",
        "Written by `python -m benchmarks.run_all`, which replaces the figures of its own instruction set only; do not "
        "edit.",
        "",
        "Method: every project runs in a virtual environment and a process of its own, all bound to the same CPU core, "
        "one thread each, on the same 640x480 frames from files (one face each). Their tasks run in turns, every other "
        "turn in reverse order. Each call is timed by itself after warm-up, with the garbage collector off; p50, p90 "
        "and min are by the clock. A ratio is the median over the turns of (their median / our median in the same "
        "turn) of CPU time, which other programs on the machine do not disturb; the range spans the turns. Above 1 "
        "the peer takes longer.",
        "",
        *side_by_side(runs),
    ]
    for name, outcome in runs.items():
        parts += ["", *one_run(name, outcome)]
    return "\n".join(parts) + "\n"


def side_by_side(runs: dict[str, dict[str, Any]]) -> list[str]:
    """One table: a column per instruction set."""
    if len(runs) < 2:
        return []
    columns = [dict(_figures(outcome)) for outcome in runs.values()]
    rows: list[Sequence[str]] = [("what", *runs)]
    rows += [(what, *(column.get(what, "") for column in columns)) for what in dict.fromkeys(itertools.chain(*columns))]
    commits = ", ".join(f"{name} `{outcome['commit'][:7]}`" for name, outcome in runs.items())
    return [
        "## Side by side",
        "",
        f"Commits: {commits}. Different machines, commits and days: read down a column; ratios are of one run each.",
        "",
        *table(rows),
    ]


def _figures(outcome: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from glance(Report.from_dict(outcome["bench"]))
    ours = outcome["peers"][peer_runs.US]["tasks"]
    for question, (task, answers) in peer_runs.QUESTIONS.items():
        for name, their_task, remark in answers:
            theirs = outcome["peers"].get(name, {}).get("tasks", {}).get(their_task)
            if theirs is not None and task in ours:
                ratio, least, most = peer_runs.ratios(ours[task], theirs)
                yield f"{question}: {name} ({remark}) / ours", f"{ratio:.2f} ({least:.2f} .. {most:.2f})"


def one_run(name: str, outcome: dict[str, Any]) -> list[str]:
    """Everything that one run measured."""
    report = Report.from_dict(outcome["bench"])
    return [
        f"## {name}",
        "",
        f"Commit `{outcome['commit']}`, {outcome['created']}. Command: `{outcome['command']}`.",
        "",
        *table([("machine", ""), *machine_lines(report)]),
        "",
        *[f"- **Warning:** {text}" for text in report.warnings],
        *[f"- Note: {text}" for text in report.notes],
        "",
        "### At a glance",
        "",
        *table([("what", "value"), *glance(report)]),
        "",
        "### Against peers",
        "",
        *against_peers(outcome["peers"]),
        *[f"- Left out: {text}" for text in outcome["missing"]],
        "",
        "Peak memory of a worker holds its frames and, for edgeaffect, two detectors and three pipelines: "
        + ", ".join(f"{name} {megabytes(peer['peak_bytes'])}" for name, peer in outcome["peers"].items())
        + ".",
        "",
        "Versions: "
        + "; ".join(
            ", ".join(f"{package} {version}" for package, version in peer["versions"].items())
            for peer in outcome["peers"].values()
        )
        + ".",
        "",
        "### Preprocessing",
        "",
        *preprocessing(outcome, report),
        "",
        "### Models",
        "",
        *measurements(report, ("models", "export")),
        "",
        "### Pipeline and its stages",
        "",
        "A stage's percentiles are over the frames in which it ran; dotted names are its parts.",
        "",
        *measurements(report, ("pipeline",)),
        "",
        "### Everything else",
        "",
        *table([("what", "value"), *summary_lines(report)]),
    ]


def glance(report: Report) -> list[tuple[str, str]]:
    """The figures that most readers look for."""
    rows = []
    for m in report.measurements:
        if m.name == "pipeline":
            what = f"frame to result, {m.params['mode']}, {m.params['size']}, faces {m.params['faces']}"
            latency = m.latency
            rows.append((what, f"p50 {duration(latency.p50)}, mean {duration(latency.mean)}, "
                               f"p99 {duration(latency.p99)}"))  # fmt: skip
    if memory := report.memory:
        rows.append(("resident memory of a running pipeline", megabytes(memory.resident_bytes)))
        rows.append(("peak memory of the same process", megabytes(memory.peak_bytes)))
    if cold := report.cold_start:
        rows.append(("`import edgeaffect` with Pipeline, after NumPy", duration(cold.import_seconds)))
        rows.append(("new process to first result", duration(cold.process_seconds)))
    return rows


def against_peers(peers: dict[str, Any]) -> list[str]:
    """One table per question."""
    out = []
    for question, (task, answers) in peer_runs.QUESTIONS.items():
        ours = peers[peer_runs.US]["tasks"].get(task)
        if ours is None:  # a record from before the question
            continue
        rows: list[Sequence[str]] = [("", "p50", "p90", "min", "ratio", "range", "")]
        rows.append((f"**{peer_runs.US}**", *_cells(ours), "1", "", ""))
        for name, times in peers[peer_runs.US]["tasks"].items():
            if name.startswith(f"{task}:"):
                ratio, least, most = peer_runs.ratios(ours, times)
                remark = f"our model {name.partition(':')[2]}"
                rows.append(
                    (f"**{peer_runs.US}**", *_cells(times), f"{ratio:.2f}", f"{least:.2f} .. {most:.2f}", remark)
                )
        for name, their_task, remark in answers:
            theirs = peers.get(name, {}).get("tasks", {}).get(their_task)
            if theirs is not None:
                ratio, least, most = peer_runs.ratios(ours, theirs)
                rows.append((name, *_cells(theirs), f"**{ratio:.2f}**", f"{least:.2f} .. {most:.2f}", remark))
        out += [f"#### {question.capitalize()}", "", *table(rows), ""]
    return out


def _cells(times: dict[str, Any]) -> tuple[str, str, str]:
    return duration(times["p50"]), duration(times["p90"]), duration(times["min"])


def preprocessing(outcome: dict[str, Any], report: Report) -> list[str]:
    """Tables of the fused preprocessing beside OpenCV and NumPy."""
    out = []
    if outcome["preprocess"]:
        first = outcome["preprocess"][0]
        listed = [list(first), *([str(v) for v in row.values()] for row in outcome["preprocess"])]
        out += ["From `benchmarks/preprocess.py`:", "", *table(listed), ""]
    chains = {m.key[1]: m for m in report.measurements if m.name == "opencv and numpy"}
    rows = [("frame to detector input", "fused p50", "OpenCV + NumPy p50", "ratio")]
    for m in report.measurements:
        if m.name == "crop_normalize":
            chain = chains[m.key[1]].latency.p50
            what = f"{m.params['format']} {m.params['size']} to {m.params['to']}"
            fused = m.latency.p50
            rows.append((what, duration(fused), duration(chain), f"**{chain / fused:.2f}**"))
    return [*out, *table(rows)]


def measurements(report: Report, groups: Sequence[str]) -> list[str]:
    """Table of some groups; parameters that all rows share are told once, above it."""
    columns = ("min", "p50", "p90", "p95", "p99", "max")
    chosen = [m for m in report.measurements if m.group in groups]
    shared = dict(set.intersection(*(set(m.params.items()) for m in chosen))) if len(chosen) > 1 else {}
    rows: list[tuple[str, ...]] = [("what", "with", *columns, "calls/s")]
    for m in chosen:
        params = {name: value for name, value in m.params.items() if name not in shared}
        size = m.facts.get("file_bytes") if m.facts else None
        if isinstance(size, int):
            params["file"] = megabytes(size) if size > 1e6 else f"{size / 1e3:.0f} KB"
        cells = (duration(m.latency.figure(c)) for c in columns)
        rows.append((m.name, params_text(params), *cells, f"{m.throughput.value:.0f}"))
    intro = [f"All rows: {params_text(dict(sorted(shared.items())))}.", ""] if shared else []
    return [*intro, *table(rows)]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Markdown."""
    head, *body = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body)]
