"""The part of RESULTS.md about the GPU, from RESULTS_CUDA.json."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.results import table

JSON = "RESULTS_CUDA.json"
TITLE = "## On a GPU"
NOTHING = (
    "Not measured: no GPU has been at hand, and none has run this code. On a machine with one, "
    "`python -m benchmarks.cuda` measures everything that belongs here and fills this part in."
)
PEERS = {"pytorch": "PyTorch", "cupy": "CuPy", "cvcuda": "CV-CUDA"}
# Section -> what must be said before its figures.
RUNTIMES = {
    "tensorrt": "",
    "onnxruntime": "",
    "pytorch-session": (
        "What follows is the bundled ONNX graphs run by PyTorch, kernel by kernel, on our stream: it proves and times "
        "the path where no TensorRT can run. It is for tests and benchmarks only; TensorRT's own times are not these."
    ),
}


def write(folder: Path) -> None:
    """Put the part into RESULTS.md of a folder that also holds the numbers."""
    path = folder / "RESULTS.md"
    text = path.read_text("utf-8") if path.is_file() else "# Results\n"
    path.write_text(with_part(text, folder), "utf-8")


def with_part(text: str, folder: Path) -> str:
    """`text` of a RESULTS.md with its part about the GPU, whether it had one or not."""
    path = folder / JSON
    body = markdown(json.loads(path.read_text("utf-8"))) if path.is_file() else NOTHING + "\n"
    rest = re.sub(rf"\n*^{TITLE}$.*?(?=^## |\Z)", "\n", text, count=1, flags=re.DOTALL | re.MULTILINE)
    return f"{rest.rstrip()}\n\n{TITLE}\n\n{body}"


def markdown(outcome: dict[str, Any]) -> str:
    sections = outcome["sections"]
    lines = [*_head(outcome), *_copy(sections), *_crops(sections), *_decode(sections), *_textures(sections)]
    for runtime in RUNTIMES:
        lines += _pipeline(sections, runtime)
    if eager := _value(sections, "pytorch-pipeline"):
        p50, p99 = (_ms(eager["seconds"][key]) for key in ("p50", "p99"))
        lines += [f"The same in eager PyTorch {eager['versions']['torch']}, one frame: p50 {p50}, p99 {p99}.", ""]
    for name in ("tests", "sanitizers"):
        if text := _value(sections, name):
            lines += [f"{name.capitalize()} on this GPU: {text}", ""]
    if rows := _value(sections, "counters"):
        lines += ["Counters:", "", *table([list(rows[0]), *(list(row.values()) for row in rows)]), ""]
    missing = [f"- Left out: {name}: {section['error']}" for name, section in sections.items() if "error" in section]
    return "\n".join([*lines, *missing]).rstrip() + "\n"


def _value(sections: dict[str, Any], name: str) -> Any:
    return sections.get(name, {}).get("value")


def _head(outcome: dict[str, Any]) -> Iterator[str]:
    machine = outcome["machine"]
    yield (
        f"Commit `{outcome['commit']}`, {outcome['created']}. Command: `python -m benchmarks.cuda`; do not edit. What "
        "of the code has changed since, and what has run on a GPU after that: docs/verification.md."
    )
    yield ""
    states = [(name, section.get("after") or {}) for name, section in outcome["sections"].items()]
    after: dict[str, list[str]] = {}
    for name, state in states:
        if text := _clock(state):
            after.setdefault(text, []).append(name)
    clocks = "; ".join(f"{', '.join(names) if len(after) > 1 else 'all'} {text}" for text, names in after.items())
    slowed = sorted({text for _, state in states for text in state.get("throttled", [])})
    yield from table([
        ("machine", ""),
        ("GPU", _gpu(outcome["gpu"], machine.get("jetson"))),
        ("module", outcome["status"]),
        ("CPU", str((machine.get("cpu") or {}).get("name"))),
        ("clocks after each section", clocks or "not exposed"),
        ("slowed down by", ", ".join(slowed) or "nothing seen"),
    ])  # fmt: skip
    yield ""
    yield (
        "Method: kernel times are CUDA events around one CUDA graph of many launches, divided by their number, the "
        "least of five; peers run in turns with ours, recorded likewise where they can be; pipeline times are one "
        "wall-clock time per call, waiting included, after a warm-up, garbage collector off; clocks as found. Faces "
        "are 80 to 400 pixels wide, small faces half to all of the crop: they take one tap per pixel, as the peers do. "
        "Bytes of a crop launch: output written, and frame area under the crops read once."
    )
    yield ""


def _gpu(gpu: dict[str, Any] | None, jetson: dict[str, Any] | None) -> str:
    if gpu:
        return f"{gpu['name']}, driver {gpu['driver']}"
    if jetson:
        return f"{jetson['module']}, L4T {jetson['l4t']}, JetPack {jetson['jetpack']}"
    return "unknown"


def _clock(state: dict[str, Any]) -> str:
    if "sm_mhz" in state:
        return f"SM {state['sm_mhz']}, memory {state['memory_mhz']} MHz"
    if "gpu_mhz" in state:
        pinned = " pinned" if state["clocks_pinned"] else ""
        return f"GPU {state['gpu_mhz']} of {state['gpu_max_mhz']} MHz{pinned}, mode {state['power_mode_name']}"
    return ""


def _copy(sections: dict[str, Any]) -> list[str]:
    copy = _value(sections, "copy")
    if copy is None:
        return []
    device, upload, nothing = f"{copy['device'] / 1e9:.0f}", f"{copy['upload'] / 1e9:.1f}", _us(copy["nothing"])
    return [f"Copy on the device: {device} GB/s; upload from pinned memory: {upload} GB/s; least launch: {nothing} us.",
            ""]  # fmt: skip


def _crops(sections: dict[str, Any]) -> list[str]:
    rows = _value(sections, "crops")
    if rows is None:
        return []
    copy = (_value(sections, "copy") or {}).get("device")
    peers = {title: _value(sections, name) for name, title in PEERS.items() if _value(sections, name)}
    head = ["crops", "from", "size", "us", "GB/s", "share of copy", *(f"{title} us (ours in turn)" for title in peers)]
    cells = []
    for row in rows:
        rate = row["bytes"] / row["seconds"]
        cells.append([
            f"{row['crops']} {row['what']}", row["color"], "x".join(map(str, row["size"])), _us(row["seconds"]),
            f"{rate / 1e9:.0f}", f"{rate / copy:.2f}" if copy else "", *(_same(row, peer) for peer in peers.values()),
        ])  # fmt: skip
    remarks = [f"{title} {next(iter(peer['versions'].values()))}: {peer['remark']}." for title, peer in peers.items()]
    return [*table([head, *cells]), "", *remarks, ""]


def _same(row: dict[str, Any], peer: dict[str, Any]) -> str:
    """A peer's time for the same crops, of which it has those of BGR frames."""
    keys = ("what", "color", "crops", "size")
    same = (p for p in peer["crops"] if all(p[key] == row[key] for key in keys))
    return next((f"{_us(p['seconds'])} ({_us(p['ours'])})" for p in same), "")


