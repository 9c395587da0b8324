"""Runs the chosen parts and assembles the report."""

from __future__ import annotations

import datetime
import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from .. import native
from .._progress import ProgressLine
from .._version import __version__
from .context import Bench, Settings
from .host import hardware, nvml
from .host.contention import Contention
from .host.tree import Tree
from .parts import (
    cold,
)
from .parts import (
    export as part_export,
)
from .parts import (
    gpu as part_gpu,
)
from .parts import (
    growth as part_growth,
)
from .parts import (
    live as part_live,
)
from .parts import (
    models as part_models,
)
from .parts import (
    pipeline as part_pipeline,
)
from .parts import (
    preprocess as part_preprocess,
)
from .parts import (
    sustained as part_sustained,
)
from .report import warnings as advice
from .report.compare import SCHEMA
from .stats.method import STABLE_WITHIN, Plan, merged

PARTS = ("pipeline", "models", "preprocess", "export")

# Seconds of a run of 60 s; --duration scales them all. Those of the parts are for one measurement, all rounds together.
_PIPELINE, _MODELS, _PREPROCESS, _EXPORT = 2.8, 0.7, 0.4, 0.5
_GROWTH, _LIVE, _SUSTAINED, _COLD = 0.35, 2.5, 12.0, 3.0
_REFERENCE = 60.0
_ROUNDS, _ROUNDS_OF_SHORT_RUN = 4, 3

# part -> (what to call per round, seconds of one measurement, number of measurements)
_MEASURED: dict[str, list[tuple[Callable[[Bench, Plan], list[dict[str, Any]]], float, int]]] = {
    "pipeline": [(part_pipeline.measurements, _PIPELINE, 2)],
    "models": [(part_models.measurements, _MODELS, 4), (part_gpu.measurements, _MODELS, 0)],
    "preprocess": [(part_preprocess.measurements, _PREPROCESS, 6)],
    "export": [(part_export.measurements, _EXPORT, 4)],
}
_OVERHEAD = 1.6  # warm-up, loading and drawing, over measuring


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
    watch = Contention(tree)
    with tempfile.TemporaryDirectory(prefix="edgeaffect-bench-") as folder:
        bench = Bench(settings, Path(folder))
        if remedy := nvml.missing(tree):
            bench.note(remedy)
        result = _measure(bench, tree)
    after, contention = hardware.state(tree), watch.result()
    return {
        "schema": SCHEMA,
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "edgeaffect": {
            "version": __version__, "commit": hardware.commit(), "native": native.VARIANT, "simd": native.simd(),
        },
        "command": [shlex.quote(part) for part in command],
        "settings": _settings(bench),
        "method": _method(),
        "hardware": {
            "identity": identity, "before": before, "after": after, "packages": hardware.packages(),
            "interpreter": hardware.interpreter(),
        },
        "contention": contention,
        "warnings": advice.warnings(identity, before, after, contention, result["sustained"]),
        "notes": bench.notes,
        **result,
    }  # fmt: skip


def _settings(bench: Bench) -> dict[str, Any]:
    s = bench.settings
    return {
        "parts": list(s.parts), "device": s.device, "runtime": s.runtime, "precision": s.precision,
        "threads": s.threads, "size": list(s.frame_size), "faces": s.faces,
        "source": "synthetic" if s.source is None else "given", "duration": s.duration,
        "models": dict(bench.names),
    }  # fmt: skip


def _method() -> dict[str, Any]:
    return {
        "clock": "time.perf_counter_ns around every call",
        "garbage_collector": "off while calls run",
        "warm_up": f"until the median of the last window is within {STABLE_WITHIN:.0%} of the one before",
        "rounds": "each measurement is spread over `rounds`, whose samples follow each other in `values`",
        "outliers": "kept; `outliers` counts calls above q3 + 3 (q3 - q1)",
        "text": (
            "Warm-up until stable, then every call is timed by itself (perf_counter_ns) with the garbage collector "
            "off; no sample is dropped. Measurements come in rounds over the whole run, with models loaded anew. "
            "Percentiles are over calls; a stage's percentiles are over the frames in which it ran. Frames carry the "
            "timestamps of a 30 fps camera, so that with the defaults the detector runs on every third one. Drawn "
            "faces stand in for people unless a source was given."
        ),
    }


