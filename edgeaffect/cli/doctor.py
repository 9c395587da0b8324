"""`edgeaffect doctor`: what is installed, what would be used, and why not the rest."""

from __future__ import annotations

import json
from typing import Any

from ..doctor import examine
from .usage import Parser


def main(words: list[str]) -> int:
    """Run the command; returns its exit code: 1 when something that everybody needs is broken."""
    parser = Parser(
        prog="edgeaffect doctor", description="What is installed, what would be used, and why not the rest."
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    arguments = parser.parse_args(words)
    facts = examine()
    print(json.dumps(facts, indent=2) if arguments.json else "\n".join(_report(facts)))
    return 1 if facts["problems"] else 0


def _report(facts: dict[str, Any]) -> list[str]:
    system, core, opencv = facts["system"], facts["native"], facts["opencv"]
    lines = [
        f"edgeaffect {facts['edgeaffect']['version']} in {facts['edgeaffect']['place']}",
        *_system_lines(system),
        f"  native part: {core['variant']}, {core['simd']}{_cost(core)}",
        f"  CUDA: {core['cuda']}",
        f"  cache folder: {facts['edgeaffect']['home']}",
        "",
        "packages",
        *(f"  {purpose:33} {version or 'not installed'}" for purpose, version in facts["packages"].items()),
    ]
    if opencv:
        abilities = [f"{name}: {'yes' if has else 'no'}" for name, has in opencv.items() if name != "version"]
        lines += ["", f"OpenCV {opencv['version']}", *(f"  {text}" for text in abilities)]
    lines += ["", "cameras", f"  {', '.join(facts['cameras']) or 'none'}"]
    lines += ["", "microphones", *_microphone_lines(facts["microphones"]), "", "models"]
    for model in facts["models"]:
        intact = "" if model["intact"] else "  DAMAGED"
        lines.append(
            f"  {model['name']:28} {model['version']:8} {model['bytes'] / 1e6:6.2f} MB  {model['licence']}{intact}"
        )
    lines += ["", "ways to run a model (device and runtime `auto` take the first that works)"]
    for row in facts["runtimes"]:
        name = f"{row['device']} with {row['runtime']}"
        if row["works"]:
            runs = row.get("runs", {})
            detail = ", ".join(str(runs[key]) for key in ("runtime", "provider", "device") if runs.get(key))
            lines.append(f"  {'->' if row['used by auto'] else '  '} {name:22} works: {detail}")
        else:
            lines.append(f"     {name:22} no: {row['why']}")
    if facts["problems"]:
        lines += ["", "problems", *(f"  {text}" for text in facts["problems"])]
    if facts["hints"]:
        lines += ["", "hints", *(f"  {text}" for text in facts["hints"])]
    return lines


def _cost(core: dict[str, Any]) -> str:
    """What the native part takes, or that it does not work."""
    if not core["works"]:
        return "  DOES NOT WORK"
    return "" if core["crop_ms"] is None else f", {core['crop_ms']} ms from a 640x480 frame to the detector's input"


def _microphone_lines(sound: dict[str, Any]) -> list[str]:
    """The devices, the default one marked, or why there is none."""
    version = [f"  {sound['version']}"] if sound["version"] else []
    return version + [f"  {line}" for line in sound["devices"] or [f"none: {sound['why']}"]]


def _system_lines(system: dict[str, Any]) -> list[str]:
    if not system:
        return []
    return [
        f"  Python {system['python']} on {system['platform']}",
        f"  {system['processor']}, {system['cores']} cores" + (f", {system['jetson']}" if system["jetson"] else ""),
    ]
