"""The report as one HTML file: no script, no network, inline SVG; for phone, print, light and dark.

Charts are drawn by matplotlib (extra `[plot]`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from ..stats.measurement import Measurement, Parameter, params_text
from . import drawn
from .model import Comparison, Report, Verdict
from .style import CSS
from .text_report import (
    COLUMNS,
    board_text,
    duration,
    grouped,
    machine_lines,
    megabytes,
    percent,
    scaling_text,
    stage_lines,
    summary_lines,
)

PIPELINE = "pipeline"


def page(report: Report) -> str:
    """The whole HTML document."""
    version = report.edgeaffect
    sections = [
        _headline(report),
        _list("Warnings", report.warnings, "warning"),
        _comparison(report.comparison),
        _waterfall(report),
        _distribution(report),
        _sustained(report),
        _live(report),
        _scaling(report),
        _energy(report),
        _section("Machine", _definition(machine_lines(report))),
        _table(report),
        _section("How it was measured", f"<p>{escape(report.method.text)}</p>"),
        _list("Notes", report.notes, "note"),
    ]
    name = report.hardware.identity.board.name or report.hardware.identity.cpu.name or "benchmark"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>edgeaffect on {escape(name)}</title><style>{CSS}</style></head><body><main>"
        f"<header><h1>edgeaffect on {escape(name)}</h1><p class='sub'>version {escape(version.version)}, commit "
        f"<code>{escape(version.commit[:12])}</code>, {escape(report.created)}<br>"
        f"<code>{escape(' '.join(report.command))}</code></p></header>"
        + "".join(sections)
        + f"<footer>{escape(report.schema)}</footer></main></body></html>\n"
    )


def _section(heading: str, body: str) -> str:
    return f"<section><h2>{escape(heading)}</h2>{body}</section>" if body else ""


def _list(heading: str, items: Sequence[str], kind: str) -> str:
    body = "".join(f"<li>{escape(item)}</li>" for item in items)
    return _section(heading, f'<ul class="{kind}">{body}</ul>') if items else ""


def _definition(lines: Sequence[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in lines) + "</dl>"


def _headline(report: Report) -> str:
    """The few numbers most people came for."""
    cards = []
    for m in report.measurements:
        if m.name == PIPELINE:
            params = m.params
            label = f"{params['mode']}, {params['size']}; p99 {duration(m.latency.p99)}"
            cards.append((duration(m.latency.p50), "frame to result, median", label))
    if memory := report.memory:
        gpu = f", {megabytes(memory.gpu_bytes)} on the GPU" if memory.gpu_bytes is not None else ""
        cards.append((megabytes(memory.peak_bytes), "peak memory", f"{megabytes(memory.resident_bytes)} resident{gpu}"))
    if cold := report.cold_start:
        cards.append((duration(cold.process_seconds), "cold start", "new process to first result"))
    if energy := report.energy:
        cards.append((f"{energy.millijoules_per_frame:.2f} mJ", "per frame", f"{energy.watts:.2f} W at full speed"))
    body = "".join(
        f'<div class="card"><b>{escape(value)}</b><span>{escape(label)}</span><small>{escape(detail)}</small></div>'
        for value, label, detail in cards
    )
    return f'<div class="cards">{body}</div>' if cards else ""


def _distribution(report: Report) -> str:
    """Strips of all samples: those of the pipeline at once, the others behind a click."""
    charts: dict[bool, str] = {True: "", False: ""}
    for heading, members in grouped(report.measurements):
        chart = drawn.strips([(m.name, m.latency.values) for m in members], heading)
        charts[members[0].group == PIPELINE] += f"<h3>{escape(heading)}</h3>{chart}"
    if not any(charts.values()):
        return ""
    text = (
        "Every call is a dot; the bar spans the 5th to the 95th percentile, the line is the median. Logarithmic axis."
    )
    others = charts[False]
    if charts[True] and others:
        others = f"<details><summary>Models, preprocessing, precisions</summary>{others}</details>"
    return _section("Latency distribution", _caption(text) + charts[True] + others)


def _caption(text: str) -> str:
    return f'<p class="caption">{escape(text)}</p>'


def _waterfall(report: Report) -> str:
    """Mean time of each stage per frame, for every mode of the pipeline."""
    charts = []
    for whole in (m for m in report.measurements if m.name == PIPELINE):
        parts = _parts_of_a_frame(report.measurements, whole)
        if parts:
            label = params_text(whole.params)
            charts.append(f"<h3>{escape(label)}</h3>" + drawn.waterfall(parts, f"Stages of one frame: {label}"))
    if not charts:
        return ""
    text = "Mean over all frames: a stage that runs on every third frame counts a third. One colour per stage."
    return _section("Where a frame's time goes", "".join(charts) + _caption(text) + _definition(stage_lines(report)))


def _parts_of_a_frame(measurements: Sequence[Measurement], whole: Measurement) -> list[tuple[str, float, int]]:
    """(label, seconds per frame, number of its stage): parts where a stage tells them, and what is left over."""
    means = {
        m.name.removeprefix(f"{PIPELINE}."): m.latency.mean * (1.0 if m.share_of_frames is None else m.share_of_frames)
        for m in measurements
        if m.name.startswith(f"{PIPELINE}.") and m.params == whole.params and "capture" not in m.name
    }
    found: list[tuple[str, float, int]] = []
    stages = [name for name in means if "." not in name]
    for number, stage in enumerate(stages):
        inner = {name: value for name, value in means.items() if name.startswith(f"{stage}.")}
        rest = means[stage] - sum(inner.values())
        found += [(name, value, number) for name, value in inner.items()]
        if not inner or rest > 0.05 * means[stage]:
            found.append((f"{stage}, rest" if inner else stage, rest, number))
    if not found:
        return []
    rest = whole.latency.mean - sum(value for _, value, _ in found)
    return [*found, ("everything else", rest, len(stages))] if rest > 0 else found


def _sustained(report: Report) -> str:
    sustained = report.sustained
    if not sustained:
        return ""
    windows = sustained.windows
    time = [w.start for w in windows]
    series = [(name, time, [getattr(w, name) * 1e3 for w in windows]) for name in ("p10", "p50", "p95")]
    body = drawn.lines(series, "seconds since start", "ms per frame", "Latency over time")
    for name, unit in (("celsius", "degrees C"), ("mhz", "MHz")):
        known = [(w.start, value) for w in windows if (value := getattr(w, name)) is not None]
        if len({value for _, value in known}) > 1:
            starts, values = zip(*known, strict=True)
            body += drawn.lines([("", starts, values)], "seconds since start", unit, f"{unit} over time", zero=False)
    text = (
        f"Back to back frames for {sustained.seconds:.0f} s. The end against the beginning: "
        f"{percent(sustained.slowdown - 1)} by the fastest tenth of frames (heat slows those too), "
        f"{percent(sustained.mean_slowdown - 1)} by the mean; slowest frame "
        f"{duration(max(w.max for w in windows))}. Boards warm up over minutes: --duration 600 runs this for two."
    )
    board = sustained.tegrastats
    return _section("Latency over time", body + _caption(text) + (_caption(board_text(board)) if board else ""))


def _live(report: Report) -> str:
    if not report.live:
        return ""
    rows = "".join(
        f"<tr><td>{live.fps:g} fps</td><td>{live.processed} of {live.produced}</td>"
        f"<td class='{'bad' if live.dropped else 'good'}'>{live.dropped}</td>"
        f"<td>{duration(live.capture.p50)}</td>"
        f"<td>{duration(live.latency.p50)}</td><td>{duration(live.latency.p99)}</td></tr>"
        for live in report.live
    )
    head = "".join(f"<th>{c}</th>" for c in ("", "frames", "dropped", "capture", "age p50", "p99"))
    text = (
        "Frames arrive on a clock in a thread of their own, which copies them as a driver would (capture); age is the "
        "time from a frame's arrival to its result."
    )
    return _section("Live input", _wide(f"<tr>{head}</tr>", rows) + _caption(text))


def _scaling(report: Report) -> str:
    charts = []
    for scaling in report.scaling:
        points = scaling.points
        sizes, times = [p.size for p in points], [p.seconds * 1e3 for p in points]
        fitted = [(scaling.intercept + scaling.slope * s) * 1e3 for s in sizes]
        turns = [(p.size, turn * 1e3) for p in points for turn in p.turns]
        chart = drawn.lines(
            [("measured", sizes, times), ("straight line", sizes, fitted)], f"{scaling.unit}s", "ms", scaling.title,
            scatter=turns,
        )  # fmt: skip
        text = (
            f"{duration(scaling.slope)} per {scaling.unit}, {duration(scaling.intercept)} fixed; "
            f"{scaling_text(scaling)}."
        )
        charts.append(f"<h3>{escape(scaling.title)}</h3>" + chart + _caption(text))
    text = (
        "Dots are single turns, whose fastest call counts; the line joins their medians. Exponent 1 is linear; the "
        "verdict needs the whole interval on one side of 1.1."
    )
    return _section("How cost grows", "".join(charts) + _caption(text)) if charts else ""


def _energy(report: Report) -> str:
    energy = report.energy
    if not energy:
        return ""
    parts = [
        (f"{meter} {domain}", joules) for meter, domains in energy.joules.items() for domain, joules in domains.items()
    ]
    lines = [
        (name, f"{joules:.2f} J, {joules / max(energy.frames, 1) * 1000:.2f} mJ per frame") for name, joules in parts
    ]
    text = (
        f"{energy.frames} frames in {energy.seconds:.1f} s; readings hold the whole machine or module, not this "
        "process alone."
    )
    return _section("Energy", _definition(lines) + _caption(text))


def _comparison(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    rows = "".join(
        f'<tr class="{v.verdict.replace(" ", "-")}">{_name(v.name, v.params)}'
        f"<td>{v.verdict}{' (regression)' if v.regression else ''}</td><td>{percent(v.median.value)}</td>"
        f"<td>{percent(v.median.low)} .. {percent(v.median.high)}</td>"
        f"<td>{duration(v.old_median)}</td><td>{duration(v.new_median)}</td></tr>"
        for v in comparison.verdicts
    )
    head = "<tr><th></th><th>verdict</th><th>median</th><th>99 % interval</th><th>before</th><th>now</th></tr>"
    lists = [*comparison.remarks, *(f"only in the previous run: {name}" for name in comparison.only_old),
             *(f"only in this run: {name}" for name in comparison.only_new)]  # fmt: skip
    groups: dict[str, list[tuple[str, float, float, float, str]]] = {}
    for v in filter(_in_forest, comparison.verdicts):
        groups.setdefault(params_text(v.params), []).append(_forest_row(v))
    chart = "".join(f"<h3>{escape(heading)}</h3>{drawn.forest(rows, heading)}" for heading, rows in groups.items())
    slower, faster = (sum(v.verdict == kind for v in comparison.verdicts) for kind in ("slower", "faster"))
    verdict = f"{slower} slower, {faster} faster, {len(comparison.verdicts) - slower - faster} within noise"
    worst = " A regression." if comparison.regressed else ""
    text = (
        f"{verdict}; tolerance {100 * comparison.tolerance:g} %.{worst} Drawn: whole frames, their stages, and what is "
        "not within noise. 99 % intervals: block bootstrap of the single calls, widened by what whole rounds differ; a "
        "regression holds with all comparisons taken together."
    )
    return _section(
        "Against the previous run",
        chart + _caption(text) + "<details><summary>All verdicts</summary>" + _wide(head, rows) + "</details>"
        + (f'<ul class="note">{"".join(f"<li>{escape(r)}</li>" for r in lists)}</ul>' if lists else ""),
    )  # fmt: skip


def _in_forest(verdict: Verdict) -> bool:
    whole_or_stage = verdict.name.startswith(PIPELINE) and verdict.name.count(".") < 2
    return whole_or_stage or verdict.verdict != "within noise"


def _forest_row(verdict: Verdict) -> tuple[str, float, float, float, str]:
    """The interval that decided: that of the means where only the mean moved."""
    interval = verdict.median
    if verdict.verdict != "within noise" and interval.low <= 0 <= interval.high:
        interval = verdict.mean
    what = "" if interval is verdict.median else ", mean"
    css = {"slower": "bad", "faster": "good"}.get(verdict.verdict, "")
    return verdict.name + what, interval.low, interval.value, interval.high, css


def _wide(head: str, rows: str) -> str:
    """A table that scrolls sideways where it does not fit."""
    return f'<div class="wide"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'


def _name(name: str, params: Mapping[str, Parameter]) -> str:
    """First cell of a row: the parameters in small print below the name, which keeps the column narrow."""
    below = params_text(params)
    return f"<td>{escape(name)}<small>{escape(below)}</small></td>"


def _table(report: Report) -> str:
    head = "".join(f"<th>{c}</th>" for c in ("", *COLUMNS, "jitter", "outliers", "calls", "calls/s"))
    rows = "".join(
        f"<tr>{_name(m.name, m.params)}"
        + "".join(f"<td>{duration(m.latency.figure(c))}</td>" for c in (*COLUMNS, "jitter"))
        + f"<td>{m.latency.outliers}</td><td>{m.latency.count}</td>"
        + f"<td>{m.throughput.value:.0f}</td></tr>"
        for m in report.measurements
    )
    return _section("All measurements", _wide(f"<tr>{head}</tr>", rows) + _definition(summary_lines(report)))
