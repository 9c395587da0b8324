"""The report as one HTML file: no script, no network, inline SVG; for phone, print, light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from . import svg
from .compare import Comparison
from .report_style import CSS
from .report_text import COLUMNS, duration, grouped, machine_lines, megabytes, percent, summary_lines

PIPELINE = "pipeline"


def page(report: Mapping[str, Any], comparison: Comparison | None = None) -> str:
    """The whole HTML document."""
    version = report["edgeaffect"]
    sections = [
        _headline(report),
        _list("Warnings", report["warnings"], "warning"),
        _comparison(comparison),
        _distribution(report),
        _waterfall(report),
        _sustained(report),
        _live(report),
        _scaling(report),
        _energy(report),
        _section("Machine", _definition(machine_lines(report))),
        _table(report),
        _section("How it was measured", f"<p>{escape(report['method']['text'])}</p>"),
        _list("Notes", report["notes"], "note"),
    ]
    name = (
        report["hardware"]["identity"]["board"]["name"] or report["hardware"]["identity"]["cpu"]["name"] or "benchmark"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>edgeaffect on {escape(name)}</title><style>{CSS}</style></head><body><main>"
        f"<header><h1>edgeaffect on {escape(name)}</h1><p class='sub'>version {escape(version['version'])}, commit "
        f"<code>{escape(version['commit'][:12])}</code>, {escape(report['created'])}<br>"
        f"<code>{escape(' '.join(report['command']))}</code></p></header>"
        + "".join(sections)
        + f"<footer>{escape(report['schema'])}</footer></main></body></html>\n"
    )


def _section(heading: str, body: str) -> str:
    return f"<section><h2>{escape(heading)}</h2>{body}</section>" if body else ""


def _list(heading: str, items: Sequence[str], kind: str) -> str:
    body = "".join(f"<li>{escape(item)}</li>" for item in items)
    return _section(heading, f'<ul class="{kind}">{body}</ul>') if items else ""


def _definition(lines: Sequence[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in lines) + "</dl>"


def _headline(report: Mapping[str, Any]) -> str:
    """The few numbers most people came for."""
    cards = []
    for m in report["measurements"]:
        if m["name"] == PIPELINE:
            label = ", ".join(f"{k} {v}" for k, v in m["params"].items())
            cards.append(
                (duration(m["latency"]["p50"]), f"frame to result, median; p99 {duration(m['latency']['p99'])}", label)
            )
    if memory := report["memory"]:
        cards.append(
            (megabytes(memory["peak_bytes"]), "peak memory", f"{megabytes(memory['resident_bytes'])} resident")
        )
    if cold := report["cold_start"]:
        cards.append((duration(cold["process_seconds"]), "cold start", "new process to first result"))
    if energy := report["energy"]:
        cards.append(
            (f"{energy['millijoules_per_frame']:.2f} mJ", "per frame", f"{energy['watts']:.2f} W at full speed")
        )
    body = "".join(
        f'<div class="card"><b>{escape(value)}</b><span>{escape(label)}</span><small>{escape(detail)}</small></div>'
        for value, label, detail in cards
    )
    return f'<div class="cards">{body}</div>' if cards else ""


def _distribution(report: Mapping[str, Any]) -> str:
    charts = [
        f"<h3>{escape(heading)}</h3>" + svg.strips([(m["name"], m["latency"]["values"]) for m in members], heading)
        for heading, members in grouped(report["measurements"])
    ]
    text = (
        "Every call is a dot; the bar spans the 5th to the 95th percentile, the line is the median. Logarithmic axis."
    )
    return _section("Latency distribution", "".join(charts) + _caption(text)) if charts else ""


def _caption(text: str) -> str:
    return f'<p class="caption">{escape(text)}</p>'


def _waterfall(report: Mapping[str, Any]) -> str:
    """Mean time of each stage per frame, for every mode of the pipeline."""
    charts = []
    for whole in (m for m in report["measurements"] if m["name"] == PIPELINE):
        parts = [
            (m["name"].removeprefix(f"{PIPELINE}."), m["latency"]["mean"] * m.get("share_of_frames", 1.0))
            for m in report["measurements"]
            if m["name"].startswith(f"{PIPELINE}.") and m["params"] == whole["params"]
        ]
        rest = whole["latency"]["mean"] - sum(value for _, value in parts)
        if not parts:
            continue
        if rest > 0:
            parts.append(("everything else", rest))
        label = ", ".join(f"{k} {v}" for k, v in whole["params"].items())
        charts.append(f"<h3>{escape(label)}</h3>" + svg.waterfall(parts, f"Stages of one frame: {label}"))
    return (
        _section(
            "Where a frame's time goes",
            "".join(charts) + _caption("Mean over all frames: a stage that runs on every third frame counts a third."),
        )
        if charts
        else ""
    )


def _sustained(report: Mapping[str, Any]) -> str:
    sustained = report["sustained"]
    if not sustained:
        return ""
    windows = sustained["windows"]
    time = [w["start"] for w in windows]
    series = [
        (name, time, [w[key] * 1e3 for w in windows]) for name, key in (("p50", "p50"), ("p95", "p95"), ("max", "max"))
    ]
    body = svg.lines(series, "seconds since start", "ms per frame", "Latency over time")
    for key, unit in (("celsius", "degrees C"), ("mhz", "MHz")):
        known = [(w["start"], w[key]) for w in windows if w[key] is not None]
        if len({value for _, value in known}) > 1:
            starts, values = zip(*known, strict=True)
            body += svg.lines([("", starts, values)], "seconds since start", unit, f"{unit} over time", zero=False)
    text = f"Back to back frames; the last window is {percent(sustained['slowdown'] - 1)} against the first."
    return _section("Latency over time", body + _caption(text))


def _live(report: Mapping[str, Any]) -> str:
    if not report["live"]:
        return ""
    rows = "".join(
        f"<tr><td>{live['fps']:g}</td><td>{live['produced']}</td><td>{live['processed']}</td><td>{live['dropped']}</td>"
        f"<td>{duration(live['latency']['p50'])}</td><td>{duration(live['latency']['p99'])}</td></tr>"
        for live in report["live"]
    )
    head = "<tr><th>fps</th><th>frames</th><th>processed</th><th>dropped</th><th>age p50</th><th>age p99</th></tr>"
    text = "Frames arrive on a clock in a thread of their own; age is the time from a frame's arrival to its result."
    return _section(
        "Live input",
        f'<div class="wide"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>' + _caption(text),
    )


def _scaling(report: Mapping[str, Any]) -> str:
    charts = []
    for growth in report["scaling"]:
        points = growth["points"]
        sizes, times = [p["size"] for p in points], [p["seconds"] * 1e3 for p in points]
        fitted = [(growth["intercept"] + growth["slope"] * s) * 1e3 for s in sizes]
        series = [("measured", sizes, times), ("straight line", sizes, fitted)]
        text = (
            f"{duration(growth['slope'])} per {growth['unit']}, {duration(growth['intercept'])} fixed; "
            f"growth exponent {growth['exponent']:.2f} (1 is linear)."
        )
        heading = f"<h3>{escape(growth['title'])}</h3>"
        charts.append(heading + svg.lines(series, growth["unit"] + "s", "ms", growth["title"]) + _caption(text))
    return _section("How cost grows", "".join(charts))


def _energy(report: Mapping[str, Any]) -> str:
    energy = report["energy"]
    if not energy:
        return ""
    parts = [
        (f"{meter} {domain}", joules)
        for meter, domains in energy["joules"].items()
        for domain, joules in domains.items()
    ]
    lines = [
        (name, f"{joules:.2f} J, {joules / max(energy['frames'], 1) * 1000:.2f} mJ per frame") for name, joules in parts
    ]
    text = (
        f"{energy['frames']} frames in {energy['seconds']:.1f} s; readings hold the whole machine or module, not this "
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
    remarks = "".join(f"<li>{escape(r)}</li>" for r in comparison.remarks)
    return _section(
        "Against the previous run",
        f'<div class="wide"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
        + (f'<ul class="note">{remarks}</ul>' if remarks else "")
        + _caption("Block bootstrap of the single calls; within noise: the interval contains zero."),
    )


def _name(name: str, params: Mapping[str, Any]) -> str:
    """First cell of a row: the parameters in small print below the name, which keeps the column narrow."""
    below = ", ".join(f"{k} {v}" for k, v in params.items())
    return f"<td>{escape(name)}<small>{escape(below)}</small></td>"


def _table(report: Mapping[str, Any]) -> str:
    head = "".join(f"<th>{c}</th>" for c in ("", *COLUMNS, "jitter", "outliers", "calls", "calls/s"))
    rows = "".join(
        f"<tr>{_name(m['name'], m['params'])}"
        + "".join(f"<td>{duration(m['latency'][c])}</td>" for c in (*COLUMNS, "jitter"))
        + f"<td>{m['latency']['outliers']}</td><td>{m['latency']['count']}</td>"
        + f"<td>{m['throughput']['value']:.0f}</td></tr>"
        for m in report["measurements"]
    )
    body = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return _section("All measurements", body + _definition(summary_lines(report)))