def planned_seconds(settings: Settings) -> float:
    """About how long `run` will take, where a frame costs little against its share of the plan."""
    parts = settings.parts
    seconds = sum(each * number * _OVERHEAD for part in parts for _, each, number in _MEASURED[part])
    if "pipeline" in parts:
        points = len(part_growth.FACES) + len(part_growth.SIZES) + len(part_growth.CAMERAS)
        seconds += _COLD + points * _GROWTH * _OVERHEAD + len(part_live.LIVE_FPS) * _LIVE + _SUSTAINED
    return seconds * settings.duration / _REFERENCE


class PlanProgress:
    """Progress of the run in seconds of its plan.

    Args:
        total: seconds that everything is planned to take.
        stream: where to draw; standard error by default.
    """

    def __init__(self, total: float, stream: TextIO | None = None) -> None:
        self._line = ProgressLine(stream)
        self._total, self._done, self._phase = total, 0.0, ""

    def phase(self, name: str) -> None:
        """Say what is measured now."""
        self._phase = name
        self._line.show(self._done, self._total, name, force=True)

    def advance(self, seconds: float) -> None:
        """Count planned seconds as done."""
        self._done = min(self._total, self._done + seconds)
        self._line.show(self._done, self._total, self._phase)

    def close(self) -> None:
        """Leave an empty line behind."""
        self._line.clear()


def _measure(bench: Bench, tree: Tree) -> dict[str, Any]:
    parts, factor = bench.settings.parts, bench.settings.duration / _REFERENCE
    jobs = [job for part in PARTS if part in parts for job in _MEASURED[part]]
    progress = PlanProgress(planned_seconds(bench.settings))
    result: dict[str, Any] = {
        "stages": {}, "measurements": [], "cold_start": None, "memory": None, "live": [], "sustained": None,
        "scaling": [], "energy": None,
    }  # fmt: skip
    try:
        if "pipeline" in parts:
            progress.phase("cold start and memory")
            result["cold_start"], result["memory"] = cold.measure(bench, runs=3 if factor >= 0.5 else 1)
            progress.advance(_COLD * factor)
        result["measurements"] = _rounds(bench, jobs, factor, progress)
        if "pipeline" in parts:
            progress.phase("growth with faces, pixels, cameras")
            plan = Plan(seconds=_GROWTH).scaled(factor)
            result["scaling"] = part_growth.measurements(bench, plan, lambda s: progress.advance(_OVERHEAD * s))
            progress.phase("live input")
            result["live"] = part_live.live(bench, _LIVE * factor, progress.advance)
            progress.phase("sustained load")
            result["sustained"], result["energy"] = part_sustained.sustained(
                bench, _SUSTAINED * factor, tree, progress.advance
            )
            if result["energy"] is None:
                bench.note(
                    "energy: nothing readable (RAPL needs root: sudo chmod o+r /sys/class/powercap/*/energy_uj; "
                    "Jetson rails need the ina3221 driver)"
                )
        result["stages"] = part_pipeline.stages(bench, result["measurements"], result["live"])
    finally:
        progress.close()
    return result


def _rounds(
    bench: Bench,
    jobs: list[tuple[Callable[[Bench, Plan], list[dict[str, Any]]], float, int]],
    factor: float,
    progress: PlanProgress,
) -> list[dict[str, Any]]:
    """All measurements, each spread over the rounds; every other round goes backwards, so that drift favours nobody."""
    count = _ROUNDS if factor >= 0.5 else _ROUNDS_OF_SHORT_RUN
    found: list[list[dict[str, Any]]] = [[] for _ in jobs]
    for index in range(count):
        order = range(len(jobs)) if index % 2 == 0 else reversed(range(len(jobs)))
        for job in order:
            measure, seconds, number = jobs[job]
            progress.phase(f"round {index + 1} of {count}: {measure.__module__.rpartition('.')[2]}")
            found[job] += measure(bench, Plan(seconds=seconds).scaled(factor / count))
            progress.advance(seconds * number * _OVERHEAD * factor / count)
    return [entry for entries in found for entry in merged([entries])]
