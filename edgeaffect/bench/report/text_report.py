"""The report as a table for people, as Markdown and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ..host.facts import BoardReadings, GpuState, State
from ..stats.measurement import Measurement
from .model import Comparison, Report, Scaling

COLUMNS = ("min", "p50", "p90", "p99", "max")


def duration(seconds: float) -> str:
    """Three significant digits with a unit a person reads."""
    for limit, factor, unit in ((1e-3, 1e6, "us"), (1.0, 1e3, "ms")):
        if abs(seconds) < limit:
            return f"{_three(seconds * factor)} {unit}"
    return f"{_three(seconds)} s"


def _three(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def megabytes(count: float | None) -> str:
    """Bytes as megabytes; a question mark where they are not known."""
    return "?" if count is None else f"{count / 1e6:.0f} MB"


def percent(ratio: float) -> str:
    """A relative difference with its sign."""
    return f"{100 * ratio:+.1f} %"


def grouped(measurements: Sequence[Measurement]) -> list[tuple[str, list[Measurement]]]:
    """Measurements of one group and the same parameters together, under a heading, in their order."""
    groups: dict[str, list[Measurement]] = {}
    for m in measurements:
        heading = ", ".join([m.group, *(f"{k} {v}" for k, v in m.params.items())])
        groups.setdefault(heading, []).append(m)
    return list(groups.items())


def machine_lines(report: Report) -> list[tuple[str, str]]:
    """The hardware card: label and value."""
    identity, before, after = report.hardware.identity, report.hardware.before, report.hardware.after
    cpu = identity.cpu
    lines = [
        ("machine", identity.board.name or identity.board.kind),
        (
            "CPU",
            f"{cpu.name or 'unknown'}, {cpu.logical} logical, {cpu.usable} usable, "
            f"{report.settings.threads} used per model",
        ),
        ("clock", f"{_mhz(before.cpu_mhz)} before, {_mhz(after.cpu_mhz)} after"),
        ("governor", ", ".join(before.governors) or "not exposed"),
        ("temperature", _celsius(before, after)),
        ("memory", megabytes(identity.memory_bytes)),
        ("system", f"{identity.os}, kernel {identity.kernel}, {identity.python or ''}"),
    ]
    if gpu := identity.gpu:
        lines.append(("GPU", f"{gpu.name}, driver {gpu.driver}, {megabytes(gpu.memory_bytes)}"))
        lines.append(("GPU clocks", f"{_gpu_state(before.gpu)} before, {_gpu_state(after.gpu)} after"))
    if jetson := identity.jetson:
        lines.append(("Jetson", f"L4T {jetson.l4t}, JetPack {jetson.jetpack or 'not installed'}"))
    if state := before.jetson:
        pinned = {True: "pinned", False: "not pinned", None: "unknown"}[state.clocks_pinned]
        lines.append(("power mode", f"{state.power_mode_name} ({state.power_mode}), clocks {pinned}"))
    if contention := report.contention:
        stolen = f", hypervisor took {contention.stolen_cpus:.2f}" if contention.stolen_cpus >= 0.01 else ""
        lines.append(("other programs", f"{contention.other_cpus:.2f} CPUs during the run{stolen}"))
    packages = report.hardware.packages
    lines.append(("packages", ", ".join(f"{name} {version}" for name, version in packages.items())))
    return lines


def _mhz(values: Sequence[float]) -> str:
    if not values:
        return "not exposed"
    low, high = min(values), max(values)
    return f"{low:.0f} MHz" if low == high else f"{low:.0f}..{high:.0f} MHz"


def _gpu_state(state: GpuState | None) -> str:
    if state is None:
        return "not exposed"
    readings = ((state.sm_mhz, "MHz"), (state.celsius, "degrees C"), (state.watts, "W"))
    known = [f"{value:.0f} {unit}" for value, unit in readings if value is not None]
    return " ".join(known) or "not exposed"


def _celsius(before: State, after: State) -> str:
    if not after.celsius:
        return "not exposed"
    name = max(after.celsius, key=after.celsius.__getitem__)
    start = before.celsius.get(name)
    return f"{name}: {'?' if start is None else f'{start:.0f}'} before, {after.celsius[name]:.0f} degrees C after"


def scaling_text(scaling: Scaling) -> str:
    """Exponent, its interval and what follows from it."""
    low, high = scaling.exponent_interval
    verdict = scaling.verdict.upper() if scaling.verdict.startswith("worse") else scaling.verdict
    return f"cost ~ {scaling.name}^{scaling.exponent:.2f} (95 % interval {low:.2f} .. {high:.2f}: {verdict})"


def board_text(board: BoardReadings) -> str:
    """What tegrastats told."""
    known = (("GPU", board.gpu_percent), ("memory", board.memory_bus_percent))
    loads = [f"{label} {value:.0f} %" for label, value in known if value is not None]
    rails = [f"{name} {value:.0f} mW" for name, value in board.milliwatts.items()]
    hottest = [f"{max(board.celsius.values()):.0f} degrees C"] if board.celsius else []
    return ", ".join([*loads, *rails, *hottest])


def stage_lines(report: Report) -> list[tuple[str, str]]:
    """Stages that are no measurement of their own, with the reason."""
    lines = []
    for name, stage in report.stages.items():
        if stage.status == "measured":
            continue
        live = [entry.capture.p50 for entry in report.live]
        figure = f"{duration(min(live))}, " if stage.status == "stand-in" and live else ""
        lines.append((f"stage {name}", f"{figure}{stage.status}: {stage.text}"))
    return lines


def summary_lines(report: Report) -> list[tuple[str, str]]:
    """Everything besides the latency table: label and value."""
    lines = stage_lines(report)
    if cold := report.cold_start:
        lines.append((
            "cold start",
            f"import {duration(cold.import_seconds)}, load {duration(cold.load_seconds)}, "
            f"first result {duration(cold.first_result_seconds)}; new process {duration(cold.process_seconds)}",
        ))  # fmt: skip
    if memory := report.memory:
        gpu = f", {megabytes(memory.gpu_bytes)} on the GPU" if memory.gpu_bytes is not None else ""
        peak = f"peak {megabytes(memory.peak_bytes)}{gpu} (pipeline in a process of its own)"
        lines.append(("memory", f"{megabytes(memory.resident_bytes)} resident, {peak}"))
    if report.sustained and (board := report.sustained.tegrastats):
        lines.append(("tegrastats", board_text(board)))
    for live in report.live:
        lines.append((
            f"live {live.fps:g} fps",
            f"{live.processed} of {live.produced} frames processed, {live.dropped} dropped, "
            f"capture to result p50 {duration(live.latency.p50)}, p99 {duration(live.latency.p99)}",
        ))  # fmt: skip
    if sustained := report.sustained:
        lines.append((
            "sustained",
            f"{sustained.seconds:.0f} s at full speed: the end is {percent(sustained.slowdown - 1)} against the "
            f"beginning by the fastest tenth of frames, {percent(sustained.mean_slowdown - 1)} by the mean",
        ))  # fmt: skip
    for scaling in report.scaling:
        fixed = f"fixed {duration(scaling.intercept)}"
        lines.append((f"per {scaling.unit}", f"{duration(scaling.slope)}, {fixed}; {scaling_text(scaling)}"))
    if energy := report.energy:
        lines.append(("energy", f"{energy.millijoules_per_frame:.2f} mJ per frame, {energy.watts:.2f} W"))
    return lines


def table(report: Report) -> str:
    """Plain text for a terminal."""
    version = report.edgeaffect
    out = [f"edgeaffect {version.version} ({version.commit[:12]}), {report.created}", ""]
    out += [*_pairs(machine_lines(report)), ""]
    rows: list[tuple[str, ...]] = [("", *COLUMNS, "jitter", "calls/s")]
    headings = {}
    for heading, members in grouped(report.measurements):
        headings[len(rows)] = heading
        for m in members:
            latency = m.latency
            cells = [duration(latency.figure(c)) for c in (*COLUMNS, "jitter")]
            rows.append((f"  {m.name}{'' if m.warmup.stable else ' *'}", *cells, f"{m.throughput.value:.0f}"))
    for index, line in enumerate(_aligned(rows)):
        out += [headings[index], line] if index in headings else [line]
    if any(not m.warmup.stable for m in report.measurements):
        out.append("* still changing after the longest warm-up")
    out += ["", *_pairs(summary_lines(report))]
    out += [f"note: {text}" for text in report.notes]
    out += [f"WARNING: {text}" for text in report.warnings]
    if report.comparison is not None:
        out += ["", *comparison_lines(report.comparison)]
    return "\n".join(out) + "\n"


def comparison_lines(comparison: Comparison) -> list[str]:
    """Plain text of a comparison."""
    rows = [("against the old report", "old", "new", "median", "99 % interval", "verdict")]
    for v in comparison.verdicts:
        rows.append((
            v.title, duration(v.old_median), duration(v.new_median),
            percent(v.median.value), f"{percent(v.median.low)} .. {percent(v.median.high)}",
            v.verdict + (" REGRESSION" if v.regression else ""),
        ))  # fmt: skip
    out = _aligned(rows, last_left=True)
    out += [f"only in the old report: {name}" for name in comparison.only_old]
    out += [f"only in the new report: {name}" for name in comparison.only_new]
    out += [f"note: {remark}" for remark in comparison.remarks]
    return out


def markdown(report: Report) -> str:
    """Markdown: method, commit and hardware before any number."""
    version = report.edgeaffect
    out = [f"# edgeaffect {version.version} benchmark", "", f"Commit `{version.commit}`, {report.created}.",
           f"Command: `{' '.join(report.command)}`.", "", report.method.text, ""]  # fmt: skip
    out += _markdown_table([("", ""), *machine_lines(report)])
    rows: list[tuple[str, ...]] = [("measurement", *COLUMNS, "jitter", "calls", "calls/s")]
    for m in report.measurements:
        latency = m.latency
        rows.append((m.title, *(duration(latency.figure(c)) for c in (*COLUMNS, "jitter")), str(latency.count),
                     f"{m.throughput.value:.0f}"))  # fmt: skip
    out += ["", *_markdown_table(rows), ""]
    out += _markdown_table([("", ""), *summary_lines(report)])
    if report.notes or report.warnings:
        out += ["", *[f"- Note: {t}" for t in report.notes], *[f"- **Warning:** {t}" for t in report.warnings]]
    if report.comparison is not None:
        out += ["", "```", *comparison_lines(report.comparison), "```"]
    return "\n".join(out) + "\n"


def to_csv(report: Report) -> str:
    """One line per measurement, times in seconds."""
    columns = ("count", "mean", "stdev", "min", "p50", "p90", "p95", "p99", "max", "jitter", "outliers")
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["name", "group", "params", *columns, "calls_per_second"])
    for m in report.measurements:
        params = " ".join(f"{k}={v}" for k, v in m.params.items())
        row = [m.name, m.group, params, *(m.latency.figure(c) for c in columns), m.throughput.value]
        writer.writerow(row)
    return buffer.getvalue()


def _pairs(lines: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(label) for label, _ in lines), default=0)
    return [f"{label:<{width}}  {value}" for label, value in lines]


def _aligned(rows: Sequence[Sequence[str]], *, last_left: bool = False) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    left = {0, len(widths) - 1} if last_left else {0}
    return [
        "  ".join(
            f"{c:<{w}}" if i in left else f"{c:>{w}}" for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _markdown_table(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *body = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    aligned = ["---" if i == 0 or len(head) == 2 else "---:" for i in range(len(head))]
    return [f"| {' | '.join(row)} |" for row in (head, aligned, *body)]
