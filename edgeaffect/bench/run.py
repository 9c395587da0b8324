"""Runs the chosen parts and assembles the report."""

from __future__ import annotations

import datetime
import shlex
import tempfile
from pathlib import Path
from typing import Any

from .. import native
from .._version import __version__
from . import advice, cold, hardware, part_export, part_gpu, part_growth, part_models, part_pipeline, part_preprocess
from .compare import SCHEMA
from .context import Bench, Settings
from .method import STABLE_WITHIN, Plan
from .progress import Progress
from .tree import Tree

PARTS = ("pipeline", "models", "preprocess", "export")

# Seconds of a run of 60 s; --duration scales them all.
_PIPELINE, _MODELS, _PREPROCESS, _GROWTH, _LIVE, _SUSTAINED, _COLD, _EXPORT = 2.5, 0.6, 0.4, 0.35, 2.5, 12.0, 5.0, 3.0
_REFERENCE = 60.0


def run(settings: Settings, command: list[str], tree: Tree | None = None) -> dict[str, Any]:
    """Measure everything that `settings.parts` asks for.

    Args:
        settings: what to measure and where.
        command: as the user typed it, for the report.
        tree: where hardware facts are read; None is this machine.

    Returns:
        the report, as bench.schema.json describes it.
    """
    tree = tree or Tree()
    identity, before = hardware.identity(tree), hardware.state(tree)
    with tempfile.TemporaryDirectory(prefix="edgeaffect-bench-") as folder:
        bench = Bench(settings, Path(folder))
        result = _measure(bench, tree)
    after = hardware.state(tree)
    return {
        "schema": SCHEMA,
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "edgeaffect": {
            "version": __version__, "commit": hardware.commit(), "native": native.FLAVOUR, "simd": native.simd(),
        },
        "command": [shlex.quote(part) for part in command],
        "settings": _settings(bench),
        "method": _method(),
        "hardware": {
            "identity": identity, "before": before, "after": after, "packages": hardware.packages(),
            "interpreter": hardware.interpreter(),
        },
        "warnings": advice.warnings(identity, before, after),
        "notes": bench.notes,
        **result,
    }  # fmt: skip


def _settings(bench: Bench) -> dict[str, Any]:
    s = bench.settings
    return {
        "parts": list(s.parts), "device": s.device, "runtime": s.runtime, "precision": s.precision,
        "threads": s.threads, "size": list(s.frame_size), "faces": s.faces,
        "source": "synthetic" if s.source is None else "given", "duration": s.duration,
        "models": dict(bench.names), "random_weights": sorted(bench.random),
    }  # fmt: skip


def _method() -> dict[str, Any]:
    return {
        "clock": "time.perf_counter_ns around every call",
        "garbage_collector": "off while calls run",
        "warm_up": f"until the median of the last window is within {STABLE_WITHIN:.0%} of the one before",
        "outliers": "kept; `outliers` counts calls above q3 + 3 (q3 - q1)",
        "text": (
            "Warm-up until stable, then every call is timed by itself (perf_counter_ns) with the garbage collector "
            "off; no sample is dropped. Percentiles are over calls; a stage's percentiles are over the frames in which "
            "it ran. Frames carry the timestamps of a 30 fps camera, so that with the defaults the detector runs on "
            "every third one. Drawn faces stand in for people unless a source was given."
        ),
    }


def _measure(bench: Bench, tree: Tree) -> dict[str, Any]:
    parts, factor = bench.settings.parts, bench.settings.duration / _REFERENCE
    growth_points = len(part_growth.FACES) + len(part_growth.SIZES) + len(part_growth.CAMERAS)
    expected = {
        "pipeline": 2 * _PIPELINE + growth_points * _GROWTH * 2.5 + 3 * _LIVE + _SUSTAINED + _COLD,
        "models": 6 * _MODELS, "preprocess": 6 * _PREPROCESS, "export": _EXPORT,
    }  # fmt: skip
    progress = Progress(sum(expected[part] for part in parts) * factor)
    result: dict[str, Any] = {
        "measurements": [], "cold_start": None, "memory": None, "live": [], "sustained": None, "scaling": [],
        "energy": None,
    }  # fmt: skip

    def plan(seconds: float) -> Plan:
        return Plan(seconds=seconds).scaled(factor)

    try:
        if "pipeline" in parts:
            progress.phase("cold start and memory")
            result["cold_start"], result["memory"] = cold.measure(bench, runs=3 if factor >= 0.5 else 1)
            progress.advance(_COLD * factor)
            progress.phase("pipeline")
            result["measurements"] += part_pipeline.measurements(bench, plan(_PIPELINE))
            progress.advance(2 * _PIPELINE * factor)
        if "models" in parts:
            progress.phase("models")
            result["measurements"] += part_models.measurements(bench, plan(_MODELS))
            result["measurements"] += part_gpu.measurements(bench, plan(_MODELS))
            progress.advance(6 * _MODELS * factor)
        if "preprocess" in parts:
            progress.phase("preprocessing")
            result["measurements"] += part_preprocess.measurements(bench, plan(_PREPROCESS))
            progress.advance(6 * _PREPROCESS * factor)
        if "export" in parts:
            progress.phase("precisions")
            result["measurements"] += part_export.measurements(bench, plan(_EXPORT / 6))
            progress.advance(_EXPORT * factor)
        if "pipeline" in parts:
            progress.phase("growth with faces, pixels, cameras")
            result["scaling"] = part_growth.measurements(bench, plan(_GROWTH), lambda s: progress.advance(2.5 * s))
            progress.phase("live input")
            result["live"] = part_pipeline.live(bench, _LIVE * factor, progress.advance)
            progress.phase("sustained load")
            result["sustained"], result["energy"] = part_pipeline.sustained(
                bench, _SUSTAINED * factor, tree, progress.advance
            )
            if result["energy"] is None:
                bench.notes.append(
                    "energy: nothing readable (RAPL needs root: sudo chmod o+r /sys/class/powercap/*/energy_uj; "
                    "Jetson rails need the ina3221 driver)"
                )
    finally:
        progress.close()
    return result