def _decode(sections: dict[str, Any]) -> list[str]:
    rows = _value(sections, "decode")
    if rows is None:
        return []
    cells = [("x".join(map(str, r["size"])), f"{r['candidates']:.1%}", _us(r["seconds"])) for r in rows]
    return [*table([("decode", "candidates", "us"), *cells]), ""]


def _textures(sections: dict[str, Any]) -> list[str]:
    rows = _value(sections, "textures")
    if rows is None:
        return []
    cells = [
        (f"{row['crops']} faces", row["color"], f"{row['size']}x{row['size']}", f"{row['taps']}x{row['taps']}",
         *(_us(row[way]) for way in ("plain", "texture", "filtered")), f"{row['difference']:.2f}")
        for row in rows
    ]  # fmt: skip
    ratio = math.exp(sum(math.log(row["texture"] / row["plain"]) for row in rows) / len(rows))
    head = ("crops", "from", "size", "taps", "plain loads us", "texture us", "filtering texture us", "grey levels off")
    return [
        "Textures, in a program of their own. One that is sampled at points gives the same bits as plain loads and "
        f"takes {ratio:.2f} times as long (geometric mean). One that filters has 8 bits of fraction; the last column "
        "says how far it is off on noise, at most.",
        "", *table([head, *cells]), "",
    ]  # fmt: skip


def _pipeline(sections: dict[str, Any], runtime: str) -> list[str]:
    value = _value(sections, runtime)
    if value is None:
        return []
    if "frames" in value:
        what, rows = "`Pipeline`, detection in every frame", value["frames"]
    else:  # recorded before 2026-11-29
        what, rows = "Detection and affect in one launch, by a program that has been removed since", value["process"]
    cells = [
        (row["place"], row["cameras"], row["mode"] if "mode" in row else _modes(row["modes"]),
         _ms(row["seconds"]["p50"]), _ms(row["seconds"]["p99"]), f"{row['frames_per_second']:.0f}")
        for row in rows
    ]  # fmt: skip
    follow = [
        (row["device"], f"{row['detect_interval']:g} s", _ms(row["seconds"]["p50"]), _ms(row["seconds"]["p99"]))
        for row in value["follow"]
    ]
    return [
        *([RUNTIMES[runtime], ""] if RUNTIMES[runtime] else []),
        f"{what}, 1080p BGR with {value['faces']} faces, {value['runtime']}:", "",
        *table([("frame on", "cameras", "runs as", "p50", "p99", "frames/s"), *cells]), "",
        _parts(value.get("parts", {})), "",
        "`Pipeline`, with tracking and smoothing, the same frames on the host:", "",
        *table([("device", "detects every", "p50", "p99"), *follow]), "",
    ]  # fmt: skip


def _parts(parts: dict[str, Any]) -> str:
    """Where the time of one frame on the host goes: steps of a pipeline, or of the program removed since."""
    names = {
        "upload": "the upload", "detect": "detection", "analyse": "affect", "process": "everything",
        "copy": "the copy into pinned memory on the CPU", "run": "the launch and the wait for its results",
    }  # fmt: skip
    spent = [f"{_ms(seconds['p50'])} for {names[name]}" for name, seconds in parts.items()]
    return f"One frame on the host, p50: {', '.join(spent)}."


def _modes(modes: dict[str, str]) -> str:
    """How the programs run, told once where they agree in it."""
    texts = {mode.split(" of ")[0].split(" (")[0] for mode in modes.values()}
    return texts.pop() if len(texts) == 1 else "; ".join(f"{does}: {mode}" for does, mode in modes.items())


def _us(seconds: float) -> str:
    return f"{seconds * 1e6:.1f}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"
